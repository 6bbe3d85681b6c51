import numpy as np
import polars as pl
import pytest

from training.product_fit.passes import COUNTED, Answered, pass_ratios


def counted(*rows):
    return pl.DataFrame(list(rows), schema=COUNTED, orient="row")


def test_a_fact_that_own_applicants_pass_more_often_lowers_the_chance_of_others():
    # Everybody: (9 + 1) / (98 + 2) = 0.1; own: (15 + 5 x 0.1) / (15 + 5) = 0.775.
    ratios = pass_ratios(counted(("export-loan", "exports", 0, 98, 9, 15, 15)))
    assert ratios == {"export-loan": {"exports": pytest.approx(0.1 / 0.775)}}


def test_a_fact_that_own_applicants_pass_no_more_often_changes_nothing():
    ratios = pass_ratios(counted(("loan", "age", 0, 98, 79, 40, 30)))
    # Everybody 0.8; own (30 + 4) / 45 < 0.8.
    assert ratios == {"loan": {"age": 1.0}}


def test_without_own_applicants_nothing_is_changed():
    assert pass_ratios(counted(("new", "age", 0, 98, 19, 0, 0))) == {"new": {"age": pytest.approx(1.0)}}


def test_of_several_questions_about_a_fact_the_hardest_counts():
    rows = [("loan", "sales", 0, 98, 99 - 1, 15, 15), ("loan", "sales", -1, 98, 9, 15, 15)]
    assert pass_ratios(counted(*rows))["loan"]["sales"] == pytest.approx(0.1 / 0.775)


AGE, SALES = ("loan", "age", 0), ("other", "sales", 0)


def answered(questions, *codes):
    return Answered(questions, np.array(codes, np.uint8))


def test_all_applicants_and_a_products_own_are_counted_apart():
    """0 = not known, 1 = fails, 2 = passes: of three ages two are known and one passes, that of the own applicant."""
    counts = answered((AGE, SALES), (2, 0), (1, 2), (0, 1)).counted(pl.Series(["loan", "other", "other"]))
    assert counts.rows() == [(*AGE, 2, 1, 1, 1), (*SALES, 2, 1, 2, 1)]


def test_parts_that_were_asked_other_questions_are_joined_by_question():
    joined = Answered.joined([answered((AGE,), (2,)), answered((SALES, AGE), (1, 2)), Answered.of_nobody(1)])
    assert joined.questions == (AGE, SALES)
    assert joined.codes.tolist() == [[2, 0], [2, 1], [0, 0]]


def test_who_is_left_out_is_not_counted():
    some = answered((AGE,), (2,), (1,), (2,)).take(np.array([2, 0]))
    assert some.counted(pl.Series(["loan", "loan"])).rows() == [(*AGE, 2, 2, 2, 2)]
    assert Answered().counted(pl.Series([], dtype=pl.String)).height == 0
