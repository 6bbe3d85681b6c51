"""Sections on parts of the rows: segments and fairness, and the challenger beside the champion."""

import math
from collections.abc import Sequence
from dataclasses import replace

from decisions.text import Text
from sources.contracts import BLOCKS
from training.evaluation.page import cells, figures
from training.evaluation.page.cells import ONE_DIGIT, RATIO, SIGNED_PERCENT, SIGNED_RATIO, TWO_DIGITS, Cell, Table
from training.evaluation.page.figures import Chart
from training.evaluation.page.sections import Part, Section, Shown, alone
from training.evaluation.page.words import MISSING, part, same, say, way
from training.evaluation.types import Comparison, Evaluation, Segment
from training.metrics import Estimate

ALL_BLOCKS = "missing"
"""The one heading of all ways of dividing the rows by whether a block was given."""


def segments(evaluation: Evaluation) -> Section:
    """How each segment did and what a cut-off does to it, one way of dividing the rows after another."""
    overall = figures.all_rows(evaluation, "auc")
    parts = tuple(
        _way(by, rows, figures.forest(f"forest-{place}", rows, overall))
        for place, (by, rows) in enumerate(_ways(evaluation.segments).items())
    )
    sentences = () if parts else (say("segments.none"),)
    return Section("segments", say("segments.title"), say("segments.lead"), sentences=sentences, parts=parts)


def comparison(evaluation: Evaluation) -> Section:
    """Paired differences over all rows and segment by segment."""
    given, title = evaluation.comparison, say("comparison.title")
    if given is None:
        return Section("comparison", title, say("comparison.none"))
    judged = [one for one in evaluation.segments if one.auc_difference is not None]
    heads = (say("comparison.by"), say("segments.segment"), say("glance.rows"), say("glance.defaults"),
             say("comparison.auc"), say("comparison.loss"))  # fmt: skip
    rows = tuple(_segment_difference(one) for one in judged)
    table = Table(say("comparison.by_segment"), heads, rows, long=True)
    by_segment = Shown(table, figures.differences(judged), stacked=True)
    parts = (
        Part(None, (alone(_differences(evaluation, given)),)),
        Part(say("comparison.by_segment"), (by_segment,)),
    )
    return Section("comparison", title, say("comparison.lead"), parts=parts)


def _ways(given: Sequence[Segment]) -> dict[str, list[Segment]]:
    ways: dict[str, list[Segment]] = {}
    for segment in given:
        ways.setdefault(_heading(segment.by), []).append(segment)
    return ways


def _heading(by: str) -> str:
    return ALL_BLOCKS if by.removeprefix(MISSING) in BLOCKS else by


def _way(by: str, rows: Sequence[Segment], chart: Chart | None) -> Part:
    heads = (say("segments.segment"), say("glance.rows"), say("glance.defaults"), say("metric.default_rate"),
             say("metric.mean_pd"), same("AUC"), same("ECE"))  # fmt: skip
    did = Table(say("segments.table"), heads, tuple(map(_did, rows)))
    return Part(way(by), (Shown(did, chart, stacked=True), alone(_fairness(rows))))


def _did(one: Segment) -> tuple[Cell, ...]:
    why = same(one.note) if one.note else None
    return (
        _named(one),
        cells.whole(one.rows),
        cells.whole(one.defaults),
        cells.estimate(one.default_rate, TWO_DIGITS, why=why),
        cells.number(one.mean_pd, TWO_DIGITS, why=why),
        cells.estimate(one.auc, RATIO, why=why),
        cells.estimate(one.ece, TWO_DIGITS, why=why),
    )


def _fairness(rows: Sequence[Segment]) -> Table:
    heads = (say("segments.segment"), say("glance.rows"), say("segments.approved"), say("segments.missed"),
             say("segments.missed_gap"), say("metric.default_rate"))  # fmt: skip
    least = min((one.missed for one in rows if math.isfinite(one.missed)), default=math.nan)
    return Table(say("segments.fairness"), heads, tuple(_fair(one, least) for one in rows))


def _fair(one: Segment, least: float) -> tuple[Cell, ...]:
    why = same(one.note) if one.note else None
    return (
        _named(one),
        cells.whole(one.rows),
        cells.barred(cells.number(one.approved, ONE_DIGIT, why=why), one.approved, 1.0),
        cells.barred(cells.number(one.missed, ONE_DIGIT, why=why), one.missed, 1.0),
        cells.number(one.missed - least, SIGNED_PERCENT, why=why),
        cells.estimate(one.default_rate, TWO_DIGITS, why=why),
    )


def _segment_difference(one: Segment) -> tuple[Cell, ...]:
    why = same(one.note) if one.note else None
    return (
        cells.words(way(_heading(one.by))),
        _named(one),
        cells.whole(one.rows),
        cells.whole(one.defaults),
        cells.estimate(one.auc_difference, SIGNED_RATIO, why=why),
        cells.estimate(one.loss_difference, SIGNED_RATIO, why=why),
    )


def _named(one: Segment) -> Cell:
    return cells.words(part(one.by, one.name))


def _differences(evaluation: Evaluation, given: Comparison) -> Table:
    heads = (say("glance.metric"), say("comparison.champion"), say("comparison.challenger"),
             say("comparison.difference"), say("comparison.p"))  # fmt: skip
    loss = evaluation.metrics.get("log_loss")
    losses = (_champion_loss(loss, given), loss, given.loss)
    rows = (
        _row(same("AUC"), (given.champion_auc, evaluation.metrics.get("auc"), given.auc), given.p_auc, RATIO),
        _row(say("metric.log_loss"), losses, given.p_loss, cells.STYLE_OF["log_loss"]),
        _versions(evaluation, given),
    )
    return Table(say("comparison.table"), heads, rows)


def _champion_loss(challenger: Estimate | None, given: Comparison) -> Estimate:
    """The challenger's less the difference; its interval was not drawn."""
    value = math.nan if challenger is None else challenger.value - given.loss.value
    return Estimate(value, math.nan, math.nan)


def _row(
    name: Text, values: tuple[Estimate | None, Estimate | None, Estimate], p: float, style: cells.Style
) -> tuple[Cell, ...]:
    champion, challenger, difference = values
    return (
        cells.words(name),
        cells.estimate(champion, style),
        cells.estimate(challenger, style),
        cells.estimate(difference, SIGNED_RATIO),
        cells.chance(p),
    )


def _versions(evaluation: Evaluation, given: Comparison) -> tuple[Cell, ...]:
    named = [replace(cells.plain(one.version), number=True) for one in (given.champion, evaluation.model)]
    not_a_number = Text("版本没有差值", "versions have no difference")
    return (cells.words(say("glance.version")), *named, cells.dash(not_a_number), cells.dash(not_a_number))
