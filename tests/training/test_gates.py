"""The gates of a promotion: each refuses what it is there for, and says so."""

import datetime as dt
from dataclasses import replace

import pytest
from good_evaluation import EVEN, GOOD, NEW, OLD, UNKNOWN, segment
from hypothesis import given
from hypothesis import strategies as st

from decisions.dated import NotInForceError
from decisions.files import FileMistakesError
from training.evaluation.types import Finding, Identity, Proof, Withheld
from training.gates import NEVER_WAIVED, POLICY_FILE, Candidate, GateError, gates, harmed, promotion_policy, waived
from training.metrics import Estimate

ON = dt.date(2026, 11, 22)
POLICY = promotion_policy(ON)
CANDIDATE = Candidate(NEW, trained_until=dt.date(2025, 6, 1), champion=OLD, on=ON)


def compared(**changes):
    return replace(GOOD, comparison=replace(GOOD.comparison, **changes))


def failed(evaluation, candidate=CANDIDATE):
    return {gate.name for gate in gates(evaluation, POLICY, candidate) if not gate.passed}


def gate_of(name, evaluation, candidate=CANDIDATE):
    return next(gate for gate in gates(evaluation, POLICY, candidate) if gate.name == name)


def test_a_good_challenger_passes_every_gate_and_each_is_told_in_both_languages():
    judged = gates(GOOD, POLICY, CANDIDATE)
    assert failed(GOOD) == set()
    assert all(gate.given and gate.expected and gate.zh and gate.en for gate in judged)
    assert len({gate.name for gate in judged}) == len(judged)


@pytest.mark.parametrize(
    ("evaluation", "names"),
    [
        (replace(GOOD, rows=999), {"enough"}),
        (replace(GOOD, defaults=49), {"enough"}),
        (replace(GOOD, first_as_of=dt.date(2025, 6, 1)), {"out_of_time"}),
        (replace(GOOD, on=dt.date(2026, 8, 23)), {"fresh"}),
        (replace(GOOD, on=dt.date(2026, 11, 23)), {"fresh"}),
        (replace(GOOD, metrics={"ece": Estimate(0.03, 0.021, 0.04)}), {"calibrated"}),
        (replace(GOOD, metrics={"ece": UNKNOWN}), {"calibrated"}),
        (replace(GOOD, metrics={}), {"calibrated"}),
        (replace(GOOD, proof=Proof(10, 70, 5, ("tree 3: sales_12m",))), {"monotone"}),
        (replace(GOOD, proof=Proof(0, 0, 0, ())), {"monotone"}),
        (replace(GOOD, findings=(Finding("alone", "oracle", 0.99, "…", "…"),)), {"leaks"}),
        (replace(GOOD, withheld=(Withheld("tax", 1000, 0.02, 3.0),)), {"withholding"}),
        (replace(GOOD, withheld=()), {"withholding"}),
        (replace(GOOD, model=Identity("2", "sha256:other")), {"digest"}),
        (compared(champion=Identity("1", "sha256:other")), {"digest"}),
        (compared(auc=EVEN), {"better"}),
        (compared(auc=EVEN, loss=Estimate(-0.02, -0.03, -0.01)), set()),
        (compared(loss=Estimate(0.02, 0.01, 0.03)), {"not_worse"}),
        (compared(auc=UNKNOWN), {"better", "not_worse"}),
        (replace(GOOD, comparison=None), {"digest", "same_data", "better", "not_worse"}),
    ],
)
def test_each_gate_refuses_what_it_is_there_for(evaluation, names):
    assert failed(evaluation) == names


def test_no_better_with_confidence_is_said_in_words():
    assert "no better with confidence" in gate_of("better", compared(auc=EVEN)).given


def test_the_90th_day_is_fresh_enough():
    """24 August to 22 November are 90 days."""
    assert gate_of("fresh", replace(GOOD, on=dt.date(2026, 8, 24))).passed


def test_a_card_that_names_no_training_day_is_not_out_of_time():
    assert failed(GOOD, replace(CANDIDATE, trained_until=None)) == {"out_of_time"}


def test_the_first_champion_has_nobody_to_beat_and_that_is_said():
    alone = replace(GOOD, comparison=None, segments=(segment("micro", auc_difference=None),))
    judged = gates(alone, POLICY, replace(CANDIDATE, champion=None))
    assert all(gate.passed for gate in judged)
    unopposed = {gate.name for gate in judged if "no champion" in gate.given}
    assert unopposed == {"same_data", "better", "not_worse", "segments_unharmed"}


