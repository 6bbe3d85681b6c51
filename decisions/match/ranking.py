"""The order in which eligible products are shown: by what each is worth to the enterprise, and by nothing else.

No margin of a bank, no fee to a platform and no order of the catalogue enters it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from decisions.fact_definitions import facts as definitions
from decisions.match.granted import Granted
from decisions.match.worth import Borrower, Worth
from decisions.money.limit import Limit
from decisions.money.price import AllInRate
from decisions.money.subsidies import Subsidy
from decisions.offered.catalogue import Entry
from decisions.offered.eligibility import Verdict
from decisions.offered.products import Contact
from decisions.policies import Numbers
from decisions.text import Text


@dataclass(frozen=True)
class Candidate:
    """A product that no condition refuses, with what is known of it for one enterprise.

    Attributes:
        basis: how the limit is worked out, for people; as `limit.basis`, written once a product.
        contact: whom the enterprise asks about it; None = the catalogue names nobody for its district.
    """

    entry: Entry
    verdicts: tuple[Verdict, ...]
    limit: Limit
    basis: Text
    contact: Contact | None = None

    @property
    def open_facts(self) -> frozenset[str]:
        """Unknown facts that its conditions or its limit ask about."""
        unknown = [found.rule for found in self.verdicts if found.verdict == "unknown"]
        return frozenset(unknown).union(self.limit.open_facts)


@dataclass(frozen=True)
class Fit:
    """How likely a product is to work out.

    Attributes:
        chance: what the order uses: of approval, and by a model of being drawn and repaid as well.
        approval_probability: what a calibrated model says, open questions answered as applicants for the product answer
            them; None while only a rule of thumb speaks.
        fit: probability that the loan is drawn and repaid once it is approved; None likewise.
        passing: what open questions leave of the chance, by how many fail them of the enterprises whose fact is known.
        granted: what past approvals say of amount and rate; None while only a rule of thumb speaks.
    """

    chance: float
    approval_probability: float | None = None
    fit: float | None = None
    granted: Granted | None = None
    passing: float = 1.0


def open_counts(candidate: Candidate) -> tuple[int, int]:
    """Open questions about usual facts and about rare ones; each fact counts once."""
    open_facts, known = candidate.open_facts, definitions()
    rare = sum([known[name].rare for name in open_facts])
    return len(open_facts) - rare, rare


class FitEstimate(Protocol):
    """Says how likely products are to work out for an enterprise; models of past applications can stand here."""

    def __call__(self, candidates: Sequence[Candidate], borrower: Borrower, score: float, /) -> Sequence[Fit]:
        """The fit of each candidate, in their order.

        Args:
            candidates: all that the enterprise can have.
            borrower: the enterprise.
            score: its score in points.
        """


@dataclass(frozen=True)
class RuleOfThumb:
    """Approval taken from the score and from what is still open; no model, and never shown as a probability.

    chance = open ** (usual open questions) x rare ** (rare open questions) / (1 + 2 ** ((even - score) / double)), with
    the four numbers from the policy of the day; facts.toml says which facts are rare.
    """

    numbers: Numbers

    def __call__(self, candidates: Sequence[Candidate], _borrower: Borrower, score: float, /) -> Sequence[Fit]:
        one_in = self.one_in(score)
        return [Fit(self.factor(*open_counts(candidate)) / one_in) for candidate in candidates]

    def factor(self, usual: int, rare: int) -> float:
        """What so many usual and so many rare open questions leave of the chance."""
        numbers = self.numbers
        return float(numbers.approval_per_open_question.value**usual * numbers.approval_per_rare_question.value**rare)

    def one_in(self, score: float) -> float:
        """One over the chance of an enterprise with this score when nothing is open."""
        doublings = (self.numbers.approval_even_points.value - score) / self.numbers.approval_points_to_double.value
        return float(1.0 + 2.0**doublings)


@dataclass(frozen=True)
class Ranked:
    """A candidate at its place.

    Attributes:
        all_in: the rate shown, before and after the subsidies that are counted; None while the source does not state
            it in full. What is counted is `worth.rate`.
        borrower: what of the enterprise the worth was worked out from.
        weight: factor for the bank's products placed before it; the order is by worth x weight.
    """

    candidate: Candidate
    worth: Worth
    fit: Fit
    all_in: AllInRate | None
    borrower: Borrower = field(repr=False)
    weight: float = 1.0

    @property
    def amount_fen(self) -> int:
        """The amount that the all-in rate and the subsidies are worked out for."""
        return self.worth.usable_fen

    @property
    def months(self) -> int:
        """The term that they are worked out for."""
        return self.borrower.months(self.candidate.entry.product)

    @cached_property
    def subsidies(self) -> tuple[Subsidy, ...]:
        """All there may be for it, open and ended ones included; those that are counted are in the rate."""
        product = self.candidate.entry.product
        return self.borrower.grounds.subsidies(product, amount_fen=self.amount_fen, months=self.months)


class _Valued(NamedTuple):
    """A candidate and what it is worth in whole fen, before it has a place."""

    candidate: Candidate
    fit: Fit
    all_in: AllInRate | None
    worth: Worth
    fen: int

    def place(self, weight: float) -> tuple[float, float, str]:
        return (-self.fen * weight, self.worth.rate, self.candidate.entry.product.id)


def rank(
    candidates: Sequence[Candidate], score: float, *, borrower: Borrower, estimate: FitEstimate
) -> tuple[Ranked, ...]:
    """Candidates by falling expected value to the enterprise, banks mixed.

    expected value = chance x (usable amount x (outside rate - all-in rate) x years x speed - cost of papers), neither
    the saving nor the bracket below zero. The outside rate is a multiple of the one-year loan prime rate; with a model
    the all-in rate starts from what the bank asked in the past. The k-th best product of one bank counts with factor **
    (k - 1); equal values go by lower rate, then by product id. Each place has one number, so the order can have no
    cycle.
    """
    fits = estimate(candidates, borrower, score)
    rows = [_valued(candidate, fit, borrower) for candidate, fit in zip(candidates, fits, strict=True)]
    factor, placed = borrower.policy.numbers.diversity_factor.value, Counter[str]()
    weighted: list[tuple[tuple[float, float, str], float, _Valued]] = []
    for row in sorted(rows, key=lambda row: row.place(1.0)):
        bank_id = row.candidate.entry.bank.id
        weight = factor ** placed[bank_id]
        placed[bank_id] += 1
        weighted.append((row.place(weight), weight, row))
    weighted.sort(key=lambda row: row[0])
    return tuple(
        [Ranked(row.candidate, row.worth, row.fit, row.all_in, borrower, weight) for _, weight, row in weighted]
    )


def _valued(candidate: Candidate, fit: Fit, borrower: Borrower) -> _Valued:
    product = candidate.entry.product
    usable_fen = borrower.usable_fen(candidate.limit, fit.granted)
    all_in = borrower.all_in_rate(product, usable_fen)
    counted = fit.granted.counted(product) if fit.granted else product
    rate = all_in if counted is product else borrower.all_in_rate(counted, usable_fen)
    worth = borrower.worth(counted, chance=fit.chance, usable_fen=usable_fen, all_in=rate)
    return _Valued(candidate, fit, all_in, worth, worth.fen)
