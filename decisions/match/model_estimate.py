"""A model of fit in the place of the rule of thumb, and why it says what it says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import polars as pl

from decisions.formatting import NOT_AVAILABLE, shown
from decisions.match.granted import GrantRecord, granted_of
from decisions.match.quotes import quotes_of
from decisions.match.ranking import Candidate, Fit, FitEstimate
from decisions.match.worth import Borrower
from decisions.policies import Policy
from decisions.reasons import Direction
from decisions.text import Text
from features.definition import Feature
from features.pairs.cross import cross
from features.pairs.definition import PairFeature
from features.pairs.good_match import FIRM, PAIRS
from scoring.model import Matrix
from scoring.product_fit import Fits

SEEN: tuple[Feature | PairFeature, ...] = (*FIRM, *PAIRS)
"""What contributions are told of, in their order."""

MOST_REASONS = 4
"""Reasons told of a product."""


class SaysFits(GrantRecord, Protocol):
    """What is asked of a model of fit; `scoring.product_fit.FitModel` is one."""

    def fits(self, pairs: pl.DataFrame) -> Fits:
        """Both probabilities of each pair."""

    def contributions(self, pairs: pl.DataFrame) -> Matrix:
        """Parts of the log odds of approval: a column a feature of FIRM and PAIRS, then what is left without any."""


@dataclass(frozen=True)
class FitReason:
    """What moved a model's chance of approval, and by which share of all that moved it.

    Attributes:
        share: of the sum of the absolute contributions of all groups of features, to the log odds of approval.
        text: value of the strongest feature on the reason's side.
    """

    code: str
    direction: Direction
    share: float
    text: Text


@runtime_checkable
class ExplainedEstimate(FitEstimate, Protocol):
    """An estimate that can say why."""

    def reasons(self, candidates: Sequence[Candidate], borrower: Borrower) -> Sequence[tuple[FitReason, ...]]:
        """The strongest reasons of each candidate, strongest first."""


@dataclass(frozen=True)
class ModelEstimate:
    """Chance = P(approval) x P(drawn and repaid | approved), by a model.

    A model knows approvals of enterprises that applied, and they knew the answers to what is open here. So its approval
    is multiplied by the chance that the open questions are answered well.

    Attributes:
        model: of fit.
        profile: one row with `enterprise_id`, `as_of` and the features of `FIRM`.
        ties: as contract `Ties`; None = loans were not given.
        offers: as contract `Offers`, every candidate among them.
    """

    model: SaysFits
    profile: pl.DataFrame
    ties: pl.DataFrame | None
    offers: pl.DataFrame
    _crossed: list[tuple[Borrower, pl.DataFrame]] = field(default_factory=list, init=False, repr=False, compare=False)

    def __call__(self, candidates: Sequence[Candidate], borrower: Borrower, _score: float, /) -> Sequence[Fit]:
        """The model sees what the score is made of, not the score."""
        if not candidates:
            return ()
        pairs = self._pairs(candidates, borrower)
        self._crossed[:] = [(borrower, pairs)]
        said = self.model.fits(pairs)
        shares = [None] * len(candidates) if said.share is None else said.share.tolist()
        each = zip(candidates, said.approval.tolist(), said.kept.tolist(), shares, strict=True)
        return [self._fit(candidate, approval, kept, share) for candidate, approval, kept, share in each]

    def _fit(self, candidate: Candidate, approval: float, kept: float, share: float | None) -> Fit:
        granted = granted_of(self.model, candidate.entry.product, share)
        passing = granted.passing(candidate.open_facts)
        return Fit(approval * passing * kept, approval, kept, granted, passing)

    def reasons(self, candidates: Sequence[Candidate], borrower: Borrower) -> Sequence[tuple[FitReason, ...]]:
        """The strongest reasons of each candidate for or against approval, strongest first; ask of few only."""
        if not candidates:
            return ()
        pairs = self._crossed_before(candidates, borrower)
        values = pairs.select([feature.name for feature in SEEN]).rows()
        each = self.model.contributions(pairs)[:, :-1].tolist()
        groups = _codes(borrower.policy)
        return [_reasons(row, parts, groups) for row, parts in zip(values, each, strict=True)]

    def _crossed_before(self, candidates: Sequence[Candidate], borrower: Borrower) -> pl.DataFrame:
        """The pairs of some candidates: those of the last answer, when it was for the same enterprise."""
        for asked, pairs in self._crossed:
            if asked is borrower:
                places = {name: place for place, name in enumerate(pairs["product_id"])}
                return pairs[[places[candidate.entry.product.id] for candidate in candidates]]
        return self._pairs(candidates, borrower)

    def _pairs(self, candidates: Sequence[Candidate], borrower: Borrower) -> pl.DataFrame:
        enterprise_id, as_of = self.profile.select("enterprise_id", "as_of").row(0)
        quotes = quotes_of(candidates, borrower, enterprise_id=enterprise_id, as_of=as_of)
        return cross(self.profile, self.offers, quotes, self.ties)


class _Told(NamedTuple):
    """A feature, what the model saw of it, and how far that moved the log odds."""

    feature: Feature | PairFeature
    value: float | None
    part: float


Codes = Sequence[tuple[str, Text | None]]
"""For each feature the reason that it counts towards, and the reason's own words where it has some."""


def _codes(policy: Policy) -> Codes:
    """Features of the enterprise go by the reasons of its score, features of pairs by their own groups."""
    reason_of = {member: group for group in policy.groups.values() for member in group.members}
    firm = [(reason_of[feature.group].code, reason_of[feature.group].text) for feature in FIRM]
    return [*firm, *((feature.group, None) for feature in PAIRS)]


def _reasons(values: Sequence[float | None], parts: Sequence[float], codes: Codes) -> tuple[FitReason, ...]:
    gathered: dict[str, list[_Told]] = {}
    words = dict(codes)
    for feature, (code, _), value, part in zip(SEEN, codes, values, parts, strict=True):
        gathered.setdefault(code, []).append(_Told(feature, value, part))
    sums = {code: math.fsum(told.part for told in members) for code, members in gathered.items()}
    whole = math.fsum(map(abs, sums.values()))
    strongest = sorted((code for code, moved in sums.items() if moved), key=lambda code: (-abs(sums[code]), code))
    return tuple(
        [
            _reason(code, gathered[code], moved=sums[code], whole=whole, words=words[code])
            for code in strongest[:MOST_REASONS]
        ]
    )


def _reason(code: str, members: Sequence[_Told], *, moved: float, whole: float, words: Text | None) -> FitReason:
    sign = 1 if moved > 0 else -1
    strongest = min(members, key=lambda told: (-sign * told.part, told.feature.name))
    return FitReason(code, "for" if moved > 0 else "against", abs(moved) / whole, _sentence(strongest, words))


def _sentence(told: _Told, words: Text | None) -> Text:
    feature, value = told.feature, NOT_AVAILABLE if told.value is None else shown(told.value, told.feature.unit)
    if words is None:
        return Text(zh=f"{feature.zh}：{value.zh}", en=f"{feature.en}: {value.en}")
    return Text(zh=f"{words.zh}：{feature.zh} {value.zh}", en=f"{words.en}: {feature.en}: {value.en}")
