"""One community of the city: its firms, what becomes of them, and what the sources tell of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.firms import Firms, draw_firms
from simulation.lending.offers import Offers, offers
from simulation.lifetimes import live
from simulation.lives import Lives
from simulation.months import Calendar
from simulation.state import State
from simulation.told.accounts import Accounts, accounts
from simulation.told.invoices import Books, books, vat_invoices
from simulation.weather import Weather


@dataclass(frozen=True)
class Community:
    """Firms that are drawn together; nothing outside the community has a part in it but calendar, weather and offers.

    A table is told by a function of the community that gives a frame with the column `firm` (place of the firm in the
    community) in place of `enterprise_id`, and the columns of the contract; what may be null may be left out.

    Attributes:
        states: where firms stood when each month began, and when the last ended.
    """

    calendar: Calendar
    firms: Firms
    offers: Offers
    lives: Lives
    states: tuple[State, ...] = ()

    def random(self, *path: str | int) -> np.random.Generator:
        """The stream of random numbers of one table."""
        return self.firms.random(*path)

    @cached_property
    def invoices(self) -> pl.DataFrame:
        """The rows of `vat_invoices`, which other tables are told from."""
        return vat_invoices(self)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts that credit reports tell of."""
        return accounts(self)

    @cached_property
    def books(self) -> Books:
        """What the invoices add up to, month by month."""
        return books(self.invoices, self)


def draw_community(number: int, calendar: Calendar, weather: Weather, *, seed: int) -> Community:
    """A community of the city with its hidden lives: the same, whatever else is drawn."""
    firms = draw_firms(number, calendar, seed=seed)
    path = live(firms, calendar, weather)
    return Community(calendar, firms, offers(), path.lives, path.states)
