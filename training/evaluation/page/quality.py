"""Sections on how good the answers are: ranking, calibration, stability, profit, beside the truth."""

import numpy as np

from decisions.text import Text
from training.evaluation.page import cells, figures
from training.evaluation.page.cells import NONE, ONE_DIGIT, PERCENT, RATIO, STYLE_OF, TWO_DIGITS, Cell, Table
from training.evaluation.page.sections import Part, Section, Shown, alone
from training.evaluation.page.words import filled, same, say
from training.evaluation.types import Curve, Cut, Evaluation

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)


def ranking(evaluation: Evaluation) -> Section:
    """ROC, precision and recall, gains and lift, tenth by tenth."""
    rate = figures.all_rows(evaluation, "default_rate")
    curves = (
        Shown(_found(evaluation.roc), figures.roc(evaluation.roc)),
        Shown(_precise(evaluation.precision_recall), figures.precision_recall(evaluation.precision_recall, rate)),
    )
    tenths = (
        Shown(_tenths(evaluation), figures.gains(evaluation.tenths, evaluation.rows)),
        Shown(_lifts(evaluation), figures.lift(evaluation.tenths)),
    )
    parts = (Part(None, curves), Part(say("ranking.tenths"), tenths))
    return Section("ranking", say("ranking.title"), say("ranking.lead"), parts=parts)


def calibration(evaluation: Evaluation) -> Section:
    """What was said beside what was seen, and the error beside what noise gives."""
    rows = tuple(
        (
            cells.whole(place),
            cells.whole(one.rows),
            cells.number(one.said, TWO_DIGITS),
            cells.estimate(one.seen, TWO_DIGITS),
        )
        for place, one in enumerate(evaluation.reliability, 1)
    )
    heads = (say("calibration.bin"), say("glance.rows"), say("calibration.said"), say("calibration.seen"))
    table = Table(say("calibration.table"), heads, rows, long=True)
    shown = Shown(table, figures.reliability(evaluation.reliability))
    return Section(
        "calibration",
        say("calibration.title"),
        say("calibration.lead"),
        sentences=(_beside_noise(evaluation),),
        parts=(Part(None, (shown,)),),
    )


def stability(evaluation: Evaluation) -> Section:
    """AUC and PSI cohort by cohort, and the features that moved."""
    rows = tuple(
        (
            cells.day(month.as_of),
            cells.whole(month.rows),
            cells.whole(month.defaults),
            cells.estimate(month.auc, RATIO),
            cells.number(month.psi, RATIO),
        )
        for month in evaluation.months
    )
    heads = (say("stability.as_of"), say("glance.rows"), say("glance.defaults"), same("AUC"), same("PSI"))
    months = Shown(Table(say("stability.table"), heads, rows, long=True), figures.months(evaluation.months))
    parts = (Part(None, (months,)), Part(say("stability.drifting"), (alone(_drifting(evaluation)),)))
    return Section("stability", say("stability.title"), say("stability.lead"), parts=parts)


def profit(evaluation: Evaluation) -> Section:
    """What each cut-off would bring, and the best of them."""
    cuts = sorted(evaluation.cuts, key=lambda cut: cut.score)
    rows = tuple(
        (
            cells.number(cut.score, cells.WHOLE),
            cells.number(cut.approved, ONE_DIGIT),
            cells.number(cut.default_rate, TWO_DIGITS),
            cells.estimate(cut.profit, TWO_DIGITS),
        )
        for cut in cuts
    )
    heads = (say("profit.score"), say("profit.approved"), say("profit.default_rate"), say("profit.profit"))
    shown = Shown(Table(say("profit.table"), heads, rows, long=True), figures.profit(cuts))
    best = max((cut for cut in cuts if cells.finite(cut.profit.value)), key=lambda cut: cut.profit.value, default=None)
    return Section(
        "profit",
        say("profit.title"),
        say("profit.lead"),
        parts=(Part(None, (shown,)),),
        sentences=() if best is None else (_best(best),),
    )


