"""How old and how well founded the enterprise is: age, capital, premises, and with how many firms it shares them."""

import polars as pl

from features.arithmetic import ratio
from features.definition import feature
from features.registry.panels import register_entries


@feature(register_entries, unit="months", risk="falls", group="TENURE", window=0, zh="成立至今月数")
def age_months() -> pl.Expr:
    """Whole months since the enterprise was established"""
    return pl.col("age_months").first()


@feature(register_entries, unit="fen", risk="either", group="ESTABLISHMENT", window=0, zh="注册资本")
def registered_capital() -> pl.Expr:
    """Registered capital"""
    return pl.col("registered_capital_fen").first()


@feature(register_entries, unit="share", risk="falls", group="ESTABLISHMENT", window=0, zh="注册资本实缴比例")
def paid_in_share() -> pl.Expr:
    """Share of the registered capital that was paid in, at most 1"""
    paid, registered = pl.col("paid_in_capital_fen").first(), pl.col("registered_capital_fen").first()
    return ratio(pl.min_horizontal(pl.when(paid.is_not_null()).then(registered), paid), registered)


@feature(register_entries, unit="months", risk="falls", group="ESTABLISHMENT", window=0, zh="在现经营场所的月数")
def premises_months() -> pl.Expr:
    """Whole months at the present premises"""
    return pl.col("premises_months").first()


@feature(register_entries, unit="flag", risk="falls", group="ESTABLISHMENT", window=0, zh="经营场所为自有")
def premises_owned() -> pl.Expr:
    """Whether the enterprise owns its premises"""
    return pl.col("premises_owned").first()


@feature(register_entries, unit="count", risk="rises", group="ESTABLISHMENT", window=0, zh="同一住所登记的企业数")
def firms_at_address() -> pl.Expr:
    """Enterprises registered at the same address, this one included"""
    return pl.col("address_firms").first()


@feature(register_entries, unit="count", risk="rises", group="ESTABLISHMENT", window=0, zh="同一联系电话的企业数")
def firms_with_phone() -> pl.Expr:
    """Enterprises with the same telephone, this one included"""
    return pl.col("phone_firms").first()


@feature(register_entries, unit="count", risk="rises", group="ESTABLISHMENT", window=0, zh="同一法定代表人的企业数")
def firms_of_legal_rep() -> pl.Expr:
    """Enterprises with the same legal representative, this one included"""
    return pl.col("legal_rep_firms").first()
