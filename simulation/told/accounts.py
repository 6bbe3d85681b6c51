"""Accounts of the credit reports: loans of the hidden lives, older ones, and small ones of other lenders."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.assumed import credit as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import NEVER
from simulation.lending.offers import offers
from simulation.told.lines import NOT_YET, SURE_DAYS, fen, first_day, shown_strain
from simulation.told.side_accounts import side_accounts

if TYPE_CHECKING:
    from simulation.community import Community

UNKNOWN = -1
BP = 10_000
NUMBERS = ("firm", "lender", "began", "ends", "term", "amount", "due_day", "delay")
KEPT = ("firm", "loan", "lender_kind", "kind", "guarantee_mode", "granted_on", "renewal_of")


@dataclass(frozen=True)
class Accounts:
    """Every account of a community, one value an account, those of a firm together, oldest first.

    Attributes:
        terms: what stays: `firm` and the columns of the contract `loans` from `loan` to `matures_on`, and `renewal_of`.
        firm, lender: place of the borrower, number of the lender.
        began, ends, closes: months of the calendar in which it was granted, its last instalment falls due, and it was
            paid down; negative before the first; NEVER = not.
        amount: fen.
        rate: annual fraction.
        term: months.
        bullet: principal at the end; else in equal parts every month.
        due_day: days after the first of a month on which instalments fall due.
        delay: days until the lender has reported a fact.
        late: account × month, days by which the instalment of a month is forgotten.
        granted_on, closed_on: days; NaT = not closed.
        mode: guarantee mode.
        is_loan: money lent, not a bank's promise to others.
        is_bank_loan: a loan of `lives.credit`.
    """

    terms: pl.DataFrame
    firm: Whole
    lender: Whole
    began: Whole
    ends: Whole
    closes: Whole
    amount: Whole
    rate: Numbers
    term: Whole
    bullet: Flags
    due_day: Whole
    delay: Whole
    late: Whole
    granted_on: Days
    closed_on: Days
    mode: NDArray[np.str_]
    is_loan: Flags
    is_bank_loan: Flags

    def __len__(self) -> int:
        return len(self.firm)


@dataclass(frozen=True)
class Moves:
    """The days of every application of `lives.applications`: all in its month."""

    applied_on: Days
    docs_complete_on: Days
    decided_on: Days
    drawn_on: Days


def lender_names(number: str) -> pl.Expr:
    """Lenders by their numbers: banks, by their place in `offers.banks`, have the ids of the catalogue."""
    banks = offers().banks
    known = pl.col(number).replace_strict(range(len(banks)), banks, default=None, return_dtype=pl.String)
    return known.fill_null(pl.format("lender-{}", number))


def cured_in(overdue: Whole) -> Whole:
    """The first month from each month on in which nothing is overdue: firm × month; NEVER = none."""
    month = np.where(overdue == 0, np.arange(overdue.shape[1]), NEVER)
    first: Whole = np.minimum.accumulate(month[:, ::-1], axis=1)[:, ::-1]
    return first


def moves(community: "Community") -> Moves:
    """When applications were made, complete, decided and drawn."""
    asked = community.lives.applications
    luck = community.random("applications").random((4, len(asked.firm)))
    applied = first_day(community.calendar, asked.month) + (a.APPLIED * luck[0]).astype(np.int64)
    applied = community.calendar.working_day(applied)
    complete = applied + (luck[1] ** 2 * (a.DOCS + 1)).astype(np.int64)
    on_paper = community.offers.modes[asked.offer] != "credit"
    longest = np.where(on_paper, a.DECIDED_ON_PAPER, a.DECIDED)
    decided = complete + (luck[2] * (longest + 1)).astype(np.int64)
    return Moves(applied, complete, decided, decided + (luck[3] * (a.DRAWN + 1)).astype(np.int64))


def accounts(community: "Community") -> Accounts:
    """All accounts of a community: the same for every table that is told from them."""
    random, calendar = community.random("accounts"), community.calendar
    bank = _bank_loans(community)
    parts = pl.concat([bank, *side_accounts(bank, community, random)], how="diagonal")
    frame = parts.sort("firm", "began", "kind", "lender", "amount", maintain_order=True)
    frame = _dated(_named(frame), community, random)
    column = {name: frame[name].to_numpy() for name in NUMBERS}
    late = _late(community, column["firm"], random)
    closes, closed_on = _closed(frame, late, community)
    matures_on = first_day(calendar, column["began"] + column["term"]) + column["due_day"]
    computed: dict[str, pl.Expr | pl.Series] = {
        "lender": lender_names("lender"),
        "amount_fen": pl.col("amount"),
        "rate_bp": (pl.col("rate") * BP).round().cast(pl.Int64),
        "matures_on": pl.Series(matures_on),
    }
    return Accounts(
        terms=frame.select(*KEPT, **computed),
        **column,
        closes=closes,
        rate=frame["rate"].fill_null(0.0).to_numpy(),
        bullet=frame["bullet"].to_numpy(),
        late=late,
        granted_on=frame["granted_on"].to_numpy(),
        closed_on=closed_on,
        mode=frame["guarantee_mode"].to_numpy(),
        is_loan=(frame["kind"] != "acceptance").to_numpy(),
        is_bank_loan=frame["number"].is_not_null().to_numpy(),
    )


def _closed(frame: pl.DataFrame, late: Whole, community: "Community") -> tuple[Whole, Days]:
    """Month and day in which accounts were paid down: with the last instalment, or when they were renewed."""
    calendar = community.calendar
    firm, ends, due_day = (frame[name].to_numpy() for name in ("firm", "ends", "due_day"))
    surely = (ends < 0) | frame["renewed"].to_numpy()
    inside = np.clip(ends, 0, calendar.months - 1)
    paid = paid_on(community, firm, inside, due_day=due_day, late=late[np.arange(len(firm)), inside])
    closed_on = np.where(surely, first_day(calendar, ends) + due_day, paid)
    closed_on = np.where(ends < calendar.months, closed_on, NOT_YET)
    closes = np.where(surely, ends, cured_in(community.lives.overdue)[firm, inside])
    return np.where(ends < calendar.months, closes, NEVER), closed_on


def paid_on(community: "Community", firm: Whole, month: Whole, *, due_day: Whole, late: Whole) -> Days:
    """The day on which an instalment that fell due in a month was paid; NaT = never.

    A firm pays its instalments in months in which it pays all its bills: on the due day or a few days later. After
    months of arrears it pays all that is owed on one day.
    """
    overdue = community.lives.overdue
    cured = cured_in(overdue)[firm, month]
    inside = np.minimum(cured, community.calendar.months - 1)
    waited = (cured > month) | (overdue[firm, np.maximum(month - 1, 0)] > 0)
    low, high = a.CURE_DAYS
    cure = community.random("cures").integers(low - 1, high, overdue.shape)[firm, inside]
    day = community.calendar.starts[inside] + np.where(waited, cure, due_day + late)
    paid: Days = np.where(cured < NEVER, day, NOT_YET)
    return paid


def _late(community: "Community", firm: Whole, random: np.random.Generator) -> Whole:
    """Days by which instalments are forgotten: careless firms more often, strained ones too."""
    careless = np.exp(-a.LATE_OF_CONDUCT * community.firms.conduct)[:, None]
    chance = a.LATE * careless * (1 + a.LATE_OF_STRAIN * shown_strain(community))
    luck = random.random((2, len(firm), community.calendar.months))
    days: Whole = np.where(luck[0] < chance[firm], 1 + (a.LATE_DAYS * luck[1] ** 2).astype(np.int64), 0)
    return days


def _bank_loans(community: "Community") -> pl.DataFrame:
    """The loans of the hidden lives, with the days on which those of an application were drawn."""
    credit, asked = community.lives.credit, community.lives.applications
    export = np.append(community.offers.categories == "export_loan", [False])[credit.offer]
    loans = pl.DataFrame(
        {
            "firm": credit.firm,
            "number": credit.number,
            "renews": credit.renews,
            "began": credit.month,
            "term": credit.term,
            "ends": np.minimum(credit.ended, credit.month + credit.term),
            "lender": credit.bank,
            "kind": np.where(export, "trade_finance", "working_capital"),
            "guarantee_mode": credit.mode,
            "amount": np.maximum(fen(credit.amount), 1),
            "rate": credit.rate,
            "bullet": credit.bullet,
        }
    ).with_columns(lender_kind=pl.lit("bank"))
    drawn = pl.DataFrame({"firm": asked.firm, "number": asked.loan, "granted_on": moves(community).drawn_on})
    return loans.join(drawn.filter(pl.col("number") != UNKNOWN), ["firm", "number"], "left", maintain_order="left")


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers of accounts within their firm, and which loan renews which."""
    named = frame.with_columns(
        loan=pl.format("loan-{}", pl.int_range(1, pl.len() + 1).over("firm")), row=pl.int_range(pl.len())
    )
    old = named.select("firm", renews="number", renewal_of="loan", old_row="row").drop_nulls("renews")
    linked = named.join(old, ["firm", "renews"], "left", maintain_order="left")
    return linked.with_columns(renewed=pl.col("row").is_in(linked["old_row"].drop_nulls().implode()))


