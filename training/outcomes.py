"""What became of borrowers, from their loans and instalments: who defaulted, who did not, of whom it cannot be said."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from features.credit.panels import OFF_BALANCE
from sources.contracts.aside import LABELS

DAYS_OF_DEFAULT = 90
"""Days past due from which an obligor is in default (Basel Framework, CRE36, definition of default; in China, assets
90 days past due are classed 次级 at best: 商业银行金融资产风险分类办法, 2023)."""

DAYS_OF_DOUBT = 30
"""Days past due from which a borrower that does not default is neither good nor bad. Two missed instalments: lending
practice leaves these out of what a scorecard learns from (Siddiqi, Intelligent Credit Scoring, 2017, ch. 4)."""

WINDOW_MONTHS = 12
"""A PD is that of one year (Basel Framework, CRE36)."""

OUTCOMES = ("default", "sound", "indeterminate", "immature", "already_bad")
SCHEMA = pl.Schema(
    {"enterprise_id": pl.String(), "as_of": pl.Date(), "outcome": pl.Enum(OUTCOMES), "known_on": pl.Date()}
)

ACCOUNT = ("enterprise_id", "loan")
SPELL = ("enterprise_id", "since", "until")


@dataclass(frozen=True)
class _History:
    """What was known of all borrowers in the end; `until` is the first day on which a thing was over, null = not yet.

    Attributes:
        accounts: `since`, `until` of each account that is borrowing.
        arrears: `due_on`, `until` of each sum that fell due.
        defaults: `since`, `until` of each default.
    """

    accounts: pl.DataFrame
    arrears: pl.DataFrame
    defaults: pl.DataFrame


def outcomes(
    loans: pl.DataFrame,
    repayments: pl.DataFrame,
    days: Sequence[dt.date],
    *,
    known_until: dt.date,
    window_months: int = WINDOW_MONTHS,
) -> pl.DataFrame:
    """What became of each enterprise that owed something on a day, in the months after it.

    An obligor defaults as a whole, on the first day on which, whatever the account and whenever it was granted,
    an instalment is 90 days past due and not paid in full by the end of that day, or an account is restructured in
    distress or written off. Where no instalments of an account are told, the days past due of its versions count. A
    renewal that pays the old loan down is no default. Acceptances and letters of credit alone make no borrower.

    - `already_bad`: in default on the day itself. An instalment is until it is paid or the account is closed, an
      account that was restructured or written off until it is closed.
    - `immature`: the window ends after `known_until`, also where a default has been seen already: of a young cohort
      only the bad would be known, and its default rate would be far too high.
    - `default`: within the window, which begins the day after and ends so many months later, that day included.
    - `indeterminate`: no default, but 30 to 89 days past due on some day of the window.
    - `sound`: all others.

    Args:
        loans: rows of the contract `Loans`, all versions.
        repayments: rows of the contract `Repayments`.
        days: to judge on.
        known_until: what was known later does not count.
        window_months: length of the window.

    Returns:
        One row an enterprise and day, sorted by both: `enterprise_id`, `as_of`, `outcome`, and `known_on`: the end of
        the window; for those already bad the day itself.

    Raises:
        ValueError: the window has no month.
    """
    if window_months < 1:
        raise ValueError(f"window: got {window_months} months, expected 1 or more")
    history = _history(loans, repayments, known_until)
    judged = [_judged(history, day, _months_later(day, window_months), known_until) for day in sorted(set(days))]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *judged]).sort("enterprise_id", "as_of")


def labels(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Defaults and sound ones over 12 months as rows of the contract `Labels`; all others are left out.

    Without the indeterminate, a model looks somewhat better on these than it will be on everybody.
    """
    known = outcomes.filter(pl.col("outcome").is_in(("default", "sound")))
    is_default = (pl.col("outcome") == "default").alias("defaulted")
    return LABELS.typed(known.with_columns(is_default, window=pl.lit("next_12_months")))


