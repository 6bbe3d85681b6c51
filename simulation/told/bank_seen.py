"""The hidden lives in the told months, as the accounts see them, and what other tables tell of payments to the day."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import SHELL, ZERO_FILER
from simulation.told.accounts import lender_names, moves
from simulation.told.lines import fen, shown_strain
from simulation.told.people import housing_fund, social_insurance, utilities

if TYPE_CHECKING:
    from simulation.community import Community

TRAITS: tuple[str, ...] = (
    "cash", "wages", "qr", "settles", "acquirer", "invests", "quarterly", "phase", "busy", "circles",
    "second", "third", "untold", "aside", "left_aside", "overdraft",
)  # fmt: skip
"""What is drawn once for a firm."""


@dataclass(frozen=True)
class Seen:
    """A community's told months; every array is firm × told month unless said otherwise.

    Attributes:
        luck: uniform numbers, trait of `TRAITS` × firm.
    """

    community: "Community"
    luck: Numbers

    @cached_property
    def month(self) -> Whole:
        """The told months, counted as in the calendar."""
        calendar = self.community.calendar
        return np.arange(calendar.first, calendar.months)

    @cached_property
    def exists(self) -> Flags:
        """The firm has begun and not ended."""
        firms, lives = self.community.firms, self.community.lives
        lasting: Flags = (self.month >= firms.born[:, None]) & (self.month < lives.closed[:, None])
        return lasting

    @cached_property
    def shown(self) -> Numbers:
        """Strain as far as it shows."""
        shown: Numbers = shown_strain(self.community)[:, self.month] * self.exists
        return shown

    def of(self, name: str) -> Numbers:
        """Values of the lives; 0 where the firm does not exist."""
        values: Numbers = getattr(self.community.lives, name)[:, self.month] * self.exists
        return values

    def before(self, name: str) -> Numbers:
        """The same at the end of the month before; 0 before a firm has begun."""
        born = self.community.firms.born[:, None]
        values: Numbers = getattr(self.community.lives, name)[:, self.month - 1] * (self.month > born) * self.exists
        return values

    def fate(self, trait: str) -> Numbers:
        """Uniform numbers, one a firm."""
        fate: Numbers = self.luck[TRAITS.index(trait)]
        return fate

    def happens(self, trait: str, chance: float | Numbers) -> Flags:
        """Whether something is so, by firm."""
        so: Flags = self.fate(trait) < chance
        return so

    @cached_property
    def pays_wages(self) -> Flags:
        """Wages go through the account, by firm; else they are paid in cash. Shells have no staff."""
        role = self.community.firms.role
        chance = np.where(role == ZERO_FILER, a.TINY_PAYS_BY_BANK, a.PAYS_BY_BANK)
        return self.happens("wages", np.where(role == SHELL, 0.0, chance))

    @cached_property
    def qr_share(self) -> Numbers:
        """Share of receipts that consumers pay by payment code, by firm."""
        firms = self.community.firms
        known = [a.QR_RETAIL if division == a.RETAIL else a.QR.get(division[0], 0.0) for division in firms.division]
        share = np.minimum(np.array(known) * np.exp(a.QR_SPREAD * normal_of(self.fate("qr"))), a.QR_MOST)
        kept: Numbers = np.where((share >= a.QR_LEAST) & (firms.role != SHELL), share, 0.0)
        return kept


def normal_of(luck: Numbers) -> Numbers:
    """Nearly normal numbers by uniform ones: logistic, of standard deviation 1."""
    inside = np.clip(luck, 1e-9, 1 - 1e-9)
    normal: Numbers = np.log(inside / (1 - inside)) * (np.sqrt(3) / np.pi)
    return normal


@dataclass(frozen=True)
class Given:
    """Payments that another table tells to the day, one value a payment.

    Attributes:
        amount: fen.
        name: the other side.
    """

    firm: Whole
    day: Days
    amount: Whole
    name: pl.Series

    def kept(self, seen: Seen) -> "Given":
        """Payments while the firm exists, in the told months."""
        month = self.month_in(seen)
        inside = ~np.isnat(self.day) & (month >= 0) & (month < len(seen.month)) & (self.amount > 0)
        inside[inside] &= seen.exists[self.firm[inside], month[inside]]
        return Given(self.firm[inside], self.day[inside], self.amount[inside], self.name.filter(pl.Series(inside)))

    def month_in(self, seen: Seen) -> Whole:
        """Place among the told months."""
        first = seen.community.calendar.starts[seen.month[0]].astype("M8[M]")
        month: Whole = (self.day.astype("M8[M]") - first).astype(np.int64)
        return month

    def totals(self, seen: Seen) -> Whole:
        """Sums by firm and told month."""
        sums = np.zeros(seen.exists.shape, np.int64)
        np.add.at(sums, (self.firm, self.month_in(seen)), self.amount)
        return sums


def given(seen: Seen) -> dict[str, Given]:
    """Loans paid out, contributions and bills for power, water and gas: by kind of booking."""
    community = seen.community
    told = {
        "social": _paid(social_insurance(community), "paid_fen", pl.lit("social-insurance")),
        "fund": _paid(housing_fund(community), "paid_fen", pl.lit("housing-fund")),
        "utilities": _paid(utilities(community), "billed_fen", pl.format("utility-{}", "kind")),
        "loan_in": _lent(community),
    }
    return {kind: payments.kept(seen) for kind, payments in told.items()}


def _paid(rows: pl.DataFrame, amount: str, name: pl.Expr) -> Given:
    rows = rows.filter(pl.col("paid_on").is_not_null()).with_columns(name=name)
    firm, day, paid = (rows[column].to_numpy() for column in ("firm", "paid_on", amount))
    return Given(firm, day.astype("M8[D]"), paid.astype(np.int64), rows["name"])


def _lent(community: "Community") -> Given:
    """New loans of banks; renewals move no money."""
    asked = community.lives.applications
    drawn = (asked.loan >= 0) & (asked.drawn > 0)
    banks = pl.DataFrame({"bank": community.offers.bank[asked.offer[drawn]]})
    name = banks.select(lender_names("bank").alias("name")).to_series()
    return Given(asked.firm[drawn], moves(community).drawn_on[drawn], fen(asked.drawn[drawn]), name)