def _dated(frame: pl.DataFrame, community: "Community", random: np.random.Generator) -> pl.DataFrame:
    """Due days, days on which loans were granted, and how long lenders take to report."""
    many = frame.height
    luck = random.random((3, many))
    firm, began = frame["firm"].to_numpy(), frame["began"].to_numpy()
    due_day = (a.DUE_DAYS * luck[0]).astype(np.int64)
    granted_on = frame["granted_on"].to_numpy().astype("M8[D]")
    start = first_day(community.calendar, began)
    any_day = start + (SURE_DAYS * luck[1]).astype(np.int64)
    granted_on = np.where(np.isnat(granted_on), any_day, granted_on)
    earliest = community.firms.established_on[firm] + a.CLAMPED
    granted_on = np.where(began < 0, np.maximum(granted_on, earliest), granted_on)
    old = frame["old_row"].fill_null(UNKNOWN).to_numpy()
    granted_on = np.where(old == UNKNOWN, granted_on, start + due_day[old])
    fast = (frame["lender_kind"] == "bank").to_numpy()
    low, high = np.where(fast[:, None], a.BANK_REPORTS, a.OTHERS_REPORT).T
    return frame.with_columns(
        due_day=pl.Series(due_day),
        delay=pl.Series(low + ((high - low + 1) * luck[2]).astype(np.int64)),
        granted_on=pl.Series(granted_on),
    )
