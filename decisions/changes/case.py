"""One enterprise as the search for changes sees it: its profile, what it could do, and what that would lead to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from decisions.changes.actions import MOVABLE, actions_on
from decisions.changes.options import Option, Start, options_of
from decisions.facts import Facts
from decisions.grades import grade_of
from decisions.policies import Policy
from features.definition import Feature
from features.peers import GROUP, Deviation, Group, base_of
from scoring.explained import score_told
from scoring.model import Model

Row = Mapping[str, Any]
Plan = tuple[Option, ...]
"""Things done together, each so far."""

Key = tuple[tuple[str, float], ...]
"""A plan by code and share of each action."""


@dataclass(frozen=True)
class Case:
    """An enterprise and what judges it.

    Attributes:
        profile: one row, with the model's features, those that facts are taken from, and `has_<block>` flags.
        model: scores profiles.
        facts: the facts of such a row; what no feature tells stays as it is.
        policy: what is in force on the day, whose actions are looked at.
    """

    profile: pl.DataFrame
    model: Model
    facts: Callable[[Row], Facts]
    policy: Policy

    def __post_init__(self) -> None:
        if self.profile.height != 1:
            raise ValueError(f"got a profile of {self.profile.height} rows, expected that of one enterprise")

    @cached_property
    def options(self) -> tuple[tuple[Option, ...], ...]:
        """The ways to take each action that would improve something, the shortest first."""
        found = (options_of(action, self.start) for action in actions_on(self.policy.day))
        return tuple(options for options in found if options)

    @cached_property
    def start(self) -> Start:
        """What it starts from."""
        return Start(self.profile.row(0, named=True), self.facts_now, self._middle)

    @cached_property
    def facts_now(self) -> Facts:
        return self.facts(self.profile.row(0, named=True))

    @cached_property
    def points_now(self) -> float:
        """Unclipped score."""
        return float(self.model.points(self.profile)[0])

    @cached_property
    def _known_points(self) -> dict[Key, float]:
        """Points of plans asked about before: product after product asks about the same."""
        return {}

    @cached_property
    def _known_facts(self) -> dict[Key, Facts]:
        """The same for facts."""
        return {}

    @cached_property
    def facts_of_each(self) -> tuple[tuple[Option, Facts], ...]:
        """Every action taken all the way by itself, and the facts then."""
        whole = tuple(options[-1] for options in self.options)
        return tuple(zip(whole, self.facts_after([(option,) for option in whole]), strict=True))

    def points(self, plans: Sequence[Plan]) -> list[float]:
        """Unclipped score after each plan, by the model on the changed profile."""
        known = self._known_points
        new = list({_key(plan): plan for plan in plans if _key(plan) not in known}.values())
        if new:
            known.update(zip(map(_key, new), map(float, self.model.points(self.after(new))), strict=True))
        return [known[_key(plan)] for plan in plans]

    def grade(self, points: float) -> str:
        """The grade of an unclipped score."""
        return grade_of(score_told(points), self.policy.grades)

    def facts_after(self, plans: Sequence[Plan]) -> list[Facts]:
        """The facts after each plan."""
        known = self._known_facts
        new = list({_key(plan): plan for plan in plans if _key(plan) not in known}.values())
        if new:
            rows = self.after(new).iter_rows(named=True)
            known.update((_key(plan), _stated(self.facts(row), plan)) for row, plan in zip(rows, new, strict=True))
        return [known[_key(plan)] for plan in plans]

    def after(self, plans: Sequence[Plan]) -> pl.DataFrame:
        """The profile after each plan: features as set, then what combines them, then deviations from the peers."""
        sets = [{name: value for option in plan for name, value in option.sets.items()} for plan in plans]
        touched = list(dict.fromkeys(name for one in sets for name in one))
        frame = self.profile[[0] * len(plans)].with_columns(
            pl.Series(name, [one.get(name, self.start.value(name)) for one in sets], pl.Float64) for name in touched
        )
        combined = self._combinations_of(touched)
        frame = frame.with_columns(feature.expression for feature in combined)
        return self._with_deviations(frame, {*touched, *(feature.name for feature in combined)})

    def _combinations_of(self, touched: Sequence[str]) -> list[Feature]:
        """Known features that are arithmetic over touched ones."""
        return [
            feature
            for feature in MOVABLE.values()
            if {one.name for one in feature.inputs} & set(touched)
            and self.start.value(feature.name) is not None
            and all(one.name in self.profile.columns for one in feature.inputs)
        ]

    def _with_deviations(self, frame: pl.DataFrame, moved: set[str]) -> pl.DataFrame:
        if self.model.peers is None or not set(GROUP) <= set(frame.columns):
            return frame
        deviations = [one for one in self.model.features if isinstance(one, Deviation) and one.base.name in moved]
        return frame.with_columns(self.model.peers.deviations(frame, deviations)) if deviations else frame

    def _middle(self, feature: Feature) -> float | None:
        """The median of the peers; without peers, the middle of the usual range."""
        if self.model.peers is not None:
            found = self.model.peers.of(base_of(feature).name, Group.of(self.profile.row(0, named=True)))
            if found is not None:
                return found.p50
        band = self.model.bands.get(feature.name)
        return (band.low + band.high) / 2 if band else None


def _key(plan: Plan) -> Key:
    return tuple((option.action.code, option.share) for option in plan)


def _stated(facts: Facts, plan: Plan) -> Facts:
    """Facts with what a plan ends and offers."""
    for option in plan:
        facts = option.on_facts(facts)
    return facts
