"""Certificates and titles: what others attest of the enterprise on the day."""

import polars as pl

from features.definition import feature
from features.ip.panels import certificates

valid, kind = pl.col("valid"), pl.col("kind")


@feature(certificates, unit="flag", risk="falls", group="INNOVATION", window=0, zh="有效高新技术企业证书")
def hnte_valid() -> pl.Expr:
    """Whether a high and new technology enterprise certificate is valid"""
    return (valid & (kind == "hnte")).any()


@feature(certificates, unit="months", risk="falls", group="INNOVATION", window=0, zh="高新技术企业证书剩余月数")
def hnte_months_left() -> pl.Expr:
    """Whole months to the end of the high and new technology enterprise certificate"""
    return pl.when(valid & (kind == "hnte")).then(pl.col("months_left")).max()


@feature(
    certificates,
    unit="level",
    risk="falls",
    group="INNOVATION",
    window=0,
    zh="优质中小企业梯度（0无 1创新型 2专精特新 3小巨人）",
)
def srdi_level() -> pl.Expr:
    """Rung of the ladder of quality small enterprises: 0 none, 1 innovative, 2 specialised (SRDI), 3 little giant"""
    return pl.when(valid).then(pl.col("srdi_level")).max().fill_null(0)


@feature(certificates, unit="flag", risk="falls", group="INNOVATION", window=0, zh="有效科技型中小企业入库编号")
def tech_sme_valid() -> pl.Expr:
    """Whether a technology SME registration is valid"""
    return (valid & (kind == "tech_sme")).any()


@feature(certificates, unit="count", risk="falls", group="INNOVATION", window=0, zh="有效资质证书数")
def valid_certificates() -> pl.Expr:
    """Certificates and titles that are valid"""
    return valid.sum()
