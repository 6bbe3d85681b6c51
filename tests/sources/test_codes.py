import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import codes

REAL_CHECK_DIGIT_VECTORS = [
    "91330100799655058B",
    "9144030071526726XG",
    "914403001922038216",
    "91110000802100433B",
    "91110108551385082Q",
    "91100000100003962T",
    "911100001000044477",
    "911100001000054748",
    "911000001000013428",
    "91110000101174712L",
    "91110000100018988F",
    "9144030010001686XA",
    "91440300192317458F",
    "91440400192548256N",
    "91440300100012316L",
]


@pytest.mark.parametrize("code", REAL_CHECK_DIGIT_VECTORS)
def test_known_codes_pass_both_checks(code):
    assert codes.is_valid_code(code)
    assert codes.organisation_check_character(code[8:16]) == code[16]


@pytest.mark.parametrize(("code", "expected"), [("91520000714309990A", "W"), ("911101087001053360", "4")])
def test_a_wrong_check_character_is_named_with_the_right_one(code, expected):
    assert not codes.is_valid_code(code)
    assert f"expected check character '{expected}'" in codes.explain_code(code)


@pytest.mark.parametrize("code", ["", "9133", "O1330100799655058B", "91330100799655058b", "9133010079965505８B"])
def test_malformed_codes_are_invalid_and_explained(code):
    assert not codes.is_valid_code(code)
    assert codes.explain_code(code)


@given(st.integers(0, 999_999), st.sampled_from(["100000", "110108"]))
def test_placeholder_codes_are_valid_and_stable(number, area):
    code = codes.placeholder_code("XP", number, registrar_area=area)
    assert codes.is_valid_code(code)
    assert code == codes.placeholder_code("XP", number, registrar_area=area)
    assert code.startswith(f"Y1{area}XP")


def test_the_first_simulated_enterprise_of_haidian_is_the_one_in_the_documentation():
    assert codes.placeholder_code("XP", 1, registrar_area="110108") == "Y1110108XP000001X5"


@given(st.text(codes.ALPHABET, min_size=17, max_size=17), st.sampled_from(codes.ALPHABET))
def test_changing_the_check_character_is_always_noticed(first17, other):
    right = codes.check_character(first17)
    assert codes.is_valid_code(first17 + right)
    assert codes.is_valid_code(first17 + other) == (other == right)


def test_the_column_check_agrees_with_the_single_one():
    column = pl.Series([*REAL_CHECK_DIGIT_VECTORS, "91520000714309990A", "short", None])
    verdicts = pl.select(codes.valid_code(pl.lit(column))).to_series().to_list()
    assert verdicts == [None if code is None else codes.is_valid_code(code) for code in column]
