import pytest

from decisions.formatting import shown


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (800_000, "fen", "8,000元", "CNY 8,000"),
        (123_400_000, "fen", "123.4万元", "CNY 1,234,000"),
        (1_000_000_00, "fen", "100万元", "CNY 1,000,000"),
        (12_500_000_000, "fen", "1.25亿元", "CNY 125,000,000"),
        (-123_400_000, "fen", "-123.4万元", "CNY -1,234,000"),
        (0, "fen", "0元", "CNY 0"),
        (0.18, "share", "18%", "18%"),
        (0.03625, "share", "3.63%", "3.63%"),
        (-0.05, "share", "-5%", "-5%"),
        (-0.00001, "share", "0%", "0%"),
        (45.0, "days", "45天", "45 days"),
        (1, "days", "1天", "1 day"),
        (9.12, "days", "9.1天", "9.1 days"),
        (12, "months", "12个月", "12 months"),
        (1.0, "months", "1个月", "1 month"),
        (1.256, "ratio", "1.26", "1.26"),
        (35.0, "count", "35", "35"),
        (517.2, "count", "517", "517"),
        (1.5, "count", "1.5", "1.5"),
        (61, "years", "61岁", "61 years"),
    ],
)
def test_a_number_is_shown_with_its_unit(value, unit, zh, en):
    assert (shown(value, unit).zh, shown(value, unit).en) == (zh, en)


def test_a_missing_value_is_said_plainly():
    assert (shown(None, "fen").zh, shown(None, "fen").en) == ("无数据", "not available")


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="got unit 'furlong'"):
        shown(1, "furlong")
