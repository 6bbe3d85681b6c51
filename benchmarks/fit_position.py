"""Position bias: a ranker with LightGBM's correction and without, on logs biased more and less, against the truth.

First the city's own log, whose lists stand in no order that features tell. Then lists drawn anew for firm-months whose
products' truth is told: five products by their popularity, as drawn or the dearest first, as a platform might that
earns on dear loans. The firm chooses by its own taste (the assumptions of `simulation.assumed.lending`), places count
with `SEEN_AT` times a strength, and the bank answers with its true chance.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import t

from benchmarks.fit_lists import as_lists
from benchmarks.fit_orders import by_scores
from benchmarks.fit_rows import Scene, drawn, records_of, scene
from simulation.assumed import lending as assumed
from simulation.truth import read_truth
from training.metrics import LEVEL, Estimate
from training.product_fit.ranker import Lists, learn_ranker

if TYPE_CHECKING:
    from benchmarks.fit import Judged

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
STRENGTHS = (0.0, 1.0, 2.0, 4.0)
ORDERS = ("as drawn", "dearest first")
FIRM_MONTHS, LISTS_OF_ONE = 1_000, 4
"""Firm-months that lists are drawn for at most, and lists of each."""

PAIRS_COMPARED = 200
SEEN_AT = np.array(assumed.SEEN_AT)


@dataclass(frozen=True)
class Market:
    """What lists are drawn from: firm-month × product.

    Attributes:
        seen: the firm-months.
        taste: utility of each product to the firm, places aside.
        chance: true chance of approval.
        rate: middle of the product's band.
        popularity: of each product.
    """

    seen: Scene
    taste: Floats
    chance: Floats
    rate: Floats
    popularity: Floats

    @classmethod
    def of(cls, seen: Scene, told: pl.DataFrame, offers: pl.DataFrame) -> "Market":
        """Taste as `simulation.lending.asking` has it; the own bank is one that the firm owes on the record."""
        by_id = {row["product_id"]: row for row in offers.iter_rows(named=True)}
        rows = [by_id[one] for one in seen.rules.products]
        rate = np.array([(row["low"] + row["high"]) / 2 for row in rows])
        papers = np.array([row["guarantee_mode"] != "credit" for row in rows])
        covered = seen.truth(told, "limit_fen") / seen.who["wanted_fen"].to_numpy()[:, None]
        taste = assumed.LIMIT_TASTE * np.clip(covered, 0, 1) + assumed.KNOWN_TASTE * _owed(seen)
        taste += -assumed.RATE_TASTE * rate - assumed.HASSLE * papers
        popularity = np.array([row["popularity"] for row in rows])
        return cls(seen, taste, seen.truth(told, "chance"), rate, popularity)

    def lists(self, *, strength: float, dearest_first: bool, random: np.random.Generator) -> Lists:
        """`LISTS_OF_ONE` lists of each firm-month, with what came of them."""
        firm = np.repeat(np.arange(len(self.seen)), LISTS_OF_ONE)
        luck = -np.log(random.random((len(firm), len(self.popularity)))) / self.popularity
        shown = np.argpartition(luck, assumed.SHOWN, axis=1)[:, : assumed.SHOWN]
        shown = random.permuted(shown, axis=1)
        if dearest_first:
            shown = np.take_along_axis(shown, np.argsort(-self.rate[shown], axis=1, kind="stable"), axis=1)
        utility = self.taste[firm[:, None], shown] + strength * SEEN_AT
        place = (utility + random.gumbel(size=shown.shape)).argmax(axis=1)
        chosen = np.zeros(shown.shape, dtype=bool)
        chosen[np.arange(len(firm)), place] = True
        granted = random.random(shown.shape) < self.chance[firm[:, None], shown]
        kept = random.random(shown.shape) < expit(assumed.DRAWN_BASE)
        return self._as_lists(firm, shown, {"is_chosen": chosen, "granted": granted, "kept": kept})

    def _as_lists(self, firm: Whole, shown: Whole, became: Mapping[str, NDArray[np.bool_]]) -> Lists:
        rows = (firm[:, None] * len(self.popularity) + shown).ravel()
        many = len(firm)
        told = pl.DataFrame(
            {
                "list": np.repeat(np.arange(many), assumed.SHOWN),
                "place": np.tile(np.arange(assumed.SHOWN), many),
                **{name: flags.ravel() for name, flags in became.items()},
            }
        )
        return as_lists(self.seen.pairs[rows], told)

    def agreement(self, scores: Floats, random: np.random.Generator) -> float:
        """Share of pairs of candidates of a firm that scores put in the order of its taste."""
        agreed = []
        for inside, own, taste in zip(self.seen.candidates, scores, self.taste, strict=True):
            places = np.flatnonzero(inside)
            if len(places) > 1:
                one, other = random.choice(places, (2, PAIRS_COMPARED))
                apart = taste[one] != taste[other]
                same = (own[one] > own[other]) == (taste[one] > taste[other])
                agreed.append(same[apart].mean() if apart.any() else np.nan)
        return float(np.nanmean(agreed))


def tables(judged: "Judged", *, seeds: int) -> Iterator[str]:
    """The city's own log, then logs drawn anew."""
    yield from _own_log(judged, seeds)
    learned, tested = _markets(judged)
    many = len(learned.seen)
    yield f"\nlists drawn anew: {many * LISTS_OF_ONE:,} of {many:,} firm-months, {seeds} seeds"
    yield "| lists | places × | correction | pairs as taste | share of the oracle's NDCG@5 | places learned |"
    yield "|---|---|---|---|---|---|"
    for order in ORDERS:
        for strength in STRENGTHS:
            yield from _rows(judged, learned, tested, (order, strength), seeds)


