"""The parts of an answer that tell what would change it."""

from collections.abc import Sequence
from typing import Any

from decisions.changes.options import Change
from decisions.changes.ways import Step, Way
from decisions.eligibility import Verdict

Json = dict[str, Any]


def next_grade_part(ways: Sequence[Way]) -> list[Json]:
    """Ways to the next grade, the cheapest first; each is verified."""
    return [way_part(way) for way in ways]


def what_would_change_it(failed: Sequence[Verdict], ways: Sequence[Way] | None = None) -> list[Json]:
    """For each condition that refuses a product, what it needs.

    Args:
        failed: the conditions.
        ways: to the product, the cheapest first; None = nobody looked for any.

    Returns:
        `rule`, `needs`, `actionable`; where ways were looked for also `verified`, and in `steps` the whole of the
        cheapest way: only all of them together open the product. Without one `verified` is false and `steps` empty.
    """
    rows = [{"rule": found.rule, "needs": found.nearest, "actionable": found.actionable} for found in failed]
    if ways is None:
        return rows
    steps = [_step(step) for step in ways[0].steps] if ways else []
    return [row | {"verified": bool(ways), "steps": steps} for row in rows]


def way_part(way: Way) -> Json:
    """One way: what to do, and the score, grade and months that it leads to."""
    return {
        "points": way.points,
        "grade": way.grade,
        "months": way.months,
        "verified": True,
        "steps": [_step(step) for step in way.steps],
    }


def _step(step: Step) -> Json:
    return {
        "action": step.action,
        "text": step.text.as_dict(),
        "feature": step.feature,
        "from": step.from_value,
        "to": step.to_value,
        "unit": step.unit,
        "months": step.months,
        "changes": [_change(change) for change in step.changes],
        "ends": [word for lift in step.lifts for word in lift.words],
        "offers": [offer.fact for offer in step.offers if not offer.forgets],
    }


def _change(change: Change) -> Json:
    return {
        "feature": change.feature.name,
        "from": change.before,
        "to": change.after,
        "unit": change.feature.unit,
    }
