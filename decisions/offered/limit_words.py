"""How a product's limit is worked out, for people."""

from decimal import Decimal

from decisions.code_names import code_name
from decisions.fact_definitions import facts as definitions
from decisions.formatting import money, percent, plain
from decisions.offered.products import Ceiling, Part, Product
from decisions.text import Text, joined


def basis_text(product: Product) -> Text:
    """The formula and the caps of a product's limit; that the source gives none, where it gives none."""
    formulas, cap = tuple(_ceiling_text(ceiling) for ceiling in product.limit), _cap_text(product)
    if not formulas:
        if cap is None:
            return Text(zh="来源未说明额度", en="the source states no limit")
        return Text(zh=f"{cap.zh}（来源未给出计算公式）", en=f"{cap.en} (the source gives no formula)")
    text = joined(formulas, zh="；", en="; ")
    if len(formulas) > 1:
        text = Text(zh=f"以下取低：{text.zh}", en=f"the lower of: {text.en}")
    return text if cap is None else Text(zh=f"{text.zh}，{cap.zh}", en=f"{text.en}, {cap.en}")


def _cap_text(product: Product) -> Text | None:
    """The cap, and what it depends on."""
    if product.cap_fen is None:
        return None
    most = money(product.cap_fen)
    text = Text(zh=f"最高{most.zh}", en=f"at most {most.en}")
    if product.cap_by is not None:
        by = definitions()[product.cap_by.fact]
        text = Text(zh=f"{text.zh}，按{by.zh}而定", en=f"{text.en} depending on: {by.en}")
    if product.cap_without_collateral_fen is not None:
        bare = money(product.cap_without_collateral_fen)
        text = Text(zh=f"{text.zh}，无担保物{bare.zh}", en=f"{text.en}, without collateral {bare.en}")
    return text


def _ceiling_text(ceiling: Ceiling) -> Text:
    text = joined((_part_text(part) for part in ceiling.parts), zh=" + ", en=" + ")
    return Text(zh=f"{text.zh} − 现有负债", en=f"{text.en} − debt") if ceiling.less_debt else text


def _part_text(part: Part) -> Text:
    fact, by = definitions()[part.basis], part.multiple_by
    times = joined((_times(part, multiple) for multiple in part.multiples), zh="/", en="/")
    text = Text(zh=f"{fact.zh} × {times.zh}", en=f"{fact.en} × {times.en}")
    if by is None:
        return text
    label = definitions()[by.fact].label
    codes = joined((code_name(by.fact, code) for code in by.multiple), zh="/", en="/")
    return Text(zh=f"{text.zh}（{label.zh} {codes.zh}）", en=f"{text.en} ({label.en} {codes.en})")


def _times(part: Part, multiple: Decimal) -> Text:
    if definitions()[part.basis].unit == "count":
        return money(int(multiple))
    times = percent(float(multiple)) if multiple < 1 else plain(multiple, places=2)
    return Text(zh=times, en=times)
