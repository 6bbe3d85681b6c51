"""Panels of bank bookings: an enterprise's days with flows and balances, its months, and those it deals with.

Operating flows leave out what is no business: transfers between own accounts, loans paid out and repaid, investments
and redemptions, refunds. Effective flows leave out besides what came from and went to one counterparty on one day.
Amounts stay whole fen, so that sums do not depend on the order of rows. Windows are whole calendar months before
`as_of`: `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is in.
"""

import datetime as dt

import polars as pl

from features.arithmetic import YEAR, last
from features.view import FIRM, View, panel
from sources.contracts.bank import PURPOSES

NOT_OPERATING = ("internal", "investment", "loan_in", "loan_repayment", "refund")
NO_PAYER = ("cash", "qr", "interest")
"""Inflow whose other side is no customer: the till, the acquirer that settles for many, the bank."""

QUARTER = 3
"""Months."""

DAY = "booked_on"


@panel("bank_transactions")
def flows(view: View) -> pl.DataFrame:
    """One row an enterprise, day and counterparty (null = unknown): what came in and went out.

    `gross_in`, `gross_out` are operating, `inflow`, `outflow` effective flows; `payer_in` is the part of `gross_in`
    that a customer may have paid.
    """
    incoming, amount = pl.col("direction") == "in", pl.col("amount_fen")
    operating = pl.when(_among(NOT_OPERATING)).then(0).otherwise(amount)
    from_payer = incoming & ~_among(NOT_OPERATING + NO_PAYER)
    daily = (
        view.rows("bank_transactions")
        .select(
            FIRM,
            DAY,
            "counterparty",
            gross_in=pl.when(incoming).then(operating).otherwise(0),
            gross_out=pl.when(incoming).then(0).otherwise(operating),
            payer_in=pl.when(from_payer).then(amount).otherwise(0),
        )
        .group_by(FIRM, DAY, "counterparty")
        .agg(pl.col("gross_in", "gross_out", "payer_in").sum())
    )
    matched = pl.when(pl.col("counterparty").is_null()).then(0).otherwise(pl.min_horizontal("gross_in", "gross_out"))
    return daily.with_columns(inflow=pl.col("gross_in") - matched, outflow=pl.col("gross_out") - matched)


@panel("bank_transactions")
def days(view: View) -> pl.DataFrame:
    """One row an enterprise and day with bookings: effective flows, and the balance that stood until the next such day.

    `balance` is the sum over accounts, each with its last balance carried forward; null before the first is known.
    `out_by_next_day` is the outflow of this day and the one after. `days_12m`, `days_3m` are the days of the last 12
    and 3 complete months on which the balance stood, `month_ends_12m` the ends of the last 12 months among them; 0
    where there is none. `in_year` says whether the day is in the last 12 complete months.
    """
    parts = [view.panel(flows).select(FIRM, DAY, "inflow", "outflow"), _changes(view)]
    moved = (
        pl.concat(parts, how="diagonal")
        .group_by(FIRM, DAY)
        .agg(pl.col("inflow", "outflow", "change").sum(), known=pl.col("change").count())
    )
    daily = moved.sort(FIRM, DAY).with_columns(
        months_ago=view.months_ago(DAY),
        days_ago=view.days_ago(DAY),
        known=pl.col("known").cum_sum().over(FIRM) > 0,
        balance=pl.col("change").cum_sum().over(FIRM),
        until=pl.when(pl.col(FIRM).shift(-1) == pl.col(FIRM)).then(pl.col(DAY).shift(-1)),
    )
    return _with_lengths(daily, view)


