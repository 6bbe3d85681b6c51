"""Where an order by expected value loses against the oracle's: each factor of ours in the place of the true one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.fit_orders import share_of
from benchmarks.fit_rows import Scene
from decisions.batch.columns import CHUNK, FactColumns
from decisions.batch.questions import questions
from decisions.batch.terms import Terms, terms_of_each
from decisions.match.granted import Granted, granted_of
from decisions.match.prepared import prepared_by_id
from scoring.product_fit import FitModel
from simulation.assumed import lending as assumed
from simulation.lending.offers import offers

Floats = NDArray[np.float64]
FEN, MONTHS_A_YEAR = 100, 12


@dataclass(frozen=True)
class Factors:
    """What an expected value is made of: row of the scene × product.

    Attributes:
        chance: of a loan.
        amount: yuan.
        rate: annual fraction.
        years: counted.
    """

    chance: Floats
    amount: Floats
    rate: Floats
    years: Floats

    def value(self, papers: Floats) -> Floats:
        """Expected value, yuan, as the truth counts it.

        Args:
            papers: cost of papers of each product, yuan.
        """
        saved = self.amount * (assumed.OUTSIDE_RATE - self.rate) * self.years - papers
        return np.asarray(self.chance * np.maximum(saved, 0.0))

    @classmethod
    def true(cls, scene: Scene, told: pl.DataFrame) -> Self:
        """Those of the truth; fees count towards the rate, as the city counts them."""
        book, own = offers(), _places(scene)
        years = np.minimum(book.term[own], assumed.COUNTED_TERM) / MONTHS_A_YEAR
        once, yearly = book.fees[own].T
        limit = scene.truth(told, "limit_fen") / FEN
        rate = scene.truth(told, "rate") + yearly + once / years
        return cls(scene.truth(told, "chance"), limit, rate, np.broadcast_to(years, limit.shape))


def papers_of(scene: Scene) -> Floats:
    """True cost of papers of each product, yuan."""
    return np.asarray(assumed.PAPERS * (offers().modes[_places(scene)] != "credit"))


def _places(scene: Scene) -> NDArray[np.int64]:
    """Places of a scene's products in the city."""
    ids = offers().ids
    return np.array([ids.index(one) for one in scene.rules.products])


def ours(scene: Scene, chance: Floats, model: FitModel) -> Factors:
    """Those that the order shown counts with.

    Args:
        scene: enterprises on their days.
        chance: row of the scene × product, open questions aside.
        model: says what amounts and rates are to be expected, and how open questions are answered.
    """
    ready, policy, share = prepared_by_id(scene.rules.catalogue), scene.rules.policy, share_of(scene, model)
    made = []
    for first in range(0, len(scene), CHUNK):
        asked = questions(FactColumns(scene.facts[first : first + CHUNK]), ready=ready, policy=policy)
        here = [None] * len(ready.offers) if share is None else share[first : first + CHUNK].T
        each = zip(terms_of_each(asked), here, strict=True)
        made.append([_factors(terms, granted_of(model, terms.product), one) for terms, one in each])
    amount, rate, years, passing = (
        np.concatenate([np.stack([factors[place] for factors in chunk], axis=1) for chunk in made])
        for place in range(4)
    )
    return Factors(chance * passing, amount, rate, years)


def _factors(terms: Terms, granted: Granted, share_here: Floats | None) -> tuple[Floats, Floats, Floats, Floats]:
    usable = terms.usable_fen(granted, share_here)
    rate = terms.or_assumed(terms.all_in_after(usable, where=terms.can_have, granted=granted), granted)
    return usable / FEN, rate, terms.months / MONTHS_A_YEAR, terms.passing(granted)


def swapped(true: Factors, own: Factors) -> Iterator[tuple[str, Factors]]:
    """The truth with one factor of ours; then ours with one factor of the truth."""
    for name in ("chance", "amount", "rate", "years"):
        yield f"truth, our {name}", replace(true, **{name: getattr(own, name)})
    for name in ("chance", "amount", "rate", "years"):
        yield f"ours, true {name}", replace(own, **{name: getattr(true, name)})
