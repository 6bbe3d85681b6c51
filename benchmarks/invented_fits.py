"""Invented profiles, ties and a model of fit for the benchmark of matching: sizes as the real ones, numbers drawn.

The model has the trees, rulers and views of banks that one learned from a city has; what it says means nothing.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from benchmarks.invented_facts import draw
from decisions.batch.model_estimate import ModelEstimates
from decisions.batch.quotes import quotes_of_all
from decisions.match.model_estimate import ModelEstimate
from decisions.offered.catalogue import Catalogue
from decisions.offered.offers import offers_of
from decisions.policies import Policy
from features.pairs.cross import cross
from features.pairs.good_match import FIRM
from scoring import fit_folder
from scoring.card import Card
from scoring.product_fit import BankView, FitModel, Head, Seen, columns_seen, pair_matrix
from sources.codes import placeholder_code
from sources.contracts.offers import Ties
from training.product_fit.growing import Case, Growth, grow
from training.product_fit.learn import signs
from training.product_fit.rulers import rulers_of

AS_OF = dt.date(2026, 11, 1)
UNKNOWN, TIED = 0.2, 0.03
"""Shares of values that are not known, and of banks that lend to an enterprise."""

GROWTH, GROWN_ON = Growth(), 200
"""How the trees of an invented model are grown, and on the pairs of how many enterprises."""

MILLISECONDS = 1e3
ROUNDS = 5
"""Times that a piece of work is done; the quickest counts."""


def profiles(count: int, *, seed: int) -> pl.DataFrame:
    """A row an enterprise with `enterprise_id`, `as_of` and the features of `FIRM`; the same for the same seed."""
    source = np.random.default_rng(seed)
    values = source.lognormal(0.0, 1.0, (count, len(FIRM)))
    values[source.random(values.shape) < UNKNOWN] = np.nan
    ids = [placeholder_code("XP", number, registrar_area="110108") for number in range(count)]
    frame = pl.DataFrame(values, schema=[feature.name for feature in FIRM]).fill_nan(None)
    return pl.DataFrame({"enterprise_id": ids, "as_of": [AS_OF] * count}).hstack(frame)


def ties(firms: pl.DataFrame, banks: Sequence[str], *, seed: int) -> pl.DataFrame:
    """As contract `Ties`: now and then a bank lends to an enterprise."""
    source = np.random.default_rng(seed)
    rows, places = np.nonzero(source.random((firms.height, len(banks))) < TIED)
    frame = firms.select("enterprise_id", "as_of")[rows].with_columns(
        pl.Series("bank_id", [banks[place] for place in places], dtype=pl.String),
        loans_open=1,
        loans_ever=2,
        balance_fen=500_000_00,
        is_overdue=False,
        months_since=9,
    )
    return frame.cast({name: column.dtype for name, column in Ties.columns().items()}).select(list(Ties.columns()))


def invented_model(pairs: pl.DataFrame, *, seed: int) -> FitModel:
    """A model of the usual size, grown on coins tossed for some pairs of `cross`."""
    rulers = rulers_of(pair_matrix(pairs))
    banks = sorted(set(pairs["bank_id"]))
    heads = [_head(pairs, Seen.of(pairs, rulers), banks, seed=seed + number) for number in range(4)]
    card = Card("invented", "", {}, {}, ())
    return FitModel(heads[0], heads[1], rulers, card, clearing=heads[2], sharing=heads[3].booster)


def _head(pairs: pl.DataFrame, seen: Seen, banks: Sequence[str], *, seed: int) -> Head:
    source, rows = np.random.default_rng(seed), np.arange(pairs.height)
    case = Case(
        matrix=seen.matrix,
        happened=source.integers(0, 2, pairs.height).astype(np.float64),
        start=np.zeros(pairs.height),
        groups=rows,
        days=rows,
        signs=signs(),
        names=columns_seen(),
    )

    def view() -> BankView:
        return BankView(0.0, 1.0, tuple(source.normal(0.0, 0.05, len(columns_seen()))))

    products = dict(zip(sorted(set(pairs["product_id"])), source.normal(0.0, 0.3, pairs.height), strict=False))
    return Head(grow(case, rows, GROWTH, seed=seed), view(), {bank: view() for bank in banks}, products)


@dataclass(frozen=True)
class Modelled:
    """A model of fit with what it is asked about.

    Attributes:
        offers: as contract `Offers`.
    """

    model: FitModel
    offers: pl.DataFrame

    @classmethod
    def of(cls, catalogue: Catalogue, policy: Policy, *, folder: Path | None, seed: int) -> Self:
        """The model of a folder, or an invented one."""
        offers = offers_of(catalogue)
        if folder is not None:
            return cls(fit_folder.load(folder), offers)
        return cls(invented_model(_pairs(GROWN_ON, catalogue, policy, seed=seed), seed=seed), offers)

    def many(self, count: int, *, seed: int) -> ModelEstimates:
        """For so many enterprises, drawn."""
        firms = profiles(count, seed=seed)
        return ModelEstimates(self.model, firms, ties(firms, self._banks, seed=seed), self.offers)

    @property
    def _banks(self) -> list[str]:
        return sorted(set(self.offers["bank_id"]))


def one_of(many: ModelEstimates, place: int) -> ModelEstimate:
    """The estimate for one of some enterprises alone."""
    firm = many.profiles[place]
    tied = None if many.ties is None else many.ties.filter(pl.col("enterprise_id") == firm["enterprise_id"][0])
    return ModelEstimate(many.model, firm, tied, many.offers)


def _pairs(count: int, catalogue: Catalogue, policy: Policy, *, seed: int) -> pl.DataFrame:
    """Every pair of so many drawn enterprises that hard rules leave."""
    offers = offers_of(catalogue)
    firms, quotes, known = _asked(count, catalogue, policy, offers, seed=seed)
    return cross(firms, offers, quotes, known)


def _asked(
    count: int, catalogue: Catalogue, policy: Policy, offers: pl.DataFrame, *, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Profiles of drawn enterprises, quotes of what hard rules leave them, and ties."""
    firms, (facts, _) = profiles(count, seed=seed), draw(count, seed=seed)
    quotes = quotes_of_all(facts, firms.select("enterprise_id", "as_of"), catalogue=catalogue, policy=policy)
    return firms, quotes.filter(pl.col("failed") == 0), ties(firms, sorted(set(offers["bank_id"])), seed=seed)


