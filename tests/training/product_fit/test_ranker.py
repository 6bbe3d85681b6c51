"""Learning from lists that were shown: what counts as how good, and what the place does."""

import numpy as np
import polars as pl
import pytest

from scoring.product_fit import columns_seen
from training.product_fit.ranker import (
    CHOSEN,
    GRANTED,
    KEPT,
    PASSED_OVER,
    SETTINGS,
    Lists,
    ListsError,
    grades,
    learn_ranker,
)

SEEN, OTHER = columns_seen()[:2]
PLACES = np.array([0.0, -1.0, -2.0])
ALL_AT_ONCE = {**SETTINGS, "feature_fraction": 1.0, "learning_rate": 0.1}
"""With one column that tells anything, a draw of columns would only take longer."""


def pairs(values):
    """Pairs that differ in one column; all others are unknown."""
    unknown = {name: pl.Series([None] * len(values), dtype=pl.Float64) for name in columns_seen()}
    return pl.DataFrame(unknown | {SEEN: np.asarray(values, dtype=float)})


def lists(*, many, effects=PLACES, worst_first=False):
    """Lists of three, chosen from by twice the value and the place's effect."""
    rng = np.random.default_rng(0)
    value = rng.normal(size=(many, 3))
    if worst_first:
        value = np.sort(value, axis=1)
    choice = (2 * value + effects + rng.gumbel(size=value.shape)).argmax(axis=1)
    grade = (choice[:, None] == np.arange(3)).astype(np.int64)
    return Lists(pairs(value.ravel()), np.full(many, 3), np.tile(np.arange(3), many), grade.ravel())


def test_an_application_an_approval_and_a_loan_are_graded_in_that_order():
    chosen = np.array([False, True, True, True, False])
    granted = np.array([True, False, True, True, False])
    kept = np.array([True, False, False, True, False])
    assert grades(chosen, granted, kept).tolist() == [PASSED_OVER, CHOSEN, GRANTED, KEPT, PASSED_OVER]


def test_lists_and_rows_must_go_together():
    with pytest.raises(ListsError, match=r"\(3, 2, 3, 3\)"):
        Lists(pairs([1, 2, 3]), np.array([2]), np.arange(3), np.array([0, 1, 0]))


def test_lists_without_any_choice_teach_nothing():
    with pytest.raises(ListsError, match="2 lists without a choice"):
        learn_ranker(Lists(pairs([1, 2, 3, 4]), np.array([2, 2]), np.array([0, 1, 0, 1]), np.zeros(4, int)), seed=0,
                     corrected=False)  # fmt: skip


def test_what_is_chosen_is_put_first():
    learned = learn_ranker(lists(many=400), seed=0, corrected=True, rounds=100, settings=ALL_AT_ONCE)
    low, high = learned.scores(pairs([-1.5, 1.5]))
    assert high > low


def test_the_effects_of_places_that_were_planted_are_found():
    learned = learn_ranker(lists(many=2_000), seed=0, corrected=True, rounds=100, settings=ALL_AT_ONCE)
    assert list(learned.effects.values()) == pytest.approx(PLACES, abs=0.3)


def test_without_the_correction_no_place_has_an_effect():
    assert not learn_ranker(lists(many=200), seed=0, corrected=False, rounds=5).effects


def test_the_correction_undoes_what_showing_the_worst_first_teaches():
    biased = lists(many=2_000, effects=4 * PLACES, worst_first=True)
    told = {one: learn_ranker(biased, seed=0, corrected=one, rounds=100, settings=ALL_AT_ONCE) for one in (True, False)}
    rise = {one: float(np.diff(ranker.scores(pairs([-0.5, 0.5])))[0]) for one, ranker in told.items()}
    assert rise[True] > 0 > rise[False]


def test_the_number_of_threads_changes_nothing():
    some = lists(many=300)
    one, two = (
        learn_ranker(some, seed=0, corrected=True, rounds=20, settings={**SETTINGS, "num_threads": threads})
        for threads in (1, 2)
    )
    at = pairs(np.linspace(-2, 2, 21))
    assert one.scores(at).tolist() == two.scores(at).tolist()
    assert one.effects == two.effects


def test_a_second_column_is_of_no_use_where_it_is_unknown():
    learned = learn_ranker(lists(many=300), seed=0, corrected=True, rounds=20)
    at = pairs([0.3])
    assert learned.scores(at).tolist() == learned.scores(at.with_columns(pl.lit(7.0).alias(OTHER))).tolist()
