"""Sections on what could be wrong: what moves the score, monotonicity, leaks, withheld blocks."""

from collections.abc import Sequence

from decisions.text import Text
from training.evaluation.page import cells
from training.evaluation.page.cells import RATIO, SIGNED_POINTS, TWO_DIGITS, Cell, Table
from training.evaluation.page.sections import Part, Picture, Section, alone
from training.evaluation.page.words import block, known, say
from training.evaluation.types import Evaluation, Finding, Mover

PROBES = ("alone", "disguise", "future", "missingness", "order")
"""The probes that every evaluation runs, as words.toml names them."""


def movers(evaluation: Evaluation, pictures: Sequence[Picture]) -> Section:
    """The strongest features, with bars, then SHAP's pictures."""
    most = cells.largest([mover.points for mover in evaluation.movers])
    rows = tuple(_mover(mover, most) for mover in evaluation.movers)
    heads = (say("stability.feature"), say("movers.points"), say("movers.direction"))
    table = Table(say("movers.table"), heads, rows)
    return Section(
        "movers",
        say("movers.title"),
        say("movers.lead"),
        parts=(Part(None, (alone(table),)),),
        pictures=tuple(pictures),
        sentences=() if pictures else (say("movers.no_pictures"),),
    )


def monotonicity(evaluation: Evaluation) -> Section:
    """How much the proof examined, and every broken promise."""
    proof = evaluation.proof
    counts = {
        "trees": proof.trees,
        "leaves": proof.leaves,
        "constrained": proof.constrained,
        "broken": len(proof.faults),
    }
    rows = tuple((cells.words(say(f"monotonicity.{name}")), cells.whole(count)) for name, count in counts.items())
    examined = Table(say("monotonicity.table"), (say("card.fact"), say("monotonicity.count")), rows)
    tables = [examined]
    if proof.faults:
        faults = tuple((cells.plain(fault),) for fault in proof.faults)
        tables.append(Table(say("monotonicity.faults"), (say("monotonicity.faults"),), faults, long=True))
    said = "proved" if proof.trees and proof.constrained else "empty"
    return Section(
        "monotonicity",
        say("monotonicity.title"),
        say("monotonicity.lead"),
        parts=(Part(None, tuple(map(alone, tables))),),
        sentences=() if proof.faults else (say(f"monotonicity.{said}"),),
    )


def leakage(evaluation: Evaluation) -> Section:
    """Every finding; without any, which probes ran."""
    title, lead = say("leakage.title"), say("leakage.lead")
    if not evaluation.findings:
        ran = tuple(say(f"probe.{name}") for name in PROBES)
        return Section("leakage", title, lead, sentences=(say("leakage.none"),), points=ran)
    heads = tuple(say(f"leakage.{name}") for name in ("feature", "probe", "value", "says"))
    table = Table(say("leakage.table"), heads, tuple(map(_finding, evaluation.findings)))
    return Section("leakage", title, lead, parts=(Part(None, (alone(table),)),))


def withholding(evaluation: Evaluation) -> Section:
    """What withholding each block does to scores."""
    heads = tuple(say(f"withholding.{name}") for name in ("block", "rows", "rises", "shift"))
    most = cells.largest([one.mean_shift for one in evaluation.withheld])
    rows = []
    for one in evaluation.withheld:
        why = say("withholding.nobody") if one.rows == 0 else None
        shift = cells.number(one.mean_shift, SIGNED_POINTS, why=why)
        rises = cells.number(one.rises, TWO_DIGITS, why=why)
        name = block(one.block)
        rows.append((cells.words(name), cells.whole(one.rows), rises, cells.barred(shift, one.mean_shift, most)))
    table = Table(say("withholding.table"), heads, tuple(rows))
    return Section(
        "withholding", say("withholding.title"), say("withholding.lead"), parts=(Part(None, (alone(table),)),)
    )


def _mover(mover: Mover, most: float) -> tuple[Cell, ...]:
    called = Text(mover.zh, mover.en)
    points = cells.barred(cells.number(mover.points, cells.POINTS), mover.points, most)
    name = cells.feature(mover.feature, called if mover.zh and mover.en else None)
    return name, points, cells.words(known("direction", mover.direction))


def _finding(finding: Finding) -> tuple[Cell, ...]:
    return (
        cells.feature(finding.feature),
        cells.words(known("probe", finding.probe)),
        cells.number(finding.value, RATIO),
        cells.words(Text(finding.zh, finding.en)),
    )
