"""The parts of an answer that tell what would change it."""

from collections.abc import Sequence
from typing import Any

from decisions.changes.options import Change
from decisions.changes.ways import Step, Way
from decisions.offered.eligibility import Verdict

Json = dict[str, Any]


def next_grade_part(ways: Sequence[Way]) -> list[Json]:
    """Ways to the next grade, the cheapest first; each is verified."""
    return [way_part(way) for way in ways]


def what_it_needs(failed: Verdict) -> Json:
    """What a condition that refuses a product needs, by its rule alone."""
    return {"rule": failed.rule, "needs": failed.nearest, "actionable": failed.actionable}


def verified(rows: Sequence[Json], ways: Sequence[Way]) -> list[Json]:
    """What the conditions of one product need, with the ways that were looked for.

    Args:
        rows: `what_it_needs` of each condition.
        ways: to the product, the cheapest first.

    Returns:
        The rows with `verified`, and in `steps` the whole of the cheapest way: only all of them together open the
        product. Without a way `verified` is false and `steps` empty.
    """
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