def first_days(from_: dt.date, until: dt.date) -> tuple[dt.date, ...]:
    """The first days of months that lie between two days, these included: what features see ends with a month."""
    months = range(12 * from_.year + from_.month - 1, 12 * until.year + until.month)
    days = (dt.date(number // 12, number % 12 + 1, 1) for number in months)
    return tuple(day for day in days if day >= from_)


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of a shorter month."""
    later: dt.date = pl.select(pl.lit(day).dt.offset_by(f"{months}mo")).item()
    return later


def _judged(history: _History, day: dt.date, end: dt.date, known_until: dt.date) -> pl.DataFrame:
    """Those who owe something on one day, and what became of them up to the end of the window."""
    since, until = pl.col("since"), pl.col("until")
    stands = (since <= day) & (until.is_null() | (until > day))
    first_late = pl.max_horizontal(pl.lit(day) + pl.duration(days=1), _past_due(DAYS_OF_DOUBT))
    late = (first_late <= end) & (until.is_null() | (first_late < until))
    borrowers = history.accounts.filter(stands).select("enterprise_id").unique()
    bad = _are(borrowers, history.defaults.filter(stands))
    defaulted = _are(borrowers, history.defaults.filter((since > day) & (since <= end)))
    doubtful = _are(borrowers, history.arrears.filter(late))
    outcome = (
        pl.when(bad)
        .then(pl.lit("already_bad"))
        .when(end > known_until)
        .then(pl.lit("immature"))
        .when(defaulted)
        .then(pl.lit("default"))
        .when(doubtful)
        .then(pl.lit("indeterminate"))
        .otherwise(pl.lit("sound"))
    )
    known_on = pl.when(bad).then(pl.lit(day)).otherwise(pl.lit(end))
    judged = borrowers.select("enterprise_id", as_of=pl.lit(day), outcome=outcome, known_on=known_on)
    return judged.cast({"outcome": SCHEMA["outcome"]})


def _are(borrowers: pl.DataFrame, some: pl.DataFrame) -> pl.Series:
    """Which of the borrowers are among some rows."""
    return borrowers["enterprise_id"].is_in(some["enterprise_id"].unique().implode())


def _history(loans: pl.DataFrame, repayments: pl.DataFrame, known_until: dt.date) -> _History:
    versions = _known(loans, ("closed_on", "restructured_on", "written_off_on"), known_until)
    instalments = _known(repayments, ("paid_on",), known_until)
    instalments = instalments.unique((*ACCOUNT, "instalment"), keep="last", maintain_order=True)
    accounts = _accounts(versions)
    arrears = pl.concat([_of_instalments(instalments, accounts), _of_versions(versions, instalments, accounts)])
    failed = accounts.with_columns(since=pl.min_horizontal("restructured_on", "written_off_on"))
    overdue = arrears.with_columns(since=_past_due(DAYS_OF_DEFAULT))
    defaults = [frame.select(SPELL).filter(_happens()) for frame in (overdue, failed)]
    borrowing = accounts.filter(~pl.col("kind").cast(pl.String).is_in(OFF_BALANCE))
    return _History(borrowing.select(SPELL), arrears, pl.concat(defaults))


def _known(rows: pl.DataFrame, changes: Sequence[str], known_until: dt.date) -> pl.DataFrame:
    """The rows known by a day, oldest first, with later changes undone; unlike for features nothing is forgotten."""
    known = rows.filter(pl.col("known_on") <= known_until).sort("known_on", maintain_order=True)
    undone = (pl.when(pl.col(name) <= known_until).then(name).alias(name) for name in changes)
    return known.with_columns(undone)


def _accounts(versions: pl.DataFrame) -> pl.DataFrame:
    """One row an account by its newest version, with `since` and `until`: closed, or paid down without a word."""
    paid_down = versions.filter(pl.col("balance_fen") == 0).group_by(ACCOUNT).agg(pl.col("known_on").min())
    newest = versions.unique(ACCOUNT, keep="last", maintain_order=True)
    newest = newest.join(paid_down.rename({"known_on": "paid_down_on"}), on=ACCOUNT, how="left")
    is_paid_down = (pl.col("balance_fen") == 0) & pl.col("written_off_on").is_null()
    ended = pl.coalesce("closed_on", pl.when(is_paid_down).then("paid_down_on"))
    return newest.with_columns(since="granted_on", until=ended)


def _of_instalments(instalments: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Unpaid until it was paid in full, or the account was closed."""
    ends = accounts.select(*ACCOUNT, ended="until")
    owed = instalments.filter(pl.col("due_fen") > 0).join(ends, on=ACCOUNT, how="left")
    return owed.select("enterprise_id", "due_on", until=pl.min_horizontal("paid_on", "ended"))


def _of_versions(versions: pl.DataFrame, instalments: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """What versions say of accounts without instalments: a default lasts to the next version, less only to the day."""
    ends = accounts.select(*ACCOUNT, ended="until")
    told = versions.join(instalments, on=ACCOUNT, how="anti").join(ends, on=ACCOUNT, how="left", maintain_order="left")
    told = told.with_columns(newer=pl.col("known_on").shift(-1).over(ACCOUNT))
    days = pl.col("days_past_due")
    lasts = pl.min_horizontal("newer", "ended")
    return told.filter(days > 0).select(
        "enterprise_id",
        due_on=pl.col("known_on") - pl.duration(days=days),
        until=pl.when(days >= DAYS_OF_DEFAULT).then(lasts).otherwise(pl.col("known_on") + pl.duration(days=1)),
    )


def _past_due(days: int) -> pl.Expr:
    """The day on which what fell due is so many days past due."""
    return pl.col("due_on") + pl.duration(days=days)


def _happens() -> pl.Expr:
    """Whether there is a day of a spell at all: paid on the very day it would have begun, it never did."""
    return pl.col("since").is_not_null() & (pl.col("until").is_null() | (pl.col("until") > pl.col("since")))
