"""What the page says at a glance of each thing that was looked at."""

from dataclasses import replace

import pytest
from evaluations import UNKNOWN, around, bare, full, leaking

from training.evaluation.page.summary import glance
from training.evaluation.types import Proof, Withheld
from training.metrics import Estimate


def states(evaluation):
    return {check.name.en: check.state for check in glance(evaluation).checks}


def compared(auc):
    given = full()
    return replace(given, comparison=replace(given.comparison, auc=auc))


@pytest.mark.parametrize(
    ("auc", "says"),
    [
        (Estimate(0.02, 0.01, 0.03), "ranks better, with confidence"),
        (Estimate(-0.02, -0.03, -0.01), "ranks worse, with confidence"),
        (Estimate(0.0, -0.01, 0.01), "no difference in ranking with confidence"),
        (UNKNOWN, "these data do not tell"),
    ],
)
def test_the_champion_is_beaten_only_when_the_interval_leaves_nought(auc, says):
    assert glance(compared(auc)).checks[0].says.en == says


@pytest.mark.parametrize(
    ("error", "state"),
    [(Estimate(0.009, 0.007, 0.011), "look"), (Estimate(0.005, 0.003, 0.007), "good"), (UNKNOWN, "open")],
)
def test_calibration_is_held_against_noise(error, state):
    noise = Estimate(0.004, 0.003, 0.005)
    assert states(replace(full(), metrics={"ece": error, "ece_floor": noise}))["Calibration"] == state


@pytest.mark.parametrize(("psi", "state"), [(0.099, "good"), (0.1, "look"), (float("nan"), "open")])
def test_stability_is_held_against_the_convention(psi, state):
    first, second, *_ = full().months
    assert states(replace(full(), months=[first, replace(second, psi=psi)]))["Stability"] == state


def test_a_single_cohort_says_nothing_of_stability():
    assert states(replace(full(), months=full().months[:1]))["Stability"] == "open"


@pytest.mark.parametrize(("rises", "state"), [(0.01, "good"), (0.0101, "look")])
def test_withholding_is_held_against_the_promise(rises, state):
    withheld = [Withheld("tax", 100, 0.001, -2.0), Withheld("bank", 100, rises, -1.0)]
    assert states(replace(full(), withheld=withheld))["Withholding"] == state


def test_one_segment_that_ranks_worse_is_told():
    first, *others = full().segments
    assert states(full())["Segments"] == "good"
    worse = replace(first, auc_difference=around(-0.03, 0.01))
    assert states(replace(full(), segments=[worse, *others]))["Segments"] == "look"


def test_nothing_proved_is_not_called_proved():
    assert states(replace(full(), proof=Proof(0, 0, 0, ())))["Monotonicity"] == "open"
    assert states(replace(full(), proof=Proof(10, 100, 0, ())))["Monotonicity"] == "open"
    assert states(leaking("sales_12m"))["Monotonicity"] == "look"


def test_findings_of_the_probes_are_told():
    assert states(leaking("sales_12m"))["Leakage"] == "look"
    assert states(bare())["Leakage"] == "good"
