"""Why a score is what it is: contributions of single features told as a few grouped reasons that add up."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from decisions.formatting import shown
from decisions.policies import Policy
from decisions.text import Text
from features.definition import Feature
from scoring.explained import Band, Scored
from sources.contracts import BLOCK_NAMES

Explain = Literal["none", "top", "full"]
Direction = Literal["for", "against"]

DATA_NOT_GIVEN = "DATA_NOT_GIVEN"
"""Group of what is taken for blocks of which nothing was given; no feature belongs to it."""

MOST_A_SIDE = 4
"""Reasons shown for, and against, unless all are asked for."""


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
    """One group of features and what it did to the score.

    Attributes:
        points: sum of the group's contributions.
        text: told by the group's strongest feature; it explains the model, not a cause.
        features: strongest first.
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


@dataclass(frozen=True)
class _Told:
    """A feature with what the model saw and did."""

    feature: Feature
    points: float
    value: float | None
    band: Band | None


def explain(
    scored: Scored,
    features: Sequence[Feature],
    bands: Mapping[str, Band],
    *,
    policy: Policy,
    as_of: dt.date,
    detail: Explain = "top",
) -> Explanation:
    """A score's reasons: for before against, each side strongest first.

    Args:
        scored: with one contribution and one value for each of `features`.
        features: the model's, in its order.
        bands: reference range by feature name.
        policy: holds the words for the groups.
        as_of: the day stood on.
        detail: `none`, at most four each way (`top`), or every group (`full`); what is not told is in `other_points`.

    Raises:
        ValueError: the numbers of contributions and features differ.
    """
    if len(scored.points) != len(features):
        raise ValueError(f"got {len(scored.points)} contributions, expected one for each of {len(features)} features")
    groups: dict[str, list[_Told]] = {}
    for feature, points, value in zip(features, scored.points, scored.values, strict=True):
        groups.setdefault(feature.group, []).append(_Told(feature, points, value, bands.get(feature.name)))
    reasons = [_reason(code, members, policy=policy, as_of=as_of) for code, members in groups.items()]
    reasons += [_not_given(scored.withheld, policy=policy, as_of=as_of)] if scored.withheld else []
    shown_reasons = _selected(reasons, detail)
    codes = {reason.code for reason in shown_reasons}
    untold = [told.points for code, members in groups.items() if code not in codes for told in members]
    untold += scored.withheld.values() if DATA_NOT_GIVEN not in codes else ()
    return Explanation(scored.base_points, shown_reasons, math.fsum(untold))


def _not_given(withheld: Mapping[str, float], *, policy: Policy, as_of: dt.date) -> Reason:
    """What an enterprise loses by blocks of which nothing was given, the dearest first."""
    blocks = sorted(withheld, key=lambda block: withheld[block])
    words, names = _group_words(DATA_NOT_GIVEN, policy), [BLOCK_NAMES[block] for block in blocks]
    text = Text(
        zh=f"{words.zh}：{'、'.join(zh for zh, _ in names)}", en=f"{words.en}: {', '.join(en for _, en in names)}"
    )
    return Reason(DATA_NOT_GIVEN, "against", math.fsum(withheld.values()), text, (), as_of, source="consents")


def _selected(reasons: Sequence[Reason], detail: Explain) -> tuple[Reason, ...]:
    if detail == "none":
        return ()
    most = MOST_A_SIDE if detail == "top" else len(reasons)
    by_strength = sorted(reasons, key=lambda reason: (-abs(reason.points), reason.code))
    for_it = [reason for reason in by_strength if reason.points > 0]
    against = [reason for reason in by_strength if reason.points < 0]
    return tuple(for_it[:most] + against[:most])


def _reason(code: str, members: Sequence[_Told], *, policy: Policy, as_of: dt.date) -> Reason:
    points = math.fsum(told.points for told in members)
    sign = 1 if points > 0 else -1
    ordered = sorted(members, key=lambda told: (-sign * told.points, told.feature.name))
    strongest = ordered[0]
    return Reason(
        code=code,
        direction="for" if points > 0 else "against",
        points=points,
        text=_sentence(_group_words(code, policy), strongest),
        features=tuple(_feature_part(told) for told in ordered if told.points != 0),
        as_of=last_day_seen(strongest.feature, as_of),
        source=strongest.feature.sources[0],
    )


def _group_words(code: str, policy: Policy) -> Text:
    if code not in policy.groups:
        raise ValueError(f"got reason group {code!r}, expected one of policy/reasons.toml: {', '.join(policy.groups)}")
    return policy.groups[code]


def _sentence(group: Text, told: _Told) -> Text:
    value, feature = shown(told.value, told.feature.unit), told.feature
    place = _place(told)
    return Text(
        zh=f"{group.zh}：{feature.zh} {value.zh}{place.zh}", en=f"{group.en}: {feature.en}: {value.en}{place.en}"
    )


def _place(told: _Told) -> Text:
    """Where a value stands beside comparable enterprises; nothing when either is missing."""
    value, band = told.value, told.band
    if value is None or band is None:
        return Text(zh="", en="")
    low, high = shown(band.low, told.feature.unit), shown(band.high, told.feature.unit)
    if value > band.high:
        zh, en = "高于多数可比企业", "above most comparable firms"
    elif value < band.low:
        zh, en = "低于多数可比企业", "below most comparable firms"
    else:
        zh, en = "与多数可比企业相当", "like most comparable firms"
    return Text(zh=f"，{zh}（{low.zh} 至 {high.zh}）", en=f", {en} ({low.en} to {high.en})")


def _feature_part(told: _Told) -> ReasonFeature:
    band = told.band
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
