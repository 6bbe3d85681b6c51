"""Invented evaluations: a full one, and one where the data allowed nothing."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np

from features.sets import FEATURES
from sources.contracts import BLOCKS
from training.evaluation.types import (
    Bin,
    Comparison,
    Curve,
    Cut,
    Drifting,
    Evaluation,
    Finding,
    Identity,
    Month,
    Mover,
    Proof,
    Segment,
    Tenth,
    Truth,
    Withheld,
)
from training.metrics import Estimate

NAN = math.nan
UNKNOWN = Estimate(NAN, NAN, NAN)
ROWS, DEFAULTS = 18_432, 571
RATE = DEFAULTS / ROWS
FIRST = dt.date(2024, 1, 1)
SHARES = np.linspace(0, 1, 60)
SEGMENTS = {
    "district": ("330102", "330106", "330108", "330110", "330212"),
    "industry": ("C", "F", "E", "G", "I", "H"),
    "size": ("micro", "small", "medium"),
    "age": ("<2", "2–5", "5–10", "≥10"),
    "legal_form": ("limited_company", "individual_household"),
    "missing_tax": ("given", "not given"),
    "missing_bank": ("given", "not given"),
}


def around(value: float, half: float) -> Estimate:
    """A value in the middle of its interval."""
    return Estimate(value, value - half, value + half)


def full() -> Evaluation:
    """Everything there, with a champion and the simulated truth; the medium-sized are too few to judge."""
    return Evaluation(
        model=Identity("12", "sha256:" + "3f" * 32),
        data="simulated city",
        data_digest="sha256:" + "a7" * 32,
        on=dt.date(2026, 7, 1),
        rows=ROWS,
        enterprises=6_144,
        defaults=DEFAULTS,
        first_as_of=FIRST,
        last_as_of=dt.date(2024, 12, 1),
        metrics=_metrics(),
        roc=Curve(tuple(SHARES), tuple(SHARES**0.3)),
        precision_recall=Curve(tuple(SHARES), tuple(RATE + 0.5 * (1 - SHARES) ** 2)),
        reliability=[_bin(0.0004 * 1.36**place) for place in range(20)],
        tenths=_tenths(),
        months=[_month(place) for place in range(12)],
        drifting=[Drifting(name, 0.31 / (place + 1)) for place, name in enumerate(list(FEATURES)[:20])],
        segments=[_segment(by, name, place) for by, names in SEGMENTS.items() for place, name in enumerate(names)],
        cuts=[_cut(float(score)) for score in range(440, 721, 10)],
        movers=[_mover(name, place) for place, name in enumerate(list(FEATURES)[20:40])],
        findings=[],
        proof=Proof(1_204, 31_877, 143, ()),
        withheld=[Withheld(block, 15_000 - 900 * place, 0.004, -3.1 - place) for place, block in enumerate(BLOCKS)],
        out_of_distribution=around(0.021, 0.003),
        comparison=Comparison(
            Identity("9", "sha256:" + "5c" * 32), around(0.799, 0.014), around(0.0123, 0.008), around(-0.0021, 0.0009),
            0.003, 0.0004,
        ),
        truth=Truth(around(0.871, 0.012), around(0.84, 0.02), around(0.897, 0.006), 0.9),
    )  # fmt: skip


def bare() -> Evaluation:
    """Rows of one class on one day: nothing could be computed, nothing compared."""
    segment = Segment(
        "industry", "C", 40, 0, UNKNOWN, UNKNOWN, UNKNOWN, NAN, NAN, NAN, None, None, "fewer than 200 rows"
    )
    return replace(
        full(),
        rows=50,
        enterprises=50,
        defaults=0,
        metrics={"auc": UNKNOWN, "brier": Estimate(0.0123, NAN, NAN)},
        roc=Curve((), ()),
        precision_recall=Curve((), ()),
        reliability=[Bin(0.02, UNKNOWN, 50)],
        tenths=[Tenth(1, 5, 0, NAN, NAN, NAN, NAN)],
        months=[Month(FIRST, 50, 0, UNKNOWN, NAN)],
        drifting=[],
        segments=[segment, replace(segment, name="")],
        cuts=[Cut(580.0, NAN, NAN, UNKNOWN)],
        movers=[],
        proof=Proof(0, 0, 0, ()),
        withheld=[Withheld("tax", 0, NAN, NAN)],
        out_of_distribution=UNKNOWN,
        comparison=None,
        truth=None,
    )


def leaking(feature: str) -> Evaluation:
    """The full one with a finding and a broken promise."""
    finding = Finding("alone", feature, 0.987, "单个特征的AUC为0.987", "one feature has an AUC of 0.987")
    return replace(full(), findings=[finding], proof=Proof(10, 310, 5, (f"tree 3, {feature}: 0.2 before 0.1",)))


def _metrics() -> dict[str, Estimate]:
    middle = {
        "auc": 0.8113, "gini": 0.6226, "ks": 0.487, "pr_auc": 0.214, "brier": 0.0274, "log_loss": 0.1121,
        "ece": 0.0041, "ece_floor": 0.0036, "calibration_slope": 0.98, "calibration_intercept": -0.04,
        "mean_pd": 0.0322, "default_rate": RATE,
    }  # fmt: skip
    return {name: around(value, abs(value) * 0.03) for name, value in middle.items()}


def _bin(said: float) -> Bin:
    seen = said * (1 + 0.2 * math.sin(9_000 * said))
    return Bin(said, Estimate(seen, 0.7 * seen, 1.4 * seen), ROWS // 20)


def _tenths() -> list[Tenth]:
    gains = [0.46, 0.65, 0.77, 0.85, 0.9, 0.94, 0.965, 0.98, 0.993, 1.0]
    shares = np.diff([0.0, *gains])
    return [
        Tenth(tenth, ROWS // 10, round(DEFAULTS * share), 10 * share, gain, 400.0 + 35 * tenth, 434.0 + 35 * tenth)
        for tenth, (gain, share) in enumerate(zip(gains, shares, strict=True), 1)
    ]


def _month(place: int) -> Month:
    auc = around(0.82 - 0.002 * place, 0.03)
    return Month(dt.date(2024, place + 1, 1), ROWS // 12, DEFAULTS // 12, auc, 0.006 * place)


def _segment(by: str, name: str, place: int) -> Segment:
    few = name == "medium"
    auc = UNKNOWN if few else around(0.81 - 0.012 * place, 0.02 + 0.004 * place)
    return Segment(
        by, name, 120 if few else 4_000 - 500 * place, 4 if few else 130 - 15 * place, auc, around(0.006, 0.002),
        around(RATE, 0.004), 0.031, 0.71 - 0.03 * place, 0.12 + 0.02 * place,
        UNKNOWN if few else around(0.011 - 0.002 * place, 0.006), UNKNOWN if few else around(-0.002, 0.001),
        "fewer than 200 rows: not judged" if few else "",
    )  # fmt: skip


def _cut(score: float) -> Cut:
    approved = 1 / (1 + math.exp((score - 590) / 45))
    value = 0.021 * approved - 0.05 * approved**4
    return Cut(score, approved, 0.031 * approved**2, around(value, 0.003))


def _mover(name: str, place: int) -> Mover:
    feature = FEATURES[name]
    return Mover(name, feature.zh, feature.en, 11.0 * 0.86**place, ("rises", "falls", "mixed")[place % 3])
