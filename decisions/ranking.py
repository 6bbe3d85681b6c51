"""The order in which eligible products are shown: by what each is worth to the enterprise, and by nothing else.

No margin of a bank, no fee to a platform and no order of the catalogue enters it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from decisions.catalogue_files import Entry
from decisions.eligibility import Verdict
from decisions.fact_definitions import facts as definitions
from decisions.facts import Need
from decisions.limit import Limit
from decisions.policies import Numbers
from decisions.price import AllInRate, all_in_rate

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Candidate:
    """A product that no condition refuses, with what is known of it for one enterprise."""

    entry: Entry
    verdicts: tuple[Verdict, ...]
    limit: Limit

    @property
    def open_facts(self) -> frozenset[str]:
        """Unknown facts that its conditions or its limit ask about."""
        unknown = (found.rule for found in self.verdicts if found.verdict == "unknown")
        return frozenset(unknown).union(self.limit.open_facts)


@dataclass(frozen=True)
class Fit:
    """How likely a product is to work out.

    Attributes:
        chance: chance of approval that the order uses.
        approval_probability, fit: what a calibrated model says; None while only a rule of thumb speaks.
    """

    chance: float
    approval_probability: float | None = None
    fit: float | None = None


class FitEstimate(Protocol):
    """Says how likely a product is to work out for an enterprise; models of past applications can stand here."""

    def __call__(self, candidate: Candidate, score: float) -> Fit:
        """The fit of one candidate to an enterprise with this score in points."""


@dataclass(frozen=True)
class RuleOfThumb:
    """Approval taken from the score and from what is still open; no model, and never shown as a probability.

    chance = 1 / (1 + 2 ** ((even - score) / double)) x open ** (usual open questions) x rare ** (rare open questions),
    with the four numbers from the policy of the day; facts.toml says which facts are rare.
    """

    numbers: Numbers

    def __call__(self, candidate: Candidate, score: float) -> Fit:
        doublings = (self.numbers.approval_even_points.value - score) / self.numbers.approval_points_to_double.value
        rare = sum(definitions()[name].rare for name in candidate.open_facts)
        usual = len(candidate.open_facts) - rare
        discount = (
            self.numbers.approval_per_open_question.value**usual * self.numbers.approval_per_rare_question.value**rare
        )
        return Fit(chance=discount / (1.0 + 2.0**doublings))


@dataclass(frozen=True)
class Worth:
    """Expected value to the enterprise of having a product, as the factors it is made of.

    Attributes:
        chance: of approval.
        usable_fen: amount it would use.
        saving: annual cost saved on that amount: outside rate less all-in rate, not below zero.
        years: for which it would use it.
        rate: the all-in rate behind `saving`.
    """

    chance: float
    usable_fen: int
    saving: float
    years: float
    rate: float

    @property
    def fen(self) -> int:
        """Chance x usable amount x saving x years, in whole fen."""
        return round(self.chance * self.usable_fen * self.saving * self.years)


@dataclass(frozen=True)
class Ranked:
    """A candidate at its place.

    Attributes:
        all_in: the rate shown; None while the source does not state it in full.
        weight: factor for the bank's products placed before it; the order is by worth x weight.
    """

    candidate: Candidate
    worth: Worth
    fit: Fit
    all_in: AllInRate | None
    weight: float = 1.0


def worth_of(candidate: Candidate, fit: Fit, *, need: Need, numbers: Numbers) -> Worth:
    """What a product is worth to the enterprise against the next best money.

    Usable amount = min(limit, need); while the limit is unknown or a bare cap, a set share of min(what is possible,
    need). A rate that is not stated in full counts as the policy's assumed rate, or as the stated low end where that is
    higher.
    """
    product = candidate.entry.product
    wanted = int(numbers.amount_where_unasked_fen.value) if need.amount_fen is None else need.amount_fen
    limit = candidate.limit
    possible = wanted if limit.at_most_fen is None else min(limit.at_most_fen, wanted)
    usable = possible if limit.is_worked_out else int(possible * numbers.share_of_unknown_limit.value)
    months = int(numbers.term_where_unasked_months.value) if need.term_months is None else need.term_months
    months = months if product.term_months is None else min(months, product.term_months)
    rate = _rate_for_ranking(candidate, numbers)
    saving = max(numbers.outside_rate - rate, 0.0)
    return Worth(chance=fit.chance, usable_fen=usable, saving=saving, years=months / MONTHS_A_YEAR, rate=rate)


def _rate_for_ranking(candidate: Candidate, numbers: Numbers) -> float:
    stated = all_in_rate(candidate.entry.product.rate)
    if stated is not None:
        return stated.after
    band = candidate.entry.product.rate
    return max(numbers.rate_where_unstated.value, band.low if band else 0.0)


def rank(
    candidates: Iterable[Candidate], score: float, *, need: Need, numbers: Numbers, estimate: FitEstimate
) -> tuple[Ranked, ...]:
    """Candidates by falling expected value to the enterprise, banks mixed.

    expected value = chance of approval x usable amount x (outside rate - all-in rate) x years, where the outside rate
    is a multiple of the one-year loan prime rate. The k-th best product of one bank counts with factor ** (k - 1);
    equal values go by lower rate, then by product id. Each place has one number, so the order can have no cycle.
    """
    valued: list[Ranked] = []
    for candidate in candidates:
        fit = estimate(candidate, score)
        worth = worth_of(candidate, fit, need=need, numbers=numbers)
        valued.append(Ranked(candidate, worth, fit, all_in_rate(candidate.entry.product.rate)))
    placed: Counter[str] = Counter()
    weighted: list[Ranked] = []
    for row in sorted(valued, key=_place):
        bank_id = row.candidate.entry.bank.id
        weighted.append(replace(row, weight=numbers.diversity_factor.value ** placed[bank_id]))
        placed[bank_id] += 1
    return tuple(sorted(weighted, key=_place))


def _place(row: Ranked) -> tuple[float, float, str]:
    return (-row.worth.fen * row.weight, row.worth.rate, row.candidate.entry.product.id)