def truth(evaluation: Evaluation) -> Section | None:
    """How near the ranking comes to the chances that the rows really had; None where nobody knows them."""
    if evaluation.truth is None:
        return None
    given = evaluation.truth
    rows = (
        (cells.words(say("truth.auc_of_truth")), cells.estimate(given.auc_of_truth, RATIO)),
        (cells.words(say("truth.gini_ratio")), cells.estimate(given.gini_ratio, PERCENT)),
        (cells.words(say("truth.covered")), cells.estimate(given.covered, PERCENT)),
        (cells.words(say("truth.nominal")), cells.number(given.nominal, PERCENT)),
    )
    table = Table(say("truth.table"), (say("glance.metric"), say("glance.value")), rows)
    return Section("truth", say("truth.title"), say("truth.lead"), parts=(Part(None, (alone(table),)),))


def _beside_noise(evaluation: Evaluation) -> Text:
    error, floor = (cells.estimate(evaluation.metrics.get(name), STYLE_OF[name]) for name in ("ece", "ece_floor"))
    if NONE in error.text.zh + floor.text.zh:
        return say("calibration.unknown")
    return filled(say("calibration.beside"), ece=_in_a_sentence(error), floor=_in_a_sentence(floor))


def _in_a_sentence(cell: Cell) -> str:
    return f"{cell.text.zh} {cell.interval}".strip()


def _best(cut: Cut) -> Text:
    return filled(
        say("profit.best"),
        score=cells.WHOLE.write(cut.score),
        approved=cells.number(cut.approved, PERCENT).text.zh,
        profit=_in_a_sentence(cells.estimate(cut.profit, TWO_DIGITS)),
    )


def _found(roc: Curve) -> Table:
    """Straight lines between the points of a ROC are what mixing two cut-offs gives."""
    usable = len(roc.x) > 1 and bool(np.isfinite([*roc.x, *roc.y]).all())
    order = np.argsort(roc.x, kind="stable")
    x, y = np.asarray(roc.x)[order], np.asarray(roc.y)[order]
    found = [float(np.interp(share, x, y)) if usable else None for share in SHARES]
    rows = tuple(_pair(share, value) for share, value in zip(SHARES, found, strict=True))
    return Table(say("ranking.roc_table"), (say("ranking.false_alarms"), say("ranking.found")), rows)


def _precise(curve: Curve) -> Table:
    """Precision does not run straight between points, so that the next point is taken."""
    points = sorted(zip(curve.x, curve.y, strict=True))
    shares = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
    rows = tuple(_pair(share, next((y for x, y in points if x >= share), None)) for share in shares)
    return Table(say("ranking.precision_recall_table"), (say("ranking.found"), say("ranking.precision")), rows)


def _pair(share: float, value: float | None) -> tuple[Cell, Cell]:
    return cells.number(share, cells.Style(digits=0, fine=0, scale=100.0, unit="%")), cells.number(value, ONE_DIGIT)


def _tenths(evaluation: Evaluation) -> Table:
    rows = tuple(
        (cells.whole(one.tenth), cells.whole(one.rows), cells.whole(one.defaults), cells.number(one.gain, ONE_DIGIT))
        for one in evaluation.tenths
    )
    heads = (say("ranking.tenth"), say("glance.rows"), say("glance.defaults"), say("ranking.gain_head"))
    return Table(say("ranking.gains"), heads, rows)


def _lifts(evaluation: Evaluation) -> Table:
    rows = tuple(
        (
            cells.whole(one.tenth),
            cells.number(one.lift, cells.Style(2, 2)),
            _scores(one.lowest_score, one.highest_score),
        )
        for one in evaluation.tenths
    )
    return Table(say("ranking.lift"), (say("ranking.tenth"), say("ranking.lift_head"), say("ranking.scores")), rows)


def _scores(lowest: float, highest: float) -> Cell:
    if not (cells.finite(lowest) and cells.finite(highest)):
        return cells.dash()
    return Cell(same(f"{cells.WHOLE.write(lowest)} – {cells.WHOLE.write(highest)}"))


def _drifting(evaluation: Evaluation) -> Table:
    most = cells.largest([one.csi for one in evaluation.drifting])
    rows = tuple(
        (cells.feature(one.feature), cells.barred(cells.number(one.csi, RATIO), one.csi, most))
        for one in evaluation.drifting
    )
    return Table(say("stability.drifting"), (say("stability.feature"), same("CSI")), rows, long=True)
