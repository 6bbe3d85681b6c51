"""Look at the requests of a month, and of the three months that end with it, and say what is amiss."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from training.drift import words
from training.drift.afterwards import approvals, default_ratio, delay
from training.drift.calendar import TaxCalendar
from training.drift.fates import Fates
from training.drift.inputs import (
    by_rules,
    eligible_move,
    moved,
    of_tax_timing,
    own_repeats,
    score_move,
    smallest_move,
    without,
    wrong_units,
)
from training.drift.kinds import Alarm, Kind, Moved, Report
from training.drift.policy import DriftPolicy
from training.drift.reference import Reference
from training.drift.requests import Requests, Span
from training.drift.shares import ShareMove
from training.drift.spread import Move, holm, move_of

MONTHS_LOOKED_AT = (1, 3)
FOR_INPUTS: frozenset[Kind] = frozenset(
    {"input_shift", "unit_mistake", "missing_block", "tax_calendar", "policy_change"}
)
"""What explains that a score moved."""


@dataclass(frozen=True)
class Look:
    """What is looked at, beside what, by which numbers.

    Attributes:
        requests: of the span.
        everything: requests and reports as they were known on the span's last day.
    """

    reference: Reference
    requests: Requests
    everything: Requests
    span: Span
    policy: DriftPolicy
    calendar: TaxCalendar


def judge(
    reference: Reference, requests: Requests, day: dt.date, *, policy: DriftPolicy, calendar: TaxCalendar
) -> Report:
    """What the month of a day shows, alone and with the two months before it, as known at the end of that month.

    Requests of the reference's own days are no news and are left out; of an alarm that both spans give, the month's
    is told.
    """
    last = Span.of_month(day).last
    everything = requests.known_by(last)
    reports = []
    for months in MONTHS_LOOKED_AT:
        span = Span.of_month(day, months=months)
        if months > 1 and span.first <= reference.span.last:
            span = Span(max(span.first, reference.span.last + dt.timedelta(days=1)), span.last)
        looked = Look(reference, everything.within(span), everything, span, policy, calendar)
        reports.append(_report(looked, outcomes=months == 1))
    month, quarter = reports
    kinds = {alarm.kind for alarm in month.alarms}
    more = tuple(alarm for alarm in quarter.alarms if alarm.kind not in kinds)
    return replace(month, alarms=(*month.alarms, *_unexplained(month.alarms, more)))


def _unexplained(told: tuple[Alarm, ...], more: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """Without a score shift that what one of the spans shows explains."""
    explained = any(alarm.kind in FOR_INPUTS for alarm in (*told, *more))
    return tuple(alarm for alarm in more if not (alarm.kind == "score_shift" and explained))


def _report(look: Look, *, outcomes: bool) -> Report:
    requests, policy = look.requests, look.policy
    alarms: list[Alarm] = []
    figures: dict[str, float | None] = {}
    notes = []
    if len(requests) < policy.fewest_rows:
        notes.append(words.too_few(len(requests), int(policy.fewest_rows)))
    else:
        alarms += _of_requests(look, figures)
    if outcomes:
        alarms += _of_outcomes(look, figures, policy_changed=any(one.kind == "policy_change" for one in alarms))
    return Report(look.span, len(requests), requests.enterprises, tuple(alarms), figures, tuple(notes))


def _of_requests(look: Look, figures: dict[str, float | None]) -> Iterator[Alarm]:
    blocks = list(_blocks(look))
    found, farthest = moved(look.reference, look.requests, look.policy)
    score = score_move(look.reference, look.requests)
    figures |= {"farthest_feature": farthest, "features_moved": float(len(found)), "score": score.excess}
    score_has_moved = _has_moved(score, look)
    inputs = list(_inputs(look, found, score if score_has_moved else None))
    yield from blocks
    yield from inputs
    if score_has_moved and not blocks and not inputs:
        yield words.score_shift(score, look.requests, look.reference)
    yield from _policy(look, is_explained=bool(found or blocks or score_has_moved))


def _has_moved(score: Move, look: Look) -> bool:
    return score.p <= look.policy.level and score.excess > smallest_move(
        look.reference.score.usual, look.reference, look.policy
    )


def _blocks(look: Look) -> Iterator[Alarm]:
    rows, policy = look.requests.rows, look.policy
    again = own_repeats(look.requests)
    moves = {
        block: shares.move(
            int(rows[f"has_{block}"].sum()), rows.height, repeats=look.reference.repeats, own_repeats=again
        )
        for block, shares in look.reference.blocks.items()
    }
    adjusted = dict(zip(moves, holm([one.p for one in moves.values()]), strict=True))
    told: dict[str, ShareMove] = {}
    for block, move in moves.items():
        least = max(policy.smallest_share, policy.times_usual * look.reference.blocks[block].usual)
        if adjusted[block] <= policy.level and abs(move.change) >= least:
            told[block] = move
    if told:
        yield words.missing_blocks(told, policy)


def _inputs(look: Look, found: tuple[Moved, ...], score: Move | None) -> Iterator[Alarm]:
    left = found
    for rule, explained in by_rules(found, look.calendar, look.requests):
        left = without(left, explained)
        yield words.rule_began(rule, explained)
    if (wrong := wrong_units(look.reference, look.requests, look.policy)) is not None:
        explained = tuple(one for one in left if wrong.table in one.feature.sources)
        left = without(left, explained)
        yield words.wrong_units(wrong, explained)
    why, timed = look.calendar.why_late(*_ends(look)), of_tax_timing(left)
    if timed and (why is not None or len(timed) == len(left)):
        left = without(left, timed)
        yield words.tax_calendar(why, timed)
    if left:
        yield words.input_shift(left, score, look.policy)


def _ends(look: Look) -> tuple[dt.date, dt.date]:
    span = look.requests.span
    return span.first, span.last


def _policy(look: Look, *, is_explained: bool) -> Iterator[Alarm]:
    """A version that began, and answers that changed with it while neither inputs nor scores did."""
    reference, policy = look.reference, look.policy
    began = {
        "policy": _began(look, "policy_version", reference.policies),
        "catalogue": _began(look, "catalogue_version", reference.catalogues),
    }
    if is_explained or not any(began.values()):
        return
    grades, p = _grades_moved(look)
    eligible = eligible_move(reference, look.requests)
    has_moved = grades >= policy.smallest_share and p <= policy.level
    has_moved |= eligible is not None and eligible.p <= policy.level and eligible.excess > policy.smallest_index
    if has_moved:
        yield words.policy_changed(began, grades, eligible)


def _began(look: Look, name: str, before: Collection[str]) -> list[str]:
    """Versions that nothing was answered with before the span."""
    earlier = look.everything.rows.filter(pl.col("day") < look.span.first)[name]
    return sorted({*look.requests.rows[name].drop_nulls()} - {*before, *earlier.drop_nulls()})


def _grades_moved(look: Look) -> tuple[float, float]:
    """Share of enterprises that would have to change their grade for both to be alike, and its p.

    Beside the reference's grades; a training sample has none, and then beside those before the span.
    """
    before: Counter[str] = Counter()
    for told in look.reference.grades.values():
        before.update(told)
    if not before:
        before.update(look.everything.rows.filter(pl.col("day") < look.span.first)["grade"].drop_nulls())
    after = Counter(look.requests.rows["grade"].drop_nulls())
    names = sorted({*before, *after})
    if not before or not after:
        return 0.0, 1.0
    p, q = (np.array([one[name] for name in names], dtype=float) for one in (before, after))
    distance = float(abs(p / p.sum() - q / q.sum()).sum() / 2)
    return distance, move_of(p, q, repeats=look.reference.repeats).p


def _of_outcomes(look: Look, figures: dict[str, float | None], *, policy_changed: bool) -> Iterator[Alarm]:
    before, policy = look.reference.fates, look.policy
    if before is None or look.everything.outcomes.is_empty():
        return
    fresh = replace(
        look.everything, rows=look.everything.rows.filter(look.everything.rows["day"] > look.reference.span.last)
    )
    fates = Fates.of(fresh, on=look.span.last)
    late = delay(fates, before, policy, repeats=look.reference.repeats)
    ratio = default_ratio(fates, before, policy, late=late.months if late else 0.0)
    granted = approvals(fates, before, on=look.span.last)
    figures |= {
        "months_late": late.months if late else 0.0,
        "defaults_to_expected": ratio.value if ratio else None,
        "defaults_to_expected_low": ratio.low if ratio else None,
        "defaults_to_expected_high": ratio.high if ratio else None,
        "approvals_less_expected": granted.change if granted else None,
    }
    if late is not None:
        yield words.label_delay(late)
    least = policy.tolerated_default_ratio
    off = ratio is not None and ratio.p <= policy.level and not 1 / least < ratio.value < least
    off = off and not (late is not None and ratio is not None and ratio.value < 1)
    refused = granted is not None and granted.p <= policy.level and abs(granted.change) >= policy.smallest_share
    if off or (refused and not policy_changed):
        yield words.outcome_drift(ratio if off else None, granted if refused else None)
