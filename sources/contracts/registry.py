"""What the market regulator knows: the entry in the register, its changes, and who stands behind it."""

import dataframely as dy
import polars as pl

from sources.contracts.columns import (
    MOST_PEOPLE,
    basis_points,
    choice,
    count,
    day,
    enterprise_id,
    known_on,
    money,
    planned_day,
    pseudonym,
)
from sources.contracts.table import Table

LEGAL_FORMS = {
    "limited_company": "有限责任公司",
    "joint_stock": "股份有限公司",
    "sole_proprietorship": "个人独资企业",
    "partnership": "合伙企业",
    "individual_household": "个体工商户",
    "cooperative": "农民专业合作社",
    "branch": "分公司",
}
REGISTRY_STATUSES = {
    "active": "存续",
    "suspended": "歇业",
    "moved_out": "迁出",
    "revoked": "吊销",
    "cancelled": "注销",
    "in_liquidation": "清算",
}
TAXPAYER_KINDS = {"general": "一般纳税人", "small_scale": "小规模纳税人"}
PREMISES_KINDS = {"owned": "自有", "leased": "租赁", "provided": "无偿使用", "online": "网络经营场所"}
CHANGE_KINDS = {
    "legal_rep": "法定代表人变更",
    "address": "住所变更",
    "capital": "注册资本变更",
    "shareholder": "股东变更",
    "abnormal_in": "列入经营异常名录",
    "abnormal_out": "移出经营异常名录",
    "serious_in": "列入严重违法失信名单",
    "serious_out": "移出严重违法失信名单",
    "annual_report": "报送年度报告",
}
LIST_CHANGES = ("abnormal_in", "abnormal_out", "serious_in", "serious_out")
PARTY_KINDS = {
    "shareholder": "股东",
    "subsidiary": "子公司",
    "same_legal_rep": "同一法定代表人",
    "same_address": "同一住所",
    "same_phone": "同一电话",
}
FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1900, 2020


class Registry(dy.Schema):
    """One row a version of the enterprise's entry in the register of market entities."""

    enterprise_id = enterprise_id()
    alias = dy.String(nullable=True, max_length=32, description="Code in the source this came from, for searching only")
    legal_form = choice(LEGAL_FORMS, "Legal form (企业类型)", nullable=True)
    status = choice(REGISTRY_STATUSES, "登记状态; suspended = lawful 歇业, not a negative", nullable=True)
    established_on = day("成立日期", nullable=True)
    industry = dy.String(
        nullable=True, regex="^[A-T][0-9]{0,4}$", description="GB/T 4754: section letter and up to 4 digits"
    )
    district = dy.String(nullable=True, regex="^[0-9]{6}$", description="GB/T 2260 code of the district")
    registered_capital_fen = money("注册资本")
    paid_in_capital_fen = money("实缴资本")
    employees = count("Employees (从业人数)")
    taxpayer_kind = choice(TAXPAYER_KINDS, "Kind of VAT payer (纳税人类型)", nullable=True)
    premises_kind = choice(PREMISES_KINDS, "How the premises are held (经营场所)", nullable=True)
    premises_since = day("At these premises since", nullable=True)
    legal_rep = pseudonym("the legal representative (法定代表人)", nullable=True)
    legal_rep_birth_year = dy.Int64(
        nullable=True,
        min=FIRST_BIRTH_YEAR,
        max=LAST_BIRTH_YEAR,
        description="Birth year of the legal representative: for a product's own rule only, never for a score",
    )
    legal_rep_firms = count("Enterprises with the same legal representative, this one included", most=MOST_PEOPLE)
    address_firms = count("Enterprises registered at the same address, this one included")
    phone_firms = count("Enterprises with the same telephone, this one included")
    known_on = known_on()

    @dy.rule()
    def established_not_after_known(cls) -> pl.Expr:
        return cls.established_on.col <= cls.known_on.col


class RegistryChanges(dy.Schema):
    """One row an event in the register: a change, a list joined or left, an annual report filed."""

    enterprise_id = enterprise_id()
    kind = choice(CHANGE_KINDS, "What happened")
    on = day("Day it happened")
    report_year = dy.Int64(
        nullable=True, min=1990, max=2100, description="Year that an annual report is for (年报年度)"
    )
    repaired_on = day("信用修复 of a list entry on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def known_not_before_it_happened(cls) -> pl.Expr:
        return cls.known_on.col >= cls.on.col

    @dy.rule()
    def repaired_not_before_it_happened(cls) -> pl.Expr:
        return cls.repaired_on.col >= cls.on.col

    @dy.rule()
    def annual_report_has_its_year(cls) -> pl.Expr:
        return (cls.kind.col != "annual_report") | cls.report_year.col.is_not_null()


class RelatedParties(dy.Schema):
    """One row a relation of the enterprise to another firm or to a person."""

    enterprise_id = enterprise_id()
    party = pseudonym("the related firm or person")
    kind = choice(PARTY_KINDS, "Kind of relation")
    share_bp = basis_points("Share held by or in the party")
    since = day("Related since")
    until = planned_day("Related until")
    adverse_on = day("Party put on the list of dishonest debtors, or defaulted, on this day", nullable=True)
    known_on = known_on()

    @dy.rule()
    def until_not_before_since(cls) -> pl.Expr:
        return cls.until.col >= cls.since.col

    @dy.rule()
    def known_not_before_since(cls) -> pl.Expr:
        return cls.known_on.col >= cls.since.col


def _left(listed: str, released: str) -> pl.Expr:
    """For entries in a list and releases from it, the day of the first release from then on; null while it lasts."""
    kind = pl.col("kind").cast(pl.String)
    release = pl.when(kind == released).then("on")
    entries_first = pl.struct("on", kind == released)
    next_release = release.backward_fill().over("enterprise_id", order_by=entries_first)
    return pl.when(kind.is_in([listed, released])).then(next_release)


REGISTRY = Table(
    name="registry",
    schema=Registry,
    block="registry",
    zh="登记信息",
    known_on_default=("established_on",),
    key=("enterprise_id", "known_on"),
    versions_of=("enterprise_id",),
)
REGISTRY_CHANGES = Table(
    name="registry_changes",
    schema=RegistryChanges,
    block="registry",
    zh="登记变更与名录",
    known_on_default=("on",),
    key=("enterprise_id", "kind", "on", "report_year"),
    changes_later={"repaired_on": ()},
    negative_until=pl.coalesce(_left("abnormal_in", "abnormal_out"), _left("serious_in", "serious_out")),
    repaired_on="repaired_on",
)
RELATED_PARTIES = Table(
    name="related_parties",
    schema=RelatedParties,
    block="registry",
    zh="关联方",
    known_on_default=("since",),
    key=("enterprise_id", "party", "kind", "since"),
    changes_later={"adverse_on": ()},
    planned=("until",),
    negative_changes=("adverse_on",),
)
