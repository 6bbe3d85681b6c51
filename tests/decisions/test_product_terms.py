import pytest

from decisions.offered.areas import covers, named, narrowness
from decisions.offered.product_terms import TERMS, rate_text, rule_text, terms_of, values_of
from decisions.offered.products import Product, RateBand
from decisions.offered.rules import Rule


def test_every_field_of_a_product_is_shown_but_its_id():
    shown = {field.alias or name for name, field in Product.model_fields.items()} - {"id"}
    assert set(TERMS) == shown


def test_every_product_of_the_catalogue_can_be_read_in_both_languages(everything):
    for entry in everything.entries:
        fields = [term.field for term in terms_of(entry.product)]
        assert {"status", "category", "limit", "repayment", "documents"} <= set(fields), entry.product.id


def test_what_the_source_does_not_say_is_left_out(everything):
    silent = everything.find("kincheng-jinqidai").product
    assert {"rate", "cap_fen", "decision_days", "fees"}.isdisjoint(term.field for term in terms_of(silent))


@pytest.mark.parametrize(
    ("field", "zh", "en"),
    [
        ("status", "虚构，仅供演示", "invented, for demonstration only"),
        ("category", "知识产权质押", "IP pledge"),
        ("cap_fen", "500万元", "CNY 5,000,000"),
        ("rate", "年利率 3.3% – 4.2%", "3.3% – 4.2% a year"),
        ("term_months", "最长 24 个月", "at most 24 months"),
        ("decision_days", "9 个工作日", "9 working days"),
        ("channel", "网点申请", "at a branch"),
    ],
)
def test_a_field_reads_in_both_languages(everything, field, zh, en):
    (value,) = values_of(everything.find("example-11-shangbiao-zhiyadai").product, field)
    assert (value.zh, value.en) == (zh, en)


def test_fees_say_how_much_and_how_often(everything):
    appraisal, registration = values_of(everything.find("example-11-shangbiao-zhiyadai").product, "fees")
    assert (appraisal.zh, appraisal.en) == ("评估费 1%，一次性", "appraisal fee 1% once")
    assert (registration.zh, registration.en) == ("登记费 0.1%，一次性", "registration fee 0.1% once")


def test_a_cap_by_title_lists_each_title(everything):
    (value,) = values_of(everything.find("icbc-xingkedai").product, "cap_by")
    assert value.zh == (
        "资质称号：科技型中小企业 200万元，高新技术企业 300万元，专精特新中小企业 500万元，专精特新“小巨人” 500万元"
    )


@pytest.mark.parametrize(
    ("test", "zh", "en"),
    [
        (
            {"fact": "firm_age_months", "at_least": 24},
            "企业成立时间 >= 24个月（越高越有利）",
            "Age of the firm >= 24 months (better when it rises)",
        ),
        (
            {"fact": "enquiries_1m", "at_most": 4, "on_breach": "ask"},
            "近1个月征信查询次数 <= 4（越低越有利；不符时由银行核实）",
            "Credit enquiries of 1 month <= 4 (better when it falls; a breach is asked about)",
        ),
    ],
)
def test_a_condition_says_which_way_is_better(test, zh, en):
    text = rule_text(Rule(**test))
    assert (text.zh, text.en) == (zh, en)


@pytest.mark.parametrize(
    ("band", "en"),
    [
        (RateBand(low=0.0385), "from 3.85% a year"),
        (RateBand(low=0.022, high=0.022), "2.2% a year"),
        (RateBand(low=0.03, high=0.0415), "3% – 4.15% a year"),
    ],
)
def test_a_rate_says_both_ends_or_where_it_begins(band, en):
    assert rate_text(band).en == en


@pytest.mark.parametrize(
    ("area", "district", "covered"),
    [
        ("CN", None, True),
        ("CN", "310115", True),
        ("BJ", "110108", True),
        ("BJ", "110000", True),
        ("BJ", "310115", False),
        ("BJ", None, False),
        ("110108", "110108", True),
        ("110108", "110000", False),
        ("440300", "440305", True),
        ("310000", "310115", True),
    ],
)
def test_an_area_covers_what_lies_wholly_in_it(area, district, covered):
    assert covers(area, district) is covered


def test_areas_from_wide_to_narrow():
    areas = ["CN", "BJ", "440300", "110108"]
    assert sorted(areas, key=narrowness) == areas


@pytest.mark.parametrize(
    ("area", "zh"), [("BJ", "北京市"), ("CN", "全国"), ("110108", "海淀区 110108"), ("440300", "440300")]
)
def test_an_area_has_a_name_or_goes_by_its_code(area, zh):
    assert named(area).zh == zh
