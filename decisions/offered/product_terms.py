"""A product's terms as people read them, field by field, for listings and for what differs between two versions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from decisions.code_names import code_name
from decisions.fact_definitions import documents
from decisions.fact_definitions import facts as definitions
from decisions.formatting import NO, YES, money, percent
from decisions.offered.areas import named
from decisions.offered.limit_words import basis_text
from decisions.offered.product_words import (
    CATEGORY_NAMES,
    CHANNEL_NAMES,
    FEE_NAMES,
    GUARANTEE_NAMES,
    REPAYMENT_NAMES,
    STATUS_NAMES,
)
from decisions.offered.products import CapBy, Contact, Fee, Product, RateBand
from decisions.offered.rules import Direction, Rule
from decisions.text import Text, joined

DIRECTION_WORDS: Mapping[Direction, Text] = MappingProxyType(
    {
        "rises": Text(zh="越高越有利", en="better when it rises"),
        "falls": Text(zh="越低越有利", en="better when it falls"),
        "either": Text(zh="双向或限定范围", en="has two sides"),
    }
)
EVERY: Mapping[str, Text] = MappingProxyType(
    {"once": Text(zh="一次性", en="once"), "year": Text(zh="每年", en="a year")}
)


@dataclass(frozen=True)
class Term:
    """A field of a product that its source fills, by its name in the file."""

    field: str
    label: Text
    values: tuple[Text, ...]


def terms_of(product: Product) -> tuple[Term, ...]:
    """What is stated of a product, in the order of its file; what is not stated is left out."""
    found = (Term(field, label, values_of(product, field)) for field, (label, _) in TERMS.items())
    return tuple(term for term in found if term.values)


def values_of(product: Product, field: str) -> tuple[Text, ...]:
    """What a field of a product says, one text an item; none where the source is silent.

    Raises:
        KeyError: no field of this name is shown.
    """
    return tuple(TERMS[field][1](product))


def rule_text(rule: Rule) -> Text:
    """A condition as a sentence, with the way in which its fact does better."""
    fact, way = rule.definition, DIRECTION_WORDS[rule.direction]
    asked = Text(zh="；不符时由银行核实", en="; a breach is asked about") if rule.on_breach == "ask" else None
    return Text(
        zh=f"{fact.zh} {rule.bound.zh}（{way.zh}{asked.zh if asked else ''}）",
        en=f"{fact.en} {rule.bound.en} ({way.en}{asked.en if asked else ''})",
    )


def rate_text(rate: RateBand) -> Text:
    """An annual rate: both ends, or where it begins."""
    low = percent(rate.low)
    if rate.high is None:
        return Text(zh=f"年利率 {low} 起", en=f"from {low} a year")
    band = low if rate.high == rate.low else f"{low} – {percent(rate.high)}"
    return Text(zh=f"年利率 {band}", en=f"{band} a year")


def contact_text(contact: Contact) -> Text:
    """A contact with its area."""
    area = named(contact.district)
    return Text(zh=f"{area.zh}：{contact.text.zh}", en=f"{area.en}: {contact.text.en}")


def _fee(fee: Fee) -> Text:
    kind, every, share = FEE_NAMES[fee.kind], EVERY[fee.every], percent(fee.share)
    return Text(zh=f"{kind.zh} {share}，{every.zh}", en=f"{kind.en} {share} {every.en}")


def _cap_by(cap: CapBy) -> Text:
    label = definitions()[cap.fact].label
    caps = ((code_name(cap.fact, code), money(fen)) for code, fen in cap.fen.items())
    each = joined((Text(zh=f"{code.zh} {fen.zh}", en=f"{code.en} {fen.en}") for code, fen in caps), zh="，", en=", ")
    return Text(zh=f"{label.zh}：{each.zh}", en=f"{label.en}: {each.en}")


def _said(value: object) -> Text:
    return Text(zh=str(value), en=str(value))


def _answer(*, value: bool | None) -> Iterator[Text]:
    if value is not None:
        yield YES if value else NO


def _money(fen: int | None) -> Iterator[Text]:
    if fen is not None:
        yield money(fen)


def _months(product: Product) -> Iterator[Text]:
    if product.term_months is not None:
        yield Text(zh=f"最长 {product.term_months} 个月", en=f"at most {product.term_months} months")


def _days(product: Product) -> Iterator[Text]:
    if product.decision_days is not None:
        days = product.decision_days
        yield Text(zh=f"{days} 个工作日", en=f"{days} working day{'' if days == 1 else 's'}")


TERMS: Mapping[str, tuple[Text, Callable[[Product], Iterator[Text]]]] = MappingProxyType(
    {
        "name": (Text(zh="名称", en="name"), lambda one: iter([one.name])),
        "status": (Text(zh="状态", en="status"), lambda one: iter([STATUS_NAMES[one.status]])),
        "category": (Text(zh="类别", en="category"), lambda one: iter([CATEGORY_NAMES[one.category]])),
        "guarantee_mode": (Text(zh="担保方式", en="security"), lambda one: iter([GUARANTEE_NAMES[one.guarantee_mode]])),
        "from": (Text(zh="条款自", en="from"), lambda one: iter([_said(one.from_day)])),
        "until": (Text(zh="条款至", en="until"), lambda one: iter([_said(one.until)] if one.until else [])),
        "source": (Text(zh="来源", en="source"), lambda one: iter([_said(one.source)])),
        "districts": (Text(zh="适用地区", en="where"), lambda one: map(named, one.districts)),
        "cap_fen": (Text(zh="最高额度", en="cap"), lambda one: _money(one.cap_fen)),
        "cap_without_collateral_fen": (
            Text(zh="无担保物最高", en="cap without collateral"),
            lambda one: _money(one.cap_without_collateral_fen),
        ),
        "cap_by": (Text(zh="分档上限", en="cap by"), lambda one: iter([_cap_by(one.cap_by)] if one.cap_by else [])),
        "limit": (Text(zh="额度核定", en="limit"), lambda one: iter([basis_text(one)])),
        "rate": (Text(zh="利率", en="rate"), lambda one: iter([rate_text(one.rate)] if one.rate else [])),
        "term_months": (Text(zh="期限", en="term"), _months),
        "repayment": (Text(zh="还款方式", en="repayment"), lambda one: iter([REPAYMENT_NAMES[one.repayment]])),
        "fees": (Text(zh="费用", en="fees"), lambda one: map(_fee, one.fees)),
        "rules": (Text(zh="准入条件", en="conditions"), lambda one: map(rule_text, one.rules)),
        "documents": (Text(zh="申请材料", en="papers"), lambda one: (documents()[code] for code in one.documents)),
        "channel": (
            Text(zh="申请渠道", en="where to apply"),
            lambda one: iter([CHANNEL_NAMES[one.channel]] if one.channel else []),
        ),
        "contacts": (Text(zh="找谁办", en="whom to ask"), lambda one: map(contact_text, one.contacts)),
        "decision_days": (Text(zh="审批时间", en="decision"), _days),
        "first_loan_friendly": (
            Text(zh="适合首贷户", en="for first-time borrowers"),
            lambda one: _answer(value=one.first_loan_friendly),
        ),
        "renewal_without_principal": (
            Text(zh="可无还本续贷", en="renewed without repaying principal"),
            lambda one: _answer(value=one.renewal_without_principal),
        ),
        "foreign_trade": (Text(zh="外贸产品", en="for foreign trade"), lambda one: _answer(value=one.foreign_trade)),
        "notes": (Text(zh="说明", en="notes"), lambda one: iter(one.notes)),
    }
)
"""Label of each field, and what it says."""
