import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from decisions.facts import Facts
from decisions.offered.eligibility import district_verdict, rule_verdict, verdicts
from decisions.offered.rules import Rule

ORDER = {"fail": 0, "unknown": 1, "pass": 2}
NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1000, 1000))


@given(bound=st.integers(-500, 500), worse=NUMBERS, better=NUMBERS, breach=st.sampled_from(["fail", "ask"]))
def test_a_better_fact_never_lowers_a_one_sided_verdict(bound, worse, better, breach):
    if worse is not None and better is not None:
        worse, better = min(worse, better), max(worse, better)
        low, high = (
            Rule(fact="firm_age_months", at_least=bound, on_breach=breach),
            Rule(fact="lenders", at_most=bound, on_breach=breach),
        )
        assert ORDER[rule_verdict(low, better).verdict] >= ORDER[rule_verdict(low, worse).verdict]
        assert ORDER[rule_verdict(high, worse).verdict] >= ORDER[rule_verdict(high, better).verdict]


@pytest.mark.parametrize(
    ("test", "value", "verdict"),
    [
        ({"fact": "firm_age_months", "at_least": 24}, 24, "pass"),
        ({"fact": "firm_age_months", "at_least": 24}, 23, "fail"),
        ({"fact": "lenders", "at_most": 3}, 4, "fail"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, 65, "pass"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, 66, "fail"),
        ({"fact": "tax_grade", "one_of": ("A", "B")}, "C", "fail"),
        ({"fact": "industry_section", "none_of": ("J", "K")}, "C", "pass"),
        ({"fact": "titles", "one_of": ("srdi", "hnte")}, ("innovative", "hnte"), "pass"),
        ({"fact": "titles", "one_of": ("srdi",)}, (), "fail"),
        ({"fact": "firm_age_months", "at_least": 24}, None, "unknown"),
        ({"fact": "longest_gap_days_12m", "at_most": 45, "on_breach": "ask"}, 60, "unknown"),
        ({"fact": "debt_to_assets", "at_most": 0.3}, 0.3, "pass"),
    ],
)
def test_a_rule_answers_pass_fail_or_unknown(test, value, verdict):
    assert rule_verdict(Rule(**test), value).verdict == verdict


@pytest.mark.parametrize(
    ("test", "threshold", "zh"),
    [
        ({"fact": "firm_age_months", "at_least": 24}, ">= 24", ">= 24个月"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, "18-65", "18岁 至 65岁"),
        ({"fact": "tax_grade", "one_of": ("A", "B", "M")}, "A, B, M", "A、B、M"),
        ({"fact": "industry_section", "none_of": ("J", "K")}, "not J, K", "不为金融业、房地产业"),
        ({"fact": "titles", "one_of": ("hnte", "srdi")}, "hnte, srdi", "高新技术企业、专精特新中小企业"),
        ({"fact": "industry_division", "none_of": ("C31",)}, "not C31", "不为黑色金属冶炼和压延加工业（C31）"),
        ({"fact": "sales_12m_fen", "at_least": 2_000_000_00}, ">= 200000000", ">= 200万元"),
        ({"fact": "tax_arrears_fen", "at_most": 0}, "<= 0", "<= 0元"),
        ({"fact": "sales_growth_6m_yoy", "between": (-0.5, 20)}, "-0.5 to 20", "-50% 至 2,000%"),
    ],
)
def test_a_threshold_is_written_in_signs_and_for_people(test, threshold, zh):
    assert (Rule(**test).threshold, Rule(**test).bound.zh) == (threshold, zh)


@pytest.mark.parametrize(
    ("test", "value", "nearest"),
    [
        ({"fact": "tax_grade", "one_of": ("A", "B", "M")}, "C", "B"),
        ({"fact": "tax_grade", "one_of": ("A",)}, "M", "A"),
        ({"fact": "firm_age_months", "at_least": 24}, 6, ">= 24"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, 70, "<= 65"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, 17, ">= 18"),
    ],
)
def test_a_failed_rule_names_the_nearest_value_that_passes(test, value, nearest):
    assert rule_verdict(Rule(**test), value).nearest == nearest


