"""What an enterprise can lawfully do, as dated, sourced data; policy/actions.toml explains each field."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictFloat, model_validator

from decisions.dated import POLICY_FOLDER, Mark
from decisions.fact_definitions import facts
from decisions.files import Frozen, Number, Whole, read
from decisions.text import Text, Words
from features.definition import Feature
from features.sets import FEATURES
from features.terms.terms import TERMS

Toward = Literal["down", "up"]
Target = Literal["to", "to_value_of", "to_peers", "times", "by", "rungs", "scales_with"]

TARGETS: tuple[Target, ...] = ("to", "to_value_of", "to_peers", "times", "by", "rungs", "scales_with")
GOOD_WAY: Mapping[str, tuple[Toward, ...]] = MappingProxyType(
    {"rises": ("down",), "falls": ("up",), "either": ("down", "up")}
)
"""Ways in which a feature may be moved, by its direction of risk."""

MOVABLE: Mapping[str, Feature] = MappingProxyType({**FEATURES, **{one.name: one for one in TERMS}})
"""Features of models and those that only facts are taken from, by name."""

UNTOUCHABLE = frozenset({"TENURE"})
"""Groups of features that no conduct changes: nobody is told to get older."""

Share = Annotated[StrictFloat, Field(gt=0, le=1)]


class Move(Frozen):
    """A feature that an action improves, and how far."""

    feature: Words
    toward: Toward
    to: Number | None = None
    to_value_of: Words | None = None
    to_peers: StrictBool = False
    times: Number | None = None
    by: Annotated[Number, Field(gt=0)] | None = None
    rungs: tuple[Number, ...] = ()
    scales_with: Words | None = None
    not_past: Number | None = None
    within_times: Number | None = None
    leads: StrictBool = True

    @model_validator(mode="after")
    def _one_target_the_good_way(self) -> Self:
        feature = _known(self.feature)
        if feature.group in UNTOUCHABLE:
            raise ValueError(f"feature: got {self.feature!r}, expected one that conduct can change")
        if feature.inputs:
            inputs = ", ".join(one.name for one in feature.inputs)
            raise ValueError(f"feature: got the combination {self.feature!r}, expected some of its inputs: {inputs}")
        if self.toward not in GOOD_WAY[feature.risk]:
            expected = " or ".join(GOOD_WAY[feature.risk])
            raise ValueError(
                f"toward: got {self.toward!r} for {self.feature}, expected {expected} (risk {feature.risk})"
            )
        if len(self._given) != 1:
            raise ValueError(f"{self.feature}: got targets {self._given}, expected exactly one of {', '.join(TARGETS)}")
        for other in filter(None, (self.to_value_of, self.scales_with)):
            _known(other)
        for bound, target in (("within_times", "to_peers"), ("not_past", "by")):
            if getattr(self, bound) is not None and self.target != target:
                raise ValueError(f"{self.feature}: got {bound} with {self.target}, expected it with {target} only")
        return self

    @property
    def _given(self) -> list[Target]:
        values = ((name, getattr(self, name)) for name in TARGETS)
        return [name for name, value in values if value is not None and value is not False and value != ()]

    @property
    def definition(self) -> Feature:
        return MOVABLE[self.feature]

    @property
    def target(self) -> Target:
        return self._given[0]

    def improves(self, before: float, after: float) -> bool:
        """Whether going from one value to another goes the way it says."""
        return after < before if self.toward == "down" else after > before


class Effect(Frozen):
    """What an action costs elsewhere, at its worst: more or less of a feature for each unit `of` moves, or a value."""

    feature: Words
    per_unit: Number | None = None
    of: Words | None = None
    at_worst: Number | None = None

    @model_validator(mode="after")
    def _per_unit_or_at_worst(self) -> Self:
        _known(self.feature)
        if (self.per_unit is None) != (self.of is None) or (self.per_unit is None) == (self.at_worst is None):
            raise ValueError(f"{self.feature}: expected either per_unit and of, or at_worst")
        return self


class Lift(Frozen):
    """Words that an action takes out of a fact that is a set of words."""

    fact: Words
    words: tuple[Words, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _words_of_a_fact_that_can_be_changed(self) -> Self:
        known = facts().get(self.fact)
        if known is None or known.unit != "words" or not known.actionable:
            raise ValueError(f"fact: got {self.fact!r}, expected an actionable fact of facts.toml in words")
        if foreign := known.foreign(self.words):
            raise ValueError(f"{self.fact}: {foreign}")
        return self


class Offer(Frozen):
    """Something held that the enterprise has not offered yet, as its request would state it; a silent request stays so.

    Attributes:
        at_least: a stated number becomes this if it is less.
        word: a stated set of words gains this one.
        forgets: what was stated is open again, because it was about something else.
    """

    fact: Words
    at_least: Number | None = None
    word: Words | None = None
    forgets: StrictBool = False

    @model_validator(mode="after")
    def _one_thing_about_a_fact(self) -> Self:
        known = facts().get(self.fact)
        if known is None:
            raise ValueError(f"fact: got {self.fact!r}, expected a name of facts.toml")
        if [self.at_least is not None, self.word is not None, self.forgets].count(True) != 1:
            raise ValueError(f"{self.fact}: expected exactly one of at_least, word, forgets")
        if (self.at_least is not None and not known.is_number) or (self.word is not None and known.unit != "words"):
            raise ValueError(f"{self.fact}: got a fact in {known.unit}, expected a number for at_least, words for word")
        if self.word is not None and (foreign := known.foreign((self.word,))):
            raise ValueError(f"{self.fact}: {foreign}")
        return self


class Where(Frozen):
    """A feature that must be known and lie within bounds."""

    feature: Words
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _of_a_feature(self) -> Self:
        _known(self.feature)
        return self

    def holds(self, value: float | None) -> bool:
        """Whether a value lies within them; an unknown one does not."""
        if value is None:
            return False
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Action(Frozen):
    """Something an enterprise can lawfully do.

    Attributes:
        cost: effort, 1 to 9.
        months: until the records show it.
        shares: how far it may go, all the way = 1.
        moves, effects: features that it sets; effects come after the moves.
        lifts: words of facts that it ends.
        offers: what the request would state then.
    """

    code: Words
    from_day: dt.date = Field(alias="from")
    until: dt.date | None = None
    cost: Annotated[Whole, Field(ge=1, le=9)]
    months: Whole
    shares: tuple[Share, ...] = Field(default=(1.0,), min_length=1)
    moves: tuple[Move, ...] = ()
    effects: tuple[Effect, ...] = ()
    lifts: tuple[Lift, ...] = ()
    offers: tuple[Offer, ...] = ()
    where: tuple[Where, ...] = ()
    mark: Mark
    source: Words
    text: Text

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not self.moves and not self.lifts and not self.offers:
            raise ValueError("moves: got none, expected some moves, lifts or offers")
        moved: list[str] = []
        for move in self.moves:
            if move.scales_with not in {None, *moved}:
                raise ValueError(
                    f"{move.feature}: got scales_with {move.scales_with!r}, expected a feature moved above it"
                )
            moved.append(move.feature)
        set_twice = [name for name in moved if moved.count(name) > 1]
        set_twice += [effect.feature for effect in self.effects if effect.feature in moved]
        if set_twice:
            raise ValueError(f"moves: got {set_twice[0]!r} twice, expected each feature once")
        foreign = [effect.of for effect in self.effects if effect.of not in {None, *moved}]
        if foreign:
            raise ValueError(f"effects: got of {foreign[0]!r}, expected a feature among its moves")
        return self

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that it changes without a feature."""
        return (*(lift.fact for lift in self.lifts), *(offer.fact for offer in self.offers))

    def is_in_force(self, day: dt.date) -> bool:
        return self.from_day <= day and (self.until is None or day <= self.until)


class ActionsFile(Frozen):
    """Actions through time."""

    action: tuple[Action, ...]


def actions_on(day: dt.date) -> tuple[Action, ...]:
    """The packaged actions in force on a day.

    Raises:
        FileMistakesError: actions.toml is wrong.
    """
    return tuple(action for action in _file(POLICY_FOLDER / "actions.toml").action if action.is_in_force(day))


@cache
def _file(path: Path) -> ActionsFile:
    return read(path, ActionsFile)


def _known(name: str) -> Feature:
    if name not in MOVABLE:
        raise ValueError(f"feature: got {name!r}, expected the name of a feature")
    return MOVABLE[name]