def show_pairs(modelled: Modelled, catalogue: Catalogue, policy: Policy, *, seed: int) -> None:
    """Pairs a second of processor time for crossing, probabilities and amount; and the reasons of the first five."""
    firms, quotes, known = _asked(GROWN_ON, catalogue, policy, modelled.offers, seed=seed)
    pairs, trees = cross(firms, modelled.offers, quotes, known), _trees(modelled.model)
    crossed = _quickest(lambda: cross(firms, modelled.offers, quotes, known))
    asked = _quickest(lambda: modelled.model.fits(pairs))
    told = _quickest(lambda: modelled.model.contributions(pairs[:5]))
    print(f"  model of fit, {len(pairs.columns)} columns, {trees} trees, {pairs.height:,} pairs, by processor time:")
    both = pairs.height / (crossed + asked)
    print(f"    crossing {pairs.height / crossed:,.0f} pairs/s, model {pairs.height / asked:,.0f}, both {both:,.0f}")
    print(f"    contributions of five pairs {told * MILLISECONDS:.2f} ms")


def _trees(model: FitModel) -> str:
    boosters = (
        model.approving.booster,
        model.clearing and model.clearing.booster,
        model.keeping.booster,
        model.sharing,
    )
    return " + ".join(str(booster.num_trees()) for booster in boosters if booster)


def _quickest(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)
