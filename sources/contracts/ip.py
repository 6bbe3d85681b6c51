"""Intellectual property and certificates of quality."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import choice, count, day, enterprise_id, known_on, planned_day, reference
from sources.contracts.table import Table

IP_KINDS = {
    "invention": "发明专利",
    "utility_model": "实用新型专利",
    "design": "外观设计专利",
    "software": "软件著作权",
    "layout_design": "集成电路布图设计",
    "plant_variety": "植物新品种",
    "trademark": "商标",
}
IP_ORIGINS = {"own": "原始取得", "bought": "受让取得", "licensed_in": "被许可"}
QUALIFICATION_KINDS = {
    "innovative": "创新型中小企业",
    "tech_sme": "科技型中小企业",
    "hnte": "高新技术企业",
    "srdi": "专精特新中小企业",
    "little_giant": "专精特新「小巨人」企业",
    "quality_system": "质量管理体系认证",
    "construction": "建筑业企业资质",
    "medical": "医疗器械许可",
    "other": "其他",
}
MOST_CITATIONS = 1_000_000


class IpRights(dy.Schema):
    """One row a version of an intellectual property right that the enterprise applied for, holds or held."""

    enterprise_id = enterprise_id()
    right = reference("Number of the right (申请号 or 登记号)")
    kind = choice(IP_KINDS, "Kind of right")
    origin = choice(IP_ORIGINS, "How it was acquired", nullable=True)
    applied_on = day("申请日")
    granted_on = day("授权公告日 or 登记日; null = pending", nullable=True)
    acquired_on = day("Day a bought right was transferred to the enterprise", nullable=True)
    expires_on = planned_day("期限届满日")
    ceased_on = day("Lapsed, given up, invalidated or sold on this day", nullable=True)
    pledged_on = day("质押登记日", nullable=True)
    released_on = day("质押注销日", nullable=True)
    citations = count("Times cited by later patents", most=MOST_CITATIONS)
    fee_paid_until = planned_day("Annual fees are paid until this day")
    known_on = known_on()

    @dy.rule()
    def granted_not_before_applied(cls) -> pl.Expr:
        return cls.granted_on.col >= cls.applied_on.col

    @dy.rule()
    def expires_after_applied(cls) -> pl.Expr:
        return cls.expires_on.col > cls.applied_on.col

    @dy.rule()
    def ceased_not_before_applied(cls) -> pl.Expr:
        return cls.ceased_on.col >= cls.applied_on.col

    @dy.rule()
    def released_not_before_pledged(cls) -> pl.Expr:
        return cls.released_on.col >= cls.pledged_on.col

    @dy.rule()
    def released_was_pledged(cls) -> pl.Expr:
        return cls.released_on.col.is_null() | cls.pledged_on.col.is_not_null()

    @dy.rule()
    def known_not_before_applied(cls) -> pl.Expr:
        return cls.known_on.col >= cls.applied_on.col


class Qualifications(dy.Schema):
    """One row a certificate or title of the enterprise."""

    enterprise_id = enterprise_id()
    certificate = reference("Number of the certificate (证书编号)")
    kind = choice(QUALIFICATION_KINDS, "Kind of certificate")
    valid_from = day("Valid from")
    valid_to = planned_day("Valid to, this day included")
    revoked_on = day("Withdrawn on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def valid_to_not_before_valid_from(cls) -> pl.Expr:
        return cls.valid_to.col >= cls.valid_from.col

    @dy.rule()
    def revoked_not_before_valid_from(cls) -> pl.Expr:
        return cls.revoked_on.col >= cls.valid_from.col


IP_RIGHTS = Table(
    name="ip_rights",
    schema=IpRights,
    block="ip",
    zh="知识产权",
    known_on_default=("acquired_on", "granted_on", "applied_on"),
    key=("enterprise_id", "right", "known_on"),
    versions_of=("enterprise_id", "right"),
    changes_later={"granted_on": (), "acquired_on": (), "ceased_on": (), "pledged_on": (), "released_on": ()},
    planned=("expires_on", "fee_paid_until"),
)
QUALIFICATIONS = Table(
    name="qualifications",
    schema=Qualifications,
    block="ip",
    zh="资质称号",
    known_on_default=("valid_from",),
    key=("enterprise_id", "certificate", "known_on"),
    versions_of=("enterprise_id", "certificate"),
    changes_later={"revoked_on": ()},
    planned=("valid_to",),
    negative_until=pl.col("revoked_on"),
)
