"""The charts of the page, as plotly takes them.

A text is a `Text` as `{"zh": …, "en": …}` and a colour the name of a CSS variable: the page's script puts in the
language and the light or dark colour that are asked for, and escapes texts, which plotly reads as HTML.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decisions.text import Text
from training.evaluation.page.words import part, same, say
from training.evaluation.types import Bin, Curve, Cut, Evaluation, Month, Segment, Tenth
from training.metrics import Estimate

ACCENT, SOFT, MUTED, LINE = "--accent", "--soft", "--muted", "--line"
HEIGHT, LINE_OF_A_SEGMENT, AROUND_SEGMENTS = 340, 26, 64
DOTTED = {"dash": "dot", "width": 1, "color": MUTED}
NO_LEGEND = {"showlegend": False, "margin": {"l": 8, "r": 12, "t": 8, "b": 8}}
STRONG = {"width": 2, "color": ACCENT}
Json = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """A chart: what it shows in words, what plotly draws, and how high it is in pixels."""

    name: str
    label: Text
    spec: Mapping[str, Any]
    height: int = HEIGHT


def roc(curve: Curve) -> Chart | None:
    """True against false alarms, beside guessing."""
    layout = _layout(say("ranking.false_alarms"), say("ranking.found"))
    return _chart("roc", say("ranking.roc"), [_curve(curve), _guessing([0, 1], [0, 1])], _of_shares(layout))


def precision_recall(curve: Curve, default_rate: float) -> Chart | None:
    """Precision at each recall, beside the share that guessing gives."""
    lines = [_curve(curve)]
    if math.isfinite(default_rate):
        lines.append(_guessing([0, 1], [default_rate, default_rate]))
    layout = _layout(say("ranking.found"), say("ranking.precision"))
    return _chart("precision-recall", say("ranking.precision_recall"), lines, _of_shares(layout))


def gains(tenths: Sequence[Tenth], rows: int) -> Chart | None:
    """Share of all defaults found against share of rows, riskiest first."""
    known = any(math.isfinite(tenth.gain) for tenth in tenths)
    taken, so_far = 0, [0.0]
    for tenth in tenths:
        taken += tenth.rows
        so_far.append(taken / rows if rows else math.nan)
    line = _curve(Curve(tuple(so_far), (0.0, *(tenth.gain for tenth in tenths))), mode="lines+markers")
    layout = _of_shares(_layout(say("ranking.share_of_rows"), say("ranking.gain_head")))
    return _chart("gains", say("ranking.gains"), [line, _guessing([0, 1], [0, 1])] if known else [], layout)


def lift(tenths: Sequence[Tenth]) -> Chart | None:
    """Default rate of each tenth against that of all."""
    bars = _bars([tenth.tenth for tenth in tenths], [tenth.lift for tenth in tenths])
    layout = _layout(say("ranking.tenth"), say("ranking.lift_head")) | NO_LEGEND
    layout["xaxis"] |= {"dtick": 1}
    layout["shapes"] = [_level(1.0)]
    return _chart("lift", say("ranking.lift"), [bars], layout)


def reliability(bins: Sequence[Bin]) -> Chart | None:
    """Share of defaults seen, with its interval, against the PD said."""
    points = _trace([one.said for one in bins], [one.seen.value for one in bins], mode="markers")
    points |= {"error_y": _error([one.seen for one in bins]), "marker": {"size": 8, "color": ACCENT}}
    points |= {"name": _text(say("calibration.bins"))}
    ends = [value for one in bins for value in (one.said, one.seen.value, one.seen.high) if math.isfinite(value)]
    end = max(ends, default=1.0)
    exact = _guessing([0, end], [0, end]) | {"name": _text(say("calibration.perfect"))}
    layout = _layout(say("calibration.said"), say("calibration.seen"))
    layout["xaxis"] |= {"tickformat": ",.1%", "rangemode": "tozero", "nticks": 6}
    layout["yaxis"] |= {"tickformat": ",.1%", "rangemode": "tozero", "nticks": 6}
    return _chart("reliability", say("calibration.chart"), [points, exact], layout)


def months(given: Sequence[Month]) -> Chart | None:
    """AUC with its interval above, PSI below, by day judged."""
    days = [month.as_of.isoformat() for month in given]
    line = _trace(days, [month.auc.value for month in given], mode="lines+markers")
    line |= {"error_y": _error([month.auc for month in given]), "line": STRONG}
    bars = _bars(days, [month.psi for month in given]) | {"yaxis": "y2"}
    layout = _layout(say("stability.as_of"), same("AUC")) | NO_LEGEND
    layout["yaxis"] |= {"domain": [0.42, 1.0], "tickformat": ".2f", "nticks": 6}
    layout["yaxis2"] = _axis(same("PSI")) | {"domain": [0.0, 0.3], "rangemode": "tozero", "nticks": 4}
    layout["xaxis"] |= {"type": "date", "tickformat": "%Y-%m", "anchor": "y2", "nticks": 6}
    return _chart("months", say("stability.chart"), [line, bars], layout, height=400)


def forest(name: str, segments: Sequence[Segment], overall: float) -> Chart | None:
    """AUC of each segment with its interval, beside that of all rows."""
    values = [segment.auc for segment in segments]
    names = [part(segment.by, segment.name) for segment in segments]
    return _forest(name, (say("segments.chart"), same("AUC")), names, values, nought=overall)


def differences(segments: Sequence[Segment]) -> Chart | None:
    """AUC of the challenger less that of the champion, with its interval, segment by segment."""
    judged = [(segment, segment.auc_difference) for segment in segments if segment.auc_difference is not None]
    names = [part(segment.by, segment.name) for segment, _ in judged]
    texts = say("comparison.chart"), say("comparison.auc")
    return _forest("differences", texts, names, [one for _, one in judged], nought=0.0)


def profit(cuts: Sequence[Cut]) -> Chart | None:
    """Profit for each yuan asked for, with its band, by cut-off."""
    ordered = [cut for cut in sorted(cuts, key=lambda cut: cut.score) if math.isfinite(cut.profit.value)]
    scores = [cut.score for cut in ordered]
    low = _trace(scores, [cut.profit.low for cut in ordered], mode="lines") | {"line": {"width": 0}}
    low |= {"showlegend": False, "hoverinfo": "skip"}
    high = _trace(scores, [cut.profit.high for cut in ordered], mode="lines") | {"line": {"width": 0}}
    high |= {"fill": "tonexty", "fillcolor": SOFT, "name": _text(say("profit.band")), "hoverinfo": "skip"}
    line = _trace(scores, [cut.profit.value for cut in ordered], mode="lines") | {"line": STRONG}
    line |= {"name": _text(say("profit.profit"))}
    layout = _layout(say("profit.score"), say("profit.profit"))
    layout["yaxis"] |= {"tickformat": ",.2%", "zeroline": True, "zerolinecolor": MUTED}
    return _chart("profit", say("profit.chart"), [line, low, high], layout)


def all_rows(evaluation: Evaluation, metric: str) -> float:
    """A metric over all rows; NaN where it was not computed."""
    given = evaluation.metrics.get(metric)
    return given.value if given is not None else math.nan


def _forest(
    name: str, texts: tuple[Text, Text], names: Sequence[Text], values: Sequence[Estimate], *, nought: float
) -> Chart | None:
    """Values with their intervals below each other; `texts` are what the chart shows and the title of its axis."""
    label, axis = texts
    rows = list(range(len(values)))
    points = _trace([one.value for one in values], rows, mode="markers")
    points |= {"error_x": _error(values), "marker": {"size": 8, "color": ACCENT}}
    points |= {"text": [_text(one) for one in names], "hovertemplate": "%{text}: %{x:.3f}<extra></extra>"}
    layout = _layout(axis, same("")) | NO_LEGEND
    layout["yaxis"] |= {"tickvals": rows, "ticktext": [_text(one) for one in names], "range": [len(rows) - 0.4, -0.6]}
    layout["yaxis"] |= {"showgrid": False, "tickfont": {"size": 11}}
    layout["xaxis"] |= {"tickformat": "+.3f" if nought == 0 else ".2f", "nticks": 7}
    if math.isfinite(nought):
        upright = {"type": "line", "x0": nought, "x1": nought, "yref": "paper", "y0": 0, "y1": 1}
        layout["shapes"] = [upright | {"line": DOTTED}]
    return _chart(name, label, [points], layout, height=AROUND_SEGMENTS + LINE_OF_A_SEGMENT * len(rows))


def _chart(name: str, label: Text, traces: list[Json], layout: Json, *, height: int = HEIGHT) -> Chart | None:
    """None where the first of the lines has nothing to draw."""
    if not traces or not _drawable(traces[0]):
        return None
    return Chart(name, label, {"data": traces, "layout": layout}, height)


def _drawable(trace: Json) -> bool:
    return any(x is not None and y is not None for x, y in zip(trace["x"], trace["y"], strict=True))


def _curve(curve: Curve, *, mode: str = "lines") -> Json:
    return _trace(curve.x, curve.y, mode=mode) | {"line": STRONG, "name": _text(say("ranking.model"))}


def _guessing(x: Sequence[float], y: Sequence[float]) -> Json:
    line = _trace(x, y, mode="lines") | {"line": DOTTED, "name": _text(say("ranking.guessing"))}
    return line | {"hoverinfo": "skip"}


def _trace(x: Sequence[float | str], y: Sequence[float | str], *, mode: str) -> Json:
    return {"type": "scatter", "mode": mode, "x": _clean(x), "y": _clean(y), "marker": {"color": ACCENT, "size": 6}}


def _bars(x: Sequence[float | str], y: Sequence[float]) -> Json:
    return {"type": "bar", "x": _clean(x), "y": _clean(y), "marker": {"color": ACCENT}, "showlegend": False}


def _error(values: Sequence[Estimate]) -> Json:
    up = _clean([one.high - one.value for one in values])
    down = _clean([one.value - one.low for one in values])
    shown = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
    return shown | {"thickness": 1.5, "width": 3, "color": ACCENT}


def _clean(values: Sequence[float | str]) -> list[float | str | None]:
    """JSON has no NaN; plotly leaves a gap at null."""
    return [value if isinstance(value, str) or math.isfinite(value) else None for value in values]


def _level(y: float) -> Json:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": DOTTED}


def _of_shares(layout: Json) -> Json:
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"tickformat": ",.0%", "range": [-0.02, 1.02], "dtick": 0.2}
    return layout


def _layout(x: Text, y: Text) -> Json:
    legend = {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"}
    return {
        "xaxis": _axis(x),
        "yaxis": _axis(y),
        "margin": {"l": 8, "r": 12, "t": 36, "b": 8},
        "legend": legend,
        "bargap": 0.35,
        "dragmode": False,
        "hovermode": "closest",
    }


def _axis(title: Text) -> Json:
    axis: Json = {"automargin": True, "gridcolor": LINE, "linecolor": LINE, "zeroline": False, "fixedrange": True}
    return axis | ({"title": {"text": _text(title), "standoff": 10}} if title.zh else {})


def _text(words: Text) -> Json:
    return {"zh": words.zh, "en": words.en}
