from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.facts import Facts, Need
from decisions.money.limit import limit_of
from decisions.offered.products import CapBy, Ceiling, MultipleBy, Part

FEN = st.integers(0, 10**12)
BY_GRADE = MultipleBy(fact="tax_grade", multiple={"A": Decimal("0.30"), "B": Decimal("0.25"), "C": Decimal("0.20")})
BY_KIND = MultipleBy(
    fact="ip_to_pledge_kinds",
    multiple={"invention": Decimal("0.25"), "utility_model": Decimal("0.15"), "trademark": Decimal("0.30")},
)


@pytest.fixture
def with_limit(everything):
    """A product without a cap and with these parts of one ceiling."""
    bare = everything.find("spdb-puhuidai").product

    def make(*parts, less_debt=False, **changes):
        return bare.model_copy(update={"limit": (Ceiling(parts=parts, less_debt=less_debt),), **changes})

    return make


@pytest.mark.parametrize(("grade", "fen"), [("A", 1_500_000_00), ("B", 1_250_000_00), ("C", 1_000_000_00), ("D", 0)])
def test_sales_count_by_the_tax_grade_and_a_grade_not_listed_gives_nothing(with_limit, grade, fen):
    product = with_limit(Part(basis="sales_12m_fen", multiple_by=BY_GRADE))
    assert limit_of(product, Facts({"sales_12m_fen": 5_000_000_00, "tax_grade": grade})).fen == fen


def test_while_the_grade_is_unknown_the_best_one_bounds_the_limit(with_limit):
    product = with_limit(Part(basis="sales_12m_fen", multiple_by=BY_GRADE))
    limit = limit_of(product, Facts({"sales_12m_fen": 5_000_000_00}))
    assert (limit.fen, limit.at_most_fen, limit.open_facts) == (None, 1_500_000_00, ("tax_grade",))
    assert [need.en for need in limit.needs] == ["certificate of the tax-credit grade"]


@pytest.mark.parametrize(
    ("kinds", "fen"),
    [
        (("invention",), 1_500_000_00),
        (("invention", "trademark"), 1_500_000_00),
        (("invention", "utility_model"), 900_000_00),
        (("software",), 0),
    ],
)
def test_an_appraisal_counts_at_the_lowest_rate_of_the_kinds_to_pledge(with_limit, kinds, fen):
    product = with_limit(Part(basis="appraised_ip_fen", multiple_by=BY_KIND))
    assert limit_of(product, Facts({"appraised_ip_fen": 6_000_000_00, "ip_to_pledge_kinds": kinds})).fen == fen


def test_flow_counts_by_its_share_less_debt(with_limit):
    """4,000,000 x 30 % - 500,000 = 700,000."""
    product = with_limit(Part(basis="qr_inflow_12m_fen", multiple=Decimal("0.3")), less_debt=True)
    assert limit_of(product, Facts({"qr_inflow_12m_fen": 4_000_000_00, "debt_fen": 500_000_00})).fen == 700_000_00


def test_orders_count_by_their_share(with_limit):
    """10,000,000 of undelivered orders x 70 % = 7,000,000."""
    product = with_limit(Part(basis="order_backlog_fen", multiple=Decimal("0.7")))
    assert limit_of(product, Facts({"order_backlog_fen": 10_000_000_00})).fen == 7_000_000_00


def test_the_basis_says_which_multiple_goes_with_which_grade(with_limit):
    basis = limit_of(with_limit(Part(basis="sales_12m_fen", multiple_by=BY_GRADE)), Facts({})).basis
    assert basis.zh == "近12个月开票销售额 × 30%/25%/20%（纳税缴费信用级别 A/B/C）"
    assert basis.en == "Invoiced sales of 12 months × 30%/25%/20% (Tax-credit grade A/B/C)"


def test_the_basis_calls_codes_by_their_names(with_limit):
    basis = limit_of(with_limit(Part(basis="appraised_ip_fen", multiple_by=BY_KIND)), Facts({})).basis
    assert basis.zh == "知识产权评估值 × 25%/15%/30%（拟质押知识产权种类 发明专利/实用新型/商标）"


@pytest.mark.parametrize("given", [{}, {"multiple": Decimal(1), "multiple_by": BY_GRADE}])
def test_a_part_has_one_multiple(given):
    with pytest.raises(ValueError, match="of multiple and multiple_by, expected one of them"):
        Part(basis="sales_12m_fen", **given)


@pytest.mark.parametrize(
    ("fact", "codes", "said"),
    [("sales_12m_fen", {"A": 1}, "expected a fact of facts.toml that is a word"), ("tax_grade", {"E": 1}, "got 'E'")],
)
def test_a_multiple_goes_by_known_codes(fact, codes, said):
    with pytest.raises(ValueError, match=said):
        MultipleBy(fact=fact, multiple=codes)


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


AMOUNTS = ("tax_paid_12m_fen", "sales_12m_fen", "qr_inflow_12m_fen", "appraised_ip_fen", "order_backlog_fen")
CODES = {
    "tax_grade": st.sampled_from(["A", "B", "M", "C", "D"]),
    "ip_to_pledge_kinds": st.lists(st.sampled_from(["invention", "trademark", "software"]), max_size=3).map(tuple),
    "titles": st.lists(st.sampled_from(["innovative", "srdi", "hnte"]), max_size=3).map(tuple),
}
SOME_FACTS = st.fixed_dictionaries(
    {"debt_fen": FEN}, optional=dict.fromkeys(AMOUNTS, FEN) | CODES | {"valid_inventions": st.integers(0, 40)}
)


def left(limit):
    """The limit as a number that can be compared; nothing bounds it = without end."""
    return float("inf") if limit.at_most_fen is None else limit.at_most_fen


@settings(max_examples=40)
@given(known=SOME_FACTS, more=FEN, data=st.data())
def test_for_every_product_more_debt_never_raises_the_limit(everything, known, more, data):
    product = data.draw(st.sampled_from(everything.entries)).product
    richer = limit_of(product, Facts(known))
    poorer = limit_of(product, Facts({**known, "debt_fen": known["debt_fen"] + more}))
    assert left(poorer) <= left(richer)
    assert richer.open_facts == poorer.open_facts


@settings(max_examples=40)
@given(known=SOME_FACTS, cap=FEN, more=FEN, data=st.data())
def test_for_every_product_a_higher_cap_never_lowers_the_limit(everything, known, cap, more, data):
    product = data.draw(st.sampled_from(everything.entries)).product
    by = product.cap_by
    for low, high in (
        ({"cap_fen": cap}, {"cap_fen": cap + more}),
        ({"cap_without_collateral_fen": cap}, {"cap_without_collateral_fen": cap + more}),
        *(
            [({"cap_by": CapBy(fact=by.fact, fen=fen)}, {"cap_by": CapBy(fact=by.fact, fen=raised(fen, more))})]
            if by is not None and (fen := by.fen)
            else []
        ),
    ):
        lower, higher = (limit_of(product.model_copy(update=change), Facts(known)) for change in (low, high))
        assert left(higher) >= left(lower)


def raised(fen, more):
    return {code: amount + more for code, amount in fen.items()}


@settings(max_examples=40)
@given(known=SOME_FACTS, data=st.data())
def test_a_limit_is_never_below_zero_nor_above_what_bounds_it(everything, known, data):
    limit = limit_of(data.draw(st.sampled_from(everything.entries)).product, Facts(known))
    assert limit.at_most_fen is None or limit.at_most_fen >= 0
    assert limit.fen is None or limit.fen == limit.at_most_fen
