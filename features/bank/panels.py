"""Panels of bank bookings: what an enterprise's days add up to, its months, and those it deals with.

Operating flows leave out what is no business: transfers between own accounts, loans paid out and repaid, investments
and redemptions, refunds. Effective flows leave out besides what came from and went to one counterparty on one day.
Amounts stay whole fen, so that sums do not depend on the order of rows. Windows are whole calendar months before
`as_of`: `months_ago` 0 is the last complete month, 11 the oldest of the last twelve, -1 the month that `as_of` is in.

Bookings are sorted once; the sum over a day or a month is then the difference of two running sums.
"""

import datetime as dt
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from features.arithmetic import YEAR
from features.runs import (
    MANY_ROWS,
    Mask,
    Whole,
    first_of,
    folded_from,
    following,
    in_a_row,
    last_of,
    name_numbers,
    preceding,
    since_first,
    sorted_by,
    sums_by,
    sums_to,
)
from features.view import FIRM, View, panel
from sources.contracts.bank import BOOKING_DIRECTIONS, PURPOSES

NOT_OPERATING = ("internal", "investment", "loan_in", "loan_repayment", "refund")
NO_PAYER = ("cash", "qr", "interest")
"""Inflow whose other side is no customer: the till, the acquirer that settles for many, the bank."""

DEBT_SERVICE = ("loan_repayment", "interest")
REGULAR = ("salary", "tax", "social_insurance", "rent", "utilities")
"""What is paid for month by month."""

QUARTER = 3
"""Months."""

WEEK, WEEKS = 7, 3
"""Days of a week, and how many of the newest weeks are told apart."""

ONE_YUAN = 100
"""Fen; at or below this an account is as good as empty."""

EPOCH = dt.date(1970, 1, 1)
WIDE = 2**32
"""More than there can be of accounts, counterparties, bookings of a day, or days either side of 1970."""

UNTOLD, UNPLACED_IN, _, PLACED = range(4)
"""Order of an account's bookings of a day: without a balance; without a sequence in, and out; others as they came."""

MOST_MONTHS, MOST_PURPOSES = 16, 32
"""More than there can be; the last number of a purpose stands for an unknown one."""

NEVER = 2**63 - 1
"""Stands for a day or a balance that there is not."""

FLOWS = ("gross_in", "gross_out", "payer_in")


@panel("bank_transactions")
def bookings(view: View) -> pl.DataFrame:
    """One row a booking: `gross_in`, `gross_out` are operating flows, `in_year` marks the last 12 complete months.

    `payer_in` is the part of `gross_in` that a customer may have paid; `kind` a number for direction and purpose, `on`
    that of the day. `order` sorts the bookings of an account's day; `told` says whether a booking has a balance.
    """
    rows = view.rows("bank_transactions")
    account = pl.col("account").cast(name_numbers()).to_physical().cast(pl.Int64)
    made = rows.select(*_booking_columns(), account=account)
    kind, on, amount = made["kind"].to_numpy(), made["on"].to_numpy(), rows["amount_fen"].to_numpy()
    operating = amount * ~_is_among(kind, NOT_OPERATING)
    gross_in = operating * (kind < MOST_PURPOSES)
    year_start, month_start = (_number_of(view.month_start(months - 1)) for months in (YEAR, 0))
    flows = _series(
        gross_in=gross_in,
        gross_out=operating - gross_in,
        payer_in=gross_in * ~_is_among(kind, NO_PAYER),
        in_year=(on >= year_start) & (on < month_start),
    )
    return pl.DataFrame(
        [*made, *(rows[name] for name in ("direction", "purpose", "counterparty", "amount_fen")), *flows]
    )


