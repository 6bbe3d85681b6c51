"""A report as plain values."""

import math
from typing import Any

from training.drift.kinds import ADVICES, KINDS, Alarm, Moved, Report


def as_json(report: Report) -> dict[str, Any]:
    """Days as ISO 8601; what is not known is null."""
    return {
        "from": report.span.first.isoformat(),
        "until": report.span.last.isoformat(),
        "requests": report.rows,
        "enterprises": report.enterprises,
        "advice": report.advice,
        "advice_text": ADVICES[report.advice].as_dict(),
        "alarms": [_alarm(alarm) for alarm in report.alarms],
        "figures": {name: _known(value) for name, value in report.figures.items()},
        "notes": [note.as_dict() for note in report.notes],
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind,
        "kind_text": KINDS[alarm.kind].as_dict(),
        "advice": alarm.advice,
        "text": alarm.text.as_dict(),
        "features": [_moved(one) for one in alarm.features],
        "numbers": dict(alarm.numbers),
    }


def _moved(one: Moved) -> dict[str, Any]:
    return {
        "name": one.name,
        "zh": one.feature.zh,
        "en": one.feature.en,
        "index": one.move.index,
        "less_noise": one.move.excess,
        "usual": one.usual,
        "p": one.p,
        "median_before": _known(one.move.before),
        "median_after": _known(one.move.after),
    }


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