def test_a_segment_out_of_calibration_is_named():
    bad = segment("small", ece=Estimate(0.06, 0.031, 0.09))
    gate = gate_of("segments_calibrated", replace(GOOD, segments=(segment("micro"), bad)))
    assert not gate.passed
    assert "size=small ECE 0.0600" in gate.given


def test_a_harmed_segment_is_named_and_one_too_small_is_named_as_not_judged():
    hurt = segment("small", auc_difference=Estimate(-0.08, -0.10, -0.06))
    tiny = segment("medium", rows=30, auc=UNKNOWN, auc_difference=UNKNOWN, note="30 rows")
    gate = gate_of("segments_unharmed", replace(GOOD, segments=(segment("micro"), hurt, tiny)))
    assert not gate.passed
    assert "size=small AUC -0.0800" in gate.given
    assert "1 too small 样本太少: size=medium" in gate.given


def test_one_segment_is_harmed_just_when_its_upper_bound_says_so():
    """Upper bounds of -0.0101 and -0.0099 on either side of the margin of 0.01."""
    for high, expected in ((-0.0101, ("a",)), (-0.0099, ())):
        assert harmed({"a": Estimate(-0.05, -0.09, high)}, margin=0.01, error=0.05) == expected


def test_with_more_segments_each_needs_more_evidence():
    """Z = -(0.05 - 0.01) / (0.038 / 1.96) = -2.06: p 0.020 is below 0.025, but not below 0.025 / 20."""
    one = Estimate(-0.05, -0.088, -0.012)
    assert harmed({"a": one}, margin=0.01, error=0.05) == ("a",)
    others = {f"s{number}": EVEN for number in range(19)}
    assert harmed({"a": one, **others}, margin=0.01, error=0.05) == ()


def test_holm_goes_on_after_the_first():
    """P about 0 is below 0.025 / 2, and then 0.020 must only be below 0.025."""
    sure, likely = Estimate(-0.2, -0.22, -0.18), Estimate(-0.05, -0.088, -0.012)
    assert harmed({"likely": likely, "sure": sure}, margin=0.01, error=0.05) == ("sure", "likely")


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=30))
def test_a_segment_that_gains_is_never_harmed(values):
    differences = {str(place): Estimate(value, value - 0.03, value + 0.03) for place, value in enumerate(values)}
    assert all(differences[name].value < -0.01 for name in harmed(differences, margin=0.01, error=0.05))


def test_a_failed_gate_may_be_accepted_with_a_reason():
    judged = waived(gates(compared(auc=EVEN), POLICY, CANDIDATE), ["better", "fresh"], why="regulator asks for it")
    assert {gate.name: gate.waived for gate in judged if gate.waived} == {"better": "regulator asks for it"}
    assert all(gate.lets_through for gate in judged)


@pytest.mark.parametrize("name", [*sorted(NEVER_WAIVED), "betterr"])
def test_some_gates_cannot_be_accepted(name):
    with pytest.raises(GateError, match=f"got '{name}', expected some of better, calibrated"):
        waived(gates(GOOD, POLICY, CANDIDATE), [name], why="in a hurry")


def test_the_policy_is_that_of_the_day():
    assert POLICY.version == "2026-01-01"
    with pytest.raises(NotInForceError, match="got 2025-12-31, expected 2026-01-01 or later"):
        promotion_policy(dt.date(2025, 12, 31))


def test_a_later_version_counts_from_its_day(tmp_path):
    path = tmp_path / "promotion.toml"
    later = "\n[[most_rises.versions]]\nfrom = 2026-06-01\nvalue = 0.02\nmark = 'assumed'\nsource = 'test'\n"
    path.write_text(POLICY_FILE.read_text("utf-8") + later, "utf-8")
    days = (dt.date(2026, 5, 31), dt.date(2026, 6, 1))
    assert [(promotion_policy(day, path).most_rises, promotion_policy(day, path).version) for day in days] == [
        (0.01, "2026-01-01"),
        (0.02, "2026-06-01"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[fewest_rows]", "[fewest_lines]", "fewest_rows: missing, expected this number"),
        ("[fewest_rows]", "[fewest_rows]\nuntil = 2026-01-01", "got an unknown field"),
        ("value = 1000", "value = 'many'", "got 'many', expected a number"),
    ],
)
def test_a_mistake_in_the_policy_is_a_line(tmp_path, old, new, message):
    text = POLICY_FILE.read_text("utf-8").replace(old, new, 1)
    text = text.replace("[[fewest_rows.versions]]", "[[fewest_lines.versions]]") if "lines" in new else text
    path = tmp_path / "promotion.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FileMistakesError, match=message.replace("[", r"\[")):
        promotion_policy(ON, path)
