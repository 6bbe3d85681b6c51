"""What an action would set in one enterprise's profile, step by step."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from decisions.changes.actions import MOVABLE, Action, Effect, Lift, Move, Offer
from decisions.fact_definitions import Value
from decisions.fact_definitions import facts as definitions
from decisions.fact_sources import GRADES, NONE
from decisions.facts import Facts
from decisions.formatting import shown
from decisions.text import Text, joined
from features.definition import Feature

WHOLE_UNITS = frozenset({"fen", "count", "days", "months", "level", "flag"})
MOST_TOLD = 3
"""Changes that a sentence tells."""

FINEST_SHARE = 1e4
"""Fractions are moved in steps of a ten-thousandth."""

Row = Mapping[str, Any]
Middle = Callable[[Feature], float | None]
"""The middle of comparable enterprises; None = it is not known."""


@dataclass(frozen=True)
class Change:
    """A feature before and after; only what an action costs elsewhere may be unknown before."""

    feature: Feature
    before: float | None
    after: float

    @property
    def moved(self) -> float:
        """How far, whichever way."""
        return abs(self.after - (self.before or 0.0))

    @property
    def is_seen(self) -> bool:
        """Whether people read another number than before."""
        return shown(self.before, self.feature.unit) != shown(self.after, self.feature.unit)

    @property
    def text(self) -> Text:
        """`欠税余额：3.2万元 → 0元`."""
        before, after = self._said(self.before), self._said(self.after)
        return Text(
            zh=f"{self.feature.zh}：{before.zh} → {after.zh}", en=f"{self.feature.en}: {before.en} → {after.en}"
        )

    def _said(self, value: float | None) -> Text:
        """A number with its unit; tax grades by their letters."""
        grade = GRADES.get(value or 0.0) if self.feature.name == "tax_grade_level" else None
        return Text(zh=grade, en=grade) if grade else shown(value, self.feature.unit)


@dataclass(frozen=True)
class Option:
    """An action taken so far: `share` of the way.

    Attributes:
        changes: what it improves, in the order of the action's moves.
        effects: what it costs elsewhere.
    """

    action: Action
    share: float
    changes: tuple[Change, ...]
    effects: tuple[Change, ...] = ()

    @cached_property
    def sets(self) -> Mapping[str, float]:
        """Values by feature."""
        return MappingProxyType({one.feature.name: one.after for one in (*self.changes, *self.effects)})

    def on_facts(self, facts: Facts) -> Facts:
        """Facts as they would be stated then, beside what the features tell: listings ended, things offered."""
        values = dict(facts.values)
        for lift in self.action.lifts:
            held = values.get(lift.fact)
            if isinstance(held, tuple):
                values[lift.fact] = tuple(word for word in held if word not in lift.words) or _nothing(lift.fact)
        for offer in self.action.offers:
            _offer(offer, values)
        return replace(facts, values=MappingProxyType(values))

    @property
    def cost(self) -> float:
        return self.action.cost * self.share

    @property
    def text(self) -> Text:
        """The action and what it comes to."""
        words, told = self.action.text, [one.text for one in self.changes if one.is_seen][:MOST_TOLD]
        if not told:
            return words
        sums = joined(told, zh="；", en="; ")
        return Text(zh=f"{words.zh}（{sums.zh}）", en=f"{words.en} ({sums.en})")

    def goes_with(self, other: "Option") -> bool:
        """Whether both can be taken: they set no feature to two values."""
        return all(other.sets.get(name, value) == value for name, value in self.sets.items())


@dataclass(frozen=True)
class Start:
    """What an enterprise starts from.

    Attributes:
        row: its profile.
        facts: what is known of it and of its request.
        middle: what comparable enterprises are like.
    """

    row: Row
    facts: Facts
    middle: Middle

    def value(self, name: str) -> float | None:
        """A known feature, or None."""
        value = self.row.get(name)
        return None if value is None or math.isnan(value) else float(value)


def options_of(action: Action, start: Start) -> tuple[Option, ...]:
    """The ways to take an action, the shortest first; none where it would improve nothing."""
    found = [option for option in (option_at(action, share, start) for share in action.shares) if option]
    return tuple(one for place, one in enumerate(found) if place == 0 or one.sets != found[place - 1].sets)


def option_at(action: Action, share: float, start: Start) -> Option | None:
    """An action taken `share` of the way; None where it would improve nothing."""
    if not all(one.holds(start.value(one.feature)) for one in action.where):
        return None
    changes: dict[str, Change] = {}
    is_led = any(_ends(lift, start.facts) for lift in action.lifts)
    is_led = is_led or any(_adds(offer, start.facts) for offer in action.offers)
    for move in action.moves:
        change = _changed(move, share, start, changes)
        if change is not None:
            changes[move.feature] = change
            is_led = is_led or move.leads
    if not is_led:
        return None
    return Option(action, share, tuple(changes.values()), tuple(_effects(action, start, changes)))


def _ends(lift: Lift, facts: Facts) -> bool:
    held = facts.value(lift.fact)
    return isinstance(held, tuple) and bool(set(held) & set(lift.words))


def _adds(offer: Offer, facts: Facts) -> bool:
    """Whether a statement would gain by an offer; where the request is silent nothing has been refused."""
    stated = facts.value(offer.fact)
    if isinstance(stated, tuple):
        return offer.word is not None and offer.word not in stated
    return offer.at_least is not None and isinstance(stated, int | float) and stated < offer.at_least


def _offer(offer: Offer, values: dict[str, Value]) -> None:
    stated = values.get(offer.fact)
    if offer.forgets:
        values.pop(offer.fact, None)
    elif isinstance(stated, tuple) and offer.word is not None and offer.word not in stated:
        values[offer.fact] = (*(word for word in stated if word != NONE), offer.word)
    elif isinstance(stated, int | float) and offer.at_least is not None:
        values[offer.fact] = max(stated, offer.at_least)


def _nothing(fact: str) -> tuple[str, ...]:
    """How a fact says that it holds no word."""
    return (NONE,) if NONE in definitions()[fact].words else ()


def _changed(move: Move, share: float, start: Start, changes: Mapping[str, Change]) -> Change | None:
    before = start.value(move.feature)
    target = None if before is None else _target(move, before, start, changes)
    if before is None or target is None or not move.improves(before, target):
        return None
    way = 1.0 if move.scales_with else share
    after = _rounded(before + way * (target - before), target, move)
    return Change(move.definition, before, after) if move.improves(before, after) else None


def _target(move: Move, before: float, start: Start, changes: Mapping[str, Change]) -> float | None:
    """Where the whole way would lead; None = not known."""
    if move.scales_with is not None:
        leader = changes.get(move.scales_with)
        return before * leader.after / leader.before if leader and leader.before else None
    if move.to_value_of is not None:
        return start.value(move.to_value_of)
    if move.to_peers:
        return _towards_peers(move, before, start.middle(move.definition))
    if move.rungs:
        return next((float(rung) for rung in sorted(move.rungs) if rung > before), None)
    return _of_its_own(move, before)


def _of_its_own(move: Move, before: float) -> float:
    if move.by is not None:
        after = before - move.by if move.toward == "down" else before + move.by
        within = max if move.toward == "down" else min
        return after if move.not_past is None else within(after, float(move.not_past))
    if move.times is not None:
        return before * move.times
    assert move.to is not None  # noqa: S101 - a move has exactly one target
    return float(move.to)


def _towards_peers(move: Move, before: float, middle: float | None) -> float | None:
    if middle is None or move.within_times is None:
        return middle
    farthest = before * move.within_times
    return max(middle, farthest) if move.toward == "down" else min(middle, farthest)


def _rounded(value: float, target: float, move: Move) -> float:
    """The next value there is on the way, and not past the target: whole numbers, or ten-thousandths of a fraction."""
    step = 1.0 if move.definition.unit in WHOLE_UNITS else FINEST_SHARE
    scaled = round(value * step, 6)
    below, above = math.floor(scaled) / step, math.ceil(scaled) / step
    if move.toward == "down":
        return below if below >= target else above
    return above if above <= target else below


def _effects(action: Action, start: Start, changes: Mapping[str, Change]) -> Iterator[Change]:
    for effect in action.effects:
        before = start.value(effect.feature)
        after = _after(effect, before or 0.0, changes)
        if effect.feature in start.row and after is not None and after != before:
            yield Change(MOVABLE[effect.feature], before, after)


def _after(effect: Effect, before: float, changes: Mapping[str, Change]) -> float | None:
    """The value that an effect leaves, no share above one and nothing below zero; None = its action moves nothing."""
    if effect.at_worst is not None:
        return max(before, float(effect.at_worst))
    assert effect.per_unit is not None  # noqa: S101 - an effect without a worst value has a rate
    leader, unit = changes.get(effect.of or ""), MOVABLE[effect.feature].unit
    if leader is None:
        return None
    after = before + effect.per_unit * leader.moved
    if unit == "share":
        return min(max(after, 0.0), 1.0)
    return max(float(round(after)) if unit in WHOLE_UNITS else after, 0.0)
