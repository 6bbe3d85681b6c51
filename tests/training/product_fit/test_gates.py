"""The gates of a model of fit: each fails for its own reason, and few rows are not held against anybody by chance."""

import datetime as dt
from dataclasses import replace

import pytest

from training.evaluation.as_json import from_json_as, to_json
from training.evaluation.types import Identity
from training.gates import Candidate, GateError, waived
from training.metrics import Estimate
from training.product_fit.beside import FitBeside
from training.product_fit.gates import NEVER_WAIVED, fit_gates, fit_policy, off
from training.product_fit.judged import BankJudged, HeadJudged

ON = dt.date(2026, 11, 22)
OLD, NEW = Identity("1", "sha256:old"), Identity("2", "sha256:new")
POLICY = fit_policy(ON)


def bank(name, rows=60, *, ece=0.10, low=0.04, floor=0.09):
    return BankJudged(name, rows, 0.5, 0.5, Estimate(ece, low, 2 * ece - low), floor)


def head(rows=120, share=0.5, *, ece=0.08, banks=None):
    """By chance alone its error would be up to 0.11."""
    metrics = {"ece": Estimate(ece, 0.05, 0.11), "ece_floor": Estimate(0.07, 0.04, 0.11)}
    return HeadJudged(rows, rows, share, metrics, banks or (bank("ccb"),))


EVEN = Estimate(-0.01, -0.03, 0.01)
GOOD = FitBeside(
    model=NEW,
    champion=OLD,
    data="posted outcomes",
    data_digest="sha256:data",
    on=dt.date(2026, 11, 1),
    first_day=dt.date(2026, 3, 1),
    last_day=dt.date(2026, 9, 1),
    metrics={"approval_auc": Estimate(0.8, 0.7, 0.9)},
    approval=head(),
    kept=head(60),
    approval_difference=EVEN,
    kept_difference=EVEN,
)
CANDIDATE = Candidate(NEW, dt.date(2026, 1, 31), OLD, ON)


def failed(judged=GOOD, candidate=CANDIDATE):
    return [gate.name for gate in fit_gates(judged, POLICY, candidate) if not gate.passed]


def test_a_good_evaluation_passes_every_gate():
    assert failed() == []


@pytest.mark.parametrize(
    ("gate", "changes"),
    [
        ("digest", {"model": OLD}),
        ("digest", {"champion": None}),
        ("fresh", {"on": dt.date(2026, 8, 1)}),
        ("out_of_time", {"first_day": dt.date(2026, 1, 31)}),
        ("enough", {"approval": head(59)}),
        ("enough", {"approval": head(100, 0.14)}),
        ("enough", {"approval": head(100, 0.86)}),
        ("approval_not_worse", {"approval_difference": Estimate(-0.01, -0.05, 0.021)}),
        ("approval_not_worse", {"approval_difference": None}),
        ("kept_not_worse", {"kept_difference": Estimate(0.01, -0.01, 0.03)}),
        ("calibrated", {"approval": head(ece=0.131)}),
        ("banks_calibrated", {"approval": head(banks=(bank("ccb", ece=0.30, low=0.26),))}),
    ],
)
def test_each_gate_fails_alone(gate, changes):
    assert failed(replace(GOOD, **changes)) == [gate]


def test_the_interval_decides_and_not_the_value():
    """0.02 more loss is borne; whether it is less must be sure, not likely."""
    assert failed(replace(GOOD, approval_difference=Estimate(0.005, -0.01, 0.02))) == []


def test_without_a_champion_there_is_nothing_to_be_worse_than():
    candidate = replace(CANDIDATE, champion=None)
    assert failed(replace(GOOD, champion=None, approval_difference=None, kept_difference=None), candidate) == []


def test_fates_that_are_hardly_known_are_told_and_not_held_against_it():
    judged = replace(GOOD, kept=head(49), kept_difference=Estimate(1.0, 0.5, 1.5))
    assert failed(judged) == []
    [gate] = [gate for gate in fit_gates(judged, POLICY, CANDIDATE) if gate.name == "kept_not_worse"]
    assert "too few to judge" in gate.given


def test_nothing_known_of_approval_passes_no_gate_of_it():
    judged = replace(GOOD, approval=None, approval_difference=None)
    assert failed(judged) == ["enough", "approval_not_worse", "calibrated"]


def test_a_small_bank_is_not_judged_by_itself():
    assert failed(replace(GOOD, approval=head(banks=(bank("ccb", 29, ece=0.4, low=0.38),)))) == []


def test_among_many_banks_one_must_stand_out_further():
    """With se = 0.06 / 1.96, p = 1 - Φ((0.20 - 0.05 - 0.09) / se) = 0.025: below 0.05, and above 0.05 / 3."""
    odd = bank("ccb", ece=0.20, low=0.14)
    assert off([odd], most=0.05, error=0.05) == (odd,)
    assert off([odd, bank("boc"), bank("abc")], most=0.05, error=0.05) == ()


def test_digest_and_time_cannot_be_waived():
    judged = fit_gates(GOOD, POLICY, CANDIDATE)
    for name in ("digest", "out_of_time"):
        with pytest.raises(GateError):
            waived(judged, [name], why="hurry", never=NEVER_WAIVED)


def test_an_evaluation_is_the_same_from_json():
    assert from_json_as(FitBeside, to_json(GOOD)) == GOOD
