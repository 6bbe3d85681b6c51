"""What one product is worth to each enterprise of a chunk: the same whole fen as one by one."""

from dataclasses import dataclass

import numpy as np

from decisions.batch.columns import Floats, Wholes
from decisions.batch.limits import UNBOUNDED
from decisions.batch.questions import Questions
from decisions.batch.terms import Terms
from decisions.match.granted import Granted
from decisions.match.ranking import RuleOfThumb
from decisions.match.worth import DAYS_A_WEEK, WORKING_DAYS_A_WEEK, papers_fen
from decisions.money.schedules import MONTHS_A_YEAR
from decisions.offered.products import Product

NOTHING = -1
"""Stands for the worth of a product that cannot be had, and for a limit that is not known."""


@dataclass(frozen=True)
class ProductWorth:
    """One product, an enterprise a place.

    Attributes:
        product_id: of the product.
        fen: expected value; `NOTHING` where it cannot be had.
        rate: the one that the order goes by.
        limit_fen: `NOTHING` where it is not known.
        all_in_after: NaN where the source does not state it in full.
    """

    product_id: str
    fen: Wholes
    rate: Floats
    limit_fen: Wholes
    all_in_after: Floats


def by_chance(
    terms: Terms, chance: Floats, *, granted: Granted | None, share_here: Floats | None = None
) -> ProductWorth:
    """What a product is worth to each enterprise of a chunk.

    Args:
        terms: the product.
        chance: that it works out; anything where it cannot be had.
        granted: what is on record of the product; None = no model speaks.
        share_here: as that of `Granted`, of each enterprise; None = no model says.
    """
    asked, product, numbers = terms.asked, terms.product, terms.asked.policy.numbers
    usable = terms.usable_fen(granted, share_here)
    after = terms.all_in_after(usable, where=terms.can_have)
    is_as_stated = granted is None or granted.rate is None
    counted = after if is_as_stated else terms.all_in_after(usable, where=terms.can_have, granted=granted)
    rate = terms.or_assumed(counted, granted)
    saving = np.maximum(numbers.outside_rate - rate, 0.0)
    gain = usable * saving * (terms.months / MONTHS_A_YEAR) * _speed(product, asked)
    fen = np.rint(chance * np.maximum(gain - papers_fen(product, numbers), 0.0)).astype(np.int64)
    return ProductWorth(
        product_id=product.id,
        fen=np.where(terms.can_have, fen, NOTHING),
        rate=rate,
        limit_fen=np.where(terms.limit_fen == UNBOUNDED, NOTHING, terms.limit_fen),
        all_in_after=after,
    )


def by_rule_of_thumb(terms: Terms, one_in: Floats) -> ProductWorth:
    """A product's worth where no model speaks.

    Args:
        terms: the product.
        one_in: one over the chance of approval of each enterprise with nothing open.
    """
    thumb, (usual, rare) = RuleOfThumb(terms.asked.policy.numbers), terms.open_counts
    most_rare, most_usual = int(np.max(rare)) + 1, int(np.max(usual)) + 1
    factors = np.array([[thumb.factor(u, r) for r in range(most_rare)] for u in range(most_usual)])
    return by_chance(terms, factors[usual, rare] / one_in, granted=None)


def _speed(product: Product, asked: Questions) -> Floats | float:
    if product.decision_days is None:
        return 1.0
    late = product.decision_days * DAYS_A_WEEK > asked.urgency_days * WORKING_DAYS_A_WEEK
    return np.where(late, asked.policy.numbers.late_factor.value, 1.0)