@cache
def _booking_columns() -> tuple[pl.Expr, ...]:
    sequence, balance = pl.col("sequence"), pl.col("balance_after_fen")
    direction, purpose = (pl.col(name).to_physical().cast(pl.Int64) for name in ("direction", "purpose"))
    order = pl.coalesce(sequence + PLACED, direction + UNPLACED_IN)
    return (
        pl.col(FIRM),
        pl.col("booked_on").to_physical().cast(pl.Int64).alias("on"),
        (direction * MOST_PURPOSES + purpose.fill_null(MOST_PURPOSES - 1)).alias("kind"),
        balance.fill_null(0).alias("balance"),
        balance.is_not_null().alias("told"),
        pl.when(balance.is_null()).then(UNTOLD).otherwise(order).alias("order"),
    )


def _series(**columns: npt.NDArray[np.generic]) -> list[pl.Series]:
    return [pl.Series(name, column) for name, column in columns.items()]


def _is_among(kind: Whole, purposes: tuple[str, ...], *, outgoing: bool | None = None) -> Mask:
    """Whether bookings have one of some purposes, in either direction or in one; false where it is unknown."""
    chosen = np.zeros((len(BOOKING_DIRECTIONS), MOST_PURPOSES), dtype=np.bool_)
    directions = slice(None) if outgoing is None else int(outgoing)
    chosen[directions, [number for number, name in enumerate(PURPOSES) if name in purposes]] = True
    return chosen.ravel()[kind]


def _number_of(day: dt.date) -> int:
    return (day - EPOCH).days


def _months_ago(view: View, on: Whole) -> Whole:
    """Calendar months back of some days, by a table of all days between them."""
    first, newest = (int(on.min()), int(on.max())) if len(on) else (0, 0)
    months = np.arange(first, newest + 1).astype("M8[D]").astype("M8[M]").astype(np.int64) + YEAR * EPOCH.year
    return (view.last_complete_month - months)[on - first]


@panel("bank_transactions")
def recent(view: View) -> pl.DataFrame:
    """The bookings of the last 12 complete months."""
    rows = view.panel(bookings)
    names = (FIRM, "on", "kind", "direction", "purpose", "counterparty", "amount_fen", *FLOWS)
    if rows.height < MANY_ROWS:
        return pl.DataFrame([rows[name].filter(rows["in_year"]) for name in names])
    return pl.DataFrame([rows[name] for name in names]).filter(rows["in_year"])


@panel("bank_transactions")
def sorted_bookings(view: View) -> pl.DataFrame:
    """Bookings by enterprise and day, then by account, the one with its closing balance of the day last.

    That is the one of the highest `sequence` (of several such the lowest). Where no booking of the day has a sequence,
    what came in is taken to have been booked before what went out: it is the lowest balance after an outgoing booking
    or, where nothing went out, the highest. So it is never above the truth, and below it by the day's inflow at most.
    `row` is the place among unsorted bookings.
    """
    rows = view.panel(bookings)
    firm, on, account, order, balance = (rows[name].to_numpy() for name in (FIRM, "on", "account", "order", "balance"))
    day = firm.astype(np.int64) * WIDE + on
    row = sorted_by(day, account * WIDE + order, np.where(order == UNPLACED_IN, balance, -balance))
    names = (FIRM, "on", "account", "balance", "told", "gross_in", "gross_out")
    placed = pl.DataFrame([*(rows[name] for name in names), pl.Series("day", day)])[row]
    return placed.insert_column(0, pl.Series("row", row))


@panel("bank_transactions")
def gross_days(view: View) -> pl.DataFrame:
    """One row an enterprise and day with bookings, sorted: operating flows, and the balance at its end.

    `balance` is the sum over accounts, each with its last balance carried forward, where `known`; `on` is the number of
    the day, `newest` marks the enterprise's newest, `row` is the place of its last booking among the sorted ones.
    """
    rows = view.panel(sorted_bookings)
    ends = np.flatnonzero(last_of(rows["day"].to_numpy()))
    firm, on = (rows[name].to_numpy()[ends] for name in (FIRM, "on"))
    newest = last_of(firm)
    change, closes = _changes(rows)
    columns = _series(
        firm=firm,
        on=on,
        months_ago=_months_ago(view, on),
        gross_in=sums_to(ends, rows["gross_in"].to_numpy()),
        gross_out=sums_to(ends, rows["gross_out"].to_numpy()),
        balance=since_first(np.cumsum(change)[ends], newest),
        known=since_first(np.cumsum(closes, dtype=np.int64)[ends], newest) > 0,
        newest=newest,
        row=ends,
    )
    return pl.DataFrame(columns)


