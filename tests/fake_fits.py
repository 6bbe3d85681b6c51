"""Invented profiles and ties; a model of fit that is plain arithmetic over a few columns, and one of a few trees."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import lightgbm as lgb
import numpy as np
import polars as pl

from features.pairs.good_match import FIRM
from scoring.card import Card
from scoring.model import Matrix
from scoring.product_fit import BankView, FitModel, Fits, Head, Ruler, columns_seen, pair_matrix
from sources.codes import placeholder_code
from sources.contracts.offers import Ties

AS_OF = dt.date(2026, 11, 1)


def codes(count: int) -> list[str]:
    """Codes of invented enterprises."""
    return [placeholder_code("XP", number, registrar_area="110108") for number in range(1, count + 1)]


def profiles_of(count: int, *, seed: int) -> pl.DataFrame:
    """A row an enterprise, the features of `FIRM` drawn, some of them unknown."""
    source = np.random.default_rng(seed)
    drawn = {one.name: np.round(source.uniform(0.0, 5.0, count), 2) for one in FIRM}
    unknown = {name: source.random(count) < 0.3 for name in drawn}
    columns = {
        name: pl.Series([None if gone else value for value, gone in zip(values, unknown[name], strict=True)])
        for name, values in drawn.items()
    }
    who = {"enterprise_id": codes(count), "as_of": [AS_OF] * count}
    return pl.DataFrame(who | columns).cast(dict.fromkeys(drawn, pl.Float64))


def ties_of(who: Sequence[str], banks: Sequence[str], *, seed: int) -> pl.DataFrame:
    """Each enterprise with some of the banks."""
    source = np.random.default_rng(seed)
    rows = [
        (firm, AS_OF, bank, 1, int(source.integers(1, 4)), 100_000_00, bool(source.random() < 0.2), 5)
        for firm in who
        for bank in banks
        if source.random() < 0.3
    ]
    schema = {name: column.dtype for name, column in Ties.columns().items()}
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True)
class PlainModel:
    """Approval falls with open questions and rises with a known tie and the margin; kept falls with the rate.

    Attributes:
        granted_share, usual_share, granted_rate, usual_rate, pass_share: as those of `FitModel`.
        record: by bank id, what past answers say of it; a bank without any has 0.
        tells_shares: whether it tells amounts: half of what is possible, or all of it with a margin.
        asked: how many pairs it was asked about, call after call.
    """

    granted_share: Mapping[str, float] = field(default_factory=dict)
    usual_share: float | None = None
    granted_rate: Mapping[str, float] = field(default_factory=dict)
    usual_rate: float | None = None
    pass_share: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    record: Mapping[str, float] = field(default_factory=dict)
    tells_shares: bool = False
    asked: list[int] = field(default_factory=list)

    def fits(self, pairs: pl.DataFrame) -> Fits:
        self.asked.append(pairs.height)
        known = pairs.fill_null(0.0)
        asks = known["usual_questions"] + known["rare_questions"]
        past = known["bank_id"].replace_strict(self.record, default=0.0, return_dtype=pl.Float64)
        trust = 1.0 + past + known["owes_bank"] + known["threshold_margin"] + known["headcount"] / 10
        approval = trust / (trust + 1.0 + asks + known["overdue_at_bank"])
        share = (0.5 + known["threshold_margin"]).clip(0.0, 1.0).to_numpy() if self.tells_shares else None
        return Fits(approval.to_numpy(), (1.0 / (1.0 + known["rate"])).to_numpy(), share)

    def contributions(self, pairs: pl.DataFrame) -> Matrix:
        """Open questions by -0.1 each, usual ones twice, headcount by 0.2; nothing else moves it; 0.5 without any."""
        parts = np.zeros((pairs.height, len(columns_seen()) + 1))
        for name, weight in (("usual_questions", -0.2), ("rare_questions", -0.1), ("headcount", 0.2)):
            parts[:, columns_seen().index(name)] = pairs[name].fill_null(0.0) * weight
        parts[:, -1] = 0.5
        return parts


def small_fit_model(pairs: pl.DataFrame, *, seed: int) -> FitModel:
    """A few trees grown on coins tossed for some pairs, and a drawn view of each of their banks."""
    banks = sorted(set(pairs["bank_id"]))
    rulers = tuple(Ruler((0.0, 1.0, 50.0), (-1.0, 0.0, 1.0)) for _ in columns_seen())
    heads = [_head(pairs, banks, seed=seed + number) for number in range(2)]
    grants = {"granted_share": {pairs["product_id"][0]: 0.8}, "usual_share": 0.6, "usual_rate": 0.055}
    return FitModel(heads[0], heads[1], rulers, Card("small", "", {}, {}, ()), **grants)


def with_banks_renamed(model: FitModel, names: Mapping[str, str]) -> FitModel:
    """The same model, its record of banks under other ids."""

    def renamed(head: Head) -> Head:
        return replace(head, banks={names.get(bank, bank): view for bank, view in head.banks.items()})

    return replace(model, approving=renamed(model.approving), keeping=renamed(model.keeping))


def _head(pairs: pl.DataFrame, banks: Sequence[str], *, seed: int) -> Head:
    source = np.random.default_rng(seed)
    told = {"objective": "binary", "num_leaves": 4, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}
    data = lgb.Dataset(pair_matrix(pairs), source.integers(0, 2, pairs.height), params={"verbose": -1})
    views = [BankView(0.1, 1.0, tuple(source.normal(0.0, 0.1, len(columns_seen())))) for _ in (*banks, "others")]
    products = {name: float(source.normal(0.0, 0.3)) for name in sorted(set(pairs["product_id"]))}
    return Head(lgb.train(told, data, 5), views[-1], dict(zip(banks, views[:-1], strict=True)), products)
