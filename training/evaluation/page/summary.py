"""The page's first section: what was judged, what was found, every metric."""

import math
from collections.abc import Iterator, Sequence

from decisions.text import Text
from training.evaluation.page import cells
from training.evaluation.page.cells import PERCENT, RATIO, STYLE_OF, Cell, Table
from training.evaluation.page.sections import Check, Part, Section, Tile, alone
from training.evaluation.page.words import filled, known, same, say
from training.evaluation.types import Evaluation

STABLE = 0.1
"""Population stability index below which a distribution counts as unmoved (Siddiqi 2006, Credit Risk Scorecards)."""

MOST_RISES = 0.01
"""Share of scores that may rise by more than 10 points when a block is withheld; what the project promises."""

KNOWN = (
    "auc", "gini", "ks", "pr_auc", "brier", "log_loss", "ece", "ece_floor",
    "calibration_slope", "calibration_intercept", "mean_pd", "default_rate", "out_of_distribution",
)  # fmt: skip
"""The metrics that every evaluation tells, in this order; others follow by name."""

KEY = ("auc", "ks", "pr_auc", "ece", "mean_pd", "out_of_distribution")
BESIDE = {"ece": "ece_floor", "mean_pd": "default_rate", "auc": "gini", "pr_auc": "default_rate"}


def glance(evaluation: Evaluation) -> Section:
    """What was judged, what was found, the key figures, then every metric."""
    checks = tuple(_checks(evaluation))
    facts = Table(say("glance.judged"), (say("card.fact"), say("card.value")), tuple(_facts(evaluation)))
    parts = (Part(None, (alone(facts),)), Part(say("glance.metrics"), (alone(_metrics(evaluation)),)))
    tiles = tuple(_tile(evaluation, name) for name in KEY)
    return Section(
        "glance",
        say("glance.title"),
        say("glance.lead"),
        verdict=_verdict(checks),
        checks=checks,
        tiles=tiles,
        parts=parts,
        sentences=(say("glance.gates"), say("page.interval")),
    )


def _verdict(checks: Sequence[Check]) -> Text:
    look = sum(check.state == "look" for check in checks)
    unjudged = sum(check.state == "open" for check in checks)
    found = filled(say("glance.attention"), count=str(look)) if look else say("glance.clear")
    rest = filled(say("glance.unjudged"), count=str(unjudged)) if unjudged else same("")
    return Text(f"{found.zh}{rest.zh}。", f"{found.en}{rest.en}.")


def _checks(evaluation: Evaluation) -> Iterator[Check]:
    yield _champion(evaluation)
    if evaluation.comparison is not None:
        yield _harmed(evaluation)
    yield _calibrated(evaluation)
    yield _stable(evaluation)
    yield _monotone(evaluation)
    count = len(evaluation.findings)
    yield _check("leakage", f"leakage_{'look' if count else 'good'}", count=str(count))
    yield _withheld(evaluation)


def _check(name: str, says: str, **values: str) -> Check:
    state = says.rpartition("_")[2]
    return Check(say(f"check.{name}"), state, filled(say(f"check.{says}"), **values))


def _open(name: str, says: str = "check.open") -> Check:
    return Check(say(f"check.{name}"), "open", say(says))


def _champion(evaluation: Evaluation) -> Check:
    if evaluation.comparison is None:
        return _open("champion", "page.no_champion")
    auc = evaluation.comparison.auc
    if not (math.isfinite(auc.low) and math.isfinite(auc.high)):
        return _open("champion")
    kind = "better" if auc.low > 0 else "worse" if auc.high < 0 else "same"
    return Check(say("check.champion"), "good" if kind == "better" else "look", say(f"check.champion_{kind}"))


def _harmed(evaluation: Evaluation) -> Check:
    ends = [segment.auc_difference.high for segment in evaluation.segments if segment.auc_difference is not None]
    judged = [end for end in ends if math.isfinite(end)]
    if not judged:
        return _open("segments")
    count = sum(end < 0 for end in judged)
    return _check("segments", f"segments_{'look' if count else 'good'}", count=str(count))


def _calibrated(evaluation: Evaluation) -> Check:
    error, floor = evaluation.metrics.get("ece"), evaluation.metrics.get("ece_floor")
    if error is None or floor is None or not (math.isfinite(error.low) and math.isfinite(floor.value)):
        return _open("calibration")
    noise = floor.high if math.isfinite(floor.high) else floor.value
    return _check("calibration", f"calibration_{'look' if error.low > noise else 'good'}")


def _stable(evaluation: Evaluation) -> Check:
    """By the cohorts after the first, from which scores are told to move."""
    known_ones = [month.psi for month in evaluation.months[1:] if math.isfinite(month.psi)]
    if not known_ones:
        return _open("stability")
    most = max(known_ones)
    return _check("stability", f"stability_{'look' if most >= STABLE else 'good'}", value=RATIO.write(most))


def _monotone(evaluation: Evaluation) -> Check:
    proof = evaluation.proof
    if proof.faults:
        return _check("monotone", "monotone_look", count=str(len(proof.faults)))
    return _check("monotone", "monotone_good") if proof.trees and proof.constrained else _open("monotone")


def _withheld(evaluation: Evaluation) -> Check:
    rises = [one.rises for one in evaluation.withheld if math.isfinite(one.rises)]
    if not rises:
        return _open("withholding")
    most = max(rises)
    kind = "look" if most > MOST_RISES else "good"
    return _check("withholding", f"withholding_{kind}", value=PERCENT.write(most))


def _tile(evaluation: Evaluation, name: str) -> Tile:
    beside = BESIDE.get(name)
    if beside is None:
        return Tile(say(f"metric.{name}"), _metric(evaluation, name), say(f"meaning.{name}"))
    return Tile(say(f"metric.{name}"), _metric(evaluation, name), say(f"metric.{beside}"), _metric(evaluation, beside))


def _metric(evaluation: Evaluation, name: str) -> Cell:
    if name == "out_of_distribution":
        return cells.estimate(evaluation.out_of_distribution, PERCENT)
    return cells.estimate(evaluation.metrics.get(name), STYLE_OF.get(name, RATIO))


def _metrics(evaluation: Evaluation) -> Table:
    names = (*KNOWN, *sorted(set(evaluation.metrics) - set(KNOWN)))
    heads = (say("glance.metric"), say("glance.value"), say("glance.meaning"))
    return Table(say("glance.metrics"), heads, tuple(_explained(evaluation, name) for name in names))


def _explained(evaluation: Evaluation, name: str) -> tuple[Cell, ...]:
    meaning = known("meaning", name, say("meaning.other"))
    return cells.words(known("metric", name)), _metric(evaluation, name), cells.words(meaning)


def _facts(evaluation: Evaluation) -> Iterator[tuple[Cell, Cell]]:
    days = f"{evaluation.first_as_of} – {evaluation.last_as_of}"
    yield cells.words(say("glance.version")), cells.plain(evaluation.model.version)
    yield cells.words(say("glance.digest")), cells.digest(evaluation.model.digest)
    yield cells.words(say("glance.data")), cells.plain(evaluation.data)
    yield cells.words(say("glance.data_digest")), cells.digest(evaluation.data_digest)
    yield cells.words(say("glance.on")), cells.day(evaluation.on)
    yield cells.words(say("glance.days")), cells.plain(days)
    for name in ("rows", "enterprises", "defaults"):
        yield cells.words(say(f"glance.{name}")), cells.plain(cells.WHOLE.write(getattr(evaluation, name)))
