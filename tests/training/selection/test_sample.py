import numpy as np
import pytest
from selected_applicants import by_hand


def test_a_refused_row_has_no_outcome_of_its_own():
    with pytest.raises(ValueError, match=r"defaulted: got 1 rows"):
        by_hand([1, 0], defaulted=[0.0, 1.0])


def test_an_accepted_row_has_one():
    with pytest.raises(ValueError, match=r"defaulted: got 1 rows"):
        by_hand([1, 0], defaulted=[np.nan, np.nan])


def test_what_the_bureau_tells_is_of_refused_rows_only():
    with pytest.raises(ValueError, match=r"elsewhere: got 1 outcomes of accepted rows"):
        by_hand([1, 0], elsewhere=[1.0, 1.0])


def test_every_array_has_a_value_a_row():
    with pytest.raises(ValueError, match=r"banks: got 3 values, expected 2"):
        by_hand([1, 0], banks=[0, 0, 0])


def test_rows_are_taken_by_flag_and_by_place():
    sample = by_hand([1, 0, 1], defaulted=[1.0, np.nan, 0.0])
    assert sample.take(np.array([True, False, True])).defaulted.tolist() == [1.0, 0.0]
    assert sample.take(np.array([2, 0])).defaulted.tolist() == [0.0, 1.0]
