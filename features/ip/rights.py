"""Patents, copyrights and marks: how many hold, how long they last, whose work they are, and whether more come.

An application for an invention is published some 18 months after it was filed; unless the enterprise tells of it, the
newest are not known yet.
"""

import polars as pl

from features.arithmetic import ratio
from features.definition import feature
from features.ip.panels import PATENTS, ip_portfolio

held, kind, own = pl.col("held"), pl.col("kind"), pl.col("own")
held_patent = held & kind.is_in(PATENTS)
held_invention = held & (kind == "invention")


def _sum_where(column: str, rows: pl.Expr) -> pl.Expr:
    return pl.when(rows).then(pl.col(column)).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效知识产权件数")
def rights_held() -> pl.Expr:
    """Intellectual property rights held"""
    return held.sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效发明专利件数")
def inventions_held() -> pl.Expr:
    """Invention patents held"""
    return held_invention.sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效实用新型专利件数")
def utility_models_held() -> pl.Expr:
    """Utility model patents held"""
    return (held & (kind == "utility_model")).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效外观设计专利件数")
def designs_held() -> pl.Expr:
    """Design patents held"""
    return (held & (kind == "design")).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="软件著作权件数")
def software_held() -> pl.Expr:
    """Software copyrights held"""
    return (held & (kind == "software")).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效商标件数")
def trademarks_held() -> pl.Expr:
    """Trademarks held"""
    return (held & (kind == "trademark")).sum()


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=0, zh="在审知识产权申请件数")
def pending_applications() -> pl.Expr:
    """Applications for rights that are pending"""
    return pl.col("pending").sum()


@feature(ip_portfolio, unit="months", risk="falls", group="INNOVATION", window=0, zh="有效发明专利平均剩余月数")
def invention_months_left() -> pl.Expr:
    """Mean remaining months of the invention patents held"""
    return ratio(_sum_where("months_left", held_invention), held_invention.sum())


@feature(ip_portfolio, unit="share", risk="falls", group="INNOVATION", window=0, zh="有效知识产权中原始取得占比")
def own_rights_share() -> pl.Expr:
    """Share of the rights held that the enterprise created itself"""
    return ratio((held & own).sum(), held.sum())


@feature(ip_portfolio, unit="share", risk="rises", group="INNOVATION", window=0, zh="有效发明专利中受让取得占比")
def bought_inventions_share() -> pl.Expr:
    """Share of the invention patents held that were bought"""
    return ratio((held_invention & pl.col("bought")).sum(), held_invention.sum())


@feature(ip_portfolio, unit="count", risk="either", group="INNOVATION", window=12, zh="近12个月受让的知识产权件数")
def rights_bought_12m() -> pl.Expr:
    """Rights bought in the last 12 months"""
    return pl.col("bought_12m").sum()


@feature(ip_portfolio, unit="count", risk="either", group="INNOVATION", window=0, zh="已质押的知识产权件数")
def rights_pledged() -> pl.Expr:
    """Rights held that are pledged"""
    return (held & pl.col("pledged")).sum()


@feature(ip_portfolio, unit="ratio", risk="falls", group="INNOVATION", window=0, zh="有效专利件均被引次数")
def citations_per_patent() -> pl.Expr:
    """Mean number of later patents that cite a patent held"""
    is_counted = held_patent & pl.col("citations").is_not_null()
    return ratio(_sum_where("citations", is_counted), is_counted.sum())


@feature(ip_portfolio, unit="count", risk="falls", group="INNOVATION", window=36, zh="近36个月知识产权申请件数")
def applications_36m() -> pl.Expr:
    """Applications for rights in the last 36 months, bought rights not counted"""
    return pl.col("own_36m").sum()


@feature(ip_portfolio, unit="ratio", risk="falls", group="INNOVATION", window=24, zh="近12个月申请件数较上年的变化")
def applications_trend_24m() -> pl.Expr:
    """Applications of the last 12 months less those of the 12 before, over both together"""
    now, then = (pl.col(name).sum().cast(pl.Int64) for name in ("own_12m", "own_before"))
    return ratio(now - then, now + then)


@feature(ip_portfolio, unit="days", risk="rises", group="INNOVATION", window=0, zh="距最近一次知识产权申请天数")
def days_since_application() -> pl.Expr:
    """Days since the newest application for a right, bought rights not counted"""
    return pl.col("applied_days_ago").min()


@feature(ip_portfolio, unit="count", risk="rises", group="INNOVATION", window=0, zh="未按期缴纳年费的知识产权件数")
def rights_with_fees_lapsed() -> pl.Expr:
    """Granted rights whose annual fees are not paid to the day"""
    return pl.col("fee_lapsed").sum()