@pytest.mark.parametrize(
    ("test", "direction"),
    [
        ({"fact": "firm_age_months", "at_least": 24}, "rises"),
        ({"fact": "lenders", "at_most": 3}, "falls"),
        ({"fact": "legal_rep_age", "between": (18, 65)}, "either"),
        ({"fact": "industry_section", "none_of": ("J", "K")}, "either"),
        ({"fact": "tax_grade", "none_of": ("D",)}, "either"),
        ({"fact": "titles", "one_of": ("srdi",)}, "either"),
        ({"fact": "tax_grade", "one_of": ("A", "B", "M")}, "rises"),
        ({"fact": "tax_grade", "one_of": ("A",)}, "rises"),
        ({"fact": "tax_grade", "one_of": ("A", "B", "C", "D")}, "rises"),
        ({"fact": "tax_grade", "one_of": ("B", "C")}, "either"),
        ({"fact": "tax_grade", "one_of": ("A", "C")}, "either"),
        ({"fact": "tax_grade", "one_of": ("M",)}, "either"),
    ],
)
def test_a_rule_declares_which_way_its_fact_does_better(test, direction):
    assert Rule(**test).direction == direction


def test_every_rule_of_the_catalogue_keeps_its_declared_direction(everything):
    """Along a ladder or the numbers around its bound, a one-sided rule never turns from met to not met."""
    rules = {rule.model_dump_json(): rule for entry in everything.entries for rule in entry.product.rules}
    for rule in rules.values():
        if rule.direction == "either":
            continue
        bound = rule.at_least if rule.at_least is not None else rule.at_most
        values = rule.definition.ladder if bound is None else (bound - 1, bound, bound + 1)
        met = [rule.admits(value) for value in values]
        assert met == sorted(met, reverse=rule.direction == "falls"), rule


@pytest.mark.parametrize(("code", "admitted"), [("C31", False), ("C34", True)])
def test_a_division_is_admitted_or_not(code, admitted):
    assert Rule(fact="industry_division", none_of=("B06", "C31")).admits(code) is admitted
    assert Rule(fact="industry_division", one_of=("C34", "C35")).admits(code) is admitted


@pytest.mark.parametrize("code", ["31", "C3", "C310", "c31", "Z31", "钢铁"])
def test_a_division_is_a_letter_and_two_digits(code):
    with pytest.raises(ValidationError, match=f"got '{code}', expected a letter from A to T and two digits"):
        Rule(fact="industry_division", none_of=("B06", code))


@pytest.mark.parametrize(
    ("held", "admitted"), [(("ccb-yunshuidai",), True), (("bob-yinshuidai", "x"), False), ((), True)]
)
def test_a_product_held_can_exclude_another(held, admitted):
    assert Rule(fact="products_held", none_of=("bob-yinshuidai",)).admits(held) is admitted


def test_an_unknown_fact_names_the_paper_that_settles_it():
    verdict = rule_verdict(Rule(fact="legal_rep_age", between=(18, 65)), None)
    assert verdict.need is not None
    assert verdict.need.en == "legal representative's identity document"


def test_a_known_fact_needs_no_paper():
    assert rule_verdict(Rule(fact="firm_age_months", at_least=24), 30).need is None


@pytest.mark.parametrize(("name", "actionable"), [("firm_age_months", False), ("lenders", True)])
def test_age_cannot_be_acted_on_and_lenders_can(name, actionable):
    assert rule_verdict(Rule(fact=name, at_least=24), 6).actionable is actionable


def test_a_verdict_reads_as_a_sentence():
    text = rule_verdict(Rule(fact="sales_12m_fen", at_least=2_000_000_00), 850_000_00).text
    assert text.zh == "近12个月开票销售额：85万元，要求 >= 200万元，不符合"
    assert text.en == "Invoiced sales of 12 months: CNY 850,000, required >= CNY 2,000,000: not met"


@pytest.mark.parametrize(
    ("areas", "district", "verdict"),
    [
        (("CN",), None, "pass"),
        (("BJ",), "110108", "pass"),
        (("BJ",), "310115", "fail"),
        (("BJ",), None, "unknown"),
        (("110106",), "110106", "pass"),
        (("110106",), "110108", "fail"),
        (("110106",), "110000", "unknown"),
        (("440300",), "440305", "pass"),
        (("440300",), "440100", "fail"),
        (("310000",), "310115", "pass"),
        (("110106", "310000"), "310115", "pass"),
    ],
)
def test_a_place_lies_in_an_area_or_not_or_cannot_be_told(areas, district, verdict):
    assert district_verdict(areas, district).verdict == verdict


def test_another_district_is_never_something_to_act_on():
    assert district_verdict(("BJ",), "310115").actionable is False


def test_nothing_known_refuses_nothing(everything):
    nothing = Facts({})
    for entry in everything.entries:
        assert "fail" not in {found.verdict for found in verdicts(entry.product, nothing)}, entry.product.id
