"""Orders of products held against the planted truth: ours as the service shows it, and others beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.fit_rows import KEY, Scene
from decisions.batch.matching import match_all
from decisions.batch.model_estimate import BatchEstimate, ModelEstimates
from decisions.batch.quotes import Quoted
from decisions.facts import Facts
from decisions.grades import stops_against
from decisions.match.granted import GrantRecord, PastGrants
from decisions.money.limit import limit_of
from decisions.money.renewal import renewal_verdict
from decisions.offered.eligibility import verdicts
from decisions.offered.offers import offers_of
from decisions.offered.products import Product
from decisions.policies import Policy
from scoring.product_fit import FitModel, Fits
from training.evaluation.resampling import Draws
from training.product_fit.ranking import NOTHING, Orders, Truth, by_value, with_diversity

Floats = NDArray[np.float64]
FEN = 100
EVEN = 600.0
"""Points given to every enterprise: a score moves the rule of thumb of all its products by one factor."""


@dataclass(frozen=True)
class GridEstimate:
    """Probabilities that are known for every row of a scene and product, in the place of a model's.

    Attributes:
        approval, kept: row of the scene × product by id.
        share: of the possible amount, as `Fits.share`; None = nothing is said.
        record: what past approvals say of amounts and rates.
    """

    approval: Floats
    kept: Floats
    share: Floats | None = None
    record: GrantRecord = field(default_factory=PastGrants)

    def __call__(self, chunk: slice, quoted: Quoted) -> Fits:
        at = (quoted.enterprises + chunk.start, quoted.products)
        return Fits(self.approval[at], self.kept[at], None if self.share is None else self.share[at])


@dataclass(frozen=True)
class Answer:
    """What the service shows.

    Attributes:
        order: the whole order of each row of a scene, after eligibility and diversity.
        approval, kept: both probabilities of each product by id; NaN where it is not shown, or no model speaks.
    """

    order: Orders
    approval: Floats
    kept: Floats


def answered(scene: Scene, estimate: BatchEstimate | None) -> Answer:
    """By the batch of the service; None = by the rule of thumb."""
    products = {one: place for place, one in enumerate(scene.rules.products)}
    shape, rules = (len(scene), len(products)), scene.rules
    made = Answer(np.full(shape, NOTHING, dtype=np.int64), np.full(shape, np.nan), np.full(shape, np.nan))
    chunks = match_all(
        scene.facts,
        [EVEN] * len(scene),
        catalogue=rules.catalogue,
        policy=rules.policy,
        top=len(products),
        estimate=estimate,
    )
    for chunk in chunks:
        best = chunk.best
        column = best["product_id"].replace_strict(products, return_dtype=pl.Int64).to_numpy()
        row = best["enterprise"].to_numpy()
        made.order[row, best["place"].to_numpy().astype(np.int64) - 1] = column
        made.approval[row, column], made.kept[row, column] = best["approval"].to_numpy(), best["fit"].to_numpy()
    return made


def shown(scene: Scene, estimate: BatchEstimate | None) -> Orders:
    """Only the order of `answered`."""
    return answered(scene, estimate).order


def model_estimate(scene: Scene, model: FitModel) -> ModelEstimates:
    """A model as the service asks it."""
    profiles = scene.who.select(KEY).join(scene.profiles, on=KEY, how="left", maintain_order="left")
    return ModelEstimates(model, profiles, scene.ties, offers_of(scene.rules.catalogue))


def share_of(scene: Scene, model: FitModel) -> Floats | None:
    """The share of the possible amount that a model expects: row of the scene × product."""
    share = model.fits(scene.pairs).share
    return None if share is None else share.reshape(len(scene), -1)


def grants_of(model: FitModel) -> PastGrants:
    """What a model says of amounts and rates alone, for chances that need no correction."""
    return PastGrants(
        granted_share=model.granted_share,
        usual_share=model.usual_share,
        granted_rate=model.granted_rate,
        usual_rate=model.usual_rate,
    )


def as_applied(seen: Scene, model: FitModel) -> GridEstimate:
    """The model as applicants taught it, without the shares of enterprises that pass what is open."""
    said = model.fits(seen.pairs)
    shape = (len(seen), -1)
    share = None if said.share is None else said.share.reshape(shape)
    return GridEstimate(said.approval.reshape(shape), said.kept.reshape(shape), share, grants_of(model))


def truth_of(scene: Scene, told: pl.DataFrame, *, seed: int = 0) -> Truth:
    """What orders of the scene are held against."""
    draws = Draws.of_enterprises(scene.who["enterprise_id"], seed=seed)
    return Truth(scene.truth(told, "utility_fen") / FEN, scene.candidates, draws)


def by_scores(scene: Scene, scores: Floats) -> Orders:
    """Candidates by falling score, without diversity."""
    return by_value(scores, scene.candidates)


def diverse(scene: Scene, value: Floats) -> Orders:
    """Candidates by falling value, with the policy's diversity by bank."""
    factor = scene.rules.policy.numbers.diversity_factor.value
    counted = with_diversity(value, scene.candidates, banks=scene.rules.banks, factor=factor)
    return by_value(counted, scene.candidates)


def popularity(log: pl.DataFrame, products: Sequence[str]) -> Floats:
    """Applications of each product in a log: `product_id`, a row an application."""
    counted = dict(log["product_id"].value_counts().iter_rows())
    return np.array([float(counted.get(one, 0)) for one in products])


def wrongly_shown(scene: Scene, order: Orders, facts: Sequence[Facts] | None = None) -> int:
    """Products shown that a plain look at every condition of their own rules out.

    The look shares no code with the batch: stops, then each rule of each product by itself, its limit, renewal.

    Args:
        scene: whose order it is.
        order: what was shown.
        facts: by which to judge; None = those of the scene.
    """
    wrong, policy, entries = 0, scene.rules.policy, scene.rules.catalogue.entries
    for own, row in zip(facts or scene.facts, order, strict=True):
        places = row[row != NOTHING].tolist()
        stopped = bool(stops_against(own, policy))
        wrong += sum(stopped or _is_ruled_out(entries[place].product, own, policy) for place in places)
    return wrong


def _is_ruled_out(product: Product, own: Facts, policy: Policy) -> bool:
    failed = any(found.verdict == "fail" for found in verdicts(product, own))
    if product.is_renewal:
        failed |= renewal_verdict(own, policy).verdict == "fail"
    return failed or limit_of(product, own).at_most_fen == 0
