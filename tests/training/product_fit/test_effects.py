import numpy as np
import polars as pl
import pytest

from training.product_fit.effects import Answers, record_of


def answers_of(rows, *, spread, seed=0, signs=(0,)):
    """Twenty banks whose slopes spread around 1; strictness alike."""
    random = np.random.default_rng(seed)
    slopes = 1.0 + spread * random.standard_normal(20)
    bank, column = random.integers(20, size=rows), random.standard_normal(rows)
    happened = (random.random(rows) < 1 / (1 + np.exp(-slopes[bank] * column))).astype(float)
    names = pl.Series([f"bank-{number}" for number in bank])
    return Answers(column[:, None], happened, names, names + "-only", np.array(signs)), slopes


def test_banks_that_differ_are_told_apart():
    answers, slopes = answers_of(12_000, spread=0.5)
    record = record_of(answers)
    told = [record.banks[f"bank-{number}"][1] for number in range(20)]
    assert np.corrcoef(told, slopes)[0, 1] > 0.9
    assert record.spreads[1] == pytest.approx(np.std(slopes), rel=0.4)


def test_banks_that_do_not_differ_are_drawn_together():
    answers, _ = answers_of(4_000, spread=0.0)
    record = record_of(answers)
    told = [slopes[1] for slopes in record.banks.values()]
    assert np.std(told) < 0.08
    assert record.usual[1] == pytest.approx(1.0, abs=0.12)


def test_a_bank_with_few_answers_stays_near_the_usual():
    answers, _ = answers_of(4_000, spread=0.3)
    few = Answers(np.array([[1.0]] * 3), np.zeros(3), pl.Series(["new"] * 3), pl.Series(["p"] * 3), answers.signs)
    both = Answers(
        np.concatenate([answers.columns, few.columns]),
        np.concatenate([answers.happened, few.happened]),
        pl.concat([answers.banks, few.banks]),
        pl.concat([answers.products, few.products]),
        answers.signs,
    )
    record = record_of(both)
    assert abs(record.banks["new"][1] - record.usual[1]) < 0.3


def test_who_has_no_record_is_usual():
    answers, _ = answers_of(2_000, spread=0.3)
    record = record_of(answers)
    stranger = Answers(np.array([[2.0]]), np.zeros(1), pl.Series(["none"]), pl.Series(["none"]), answers.signs)
    assert record.log_odds(stranger)[0] == pytest.approx(record.usual[0] + 2.0 * record.usual[1])


def test_a_slope_against_its_sign_is_none():
    answers, _ = answers_of(4_000, spread=0.3, signs=(-1,))
    record = record_of(answers)
    assert record.usual[1] == 0.0
    assert all(slopes[1] <= 0.0 for slopes in record.banks.values())


def test_known_spreads_are_taken_as_they_are():
    answers, _ = answers_of(2_000, spread=0.3)
    spreads = np.array([0.1, 0.2, 0.3])
    assert record_of(answers, spreads=spreads).spreads == pytest.approx(spreads)
