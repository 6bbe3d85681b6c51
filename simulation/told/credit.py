"""The credit report: its summary, loans in versions, and instalments."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.assumed import credit as a
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import NEVER
from simulation.months import Calendar
from simulation.told.accounts import Accounts, moves, paid_on
from simulation.told.exposure import enquiries_of, guarantees_of
from simulation.told.lines import NOT_YET, fen, first_day, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

CLASSES = np.array(["normal", "special_mention", "substandard", "doubtful", "loss"])
WATCH, BAD = 1, 2
"""Places of the classes from which a loan counts as weak, and as bad."""
ON_REPORT = ("firm", "reported_on")
MONTHLY, QUARTERLY = 6, 12
"""Months in arrears up to which a report tells of every one, and of every third; then of every twelfth."""
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Course:
    """How the accounts run, account × month of the calendar; NEVER where a thing does not happen.

    Attributes:
        owed: months in arrears at the end of the month.
        rank: place in `CLASSES` at the end of the month.
        restructured, written_off: month, per account.
        is_open: owed something at the end of the month, and not granted in it.
    """

    owed: Whole
    rank: Whole
    restructured: Whole
    written_off: Whole
    is_open: Flags


def course(book: Accounts, community: "Community") -> Course:
    """How every account ran.

    An account is in arrears when its firm leaves bills unpaid. Some loans two months in arrears, and some of those in
    default, are restructured; others in default are written off.
    """
    lives = community.lives
    age = np.arange(community.calendar.months) - book.began[:, None]
    is_open = (age >= 1) & (np.arange(community.calendar.months) < book.closes[:, None])
    first_due = np.where(book.is_loan, 1, book.ends - book.began)[:, None]
    owed = np.where(is_open, np.clip(lives.overdue[book.firm], 0, np.maximum(age - first_due + 1, 0)), 0)
    restructured, written_off = _ends_badly(book, owed, is_open, community)
    shown = shown_strain(community) > a.WATCHED
    watched = (shown & _before(shown))[book.firm] & is_open & book.is_bank_loan[:, None]
    after = np.arange(community.calendar.months) >= restructured[:, None]
    rank = np.maximum(np.searchsorted(a.CLASS_FROM, owed, side="right"), WATCH * (watched | (after & is_open)))
    return Course(owed, rank, restructured, written_off, is_open)


def loans(community: "Community") -> pl.DataFrame:
    """Every account as its lender reports it: when it is granted, when something changes, when it is closed.

    What a newer version had replaced before the told months is left out.
    """
    return _versions(community.accounts, community)


def _versions(book: Accounts, community: "Community") -> pl.DataFrame:
    run, begins = course(book, community), community.calendar.starts[community.calendar.first]
    parts = (_granted(book), _changed(book, run, community.calendar), _closed(book))
    told = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    told["known_on"] = told["reported"] + book.delay[told["place"]]
    order = np.lexsort((told["known_on"], told["place"]))
    place, known_on = told["place"][order], told["known_on"][order]
    newer = np.append(place[1:] == place[:-1], [False])
    replaced = newer & (np.append(known_on[1:], begins) < begins)
    return _as_versions(
        book, run, community.calendar, {name: column[order[~replaced]] for name, column in told.items()}
    )


def _granted(book: Accounts) -> Columns:
    """The first version of every account."""
    zero = np.zeros(len(book), np.int64)
    return {
        "place": np.arange(len(book)),
        "reported": book.granted_on,
        "month": np.full(len(book), -NEVER),
        "balance": book.amount,
        "rank": zero,
        "days": zero,
        "closed_on": np.full(len(book), NOT_YET),
    }


def _changed(book: Accounts, run: Course, calendar: Calendar) -> Columns:
    """Versions at the ends of months in which something changed."""
    place, month = np.nonzero(_telling_months(book, run))
    owed, amount, term = run.owed[place, month], book.amount[place], book.term[place]
    unpaid_since = calendar.starts[np.maximum(month - owed + 1, 0)] + book.due_day[place]
    days = (calendar.ends[month] - unpaid_since).astype(np.int64)
    paid = np.clip(month - owed - book.began[place], 0, term - 1)
    return {
        "place": place,
        "reported": calendar.ends[month],
        "month": month,
        "balance": amount - np.where(book.bullet[place], 0, amount // term * paid),
        "rank": run.rank[place, month],
        "days": np.where(owed > 0, days, 0),
        "closed_on": np.full(len(place), NOT_YET),
    }


def _closed(book: Accounts) -> Columns:
    """The last version of accounts that were paid down."""
    place = np.flatnonzero(~np.isnat(book.closed_on))
    zero = np.zeros(len(place), np.int64)
    return {
        "place": place,
        "reported": book.closed_on[place],
        "month": book.closes[place],
        "balance": zero,
        "rank": zero,
        "days": zero,
        "closed_on": book.closed_on[place],
    }


def credit_reports(community: "Community") -> pl.DataFrame:
    """A report for every enquiry before a loan or a guarantee and by the firm itself, and one a year for its lenders.

    It sums up what `loans` and `guarantees` have told by then. How many judgments and penalties it counts is left open:
    these have a source of their own.
    """
    book = community.accounts
    reports = _reported(enquiries_of(book, community))
    told = reports.join(_summed_loans(reports, _versions(book, community)), ON_REPORT, "left", maintain_order="left")
    told = told.join(_summed_lines(reports, community), ON_REPORT, "left", maintain_order="left")
    told = told.join(
        _summed_guarantees(reports, guarantees_of(book, community), community), ON_REPORT, "left", maintain_order="left"
    )
    years = pl.col("first_credit_year", "first_liability_year")
    return told.select(
        *ON_REPORT, years, pl.exclude(*ON_REPORT, "^first_.*_year$", "undrawn_fen").fill_null(0),
        report=pl.format("report-{}", pl.col("reported_on").dt.strftime("%Y%m%d")),
        revolving_limit_fen=pl.sum_horizontal("revolving_used_fen", "undrawn_fen"),
        known_on="reported_on",
    )  # fmt: skip


def _reported(looks: pl.DataFrame) -> pl.DataFrame:
    """Firms and days of reports, by firm and day."""
    month = 12 * pl.col("on").dt.year() + pl.col("on").dt.month()
    yearly = (month + pl.col("firm")) % 12 < a.LOOKS_APART
    asked = looks.filter((pl.col("reason") != "post_loan") | yearly)
    return asked.select("firm", reported_on="on").unique().sort(ON_REPORT)


def _summed_loans(reports: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """Accounts by their newest versions of the day."""
    told = reports.join(versions, "firm", "inner", maintain_order="left_right")
    newest = told.filter(pl.col("known_on") <= pl.col("reported_on"))
    newest = newest.unique((*ON_REPORT, "loan"), keep="last", maintain_order=True)
    still, balance = pl.col("closed_on").is_null(), pl.col("balance_fen")
    granted, matures = pl.col("granted_on"), pl.col("matures_on")
    term = 12 * (matures.dt.year() - granted.dt.year()) + matures.dt.month().cast(pl.Int32) - granted.dt.month()
    is_bill, in_class = pl.col("kind") == "acceptance", pl.col("five_class")
    lent = (pl.col("lender_kind") == "bank") & ~is_bill
    revolves = lent & (pl.col("guarantee_mode") == "credit")
    weak, bad = in_class == "special_mention", in_class.is_in(CLASSES[BAD:].tolist())
    return newest.group_by(ON_REPORT).agg(
        first_credit_year=granted.min().dt.year(),
        institutions_ever=pl.col("lender").n_unique(),
        institutions_open=pl.col("lender").filter(still).n_unique(),
        loan_balance_fen=balance.filter(~is_bill).sum(),
        special_mention_balance_fen=balance.filter(~is_bill & weak).sum(),
        bad_balance_fen=balance.filter(~is_bill & bad).sum(),
        guarantee_balance_fen=balance.filter(is_bill).sum(),
        guarantee_special_mention_fen=balance.filter(is_bill & weak).sum(),
        guarantee_bad_fen=balance.filter(is_bill & bad).sum(),
        short_term_loans=(~is_bill & (pl.col("kind") != "leasing") & (term <= a.SHORT_TERM)).sum(),
        mid_long_term_loans=(~is_bill & (pl.col("kind") != "leasing") & (term > a.SHORT_TERM)).sum(),
        fixed_limit_fen=pl.col("amount_fen").filter(still & ~is_bill & ~revolves).sum(),
        fixed_used_fen=balance.filter(~is_bill & ~revolves).sum(),
        revolving_used_fen=balance.filter(revolves).sum(),
    )


def _summed_lines(reports: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """What is left to draw of limits on credit alone that were granted within the last year."""
    asked = community.lives.applications
    on_credit = asked.granted & (community.offers.modes[asked.offer] == "credit")
    lines = pl.DataFrame(
        {"firm": asked.firm, "since": moves(community).decided_on, "undrawn_fen": fen(asked.limit) - fen(asked.drawn)}
    ).filter(pl.Series(on_credit))
    age = (pl.col("reported_on") - pl.col("since")).dt.total_days()
    standing = reports.join(lines, "firm").filter(age.is_between(1, a.LINE_DAYS))
    return standing.group_by(ON_REPORT).agg(pl.col("undrawn_fen").sum())


def _summed_guarantees(reports: pl.DataFrame, given: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """Since when the firm has stood surety, and what others have paid for it and want back."""
    names = pl.DataFrame({"guaranteed": community.firms.pseudonyms, "debtor": np.arange(len(community.firms))})
    given_rows = reports.join(given, "firm").filter(pl.col("known_on") <= pl.col("reported_on"))
    stood = given_rows.group_by(ON_REPORT).agg(first_liability_year=pl.col("starts_on").min().dt.year())
    called = given.join(names, "guaranteed").select("called_on", "amount_fen", firm="debtor").drop_nulls()
    paid = reports.join(called, "firm").filter(pl.col("called_on") < pl.col("reported_on"))
    recovered = paid.group_by(ON_REPORT).agg(recovered_balance_fen=pl.col("amount_fen").sum())
    return stood.join(recovered, ON_REPORT, "full", coalesce=True)


def repayments(community: "Community") -> pl.DataFrame:
    """Instalments that fell due in the told months, and older ones that were still unpaid when these began.

    Interest falls due every month; principal in equal parts, or at the end. Nothing falls due of what was written off.
    """
    book, calendar = community.accounts, community.calendar
    run, month = course(book, community), np.arange(calendar.months)
    falls_due = (month > book.began[:, None]) & (month <= np.minimum(book.ends, run.written_off)[:, None])
    place, month = np.nonzero(falls_due & book.is_loan[:, None])
    paid = paid_on(community, book.firm[place], month, due_day=book.due_day[place], late=book.late[place, month])
    renewed = (month == book.ends[place]) & (month == book.closes[place])
    paid = np.where(renewed, book.closed_on[place], paid)
    begins = calendar.starts[calendar.first]
    told = (month >= calendar.first) | np.isnat(paid) | (paid >= begins)
    place, month, paid = place[told], month[told], paid[told]
    due_on, due = calendar.starts[month] + book.due_day[place], _due(book, place, month)
    known_on = due_on + np.minimum(book.delay[place], a.BANK_REPORTS[1])
    return pl.DataFrame(
        {
            "firm": book.firm[place],
            "loan": book.terms["loan"][place],
            "instalment": month - book.began[place],
            "due_on": due_on,
            "due_fen": due,
            "paid_on": paid,
            "paid_fen": pl.Series(due).zip_with(pl.Series(~np.isnat(paid)), pl.Series([None], dtype=pl.Int64)),
            "known_on": known_on,
        }
    )


def _due(book: Accounts, place: Whole, month: Whole) -> Whole:
    """Interest of a month and what of the principal falls due with it, fen."""
    number, amount = month - book.began[place], book.amount[place]
    part = np.where(book.bullet[place], 0, amount // book.term[place])
    left = amount - part * (number - 1)
    principal = np.where(month == book.ends[place], left, part)
    due: Whole = principal + np.round(left * book.rate[place] / 12).astype(np.int64)
    return due


def _before(values: NDArray[Any]) -> NDArray[Any]:
    """What was so at the end of the month before."""
    return np.concatenate([np.zeros_like(values[:, :1]), values[:, :-1]], axis=1)


def _ends_badly(book: Accounts, owed: Whole, is_open: Flags, community: "Community") -> tuple[Whole, Whole]:
    """Months in which accounts are restructured in distress, and written off."""
    luck = community.random("bad endings").random((4, len(book)))
    default, months = community.lives.default[book.firm], community.calendar.months
    pressed = owed == a.EARLY
    early = np.where(pressed.any(axis=1) & (luck[0] < a.RESTRUCTURED_EARLY), pressed.argmax(axis=1), NEVER)
    fails = (default < months) & is_open[np.arange(len(book)), np.minimum(default, months - 1)]
    late = default + _within(a.RESTRUCTURED_AFTER, luck[2])
    restructured = np.where(fails & (luck[1] < a.RESTRUCTURED), np.minimum(late, early), early)
    written_off = default + _within(a.WRITTEN_OFF_AFTER, luck[3])
    lost = fails & (luck[1] > 1 - a.WRITTEN_OFF)
    return _while_open(restructured, is_open), _while_open(np.where(lost, written_off, NEVER), is_open)


def _within(bounds: tuple[int, int], luck: Numbers) -> Whole:
    drawn: Whole = bounds[0] + (luck * (bounds[1] - bounds[0] + 1)).astype(np.int64)
    return drawn


def _while_open(month: Whole, is_open: Flags) -> Whole:
    """Months in which the account is still open, NEVER for others."""
    inside = np.minimum(month, is_open.shape[1] - 1)
    still = (month < is_open.shape[1]) & is_open[np.arange(len(month)), inside]
    return np.where(still, month, NEVER)


def _telling_months(book: Accounts, run: Course) -> Flags:
    """Months at whose end an account is told anew."""
    month = np.arange(run.owed.shape[1])
    owed, turned = run.owed, run.owed != _before(run.owed)
    step = np.where(owed <= MONTHLY, 1, np.where(owed <= QUARTERLY, 3, 12))
    moved = (turned & (owed % step == 0)) | (run.rank != _before(run.rank))
    in_parts = ~book.bullet[:, None] & ((month - book.began[:, None]) % 3 == 0)
    named = (month == run.restructured[:, None]) | (month == run.written_off[:, None])
    told: Flags = run.is_open & (month <= run.written_off[:, None]) & (moved | in_parts | named)
    return told


def _as_versions(book: Accounts, run: Course, calendar: Calendar, told: Columns) -> pl.DataFrame:
    place, month = told["place"], told["month"]

    def happened(when: Whole, day: int) -> pl.Series:
        """A day of the month in which it happened, in versions of that month and later ones."""
        return pl.Series(np.where(when[place] <= month, first_day(calendar, when[place]) + day, NOT_YET))

    return book.terms[place].with_columns(
        balance_fen=pl.Series(told["balance"]),
        five_class=pl.Series(CLASSES[told["rank"]]),
        days_past_due=pl.Series(told["days"]),
        closed_on=pl.Series(told["closed_on"]),
        restructured_on=happened(run.restructured, a.RESTRUCTURED_DAY),
        written_off_on=happened(run.written_off, a.WRITTEN_OFF_DAY),
        known_on=pl.Series(told["known_on"]),
    )
