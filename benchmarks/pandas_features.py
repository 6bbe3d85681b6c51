"""The invoice-flow features a second time, in plain pandas: a yardstick for speed and a check on meaning.

Written from what each feature says, not from its expression, so that a mistake in either version shows as a difference.
"""

import datetime as dt

import numpy as np
import pandas as pd

from benchmarks.pandas_counterparties import partner_features
from benchmarks.pandas_panels import (
    HISTORY,
    KEY,
    PERIODS,
    YEAR,
    Months,
    between,
    by_month,
    count,
    growth,
    known_invoices,
    ratio,
    without_red,
)

JANUARY_FEBRUARY = (1, 2)
FRIDAY = 4
THOUSAND_YUAN = 100_000


def pandas_profiles(invoices: pd.DataFrame, enterprises: list[str], as_of: dt.date) -> pd.DataFrame:
    """The features of `features.sets.INVOICE_FLOW` for every enterprise.

    Args:
        invoices: columns of the contract `vat_invoices`; dates as datetime64, amounts as int64 fen.
        enterprises: distinct codes in scope; one without invoices has observed zeros.
        as_of: what became known later is not seen.

    Returns:
        One row an enterprise in the order given, indexed by `enterprise_id`; one column a feature, NaN = null.
    """
    firms = pd.Index(enterprises, name=KEY)
    rows = known_invoices(invoices, firms, as_of)
    complete = rows[rows["ago"] >= 0]
    valid = complete[~complete["void"]]
    sold, bought = valid[valid["issued"]], valid[~valid["issued"]]
    months = by_month(complete, sold, bought, firms)
    return pd.concat(
        [
            _levels(months, sold, firms),
            _trends(months, as_of),
            _continuity(months, without_red(sold), as_of, firms),
            _variations(months, as_of),
            _days(without_red(sold), firms),
            _sales_quality(complete, firms),
            _other_quality(complete, sold, firms),
            _margins(months),
            partner_features(sold, bought, months.observed, firms),
            _recency(rows, firms),
        ],
        axis=1,
    )


