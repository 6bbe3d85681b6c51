import math

import numpy as np
import pytest

from scoring.pd import PdCurve, PdCurveError

PARTS = {
    "points": (400.0, 500.0, 700.0),
    "log_odds": (0.0, -1.0, -3.0),
    "below": (0.5, 1.0, 1.0),
    "above": (0.5, 0.5, 1.0),
    "level": 0.9,
    "of": "alike",
    "kind": "line",
}
CURVE = PdCurve(**PARTS)


def share(log_odds):
    return 1 / (1 + math.exp(-log_odds))


def test_between_two_scores_the_log_odds_lie_on_a_straight_line():
    """Half-way from 500 to 700 points, half-way from -1 to -3."""
    assert CURVE.probability(np.array([500.0, 600.0])) == pytest.approx([share(-1), share(-2)])


def test_beyond_the_last_score_the_pd_stays_as_it_is():
    assert CURVE.probability(np.array([-1e9, 1e9])) == pytest.approx([share(0), share(-3)])


def test_the_interval_reaches_down_and_up_in_log_odds():
    """At 600 points one under -2, and (0.5 + 1) ÷ 2 over it."""
    low, high = CURVE.interval(np.array([600.0]))
    assert (low[0], high[0]) == (pytest.approx(share(-3)), pytest.approx(share(-1.25)))


def test_a_curve_may_be_level():
    level = PdCurve(**{**PARTS, "log_odds": (-2.0, -2.0, -2.0)})
    assert level.probability(np.array([300.0, 850.0])) == pytest.approx([share(-2)] * 2)


def test_a_curve_is_read_from_lists():
    lists = {name: list(part) if isinstance(part, tuple) else part for name, part in PARTS.items()}
    assert PdCurve.from_json(lists) == CURVE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"points": (400.0, 500.0)}, r"knots of lengths \[2, 3\], expected one length of at least 2"),
        (dict.fromkeys(("points", "log_odds", "below", "above"), (1.0,)), r"lengths \[1\]"),
        ({"log_odds": (0.0, 1.0, -3.0)}, "expected points that rise and log odds of default that do not"),
        ({"points": (400.0, 700.0, 500.0)}, "expected points that rise"),
        ({"above": (0.5, -0.1, 1.0)}, "negative reach"),
        ({"below": (0.5, math.nan, 1.0)}, "not finite"),
        ({"points": (400.0, 500.0, math.inf)}, "not finite"),
    ],
)
def test_knots_that_are_no_falling_curve_are_refused(changes, why):
    with pytest.raises(PdCurveError, match=why):
        PdCurve(**{**PARTS, **changes})