def _own_log(judged: "Judged", seeds: int) -> Iterator[str]:
    lists, seen = judged.lists, judged.scene
    yield f"the city's own log: {len(lists):,} lists; planted places {_told(dict(enumerate(SEEN_AT)))}"
    yield "| correction | share of the oracle's NDCG@5, first seed | mean of seeds | places learned |"
    yield "|---|---|---|---|"
    for corrected in (True, False):
        rankers = [learn_ranker(lists, seed=seed, corrected=corrected) for seed in range(seeds)]
        orders = [by_scores(seen, one.scores(seen.pairs).reshape(len(seen), -1)) for one in rankers]
        shares = [judged.truth.share(order) for order in orders]
        name = "with" if corrected else "without"
        mean = np.mean([one.value for one in shares])
        yield f"| {name} | {shares[0]} | {mean:.3f} | {_told(rankers[0].effects)} |"


def _markets(judged: "Judged") -> tuple[Market, Market]:
    """To draw lists from: firm-months of enterprises that are not judged; to hold against: the judged ones."""
    offers = read_truth(judged.city, "offers").unique("product_id", keep="first")
    others = drawn(judged.city).filter(
        ~pl.col("enterprise_id").is_in(judged.scene.who["enterprise_id"].unique().implode())
    )
    taken = others.sample(min(FIRM_MONTHS, others.height), seed=judged.seed)
    seen = scene(records_of(judged.city, taken["enterprise_id"]), taken, judged.scene.rules)
    return Market.of(seen, judged.told, offers), Market.of(judged.scene, judged.told, offers)


def _rows(judged: "Judged", learned: Market, tested: Market, way: tuple[str, float], seeds: int) -> Iterator[str]:
    order, strength = way
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    effects: list[Mapping[int, float]] = []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        lists = learned.lists(strength=strength, dearest_first=order == ORDERS[1], random=random)
        for corrected, told in found.items():
            ranker = learn_ranker(lists, seed=seed, corrected=corrected)
            scores = ranker.scores(tested.seen.pairs).reshape(len(tested.seen), -1)
            share = judged.truth.share(by_scores(tested.seen, scores)).value
            told.append((tested.agreement(scores, np.random.default_rng(seed)), share))
            effects += [ranker.effects] if corrected else []
    both = np.array(found[True]) - np.array(found[False])
    for name, some, places in (
        ("with", np.array(found[True]), _told(_mean(effects))),
        ("without", np.array(found[False]), "–"),
        ("with less without", both, f"planted {_told(dict(enumerate(strength * SEEN_AT)))}"),
    ):
        yield f"| {order} | {strength:g} | {name} | {of_seeds(some[:, 0])} | {of_seeds(some[:, 1])} | {places} |"


def of_seeds(values: Floats) -> Estimate:
    """Mean over seeds with Student's t interval."""
    mean, many = float(values.mean()), len(values)
    if many < 2:  # noqa: PLR2004 - one value has no spread
        return Estimate(mean, np.nan, np.nan)
    half = float(t.ppf(0.5 + LEVEL / 2, many - 1) * values.std(ddof=1) / np.sqrt(many))
    return Estimate(mean, mean - half, mean + half)


def _owed(seen: Scene) -> NDArray[np.bool_]:
    """Whether the firm owes the product's bank: row × product."""
    owes = seen.pairs["owes_bank"].fill_null(0.0).to_numpy() > 0
    return np.asarray(owes.reshape(len(seen), -1))


def _mean(effects: list[Mapping[int, float]]) -> Mapping[int, float]:
    return {place: float(np.mean([one[place] for one in effects])) for place in effects[0]}


def _told(effects: Mapping[int, float]) -> str:
    return ", ".join(f"{effect:.2f}" for effect in effects.values()) or "–"
