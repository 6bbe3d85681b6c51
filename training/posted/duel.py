"""Two models on the same answers: what both say of what was asked, and what became of it, in the order it came."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.peer_profiles import peer_profiles
from scoring.model import Model
from scoring.product_fit import FitModel
from sources.records import Records
from training.evaluation.types import Floats
from training.posted.pairs import posted_pairs
from training.posted.posted import Posted
from training.product_fit.sample import Rules

EMPTY = {"enterprise_id": pl.String, "at": pl.String, "happened": pl.Float64, "ours": pl.Float64, "theirs": pl.Float64}


@dataclass(frozen=True)
class Duel:
    """Answers, oldest first.

    Attributes:
        rows: `enterprise_id`, `at` (when it was reported), `happened` (1 or 0), and the probabilities that two models
            gave it, `ours` and `theirs`.
    """

    rows: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Duel":
        """Rows in any order, those with a value missing left out."""
        return cls(rows.select(list(EMPTY)).drop_nulls().drop_nans().sort("at", "enterprise_id", maintain_order=True))

    @classmethod
    def empty(cls) -> "Duel":
        """No answer yet."""
        return cls(pl.DataFrame(schema=EMPTY))

    @property
    def enterprises(self) -> list[str]:
        return self.rows["enterprise_id"].to_list()

    @property
    def differences(self) -> Floats:
        """Squared error of ours less that of theirs."""
        happened = self.rows["happened"].to_numpy()
        ours, theirs = (self.rows[name].to_numpy() for name in ("ours", "theirs"))
        return np.asarray((ours - happened) ** 2 - (theirs - happened) ** 2)


def fit_duel(posted: Posted, ours: FitModel, theirs: FitModel, *, rules: Rules) -> Duel:
    """Both models of fit on the applications that were answered, as their requests told them.

    Of several answers the first counts: what was bet on must not change afterwards.

    Raises:
        PairSampleError: no answer is about a product of the catalogue.
    """
    sample = posted_pairs(posted, rules=rules).eligible
    said = sample.pairs.select(
        "enterprise_id",
        "application",
        ours=pl.Series(ours.fits(sample.pairs).approval),
        theirs=pl.Series(theirs.fits(sample.pairs).approval),
    )
    answered = posted.outcomes.filter(pl.col("decision").is_in(("approved", "refused"))).sort("reported_at")
    first = answered.group_by("application", maintain_order=True).agg(
        at=pl.col("reported_at").first(), happened=(pl.col("decision").first() == "approved").cast(pl.Float64)
    )
    return Duel.of(said.join(first, on="application", how="left", maintain_order="left"))


def credit_duel(posted: Posted, ours: Model, theirs: Model) -> Duel:
    """Both credit models on the enterprises that have a label, twelve months after their decision.

    Raises:
        NoPdError: a model claims no probability of default.
    """
    asked = posted.decisions.select("decision_id", "enterprise_id", "as_of")
    parts = [pl.DataFrame(schema=EMPTY)]
    for group in posted.groups:
        own = asked.filter(pl.col("decision_id").is_in(list(group.decisions))).drop("decision_id").unique()
        labels = posted.labels.join(own, on=("enterprise_id", "as_of"), how="semi", maintain_order="left")
        parts += [
            _on_a_day(group.records, some, day, ours, theirs)
            for (day,), some in labels.partition_by("as_of", as_dict=True).items()
        ]
    return Duel.of(pl.concat(parts).unique(("enterprise_id", "at"), keep="first", maintain_order=True))


def _on_a_day(records: Records, labels: pl.DataFrame, day: dt.date, ours: Model, theirs: Model) -> pl.DataFrame:
    """What both say of the enterprises of some labels of one day."""
    mine = records.only(labels["enterprise_id"].sort())
    said = {name: _probability(model, mine, day) for name, model in (("ours", ours), ("theirs", theirs))}
    happened = labels.sort("enterprise_id")["defaulted"].cast(pl.Float64)
    return pl.DataFrame({"enterprise_id": mine.enterprises, "happened": happened, **said}).select(
        "enterprise_id", at=pl.lit(str(labels["known_on"][0])), **{name: pl.col(name) for name in list(EMPTY)[2:]}
    )


def _probability(model: Model, records: Records, day: dt.date) -> Floats:
    return model.probability(peer_profiles(records, model.features, day, model.peers))
