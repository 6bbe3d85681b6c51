"""Cold start: a product, or a whole bank, that no past application tells of: how far from its place it stands.

Of each category the product with most applications is left out of training, then banks from the one with most to the
one with fewest. Places are those of the whole order as it is shown, of all candidates of a firm-month.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit_learn import Learner
from benchmarks.fit_orders import model_estimate, shown
from scoring.product_fit import FitModel
from training.evaluation.resampling import mean
from training.metrics import Estimate
from training.product_fit.ranking import Orders, place_in, place_of

if TYPE_CHECKING:
    from benchmarks.fit import Judged

Floats = NDArray[np.float64]
Group = tuple[str, list[str]]
BANKS = 5
FEWEST = 20
"""Firm-months that a product must be a candidate for, to be left out."""


def tables(judged: "Judged", learner: Learner) -> Iterator[str]:
    """What is left out, and how far it moves."""
    asked = dict(learner.sample.eligible.pairs["product_id"].value_counts().iter_rows())
    learned = _order(judged, learner.model())
    count = judged.truth.candidates.sum(axis=1).mean()
    yield f"places among {count:.0f} candidates in the mean; applications learned from: {sum(asked.values()):,}\n"
    yield "| left out | its applications | firm-months | places moved | mean move | off the truth, learned | unseen |"
    yield "|---|---|---|---|---|---|---|"
    for name, products in (*_products(judged, asked), *_banks(judged, asked)):
        unseen = _order(judged, learner.model(without=products))
        cells = _cells(judged, learned, unseen, products)
        yield f"| {name} | {sum(asked.get(one, 0) for one in products):,} | {cells} |"


def _order(judged: "Judged", model: FitModel) -> Orders:
    return shown(judged.scene, model_estimate(judged.scene, model))


def _cells(judged: "Judged", learned: Orders, unseen: Orders, products: Sequence[str]) -> str:
    """Firm-months, |unseen − learned|, unseen − learned, |learned − true|, |unseen − true|, in places."""
    truth = judged.truth
    rows, places = [], []
    for column in map(judged.scene.rules.products.index, products):
        mine = np.flatnonzero(truth.candidates[:, column])
        rows.append(mine)
        true = place_of(truth.gains, truth.candidates, column)
        places.append(np.stack([place_in(learned, column), place_in(unseen, column), true], axis=1)[mine])
    draws, (one, other, true) = truth.draws.within(np.concatenate(rows)), np.concatenate(places).T
    found = (np.abs(other - one), other - one, np.abs(one - true), np.abs(other - true))
    return " | ".join([f"{len(one):,}", *(_told(mean(values, draws)) for values in found)])


def _told(one: Estimate) -> str:
    return f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"


def _products(judged: "Judged", asked: Mapping[str, int]) -> Iterator[Group]:
    rules, often = judged.scene.rules, judged.truth.candidates.sum(axis=0)
    for category in sorted(set(rules.categories)):
        places = [place for place, one in enumerate(rules.categories) if one == category and often[place] >= FEWEST]
        if places:
            product = max((rules.products[place] for place in places), key=lambda one: asked.get(one, 0))
            yield f"{category}: {product}", [product]


def _banks(judged: "Judged", asked: Mapping[str, int]) -> Iterator[Group]:
    rules, often = judged.scene.rules, judged.truth.candidates.sum(axis=0)
    own: dict[str, list[str]] = {}
    for place, bank in enumerate(rules.banks):
        if often[place]:
            own.setdefault(bank, []).append(rules.products[place])
    ranked = sorted(own, key=lambda bank: -sum(asked.get(one, 0) for one in own[bank]))
    for place in np.unique(np.linspace(0, len(ranked) - 1, BANKS).round().astype(int)).tolist():
        yield f"bank {ranked[place]}, {len(own[ranked[place]])} products", own[ranked[place]]