def _changes(rows: pl.DataFrame) -> tuple[Whole, Mask]:
    """For each booking with its account's closing balance of a day the change from the one before it, for others 0.

    The second marks the former. Only where another account's booking came between is the one before looked for.
    """
    day, firm, account, balance, told = (rows[name].to_numpy() for name in ("day", FIRM, "account", "balance", "told"))
    closes = last_of(day, account) & told
    places = np.flatnonzero(closes)
    firm, account, balance = firm[places], account[places], balance[places]
    ends = last_of(firm, account)
    before, firsts, lasts = preceding(balance), np.flatnonzero(first_of(ends)), np.flatnonzero(ends)
    order = sorted_by(account[firsts] * WIDE + firsts)
    firsts, lasts = firsts[order], lasts[order]
    begins = first_of(last_of(firm[firsts], account[firsts]))
    before[firsts] = preceding(balance[lasts]) * ~begins
    change = np.zeros(rows.height, dtype=np.int64)
    change[places] = balance - before
    return change, closes


@panel("bank_transactions")
def returned(view: View) -> pl.DataFrame:
    """One row an enterprise, day and counterparty that money both came from and went to: `matched` is the lesser sum.

    `day` is the place among `gross_days`; `unpaid` is what the counterparty paid less as a customer than its
    `payer_in`.
    """
    daily, placed, rows = view.panel(gross_days), view.panel(sorted_bookings), view.panel(bookings)
    mixed = (daily["gross_in"].to_numpy() > 0) & (daily["gross_out"].to_numpy() > 0)
    lengths = np.diff(daily["row"].to_numpy(), prepend=-1)
    day = np.repeat(np.flatnonzero(mixed), lengths[mixed])
    columns = [rows[name] for name in (FIRM, "counterparty", "in_year", *FLOWS)]
    met = pl.DataFrame(columns)[placed["row"].to_numpy()[np.repeat(mixed, lengths)]]
    party = _party_numbers(met)
    sums = sums_by(day * WIDE + party, *(met[name].to_numpy() for name in FLOWS))
    both_ways = (np.minimum(sums[1], sums[2]) > 0) & (party[sums[0]] > 0)
    first, gross_in, gross_out, payer_in = (column[both_ways] for column in sums)
    matched = np.minimum(gross_in, gross_out)
    unpaid = payer_in - np.minimum(payer_in, gross_in - matched)
    return met[first].hstack(_series(day=day[first], matched=matched, unpaid=unpaid))


def _party_numbers(rows: pl.DataFrame) -> Whole:
    """Whole numbers that stand for counterparties, 0 for the unknown one."""
    numbers = pl.col("counterparty").cast(name_numbers()).to_physical().cast(pl.Int64)
    chosen: Whole = rows.select((numbers + 1).fill_null(0)).to_series().to_numpy()
    return chosen


@panel("bank_transactions")
def days(view: View) -> pl.DataFrame:
    """The same rows as in `gross_days` with effective flows: `inflow`, `outflow`."""
    daily, back = view.panel(gross_days), view.panel(returned)
    matched = np.zeros(daily.height, dtype=np.int64)
    np.add.at(matched, back["day"].to_numpy(), back["matched"].to_numpy())
    inflow, outflow = (daily[name].to_numpy() - matched for name in ("gross_in", "gross_out"))
    return daily.hstack(_series(inflow=inflow, outflow=outflow))


