"""The invoice-flow features a second time, in plain pandas: a yardstick for speed and a check on meaning.

Written from what each feature says, not from its expression, so that a mistake in either version shows as a difference.
Months are counted back from the last complete one before `as_of` (0); the month that `as_of` is in is -1.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

KEY = "enterprise_id"
PARTNER = "counterparty"
YEAR, HISTORY = 12, 36
PERIODS = 6
"""Two-month periods in a year; January goes with February because the Spring Festival moves between them."""

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
    rows = _known(invoices, firms, as_of)
    complete = rows[rows["ago"] >= 0]
    valid = complete[~complete["void"]]
    sold, bought = valid[valid["issued"]], valid[~valid["issued"]]
    months = _by_month(complete, sold, bought, firms)
    buyers, suppliers = _relations(sold), _relations(bought)
    return pd.concat(
        [
            _levels(months, sold, firms),
            _trends(months, as_of),
            _continuity(months, sold, as_of, firms),
            _volatility(months, sold, as_of, firms),
            _quality(complete, firms),
            _purchase_quality(complete, sold, firms),
            _margins(months),
            _partner_shares(buyers, "buyer", "sales", firms),
            _partner_shares(suppliers, "supplier", "purchases", firms),
            _loyal_buyers(buyers, sold, firms),
            _circles(buyers, suppliers, firms),
            _recency(rows, firms),
        ],
        axis=1,
    )


@dataclass(frozen=True)
class Months:
    """Tables of enterprise × month 0 … 35: amounts and counts of valid invoices, 0 where there is none.

    `known` marks the months since the first invoice; only these count in means and spreads.
    """

    sales: pd.DataFrame
    purchases: pd.DataFrame
    output_vat: pd.DataFrame
    input_vat: pd.DataFrame
    sales_n: pd.DataFrame
    purchases_n: pd.DataFrame
    known: pd.DataFrame


def _known(invoices: pd.DataFrame, firms: pd.Index, as_of: dt.date) -> pd.DataFrame:
    """What could be known at the end of `as_of`, with the age of each invoice in months and days."""
    today = pd.Timestamp(as_of)
    known = invoices[(invoices["known_on"] <= today) & invoices[KEY].isin(firms)]
    issued_on = known["issued_on"]
    return pd.DataFrame(
        {
            KEY: known[KEY].astype(pd.CategoricalDtype(firms)),
            PARTNER: known[PARTNER].astype("category"),
            "issued": known["direction"] == "issued",
            "void": known["voided_on"] <= today,
            "net": known["net_fen"],
            "vat": known["vat_fen"],
            "ago": as_of.year * 12 + as_of.month - 1 - (issued_on.dt.year * 12 + issued_on.dt.month),
            "day": issued_on,
            "days_ago": (today - issued_on).dt.days,
        }
    )


def _by_month(complete: pd.DataFrame, sold: pd.DataFrame, bought: pd.DataFrame, firms: pd.Index) -> Months:
    first = complete[complete["ago"] < HISTORY].groupby(KEY, observed=True)["ago"].max().reindex(firms, fill_value=-1)
    known = np.arange(HISTORY) <= first.to_numpy()[:, np.newaxis]
    sales, output_vat, sales_n = _wide(sold, firms)
    purchases, input_vat, purchases_n = _wide(bought, firms)
    return Months(
        sales=sales,
        purchases=purchases,
        output_vat=output_vat,
        input_vat=input_vat,
        sales_n=sales_n,
        purchases_n=purchases_n,
        known=pd.DataFrame(known, index=firms),
    )


def _wide(side: pd.DataFrame, firms: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Net amounts, VAT and number of invoices as tables of enterprise × month."""
    recent = side[side["ago"] < HISTORY].groupby([KEY, "ago"], observed=True)
    by_month = recent.agg(net=("net", "sum"), vat=("vat", "sum"), n=("net", "size"))
    net, vat, n = (
        by_month[column].unstack(fill_value=0).reindex(index=firms, columns=range(HISTORY), fill_value=0)
        for column in ("net", "vat", "n")
    )
    return net, vat, n


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


def _growth(now: pd.Series, then: pd.Series) -> pd.Series:
    return _ratio(now, then) - 1


def _between(table: pd.DataFrame, start: int, months: int = YEAR) -> pd.Series:
    """Sum over `months` months of a table of enterprise × month, the newest of them `start`."""
    return table.iloc[:, start : start + months].sum(axis=1)