def _levels(months: Months, sold: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    blue = without_red(sold[sold["ago"] < YEAR])
    return pd.DataFrame(
        {
            "months_observed": months.observed,
            "sales_12m": between(months.sales, 0),
            "sales_3m": between(months.sales, 0, 3),
            "sales_monthly_36m": ratio(months.sales.sum(axis=1), months.observed),
            "purchases_12m": between(months.purchases, 0),
            "purchases_monthly_36m": ratio(months.purchases.sum(axis=1), months.observed),
            "invoices_issued_12m": between(months.sales_n, 0),
            "invoices_received_12m": between(months.purchases_n, 0),
            "invoice_median_12m": blue.groupby(KEY, observed=True)["net"].median().reindex(firms),
        }
    )


def _trends(months: Months, as_of: dt.date) -> pd.DataFrame:
    sales = months.sales

    def over_year(table: pd.DataFrame) -> pd.Series:
        return growth(between(table, 0), between(table, YEAR), seen_then=months.observed >= 2 * YEAR)

    def over_periods(periods: int) -> pd.Series:
        """The newest two-month periods against the same of last year."""
        newest, months_long = _unfinished(as_of), 2 * periods
        seen = months.observed >= newest + YEAR + months_long
        return growth(between(sales, newest, months_long), between(sales, newest + YEAR, months_long), seen_then=seen)

    return pd.DataFrame(
        {
            "sales_growth_12m": over_year(sales),
            "sales_growth_6m_yoy": over_periods(3),
            "sales_growth_2m_yoy": over_periods(1),
            "sales_growth_6m": growth(between(sales, 0, 6), between(sales, 6, 6), seen_then=months.observed >= YEAR),
            "purchases_growth_12m": over_year(months.purchases),
            "invoices_growth_12m": over_year(months.sales_n),
            "sales_trend_12m": _slope(sales.iloc[:, :YEAR], months.known.iloc[:, :YEAR]),
        }
    )


def _unfinished(as_of: dt.date) -> int:
    """Complete months that belong to a two-month period that is not over: 1 or 0."""
    return (pd.Period(as_of, "M") - 1).month % 2


def _slope(sales: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Least-squares change a month, as a share of mean monthly sales; needs two months."""
    time = known.mul(-np.arange(sales.shape[1])).where(known)
    time = time.sub(time.mean(axis=1), axis=0)
    slope = ratio((time * sales).sum(axis=1), (time**2).sum(axis=1))
    return ratio(slope, sales.where(known).mean(axis=1))


def _continuity(months: Months, blue: pd.DataFrame, as_of: dt.date, firms: pd.Index) -> pd.DataFrame:
    with_sales, year = months.sales_n > 0, slice(0, YEAR)
    newest = pd.Period(as_of, "M") - 1
    ordinary = [(newest - ago).month not in JANUARY_FEBRUARY for ago in range(YEAR)]
    silent = (months.known & ~with_sales).iloc[:, year].loc[:, ordinary]
    days = blue.drop_duplicates([KEY, "day"])
    after = (newest + 1).start_time
    return pd.DataFrame(
        {
            "active_months_12m": with_sales.iloc[:, year].sum(axis=1),
            "active_months_share_36m": ratio(with_sales.sum(axis=1), months.observed),
            "purchase_months_12m": (months.purchases_n > 0).iloc[:, year].sum(axis=1),
            "silent_months_12m": silent.sum(axis=1).where(months.observed > 0),
            "longest_gap_days_12m": _longest_gap(days, after, firms, since=after - pd.DateOffset(years=1)),
            "longest_gap_days_ever": _longest_gap(days, after, firms, since=pd.Timestamp.min),
            "invoicing_days_12m": count(days[days["ago"] < YEAR], firms),
        }
    )


def _longest_gap(days: pd.DataFrame, after: pd.Timestamp, firms: pd.Index, *, since: pd.Timestamp) -> pd.Series:
    """Longest interval from a day with sales to the next one, or to `after`; what lies before `since` is left out."""
    ordered = days.sort_values([KEY, "day"])
    ends = ordered.groupby(KEY, observed=True)["day"].shift(-1).fillna(after)
    lengths = (ends - ordered["day"].clip(lower=since)).dt.days
    return lengths.groupby(ordered[KEY], observed=True).max().reindex(firms)


def _variations(months: Months, as_of: dt.date) -> pd.DataFrame:
    sales, purchases = months.sales.where(months.known), months.purchases.where(months.known)
    positive = sales.iloc[:, :YEAR].clip(lower=0)
    return pd.DataFrame(
        {
            "sales_variation_12m": _variation(sales.iloc[:, :YEAR]),
            "sales_variation_36m": _variation(sales),
            "purchases_variation_12m": _variation(purchases.iloc[:, :YEAR]),
            "season_shift_24m": _season_shift(months, as_of),
            "peak_month_share_12m": ratio(positive.max(axis=1), positive.sum(axis=1)),
        }
    )


def _variation(amounts: pd.DataFrame) -> pd.Series:
    return ratio(amounts.std(axis=1, ddof=0), amounts.mean(axis=1))


def _season_shift(months: Months, as_of: dt.date) -> pd.Series:
    """Half the distance between this year's and last year's distribution of sales over the two-month periods."""
    start, length = _unfinished(as_of), 4 * PERIODS
    whole = months.sales.iloc[:, start : start + length].to_numpy()
    amounts = whole.reshape(len(whole), 2, PERIODS, 2).sum(axis=3).clip(min=0).astype(float)
    of_year = amounts.sum(axis=2, keepdims=True)
    shares = np.divide(amounts, of_year, out=np.full_like(amounts, np.nan), where=of_year > 0)
    moved = np.abs(shares[:, 0] - shares[:, 1]).sum(axis=1) / 2
    return pd.Series(moved, index=months.sales.index).where(months.observed >= start + length)


def _days(blue: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    year = blue[blue["ago"] < YEAR]
    a_day = year.groupby([KEY, "day"], observed=True).size()
    busiest = a_day.groupby(level=KEY, observed=True).max().reindex(firms)
    weekend = year["day"].dt.day_of_week > FRIDAY
    return pd.DataFrame(
        {
            "busiest_day_share_12m": ratio(busiest, count(year, firms)),
            "weekend_share_12m": weekend.groupby(year[KEY], observed=True).mean().reindex(firms),
        }
    )


def _sales_quality(complete: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    issued = complete[complete["issued"]]
    year, years = (_kinds(issued[issued["ago"] < months], firms) for months in (YEAR, HISTORY))
    return pd.DataFrame(
        {
            "void_share_12m": ratio(year["void_n"], year["voidable_n"]),
            "void_share_36m": ratio(years["void_n"], years["voidable_n"]),
            "void_amount_share_12m": ratio(year["void"], year["void"] + year["voidable_blue"]),
            "void_amount_share_36m": ratio(years["void"], years["void"] + years["voidable_blue"]),
            "red_share_12m": ratio(year["red_n"], year["valid_n"]),
            "red_amount_share_12m": ratio(year["red"], year["blue"]),
            "red_amount_share_36m": ratio(years["red"], years["blue"]),
        }
    )


def _other_quality(complete: pd.DataFrame, sold: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    received = _kinds(complete[~complete["issued"] & (complete["ago"] < YEAR)], firms)
    year = sold[sold["ago"] < YEAR]
    gross = year["net"] + year["vat"]
    is_round = (gross != 0) & (gross % THOUSAND_YUAN == 0)
    return pd.DataFrame(
        {
            "void_share_received_12m": ratio(received["void_n"], received["voidable_n"]),
            "red_amount_share_received_12m": ratio(received["red"], received["blue"]),
            "round_amount_share_12m": is_round.groupby(year[KEY], observed=True).mean().reindex(firms),
        }
    )


def _kinds(side: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    """Numbers and amounts, without sign, of kinds of invoices; voids only among invoices that can be voided."""
    net, valid, red = side["net"], ~side["void"], side["net"] < 0
    voidable, voided = side["voidable"], side["voidable"] & side["void"]
    kinds = pd.DataFrame(
        {
            "valid_n": valid,
            "red_n": valid & red,
            "voidable_n": voidable,
            "void_n": voided,
            "void": net.abs().where(voided, 0),
            "voidable_blue": net.where(voidable & valid & ~red, 0),
            "blue": net.where(valid & ~red, 0),
            "red": -net.where(valid & red, 0),
        },
        index=side.index,
    )
    return kinds.groupby(side[KEY], observed=True).sum().reindex(firms, fill_value=0)


def _margins(months: Months) -> pd.DataFrame:
    sales, purchases = between(months.sales, 0), between(months.purchases, 0)
    output_vat, input_vat = between(months.output_vat, 0), between(months.input_vat, 0)
    margin = 1 - ratio(purchases, sales)
    margin_before = 1 - ratio(between(months.purchases, YEAR), between(months.sales, YEAR))
    in_deficit = (months.purchases > months.sales).iloc[:, :YEAR].sum(axis=1)
    return pd.DataFrame(
        {
            "margin_12m": margin,
            "margin_36m": 1 - ratio(months.purchases.sum(axis=1), months.sales.sum(axis=1)),
            "margin_change_12m": margin - margin_before,
            "deficit_months_share_12m": ratio(in_deficit, months.known.iloc[:, :YEAR].sum(axis=1)),
            "net_vat_12m": output_vat - input_vat,
            "vat_burden_12m": ratio(output_vat - input_vat, sales),
            "output_vat_rate_12m": ratio(output_vat, sales),
            "input_vat_rate_12m": ratio(input_vat, purchases),
        }
    )


def _recency(rows: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    """To the day, hence with the month that is not over yet."""
    valid = without_red(rows[~rows["void"]])
    newest = valid.groupby([KEY, "issued"], observed=True)["days_ago"].min().unstack()
    newest = newest.reindex(index=firms, columns=[True, False])
    return pd.DataFrame({"days_since_last_sale": newest[True], "days_since_last_purchase": newest[False]})
