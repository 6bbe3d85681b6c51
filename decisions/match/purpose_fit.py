"""Whether a product may serve what the money is for: not every lawful purpose suits every product."""

from dataclasses import dataclass
from functools import cached_property

from decisions.facts import Facts
from decisions.offered.eligibility import Outcome, Verdict, banned_verdict
from decisions.offered.products import Product
from decisions.policies import Policy
from decisions.purposes import Unsuited

PURPOSE = "purpose"


@dataclass(frozen=True)
class PurposeDoubt:
    """A purpose that some products do not suit.

    Attributes:
        asked: the purpose.
        codes: all purposes of the kind.
        terms: which products refuse them, and whose banks must be asked.
    """

    asked: str
    codes: tuple[str, ...]
    terms: Unsuited

    def verdicts(self, product: Product) -> tuple[Verdict, ...]:
        """What it says of a product; () = nothing stands against it."""
        if product.category in self.terms.refused:
            return (self._fails,)
        return (self._is_asked,) if self.terms.is_asked(product.category, product.repayment) else ()

    @cached_property
    def _fails(self) -> Verdict:
        return self._verdict("fail")

    @cached_property
    def _is_asked(self) -> Verdict:
        return self._verdict("unknown")

    def _verdict(self, outcome: Outcome) -> Verdict:
        return banned_verdict(PURPOSE, self.asked, codes=self.codes, outcome=outcome, nearest="")


def purpose_doubt(facts: Facts, policy: Policy) -> PurposeDoubt | None:
    """The doubt about the purpose that is asked for; None = every product may serve it, or it is not told."""
    by_code, asked = policy.purposes.by_code, facts.value(PURPOSE)
    purpose = by_code.get(asked) if isinstance(asked, str) else None
    terms = policy.purposes.unsuited.get(purpose.kind) if purpose else None
    if purpose is None or terms is None:
        return None
    codes = tuple(other.code for other in by_code.values() if other.kind == purpose.kind)
    return PurposeDoubt(purpose.code, codes, terms)