def _variation(amounts: pd.DataFrame) -> pd.Series:
    mean = amounts.mean(axis=1)
    return _ratio(amounts.std(axis=1, ddof=0), mean)


def _levels(months: Months, sold: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    observed = months.known.sum(axis=1)
    blue = sold[(sold["ago"] < YEAR) & (sold["net"] >= 0)]
    return pd.DataFrame(
        {
            "months_observed": observed,
            "sales_12m": _between(months.sales, 0),
            "sales_3m": _between(months.sales, 0, 3),
            "sales_monthly_36m": _ratio(months.sales.sum(axis=1), observed),
            "purchases_12m": _between(months.purchases, 0),
            "purchases_monthly_36m": _ratio(months.purchases.sum(axis=1), observed),
            "invoices_issued_12m": _between(months.sales_n, 0),
            "invoices_received_12m": _between(months.purchases_n, 0),
            "invoice_median_12m": blue.groupby(KEY, observed=True)["net"].median().reindex(firms),
        }
    )


def _trends(months: Months, as_of: dt.date) -> pd.DataFrame:
    sales, periods = months.sales, _two_month_periods(months.sales, as_of)
    return pd.DataFrame(
        {
            "sales_growth_12m": _growth(_between(sales, 0), _between(sales, 12)),
            "sales_growth_6m_yoy": _growth(_between(sales, 0, 6), _between(sales, 12, 6)),
            "sales_growth_2m_yoy": _growth(periods[0], periods[PERIODS]),
            "sales_growth_6m": _growth(_between(sales, 0, 6), _between(sales, 6, 6)),
            "purchases_growth_12m": _growth(_between(months.purchases, 0), _between(months.purchases, 12)),
            "invoices_growth_12m": _growth(_between(months.sales_n, 0), _between(months.sales_n, 12)),
            "sales_trend_12m": _slope(sales.iloc[:, :YEAR], months.known.iloc[:, :YEAR]),
        }
    )


def _two_month_periods(sales: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Sales of whole two-month periods of the calendar, the newest complete one first."""
    last_complete = pd.Period(as_of, "M") - 1
    unfinished = last_complete.month % 2
    whole = sales.iloc[:, unfinished : unfinished + 4 * PERIODS]
    return pd.DataFrame(whole.to_numpy().reshape(len(sales), -1, 2).sum(axis=2), index=sales.index)


def _slope(sales: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Least-squares change a month, as a share of mean monthly sales; needs two months."""
    time = known.mul(-np.arange(sales.shape[1])).where(known)
    time = time.sub(time.mean(axis=1), axis=0)
    slope = _ratio((time * sales).sum(axis=1), (time**2).sum(axis=1))
    return _ratio(slope, sales.where(known).mean(axis=1))


def _continuity(months: Months, sold: pd.DataFrame, as_of: dt.date, firms: pd.Index) -> pd.DataFrame:
    with_sales, year = months.sales_n > 0, slice(0, YEAR)
    newest = pd.Period(as_of, "M") - 1
    ordinary = [(newest - ago).month not in JANUARY_FEBRUARY for ago in range(YEAR)]
    silent = (months.known & ~with_sales).iloc[:, year].loc[:, ordinary]
    days = sold.drop_duplicates([KEY, "day"])
    days_of_year = days[days["ago"] < YEAR]
    return pd.DataFrame(
        {
            "active_months_12m": with_sales.iloc[:, year].sum(axis=1),
            "active_months_share_36m": _ratio(with_sales.sum(axis=1), months.known.sum(axis=1)),
            "purchase_months_12m": (months.purchases_n > 0).iloc[:, year].sum(axis=1),
            "silent_months_12m": silent.sum(axis=1),
            "longest_gap_days_12m": _longest_gap(days_of_year, firms),
            "longest_gap_days_ever": _longest_gap(days, firms),
            "invoicing_days_12m": _count(days_of_year, firms),
        }
    )


def _longest_gap(days: pd.DataFrame, firms: pd.Index) -> pd.Series:
    ordered = days.sort_values([KEY, "days_ago"])
    gaps = ordered.groupby(KEY, observed=True)["days_ago"].diff()
    return gaps.groupby(ordered[KEY], observed=True).max().reindex(firms)


def _count(rows: pd.DataFrame, firms: pd.Index) -> pd.Series:
    return rows.groupby(KEY, observed=True).size().reindex(firms, fill_value=0)


def _volatility(months: Months, sold: pd.DataFrame, as_of: dt.date, firms: pd.Index) -> pd.DataFrame:
    sales, purchases = months.sales.where(months.known), months.purchases.where(months.known)
    year = sold[sold["ago"] < YEAR]
    a_day = year.groupby([KEY, "day"], observed=True).size()
    busiest = a_day.groupby(level=KEY, observed=True).max().reindex(firms)
    weekend = year["day"].dt.day_of_week > FRIDAY
    return pd.DataFrame(
        {
            "sales_variation_12m": _variation(sales.iloc[:, :YEAR]),
            "sales_variation_36m": _variation(sales),
            "purchases_variation_12m": _variation(purchases.iloc[:, :YEAR]),
            "season_shift_24m": _season_shift(_two_month_periods(months.sales, as_of).clip(lower=0)),
            "peak_month_share_12m": _ratio(sales.iloc[:, :YEAR].max(axis=1), _between(months.sales, 0)),
            "busiest_day_share_12m": _ratio(busiest, _count(year, firms)),
            "weekend_share_12m": weekend.groupby(year[KEY], observed=True).mean().reindex(firms),
        }
    )


def _season_shift(periods: pd.DataFrame) -> pd.Series:
    """Half the distance between this year's and last year's distribution of sales over the periods."""
    now, then = periods.iloc[:, :PERIODS], periods.iloc[:, PERIODS : 2 * PERIODS].set_axis(range(PERIODS), axis=1)
    now, then = (year.div(year.sum(axis=1).replace(0, np.nan), axis=0) for year in (now, then))
    return (now - then).abs().sum(axis=1, skipna=False) / 2


def _quality(complete: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    issued = complete[complete["issued"]]
    year, years = (_kinds(issued[issued["ago"] < months], firms) for months in (YEAR, HISTORY))
    return pd.DataFrame(
        {
            "void_share_12m": _ratio(year["void_n"], year["n"]),
            "void_share_36m": _ratio(years["void_n"], years["n"]),
            "void_amount_share_12m": _ratio(year["void"], year["void"] + year["blue"]),
            "void_amount_share_36m": _ratio(years["void"], years["void"] + years["blue"]),
            "red_share_12m": _ratio(year["red_n"], year["n"] - year["void_n"]),
            "red_amount_share_12m": _ratio(year["red"], year["blue"]),
            "red_amount_share_36m": _ratio(years["red"], years["blue"]),
        }
    )


def _purchase_quality(complete: pd.DataFrame, sold: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    received = _kinds(complete[~complete["issued"] & (complete["ago"] < YEAR)], firms)
    year = sold[sold["ago"] < YEAR]
    gross = year["net"] + year["vat"]
    is_round = (gross != 0) & (gross % THOUSAND_YUAN == 0)
    return pd.DataFrame(
        {
            "void_share_received_12m": _ratio(received["void_n"], received["n"]),
            "red_amount_share_received_12m": _ratio(received["red"], received["blue"]),
            "round_amount_share_12m": is_round.groupby(year[KEY], observed=True).mean().reindex(firms),
        }
    )


def _kinds(side: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    """Number of invoices, of voided ones and of valid red letters; voided, blue and red-letter amounts without sign."""
    net, void, red = side["net"], side["void"], side["net"] < 0
    kinds = pd.DataFrame(
        {
            "n": 1,
            "void_n": void,
            "red_n": ~void & red,
            "void": net.abs().where(void, 0),
            "blue": net.where(~void & ~red, 0),
            "red": -net.where(~void & red, 0),
        },
        index=side.index,
    )
    return kinds.groupby(side[KEY], observed=True).sum().reindex(firms, fill_value=0)


def _margins(months: Months) -> pd.DataFrame:
    sales, purchases = _between(months.sales, 0), _between(months.purchases, 0)
    output_vat, input_vat = _between(months.output_vat, 0), _between(months.input_vat, 0)
    margin = 1 - _ratio(purchases, sales)
    margin_before = 1 - _ratio(_between(months.purchases, YEAR), _between(months.sales, YEAR))
    in_deficit = (months.purchases > months.sales).iloc[:, :YEAR].sum(axis=1)
    return pd.DataFrame(
        {
            "margin_12m": margin,
            "margin_36m": 1 - _ratio(months.purchases.sum(axis=1), months.sales.sum(axis=1)),
            "margin_change_12m": margin - margin_before,
            "deficit_months_share_12m": _ratio(in_deficit, months.known.iloc[:, :YEAR].sum(axis=1)),
            "net_vat_12m": output_vat - input_vat,
            "vat_burden_12m": _ratio(output_vat - input_vat, sales),
            "output_vat_rate_12m": _ratio(output_vat, sales),
            "input_vat_rate_12m": _ratio(input_vat, purchases),
        }
    )


def _relations(side: pd.DataFrame) -> pd.DataFrame:
    """Trade with each counterparty: amount of the last year and of the one before, and the age of the first invoice."""
    ago, net = side["ago"], side["net"]
    amounts = side.assign(now=net.where(ago < YEAR, 0), before=net.where(ago.between(YEAR, 2 * YEAR - 1), 0))
    trade = amounts.groupby([KEY, PARTNER], observed=True).agg(
        now=("now", "sum"), before=("before", "sum"), first=("ago", "max")
    )
    # More credited than sold is no negative share of the whole.
    return trade.assign(now=trade["now"].clip(lower=0), before=trade["before"].clip(lower=0))


def _partner_shares(trade: pd.DataFrame, partner: str, amount: str, firms: pd.Index) -> pd.DataFrame:
    """What is said of buyers and suppliers alike."""
    now, firm = trade["now"], trade.index.get_level_values(KEY)

    def summed(values: pd.Series) -> pd.Series:
        return values.groupby(firm, observed=True).sum().reindex(firms, fill_value=0)

    total = summed(now)
    ranked, before = now.sort_values(ascending=False), trade["before"] > 0

    def largest(number: int) -> pd.Series:
        head = ranked.groupby(level=KEY, observed=True).head(number)
        return head.groupby(level=KEY, observed=True).sum().reindex(firms, fill_value=0)

    return pd.DataFrame(
        {
            f"{partner}s_12m": summed(now > 0),
            f"top1_{partner}_share_12m": _ratio(largest(1), total),
            f"top5_{partner}_share_12m": _ratio(largest(5), total),
            f"{partner}_hhi_12m": summed(now.astype(float) ** 2) / total.where(total > 0).astype(float) ** 2,
            f"{partner}_retention_12m": _ratio(summed(before & (now > 0)), summed(before)),
            f"new_{partner}_{amount}_share_12m": _ratio(summed(now.where(trade["first"] < YEAR, 0)), total),
        }
    )


def _loyal_buyers(buyers: pd.DataFrame, sold: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    bought_now, before = buyers["now"] > 0, buyers["before"]
    year = sold[sold["ago"] < YEAR]
    active_months = year.drop_duplicates([KEY, PARTNER, "ago"]).groupby([KEY, PARTNER], observed=True).size()
    per_firm = pd.DataFrame(
        {
            "now": bought_now,
            "then": before > 0,
            "before": before,
            "lost": before.where(~bought_now, 0),
            "active": active_months.reindex(buyers.index, fill_value=0).where(bought_now, 0),
        }
    )
    total = per_firm.groupby(level=KEY, observed=True).sum().reindex(firms, fill_value=0)
    return pd.DataFrame(
        {
            "lost_buyer_sales_share_12m": _ratio(total["lost"], total["before"]),
            "buyers_growth_12m": _growth(total["now"], total["then"]),
            "buyer_active_months_12m": _ratio(total["active"], total["now"]),
        }
    )


def _circles(buyers: pd.DataFrame, suppliers: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    both = buyers[["now"]].join(suppliers["now"].rename("bought"), how="inner")
    smaller = both.min(axis=1)
    matched = pd.DataFrame({"amount": smaller, "partners": smaller > 0})
    matched = matched.groupby(level=KEY, observed=True).sum().reindex(firms, fill_value=0)
    sales = buyers["now"].groupby(level=KEY, observed=True).sum().reindex(firms, fill_value=0)
    return pd.DataFrame(
        {"circular_share_12m": _ratio(matched["amount"], sales), "circular_partners_12m": matched["partners"]}
    )


def _recency(rows: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    """To the day, hence with the month that is not over yet."""
    valid = rows[~rows["void"]]
    newest = valid.groupby([KEY, "issued"], observed=True)["days_ago"].min().unstack()
    newest = newest.reindex(index=firms, columns=[True, False])
    return pd.DataFrame({"days_since_last_sale": newest[True], "days_since_last_purchase": newest[False]})
