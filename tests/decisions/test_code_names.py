import pytest

from decisions.code_names import code_name, code_names, codes_text
from decisions.fact_definitions import facts
from decisions.offered.rules import SHAPES


def test_every_named_code_is_one_of_its_fact():
    for fact, names in code_names().items():
        assert names.keys() <= set(facts()[fact].words) or fact in SHAPES, fact


@pytest.mark.parametrize("fact", SHAPES)
def test_every_named_code_of_a_fact_with_too_many_to_list_looks_like_one(fact):
    shape, _ = SHAPES[fact]
    assert all(shape.fullmatch(code) for code in code_names()[fact])


@pytest.mark.parametrize("fact", [name for name, one in facts().items() if one.words and name != "tax_grade"])
def test_every_code_that_is_no_name_itself_has_one(fact):
    assert set(code_names()[fact]) == set(facts()[fact].words)


def test_a_grade_goes_by_itself():
    assert code_name("tax_grade", "A").zh == "A"


def test_codes_stand_one_after_another_in_both_languages():
    text = codes_text("legal_form", ("limited_company", "cooperative"))
    assert (text.zh, text.en) == ("有限责任公司、农民专业合作社", "limited company, farmers' cooperative")