@panel("bank_transactions")
def firms(view: View) -> pl.DataFrame:
    """One row an enterprise with bookings: what its days add up to.

    `days_12m`, `days_3m` are the days of the last 12 and 3 complete months with a known balance, `month_ends_12m` the
    ends of the last 12 months among them; `stood_…` are the sums of the balances on these. `zero_days`,
    `overdrawn_days` are those of `days_12m` on which the accounts were empty or overdrawn, `lowest` is the lowest
    balance on them. `inflow_12m` is the effective inflow of the last 12 complete months, of which `turned` left on the
    day or the next; `outflow_known` the outflow on days with a known balance. `inflow_ago` is the days since the newest
    inflow, `net_0` to `net_2` are net flows of the newest three weeks.
    """
    daily = view.panel(days)
    firm, inflow, newest = (daily[name].to_numpy() for name in (FIRM, "inflow", "newest"))
    ago = _number_of(view.as_of) - daily["on"].to_numpy()
    matters = np.flatnonzero(newest | (following(ago) < (view.as_of - view.month_start(YEAR - 1)).days))
    sums, lowest = _of_days(view, daily, matters)
    firsts = np.flatnonzero(first_of(newest[matters]))
    columns = {name: folded_from(np.add, column, firsts) for name, column in sums.items()}
    columns["lowest"] = folded_from(np.minimum, lowest, firsts)
    inflow_ago = np.where(inflow > 0, ago, NEVER)
    columns["inflow_ago"] = folded_from(np.minimum, inflow_ago, np.flatnonzero(first_of(newest)))
    return _by_firm(firm[newest], **columns)


def _by_firm(firm: npt.NDArray[np.uint32], **columns: npt.NDArray[np.generic]) -> pl.DataFrame:
    """Rows that lie by enterprise."""
    return pl.DataFrame([pl.Series(FIRM, firm).set_sorted(), *_series(**columns)])


def _of_days(view: View, daily: pl.DataFrame, matters: Whole) -> tuple[dict[str, Whole], Whole]:
    """What each of the days that matter adds to its enterprise, and its balance where this stood in the year."""
    names = ("on", "inflow", "outflow", "months_ago", "balance", "known", "newest")
    on, inflow, outflow, months_ago, balance, known, newest = (daily[name].to_numpy()[matters] for name in names)
    ago = _number_of(view.as_of) - on
    until = np.where(newest, -1, following(ago))
    until_month = np.where(newest, -1, np.maximum(following(months_ago), -1))

    def stood(months: int) -> Whole:
        first, end = ((view.as_of - view.month_start(back - 1)).days for back in (months, 0))
        length: Whole = np.maximum(np.minimum(ago, first) - np.maximum(until, end), 0) * known
        return length

    days_12m, days_3m = stood(YEAR), stood(QUARTER)
    month_ends = np.maximum(np.minimum(months_ago, YEAR - 1) - until_month, 0) * known
    soon = outflow + following(outflow) * (~newest & (until == ago - 1))
    in_year = (months_ago >= 0) & (months_ago < YEAR)
    week, net = ago // WEEK, inflow - outflow
    sums = {
        "days_12m": days_12m,
        "days_3m": days_3m,
        "month_ends_12m": month_ends,
        "stood_12m": balance * days_12m,
        "stood_3m": balance * days_3m,
        "stood_month_ends": balance * month_ends,
        "zero_days": days_12m * (balance <= ONE_YUAN),
        "overdrawn_days": days_12m * (balance < 0),
        "inflow_12m": inflow * in_year,
        "outflow_known": outflow * (in_year & known),
        "turned": np.minimum(inflow, soon) * in_year,
        **{f"net_{number}": net * (week == number) for number in range(WEEKS)},
    }
    return sums, np.where(days_12m > 0, balance, NEVER)


