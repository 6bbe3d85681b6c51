"""Why a score is what it is: contributions of single features told as a few grouped reasons that add up.

A reason explains the model: it says what the model saw and how much that moved the score, never what made what.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from decisions.formatting import shown
from decisions.policies import Policy, ReasonGroup
from decisions.text import Text
from features.definition import Feature
from features.peers import base_of
from scoring.explained import Band, Scored
from sources.contracts import BLOCK_NAMES

Explain = Literal["none", "top", "full"]
Direction = Literal["for", "against"]

DATA_NOT_GIVEN = "DATA_NOT_GIVEN"
"""Reason for what is taken for blocks of which nothing was given; no feature belongs to it."""

NOTHING_ON_RECORD = Text(zh="无相关记录", en="nothing on record")
"""Said of a feature without a value: its block was given and holds nothing to work it out from."""

MOST_A_SIDE = 4
"""Reasons shown for, and against, unless all are asked for."""

MOST_FEATURES = 5
"""Features named with a reason, unless all are asked for."""


@dataclass(frozen=True)
class ReasonFeature:
    """A feature's value beside the range that most comparable enterprises lie in; None = not available."""

    name: str
    value: float | None
    unit: str
    peer_low: float | None
    peer_high: float | None


@dataclass(frozen=True)
class Reason:
    """Some groups of features and how far together they moved the score.

    Attributes:
        points: sum of their contributions.
        text: value and reference range of the strongest feature on the reason's side.
        features: that one first; at most five unless all are asked for.
        as_of: last day that the strongest feature looks at.
        source: table it comes from.
    """

    code: str
    direction: Direction
    points: float
    text: Text
    features: tuple[ReasonFeature, ...]
    as_of: dt.date
    source: str


@dataclass(frozen=True)
class Explanation:
    """base_points + sum of the reasons' points + other_points = unclipped score."""

    base_points: float
    reasons: tuple[Reason, ...]
    other_points: float


class _Told(NamedTuple):
    """A feature with what the model saw and how far that moved the score; one is made for each, so it must be quick."""

    feature: Feature
    points: float
    value: float | None


@dataclass(frozen=True)
class _Sum:
    """A reason before anything is written: its points, and the features behind them (none for missing blocks)."""

    group: ReasonGroup
    points: float
    members: Sequence[_Told] = ()


@dataclass(frozen=True)
class _Writer:
    """What reasons are written with."""

    scored: Scored
    bands: Mapping[str, Band]
    seen: Mapping[str, float | None]
    as_of: dt.date
    most_features: int | None


def explain(
    scored: Scored,
    features: Sequence[Feature],
    bands: Mapping[str, Band],
    *,
    policy: Policy,
    as_of: dt.date,
    detail: Explain = "top",
) -> Explanation:
    """A score's reasons, for before against.

    The strongest of each side are chosen. Among those for, the strongest stand first; among those against, the ones
    that lawful conduct of the enterprise can change stand first, the strongest of them before the others.

    Args:
        scored: with one contribution and one value for each of `features`.
        features: the model's, in its order.
        bands: reference range by feature name.
        policy: holds the groups and their words.
        as_of: the day stood on.
        detail: `none`, at most four each way (`top`), or every group (`full`); what is not told is in `other_points`.

    Raises:
        ValueError: the numbers of contributions and features differ, or a feature is of a group without words.
    """
    if len(scored.points) != len(features):
        raise ValueError(f"got {len(scored.points)} contributions, expected one for each of {len(features)} features")
    if detail == "none":
        return Explanation(scored.base_points, (), math.fsum((*scored.points, *scored.withheld.values())))
    sums = _summed(scored, features, policy)
    chosen = _chosen(sums, most=MOST_A_SIDE if detail == "top" else len(sums))
    seen = {feature.name: value for feature, value in zip(features, scored.values, strict=True)}
    writer = _Writer(scored, bands, seen, as_of, MOST_FEATURES if detail == "top" else None)
    codes = {one.group.code for one in chosen}
    untold = math.fsum(_each(one for one in sums if one.group.code not in codes))
    return Explanation(scored.base_points, tuple(_reason(one, writer) for one in chosen), untold)


