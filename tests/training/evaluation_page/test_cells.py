"""How numbers are written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.page import cells
from training.evaluation.page.words import part, phrase, say
from training.metrics import Estimate


@pytest.mark.parametrize(
    ("style", "value", "written"),
    [
        (cells.RATIO, 0.81134, "0.811"),
        (cells.PERCENT, 0.0321, "3.2%"),
        (cells.PERCENT, 0.00412, "0.41%"),
        (cells.SIGNED_RATIO, 0.01234, "+0.0123"),
        (cells.SIGNED_POINTS, -3.14, "−3.1"),
        (cells.SIGNED_POINTS, -0.01, "0.0"),
        (cells.WHOLE, 1234567, "1,234,567"),
        (cells.POINTS, 1234.56, "1,234.6"),
    ],
)
def test_numbers_are_written_as_people_read_them(style, value, written):
    assert style.write(value) == written


def test_an_interval_is_as_fine_as_its_value():
    cell = cells.estimate(Estimate(0.0098, 0.0072, 0.0124), cells.PERCENT)
    assert (cell.text.en, cell.interval) == ("0.98%", "[0.72%, 1.24%]")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_a_dash_that_says_why(value):
    cell = cells.number(value, cells.RATIO)
    assert cell.text.en == cells.NONE
    assert cell.why == say("page.unknown")


def test_a_value_without_an_interval_says_that_it_has_none():
    cell = cells.estimate(Estimate(0.5, math.nan, math.nan), cells.RATIO)
    assert (cell.text.en, cell.interval, cell.why) == ("0.500", "[—]", say("page.no_interval"))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_nought_never_has_a_sign(value):
    written = cells.SIGNED_POINTS.write(value)
    assert written.startswith(("+", "−")) == any(digit in written for digit in "123456789")


def test_small_p_values_are_told_as_a_bound():
    assert cells.chance(0.0004).text.en == "< 0.001"
    assert cells.chance(0.0312).text.en == "0.031"
    assert cells.chance(math.nan).text.en == cells.NONE


def test_codes_of_the_data_are_told_in_words():
    assert part("industry", "C").zh == "C 制造"
    assert part("legal_form", "limited_company").zh == "有限责任公司"
    assert part("missing_tax", "not given").en == "tax: not given"
    assert part("missing_blocks", "2").en == "2"
    assert part("district", "330102").zh == "330102"


def test_deviations_have_phrases_and_strangers_their_names():
    assert "四分位距" in phrase("margin_12m_vs_peers").zh
    assert phrase("nobody_knows").zh == "nobody_knows"
