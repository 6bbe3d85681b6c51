from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.facts import Facts, Need
from decisions.limit import limit_of

FEN = st.integers(0, 10**12)


def test_a_product_of_fact_and_multiple_is_capped(everything):
    product = everything.find("ccb-yunshuidai").product
    assert limit_of(product, Facts({"tax_paid_12m_fen": 200_000_00})).fen == 1_600_000_00
    assert limit_of(product, Facts({"tax_paid_12m_fen": 900_000_00})).fen == 3_000_000_00


def test_the_need_does_not_enter_the_limit(everything):
    product = everything.find("ccb-yunshuidai").product
    assert limit_of(product, Facts({"tax_paid_12m_fen": 200_000_00}, Need(amount_fen=1))).fen == 1_600_000_00


def test_an_unknown_basis_leaves_the_limit_unknown_and_names_the_paper(everything):
    limit = limit_of(everything.find("ccb-yunshuidai").product, Facts({}))
    assert limit.fen is None
    assert limit.at_most_fen == 3_000_000_00
    assert [need.en for need in limit.needs] == ["authorisation to query tax data"]


def test_the_lowest_of_several_ceilings_holds(everything):
    product = everything.find("psbc-xiaoweiyidai-xinyong").product
    facts = Facts({"sales_12m_fen": 8_000_000_00, "debt_fen": 3_500_000_00})
    assert limit_of(product, facts).fen == 500_000_00


def test_while_only_debt_is_unknown_the_rest_bounds_the_limit(everything):
    limit = limit_of(everything.find("psbc-xiaoweiyidai-xinyong").product, Facts({"sales_12m_fen": 8_000_000_00}))
    assert (limit.fen, limit.at_most_fen, limit.open_facts) == (None, 800_000_00, ("debt_fen",))


def test_debt_above_the_ceiling_leaves_nothing_and_not_less(everything):
    facts = Facts({"sales_12m_fen": 3_000_000_00, "debt_fen": 1_200_000_00})
    assert limit_of(everything.find("boc-yinshuidai").product, facts).fen == 0


def test_parts_of_a_ceiling_add_up(everything):
    facts = Facts({"rd_12m_fen": 1_000_000_00, "valid_inventions": 3})
    assert limit_of(everything.find("example-2-yanfadai").product, facts).fen == 500_000_00 + 3 * 300_000_00


def test_a_fraction_of_a_fen_is_dropped(everything):
    assert limit_of(everything.find("cmb-zhaoqidai").product, Facts({"sales_12m_fen": 3})).fen == 1


@pytest.mark.parametrize(("titles", "fen"), [(("hnte",), 3_000_000_00), (("tech_sme", "srdi"), 5_000_000_00)])
def test_of_several_certificates_the_highest_cap_counts(everything, titles, fen):
    assert limit_of(everything.find("icbc-xingkedai").product, Facts({"titles": titles})).fen == fen


def test_a_cap_by_an_unknown_grade_is_open(everything):
    limit = limit_of(everything.find("unnamed-shanghai-geren-yinshuidai").product, Facts({}))
    assert (limit.fen, limit.at_most_fen, limit.open_facts) == (None, 1_000_000_00, ("tax_grade",))


@pytest.mark.parametrize(("collateral", "fen"), [(("none",), 1_000_000_00), (("real_estate",), 10_000_000_00)])
def test_collateral_lifts_the_unsecured_cap(everything, collateral, fen):
    assert limit_of(everything.find("icbc-kechuangdai").product, Facts({"collateral": collateral})).fen == fen


def test_without_formula_the_cap_alone_counts_and_does_not_count_as_worked_out(everything):
    limit = limit_of(everything.find("pab-shuzidai-biaozhun").product, Facts({}))
    assert (limit.fen, limit.is_worked_out) == (300_000_00, False)
    assert limit.basis.en == "at most CNY 300,000 (the source gives no formula)"


def test_without_formula_and_cap_there_is_no_limit(everything):
    limit = limit_of(everything.find("spdb-puhuidai").product, Facts({}))
    assert (limit.fen, limit.at_most_fen) == (None, None)
    assert limit.basis.zh == "来源未说明额度"


def test_the_basis_is_said_in_both_languages(everything):
    basis = limit_of(everything.find("psbc-xiaoweiyidai-xinyong").product, Facts({})).basis
    assert basis.zh == "以下取低：近12个月开票销售额 × 10%；近12个月开票销售额 × 50% − 现有负债，最高300万元"
    assert basis.en.startswith("the lower of: Invoiced sales of 12 months × 10%; ")


@pytest.mark.parametrize(
    ("product_id", "zh"),
    [
        ("icbc-xingkedai", "最高500万元，按资质称号而定（来源未给出计算公式）"),
        ("icbc-kechuangdai", "最高1,000万元，无担保物100万元（来源未给出计算公式）"),
    ],
)
def test_the_basis_says_what_a_cap_depends_on(everything, product_id, zh):
    assert limit_of(everything.find(product_id).product, Facts({})).basis.zh == zh


@given(tax=FEN, cap=FEN, more=FEN)
def test_a_higher_cap_never_lowers_a_limit(everything, tax, cap, more):
    product = everything.find("ccb-yunshuidai").product
    facts = Facts({"tax_paid_12m_fen": tax})
    low, high = (product.model_copy(update={"cap_fen": fen}) for fen in (cap, cap + more))
    assert limit_of(high, facts).fen >= limit_of(low, facts).fen


@given(sales=FEN, debt=FEN, more=FEN)
def test_more_sales_never_lower_and_more_debt_never_raises_a_limit(everything, sales, debt, more):
    product = everything.find("psbc-xiaoweiyidai-xinyong").product
    base = limit_of(product, Facts({"sales_12m_fen": sales, "debt_fen": debt})).fen
    assert limit_of(product, Facts({"sales_12m_fen": sales + more, "debt_fen": debt})).fen >= base
    assert limit_of(product, Facts({"sales_12m_fen": sales, "debt_fen": debt + more})).fen <= base


def test_multiples_are_exact_decimals(everything):
    part = everything.find("psbc-xiaoweiyidai-xinyong").product.limit[0].parts[0]
    assert part.multiple == Decimal("0.1")