def _summed(scored: Scored, features: Sequence[Feature], policy: Policy) -> list[_Sum]:
    """The contributions gathered by reason; what is taken for missing blocks is a reason of its own."""
    reason_of = {member: group for group in policy.groups.values() for member in group.members}
    gathered: dict[str, list[_Told]] = {}
    for feature, points, value in zip(features, scored.points, scored.values, strict=True):
        if feature.group not in reason_of:
            raise ValueError(f"got feature group {feature.group!r}, expected one of policy/reasons.toml")
        gathered.setdefault(reason_of[feature.group].code, []).append(_Told(feature, points, value))
    sums = [
        _Sum(policy.groups[code], math.fsum(told.points for told in members), members)
        for code, members in gathered.items()
    ]
    if scored.withheld:
        sums.append(_Sum(policy.groups[DATA_NOT_GIVEN], math.fsum(scored.withheld.values())))
    return sums


def _each(sums: Iterable[_Sum]) -> Iterable[float]:
    for one in sums:
        yield from (told.points for told in one.members) if one.members else (one.points,)


def _chosen(sums: Sequence[_Sum], *, most: int) -> list[_Sum]:
    by_strength = sorted(sums, key=lambda one: (-abs(one.points), one.group.code))
    for_it = [one for one in by_strength if one.points > 0][:most]
    against = [one for one in by_strength if one.points < 0][:most]
    return for_it + sorted(against, key=lambda one: not one.group.actionable)


def _reason(one: _Sum, writer: _Writer) -> Reason:
    if not one.members:
        return _not_given(one, writer)
    sign = 1 if one.points > 0 else -1
    moving = [told for told in one.members if told.points != 0]
    ordered = sorted(moving, key=lambda told: (-sign * told.points, told.feature.name))
    strongest = ordered[0]
    return Reason(
        code=one.group.code,
        direction="for" if one.points > 0 else "against",
        points=one.points,
        text=_sentence(one.group.text, strongest, writer),
        features=tuple(_feature_part(told, writer) for told in ordered[: writer.most_features]),
        as_of=last_day_seen(strongest.feature, writer.as_of),
        source=strongest.feature.sources[0],
    )


def _not_given(one: _Sum, writer: _Writer) -> Reason:
    """What an enterprise loses by blocks of which nothing was given, the dearest first."""
    withheld, words = writer.scored.withheld, one.group.text
    names = [BLOCK_NAMES[block] for block in sorted(withheld, key=lambda block: withheld[block])]
    text = Text(
        zh=f"{words.zh}：{'、'.join(zh for zh, _ in names)}", en=f"{words.en}: {', '.join(en for _, en in names)}"
    )
    return Reason(one.group.code, "against", one.points, text, (), writer.as_of, source="consents")


def _sentence(group: Text, told: _Told, writer: _Writer) -> Text:
    """A deviation from peers is told by what deviates, where the model sees that too."""
    base = base_of(told.feature)
    if base.name in writer.seen:
        told = _Told(base, told.points, writer.seen[base.name])
    feature = told.feature
    value = NOTHING_ON_RECORD if told.value is None else shown(told.value, feature.unit)
    place = _place(told, writer.bands.get(feature.name))
    return Text(
        zh=f"{group.zh}：{feature.zh} {value.zh}{place.zh}", en=f"{group.en}: {feature.en}: {value.en}{place.en}"
    )


def _place(told: _Told, band: Band | None) -> Text:
    """Where a value stands beside comparable enterprises; nothing when either is missing, or where it is yes or no."""
    value = told.value
    if value is None or band is None or told.feature.unit == "flag":
        return Text(zh="", en="")
    low, high = shown(band.low, told.feature.unit), shown(band.high, told.feature.unit)
    if value > band.high:
        zh, en = "高于多数可比企业", "above most comparable firms"
    elif value < band.low:
        zh, en = "低于多数可比企业", "below most comparable firms"
    else:
        zh, en = "与多数可比企业相当", "like most comparable firms"
    return Text(zh=f"，{zh}（{low.zh} 至 {high.zh}）", en=f", {en} ({low.en} to {high.en})")


def _feature_part(told: _Told, writer: _Writer) -> ReasonFeature:
    band = writer.bands.get(told.feature.name)
    return ReasonFeature(
        name=told.feature.name,
        value=told.value,
        unit=told.feature.unit,
        peer_low=band.low if band else None,
        peer_high=band.high if band else None,
    )


def last_day_seen(feature: Feature, as_of: dt.date) -> dt.date:
    """The last day a feature looks at: `as_of` for recency, otherwise the end of the last complete month."""
    return as_of if feature.window == 0 else as_of.replace(day=1) - dt.timedelta(days=1)