@panel("bank_transactions")
def months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month with bookings: effective flows, and `net` of the two.

    `in_year` says whether it is one of the last 12; `losing` whether it is, and more went out than came in.
    """
    complete = view.panel(days).filter(pl.col("months_ago") >= 0)
    monthly = complete.group_by(FIRM, "months_ago").agg(pl.col("inflow", "outflow").sum())
    net = pl.col("inflow") - pl.col("outflow")
    return monthly.with_columns(net=net, in_year=last(YEAR), losing=last(YEAR) & (net < 0))


@panel("bank_transactions")
def kinds(view: View) -> pl.DataFrame:
    """One row an enterprise, complete month of the last 12, direction and purpose: `amount` and number of `bookings`.

    `operating_in` is the amount where it is operating inflow, else 0.
    """
    recent = view.rows("bank_transactions").select(
        FIRM, "direction", "purpose", "amount_fen", months_ago=view.months_ago(DAY)
    )
    sums = (
        recent.filter(last(YEAR))
        .group_by(FIRM, "months_ago", "direction", "purpose")
        .agg(amount=pl.col("amount_fen").sum(), bookings=pl.len())
    )
    operating_in = (pl.col("direction") == "in") & ~_among(NOT_OPERATING)
    return sums.with_columns(operating_in=pl.when(operating_in).then("amount").otherwise(0))


@panel("bank_transactions")
def parties(view: View) -> pl.DataFrame:
    """One row an enterprise and counterparty, unknown ones together: operating flows with it in the last 12 months.

    `named` says whether it is known; `paid` is what it paid as a customer, on each day less what went back to it;
    `payer` the same where it is known, else 0.
    """
    recent = view.panel(flows).filter(view.months_ago(DAY).is_between(0, YEAR - 1))
    sums = recent.group_by(FIRM, "counterparty").agg(
        pl.col("gross_in", "gross_out").sum(), paid=pl.min_horizontal("payer_in", "inflow").sum()
    )
    named = pl.col("counterparty").is_not_null()
    return sums.select(
        FIRM, "gross_in", "gross_out", "paid", named=named, payer=pl.when(named).then("paid").otherwise(0)
    )


def _among(purposes: tuple[str, ...]) -> pl.Expr:
    """Whether a booking has one of some purposes; false where its purpose is unknown."""
    numbers = [number for number, name in enumerate(PURPOSES) if name in purposes]
    return pl.col("purpose").to_physical().is_in(numbers).fill_null(value=False)


def _changes(view: View) -> pl.DataFrame:
    """One row an enterprise, account and day whose balance is known: the change from its last balance known before."""
    closing = _closing(view.rows("bank_transactions")).sort(FIRM, "account", DAY)
    same = (pl.col(FIRM).shift(1) == pl.col(FIRM)) & (pl.col("account").shift(1) == pl.col("account"))
    before = pl.when(same).then(pl.col("balance").shift(1)).otherwise(0)
    return closing.select(FIRM, DAY, change=pl.col("balance") - before)


def _closing(bookings: pl.DataFrame) -> pl.DataFrame:
    """The balance of each account at the end of each day with bookings that tell a balance.

    It is the balance after the booking of the highest `sequence` (of several such the lowest). Where no booking of the
    day has a sequence, what came in is taken to have been booked before what went out: it is the lowest balance after
    an outgoing booking or, where nothing went out, the highest. So it is never above the truth, and below it by the
    day's inflow at most.
    """
    balance = pl.col("balance")
    told = bookings.filter(pl.col("balance_after_fen").is_not_null()).select(
        FIRM,
        "account",
        DAY,
        "sequence",
        balance="balance_after_fen",
        after_outgoing=pl.when(pl.col("direction") == "out").then("balance_after_fen"),
    )
    daily = (
        told.sort("sequence", "balance", descending=[False, True], nulls_last=False)
        .group_by(FIRM, "account", DAY)
        .agg(
            pl.col("sequence").last(),
            newest=balance.last(),
            unordered=pl.coalesce(pl.col("after_outgoing").min(), balance.max()),
        )
    )
    closing = pl.when(pl.col("sequence").is_not_null()).then("newest").otherwise("unordered")
    return daily.select(FIRM, "account", DAY, balance=closing)


def _with_lengths(daily: pl.DataFrame, view: View) -> pl.DataFrame:
    """How long each balance stood within the windows, and what left by the end of the next day."""
    month_start = view.as_of.replace(day=1)
    until = pl.col("until").fill_null(view.as_of + dt.timedelta(days=1))
    known, ago = pl.col("known"), pl.col("months_ago")

    def stood(months: int) -> pl.Expr:
        first = _months_before(month_start, months)
        length = pl.min_horizontal(until, pl.lit(month_start)) - pl.max_horizontal(DAY, pl.lit(first))
        return pl.when(known).then(length.dt.total_days().clip(lower_bound=0)).otherwise(0)

    newest_end = pl.max_horizontal(ago.shift(-1).fill_null(-1), -1)
    ends = pl.min_horizontal(ago, YEAR - 1) - pl.when(pl.col("until").is_null()).then(-1).otherwise(newest_end)
    next_out = pl.when(pl.col("until") == pl.col(DAY).dt.offset_by("1d")).then(pl.col("outflow").shift(-1))
    return daily.with_columns(
        balance=pl.when(known).then("balance"),
        days_12m=stood(YEAR),
        days_3m=stood(QUARTER),
        month_ends_12m=pl.when(known).then(ends.cast(pl.Int64).clip(lower_bound=0)).otherwise(0),
        out_by_next_day=pl.col("outflow") + next_out.fill_null(0),
        in_year=last(YEAR),
    )


def _months_before(month_start: dt.date, months: int) -> dt.date:
    number = 12 * month_start.year + month_start.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)
