import math

import numpy as np
import polars as pl
import pytest

from benchmarks.selection import Drawn, expected_ece, interval, metrics, selected, together
from benchmarks.selection_city import SEEN

ACCEPTED = [True, True, True, True, False, False]


def applications(**columns):
    """Four firms that were lent to, surest last, and two that were refused: by a rule, and by judgement."""
    usual = {
        "enterprise_id": list("abcdef"),
        "bank": ["icbc"] * 6,
        "accepted": ACCEPTED,
        "code": ["", "", "", "", "OVERDUE", "SCORE"],
        "chance": [0.2, 0.4, 0.6, 0.8, 0.0, 0.5],
        "defaulted": [True, False, False, False, True, False],
        "pd_lent": [0.1, 0.1, 0.1, 0.1, 0.3, 0.2],
        "pd_left": [None, None, None, None, 0.4, 0.2],
        "told": [1.0, 0.0, 0.0, 0.0, 1.0, None],
        "owes_others": [False, True, False, False, True, False],
    }
    return pl.DataFrame({**usual, **columns}).with_columns(pl.lit(0.0).alias(one.name) for one in SEEN)


def told(values):
    return [None if math.isnan(value) else value for value in values.tolist()]


def test_the_city_selects_as_its_banks_do():
    sample = selected(applications(), hard=False).sample
    assert sample.accepted.tolist() == ACCEPTED
    assert told(sample.defaulted) == [1.0, 0.0, 0.0, 0.0, None, None]
    assert told(sample.elsewhere) == [None, None, None, None, 1.0, None]


def test_the_harder_selection_leaves_the_surer_half():
    """Chances 0.2, 0.4, 0.6, 0.8: the median is 0.5. Of the two taken away one owes another bank, which tells of it."""
    sample = selected(applications(), hard=True).sample
    assert sample.accepted.tolist() == [False, False, True, True, False, False]
    assert told(sample.defaulted) == [None, None, 0.0, 0.0, None, None]
    assert told(sample.elsewhere) == [None, 0.0, None, None, 1.0, None]


def test_who_was_lent_to_and_has_no_outcome_is_left_out():
    drawn = selected(applications(told=[None, 0.0, 0.0, 0.0, 1.0, None]), hard=False)
    assert drawn.truth["enterprise_id"].to_list() == list("bcdef")


def test_sides_tell_rules_from_judgement():
    """Those that a harder selection took away were refused by judgement."""
    sides = selected(applications(), hard=True).sides()
    assert {name: np.flatnonzero(rows).tolist() for name, rows in sides.items()} == {
        "refused": [0, 1, 4, 5],
        "refused by a rule": [4],
        "refused by judgement": [0, 1, 5],
        "accepted": [2, 3],
        "everybody": [0, 1, 2, 3, 4, 5],
    }


def test_metrics_are_those_that_the_truth_leads_to_expect():
    """The refused: true 0.3 and 0.2, said 0.5 of both. Log loss ln 2, Brier 0.25, said 0.25 too much.

    Their chances of a grant are 0 and 0.5, so by these only the second counts, 0.3 too much. Without the loan they are
    0.4 and 0.2: 0.2 too much. One of the two defaulted.
    """
    drawn = selected(applications(), hard=False)
    found = metrics(drawn.truth, np.full(6, 0.5), drawn.sides()["refused"])
    assert found == pytest.approx(
        {
            "rows": 2,
            "mean_pd": 0.25,
            "log_loss": math.log(2),
            "brier": 0.25,
            "auc": 0.5,
            "ece": 0.25,
            "bias": 0.25,
            "bias_by_chance": 0.3,
            "bias_left": 0.2,
            "happened": 0.5,
        }
    )


def test_calibration_error_is_that_of_ten_bins():
    """What is said rises in ten steps of two rows; 0.02 too much in one half and 0.04 too little in the other: 0.03."""
    said = np.repeat(np.linspace(0.1, 0.9, 10), 2)
    off = np.repeat([-0.02, 0.04], 10)
    assert expected_ece(said + off, said) == pytest.approx(0.03)


def test_enterprises_of_two_cities_stay_two():
    one = selected(applications(), hard=False).sample
    both = together([one, one])
    assert len(both) == 12
    assert len(set(both.groups.tolist())) == 12


def test_intervals_are_those_of_student():
    """1, 2, 3: mean 2, standard error 1 ÷ √3, t of two degrees at 97.5 % is 4.3027."""
    assert interval(np.array([1.0, 2.0, 3.0])) == pytest.approx(
        (2.0, 2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4
    )


def test_a_city_without_the_metric_is_left_out():
    mean, low, high = interval(np.array([1.0, math.nan]))
    assert mean == 1.0
    assert math.isnan(low)
    assert math.isnan(high)


def test_what_is_drawn_is_a_sample_and_its_truth():
    drawn = selected(applications(), hard=False)
    assert isinstance(drawn, Drawn)
    assert len(drawn.sample) == drawn.truth.height