@panel("bank_transactions")
def months(view: View) -> pl.DataFrame:
    """One row an enterprise and complete month with bookings: effective flows, and `net` of the two.

    `in_year` says whether it is one of the last 12; `losing` whether it is, and more went out than came in, and
    `losing_on_end` is how many months up to it did so without a break. `inflow_12m`, `net_12m` are 0 before the year.
    """
    daily = view.panel(days)
    ends = np.flatnonzero(last_of(daily[FIRM].to_numpy(), daily["months_ago"].to_numpy()))
    sums = [sums_to(ends, daily[name].to_numpy()) for name in ("inflow", "outflow")]
    is_over = daily["months_ago"].to_numpy()[ends] >= 0
    firm, ago = (daily[name].to_numpy()[ends[is_over]] for name in (FIRM, "months_ago"))
    inflow, outflow = (one[is_over] for one in sums)
    net, in_year = inflow - outflow, ago < YEAR
    losing = in_year & (net < 0)
    return _by_firm(
        firm,
        months_ago=ago.astype(np.int32),
        inflow=inflow,
        outflow=outflow,
        net=net,
        in_year=in_year,
        losing=losing,
        losing_on_end=in_a_row(losing, first_of(last_of(firm)) | (preceding(ago) != ago + 1)),
        inflow_12m=inflow * in_year,
        net_12m=net * in_year,
    )


@panel("bank_transactions")
def kinds(view: View) -> pl.DataFrame:
    """One row an enterprise, complete month of the last 12, direction and purpose: `amount` and number of `bookings`.

    `operating_in` is the amount where it is operating inflow, `cash_in`, `qr_in`, `serviced` (debts) where it is such,
    else 0; `loans_in` the number of bookings of loans paid out. `salary_paid` and the like say whether it is such a
    payment, `unclassified` whether the purpose is unknown.
    """
    rows = view.panel(recent)
    kind, ago = rows["kind"].to_numpy(), _months_ago(view, rows["on"].to_numpy())
    key = (rows[FIRM].to_numpy().astype(np.int64) * MOST_MONTHS + ago) * (2 * MOST_PURPOSES) + kind
    flows = (rows[name].to_numpy() for name in ("amount_fen", "gross_in"))
    first, amount, operating_in, bookings_n = sums_by(key, *flows, np.ones_like(key))
    told, kind = rows[["direction", "purpose"]][first], kind[first]
    return _by_firm(
        rows[FIRM].to_numpy()[first],
        months_ago=ago[first].astype(np.int32),
        amount=amount,
        bookings=bookings_n,
        operating_in=operating_in,
        cash_in=amount * _is_among(kind, ("cash",), outgoing=False),
        qr_in=amount * _is_among(kind, ("qr",), outgoing=False),
        serviced=amount * _is_among(kind, DEBT_SERVICE, outgoing=True),
        loans_in=bookings_n * _is_among(kind, ("loan_in",), outgoing=False),
        unclassified=kind % MOST_PURPOSES == MOST_PURPOSES - 1,
        **{f"{name}_paid": _is_among(kind, (name,), outgoing=True) for name in REGULAR},
    ).hstack(told)


@panel("bank_transactions")
def parties(view: View) -> pl.DataFrame:
    """One row an enterprise and counterparty, unknown ones together: operating flows with it in the last 12 months.

    `paid` is what it paid as a customer, on each day less what went back to it; `payer` the same where it is known,
    else 0, and `matched` the lesser of `gross_in` and what went to it.
    """
    rows = view.panel(recent)[[FIRM, "counterparty", *FLOWS]]
    less = view.panel(returned).filter("in_year")
    if less.height:
        less = less.select(FIRM, "counterparty", gross_in=0 * pl.col("day"), payer_in=-pl.col("unpaid"))
        rows = pl.concat([rows, less.with_columns(gross_out="gross_in").select(rows.columns)])
    party = _party_numbers(rows)
    key = rows[FIRM].to_numpy().astype(np.int64) * WIDE + party
    first, gross_in, gross_out, paid = sums_by(key, *(rows[name].to_numpy() for name in FLOWS))
    named = party[first] > 0
    matched = np.minimum(gross_in, gross_out) * named
    return _by_firm(rows[FIRM].to_numpy()[first], gross_in=gross_in, paid=paid, payer=paid * named, matched=matched)
