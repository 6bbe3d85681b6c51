import math

import pytest

from training.drift.shares import Shares, share_move

EVEN = {f"2021-{month:02}": (80, 100) for month in range(1, 13)}


def test_the_p_of_two_shares_by_hand():
    """80 of 100 against 60 of 100: pooled 0.7, error √(0.21 × 2 / 100) = 0.0648, z = 3.086, p = 0.00203."""
    move = share_move(80, 100, 60, 100, repeats=(1.0, 1.0))
    assert move.change == pytest.approx(-0.2)
    assert move.p == pytest.approx(0.00203, abs=1e-5)


def test_rows_of_one_enterprise_count_as_one():
    """800 of 1,000 rows at ten an enterprise tell no more than 80 of 100."""
    once = share_move(80, 100, 60, 100, repeats=(1.0, 1.0))
    assert share_move(800, 1_000, 180, 300, repeats=(10.0, 3.0)).p == pytest.approx(once.p)


def test_without_rows_nothing_is_said():
    assert share_move(0, 0, 3, 5, repeats=(1.0, 1.0)).p == 1.0
    assert math.isnan(share_move(3, 5, 0, 0, repeats=(1.0, 1.0)).change)


def test_what_months_differ_by_beyond_luck_is_usual():
    assert Shares.of(EVEN, repeats=1.0).usual == 0.0
    assert Shares.of({**EVEN, "2021-07": (40, 100)}, repeats=1.0).usual == pytest.approx(0.4 - 2 * 0.04, abs=0.01)


def test_it_survives_json():
    shares = Shares.of(EVEN, repeats=1.0)
    assert Shares.from_json(shares.as_json()) == shares
