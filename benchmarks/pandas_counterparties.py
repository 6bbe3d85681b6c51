"""The features of buyers and suppliers in plain pandas."""

import pandas as pd

from benchmarks.pandas_panels import KEY, PARTNER, YEAR, growth, ratio, without_red


def partner_features(sold: pd.DataFrame, bought: pd.DataFrame, observed: pd.Series, firms: pd.Index) -> pd.DataFrame:
    """All that valid sales and purchases of complete months say of the counterparties.

    Without two years of history everybody would be new and nobody lost, so then nothing is said of that.
    """
    buyers, suppliers = _relations(sold), _relations(bought)
    two_years = observed >= 2 * YEAR
    return pd.concat(
        [
            _shares(buyers, "buyer", firms),
            _shares(suppliers, "supplier", firms),
            _loyalty(buyers, "buyer", "sales", firms).where(two_years),
            _loyalty(suppliers, "supplier", "purchases", firms).where(two_years),
            _buyers(buyers, sold, two_years, firms),
            _circles(buyers, suppliers, firms),
        ],
        axis=1,
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


def _summed(values: pd.Series, firms: pd.Index) -> pd.Series:
    return values.groupby(level=KEY, observed=True).sum().reindex(firms, fill_value=0)


def _shares(trade: pd.DataFrame, partner: str, firms: pd.Index) -> pd.DataFrame:
    """How trade is spread, said of buyers and suppliers alike."""
    now = trade["now"]
    total, ranked = _summed(now, firms), now.sort_values(ascending=False)

    def largest(number: int) -> pd.Series:
        return _summed(ranked.groupby(level=KEY, observed=True).head(number), firms)

    return pd.DataFrame(
        {
            f"{partner}s_12m": _summed(now > 0, firms),
            f"top1_{partner}_share_12m": ratio(largest(1), total),
            f"top5_{partner}_share_12m": ratio(largest(5), total),
            f"{partner}_hhi_12m": _summed(now.astype(float) ** 2, firms) / total.where(total > 0).astype(float) ** 2,
        }
    )


def _loyalty(trade: pd.DataFrame, partner: str, amount: str, firms: pd.Index) -> pd.DataFrame:
    """Who stayed and who is new, said of buyers and suppliers alike."""
    now, before, is_new = trade["now"], trade["before"] > 0, trade["first"] < YEAR
    return pd.DataFrame(
        {
            f"{partner}_retention_12m": ratio(_summed(before & (now > 0), firms), _summed(before, firms)),
            f"new_{partner}_{amount}_share_12m": ratio(_summed(now.where(is_new, 0), firms), _summed(now, firms)),
        }
    )


def _buyers(buyers: pd.DataFrame, sold: pd.DataFrame, two_years: pd.Series, firms: pd.Index) -> pd.DataFrame:
    buys_now, before = buyers["now"] > 0, buyers["before"]
    year = without_red(sold[sold["ago"] < YEAR])
    active_months = year.drop_duplicates([KEY, PARTNER, "ago"]).groupby([KEY, PARTNER], observed=True).size()
    per_buyer = pd.DataFrame(
        {
            "now": buys_now,
            "then": before > 0,
            "before": before,
            "lost": before.where(~buys_now, 0),
            "active": active_months.reindex(buyers.index, fill_value=0).where(buys_now, 0),
        }
    )
    total = _summed(per_buyer, firms)
    return pd.DataFrame(
        {
            "lost_buyer_sales_share_12m": ratio(total["lost"], total["before"]).where(two_years),
            "buyers_growth_12m": growth(total["now"], total["then"], seen_then=two_years),
            "buyer_active_months_12m": ratio(total["active"], total["now"]),
        }
    )


def _circles(buyers: pd.DataFrame, suppliers: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    both = buyers[["now"]].join(suppliers["now"].rename("bought"), how="inner")
    smaller = both.min(axis=1)
    return pd.DataFrame(
        {
            "circular_share_12m": ratio(_summed(smaller, firms), _summed(buyers["now"], firms)),
            "circular_partners_12m": _summed(smaller > 0, firms),
        }
    )
