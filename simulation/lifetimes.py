"""The hidden lives of a community from the first month to the last."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.assumed import city
from simulation.assumed import economy as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import NEVER, SHELL, Firms
from simulation.ledger import Ledger
from simulation.lending.offers import prior_lenders
from simulation.lives import Lives
from simulation.money import Flows, Now
from simulation.months import Calendar
from simulation.state import State, first_state, newborn
from simulation.step import step
from simulation.weather import Weather


@dataclass(frozen=True)
class Path:
    """The hidden lives with every state on the way; `states[t]` is where firms stood when month t began."""

    lives: Lives
    states: tuple[State, ...]


def seasons(firms: Firms, calendar: Calendar) -> Numbers:
    """Sales of each month against a month without season: firm × month."""
    away = np.abs((calendar.month_of_year[None, :] - firms.peak[:, None] + 6) % 12 - 6)
    bump = np.maximum(0.0, 1 - away / 3.0)
    mean = 1 + firms.swing * 3.0 / 12
    season: Numbers = calendar.activity * (1 + firms.swing[:, None] * bump) / mean[:, None]
    return season


def is_active(firms: Firms, month: int) -> Flags:
    """Which firms may trade in a month, their own troubles aside."""
    paused = (month >= firms.pause) & (month < firms.resume)
    active: Flags = (month >= firms.born) & (month < firms.stopped) & ~paused
    return active


def live(firms: Firms, calendar: Calendar, weather: Weather) -> Path:
    """What becomes of a community."""
    season = seasons(firms, calendar)
    active = np.stack([is_active(firms, month) for month in range(calendar.months)], axis=1)
    start = firms.random("start")
    state = first_state(firms, start, lenders=prior_lenders())
    fresh = newborn(state, firms)
    ledger = Ledger(firms, state)
    states: list[State] = []
    flows: list[Flows] = []
    for month in range(calendar.months):
        state = fresh.where(firms.born >= month, state)
        states.append(state)
        now = Now(
            month_of_year=int(calendar.month_of_year[month]),
            season=season[:, month],
            news=weather.news(firms, month),
            active=active[:, month],
            ages=(month - firms.born).astype(float),
        )
        state, moved, asked, renewed = step(state, firms, now, firms.random("life", month))
        flows.append(moved)
        ledger.note(month, asked, renewed, before=states[-1], after=state)
    states.append(fresh.where(firms.born >= calendar.months, state))
    return Path(_lives(firms, calendar, states, flows, active, ledger), tuple(states))


STOCKS = ("cash", "receivables", "payables", "private_debt", "debt", "unpaid")
FLOWS = (
    *("sales", "purchases", "receipts", "suppliers_paid", "taxes"),
    *("interest", "principal", "drawn", "owner_in", "owner_out"),
)
"""Fields of `Lives` in yuan that are fields of the same name of a state and of a month's flows."""


def _lives(
    firms: Firms, calendar: Calendar, states: list[State], flows: list[Flows], active: Flags, ledger: Ledger
) -> Lives:
    scale = firms.sales[:, None]

    def at_ends(name: str) -> NDArray[Any]:
        return np.stack([getattr(state, name) for state in states[1:]], axis=1)

    def moved(name: str) -> Numbers:
        return np.stack([getattr(month, name) for month in flows], axis=1)

    gone = np.stack([state.gone for state in states[:-1]], axis=1)
    default, closed = _first(at_ends("ended")), np.minimum(_first(gone), firms.stopped)
    trading = active & ~gone
    running, wages = scale * moved("running"), firms.trait("wages")[:, None]
    return Lives(
        calendar=calendar,
        trading=trading,
        payroll=running * wages,
        rent=running * (1 - wages),
        staff=_staff(firms, at_ends("size"), trading),
        strain=moved("strain"),
        overdue=at_ends("overdue"),
        grade=at_ends("grade"),
        default=default,
        closed=closed,
        cancelled=_cancelled(firms, closed, default),
        credit=ledger.credit(),
        applications=ledger.applications(),
        **{name: scale * at_ends(name) for name in STOCKS},
        **{name: scale * moved(name) for name in FLOWS},
    )


def _staff(firms: Firms, size: Numbers, trading: Flags) -> Whole:
    """People paid, at least the owner; in a shell nobody."""
    people = np.maximum(np.round(firms.staff[:, None] * np.clip(size, 0, 4) ** city.STAFF_FOLLOWS), 1).astype(np.int64)
    paid: Whole = people * trading * (firms.role != SHELL)[:, None]
    return paid


def _first(happened: Flags) -> Whole:
    """First month in which something is so."""
    first: Whole = np.where(happened.any(axis=1), happened.argmax(axis=1), NEVER)
    return first


def _cancelled(firms: Firms, closed: Whole, default: Whole) -> Whole:
    """Who closes without a default and without being left idle is struck off some months later."""
    low, high = a.CANCELLED_AFTER
    after = firms.random("cancelled").integers(low, high, len(firms), endpoint=True)
    orderly = (closed < NEVER) & (default == NEVER) & (firms.stopped == NEVER)
    cancelled: Whole = np.where(orderly, closed + after, NEVER)
    return cancelled
