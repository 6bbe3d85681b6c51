"""What happened to the enterprise in the register, which duties it missed, and how its related parties stand.

An event counts from the day on which it is known, that of the running month included: a representative who left last
week matters most.
"""

import polars as pl

from features.definition import feature
from features.registry.panels import register_events, reports_due, standing_parties


def _on_list(listed: str, released: str) -> pl.Expr:
    """Whether the newest entry has no release on the same day or after it."""
    entry, release = pl.col(listed).min(), pl.col(released).min()
    return entry.is_not_null() & (release.is_null() | (entry < release))


def report_missing(years_ago: int) -> pl.Expr:
    """Whether the annual report of that year is missing; null where none is known and the firm's age neither."""
    is_filed = (pl.col("reported_ago") == years_ago).any()
    return ~is_filed & (pl.col("founded_ago").max() >= years_ago)


@feature(register_events, unit="count", risk="rises", group="GOVERNANCE", window=24, zh="近24个月法定代表人变更次数")
def legal_rep_changes_24m() -> pl.Expr:
    """Changes of the legal representative in the last 24 months"""
    return pl.col("new_legal_rep").sum()


@feature(register_events, unit="count", risk="rises", group="GOVERNANCE", window=24, zh="近24个月住所变更次数")
def address_changes_24m() -> pl.Expr:
    """Changes of the registered address in the last 24 months"""
    return pl.col("new_address").sum()


@feature(
    register_events, unit="count", risk="either", group="GOVERNANCE", window=24, zh="近24个月注册资本和股东变更次数"
)
def ownership_changes_24m() -> pl.Expr:
    """Changes of the capital or of the shareholders in the last 24 months"""
    return pl.col("new_owners").sum()


@feature(register_events, unit="flag", risk="rises", group="GOVERNANCE", window=0, zh="目前在经营异常名录内")
def on_abnormal_list() -> pl.Expr:
    """Whether the enterprise is on the list of abnormal operations now"""
    return _on_list("abnormal_in", "abnormal_out")


@feature(
    register_events,
    unit="count",
    risk="rises",
    group="GOVERNANCE",
    window=None,
    zh="近5年列入经营异常名录次数（未修复）",
)
def abnormal_entries_5y() -> pl.Expr:
    """Unrepaired entries in the list of abnormal operations, last five years"""
    return pl.col("abnormal_in").count()


@feature(register_events, unit="flag", risk="rises", group="GOVERNANCE", window=0, zh="目前在严重违法失信名单内")
def on_serious_list() -> pl.Expr:
    """Whether the enterprise is on the list of serious violations now"""
    return _on_list("serious_in", "serious_out")


@feature(reports_due, unit="count", risk="rises", group="GOVERNANCE", window=0, zh="最近两个应报年度未报送年报数")
def missing_annual_reports() -> pl.Expr:
    """Missing reports among the two newest annual reports due"""
    return report_missing(0).cast(pl.Int64) + report_missing(1).cast(pl.Int64)


@feature(standing_parties, unit="count", risk="rises", group="GOVERNANCE", window=0, zh="失信或违约的关联方数")
def adverse_parties() -> pl.Expr:
    """Related parties that defaulted or are listed as dishonest debtors, last five years"""
    return pl.col("adverse").sum()


@feature(standing_parties, unit="count", risk="either", group="GOVERNANCE", window=0, zh="关联方数")
def related_parties_now() -> pl.Expr:
    """Related parties now"""
    return pl.col("stands").sum()
