"""Champion and challenger side by side: what both said while only one was heard, and what has come of it since."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from training.evaluation.calibration import losses
from training.evaluation.resampling import Draws, mean
from training.metrics import Estimate
from training.posted.duel import Duel
from training.posted.outcomes import credit_labels, reported
from training.posted.posted import Posted
from training.posted.store import PostedStore

TOP = 5


@dataclass(frozen=True)
class Shadowed:
    """A challenger in the shadow of a champion, which stand for `ours` and `theirs` in the duel.

    Attributes:
        champion, challenger: digests.
        decisions: on which both were asked.
        milliseconds: median cost of asking the challenger.
        moved: mean distance of the challenger's probability from the champion's.
        same_top: share of the first `TOP` products shown that the challenger would have shown among its first; None
            for the credit model.
        duel: both on the answers known by now.
        loss_difference: log loss, challenger less champion; None while no answer is known.
    """

    champion: str
    challenger: str
    decisions: int
    milliseconds: float
    moved: float
    same_top: float | None
    duel: Duel
    loss_difference: Estimate | None


def shadowed_fits(store: PostedStore, *, seed: int = 0) -> tuple[Shadowed, ...]:
    """Every pair of models of fit that was asked together, most decisions first.

    Raises:
        StoreError: the store does not answer.
    """
    decided, said = store.decisions(kinds=("match",)), store.shadow().filter(pl.col("fit_digest").is_not_null())
    asked = _asked(decided, said, "fit_digest")
    lines = asked.select("decision_id", "enterprise_id", "champion", "challenger", "shown").explode("shown")
    theirs = lines.drop_nulls("shown").with_columns(
        product_id=pl.col("shown").struct.field("product_id"),
        ours=pl.col("shown").struct.field("approval_probability"),
    )
    shown = store.shown()
    both = theirs.join(shown.select("decision_id", "product_id", theirs="approval_probability"), on=PAIR)
    answers = both.join(_answers(store), on=PAIR)
    tops = asked.join(_top(shown), on="decision_id").with_columns(same=_same())
    found = []
    for pair, own in _pairs(asked):
        mine = _of(both, pair)
        same = _of(tops, pair)["same"].mean()
        found.append(_shadowed(pair, own, mine, _of(answers, pair), seed=seed, same_top=_number(same)))
    return tuple(found)


def shadowed_credits(store: PostedStore, posted: Posted, *, seed: int = 0) -> tuple[Shadowed, ...]:
    """Every pair of credit models that was asked together, most decisions first.

    Args:
        store: of the service.
        posted: what it says became of decisions; its labels come twelve months after them.
        seed: of the draws.

    Raises:
        StoreError: the store does not answer.
    """
    asked = _asked(store.decisions(), store.shadow(), "model_digest")
    asked = asked.filter(pl.col("champion") != pl.col("challenger")).rename({"pd_said": "ours", "pd": "theirs"})
    told = reported(posted.decisions, store.outcomes())
    labels = credit_labels(told, known_until=posted.known_until)
    happened = labels.select("enterprise_id", "as_of", happened=pl.col("defaulted").cast(pl.Float64), at="known_on")
    answers = asked.join(happened, on=("enterprise_id", "as_of")).with_columns(pl.col("at").cast(pl.String))
    return tuple(_shadowed(pair, own, own, _of(answers, pair), seed=seed, same_top=None) for pair, own in _pairs(asked))


PAIR = ("decision_id", "product_id")
WHO = ("champion", "challenger")


def _asked(decided: pl.DataFrame, said: pl.DataFrame, digest: str) -> pl.DataFrame:
    """Decisions that a challenger was asked about too: what it said, and the digests of both."""
    beside = said.select(
        "decision_id", "milliseconds", "shown", "products", challenger=pl.col(digest), pd_said=pl.col("pd")
    )
    return decided.join(beside, on="decision_id", maintain_order="left").with_columns(champion=pl.col(digest))


def _answers(store: PostedStore) -> pl.DataFrame:
    """First approval or refusal of each decision and product."""
    answered = store.outcomes().filter(pl.col("decision").is_in(("approved", "refused")))
    first = answered.group_by(PAIR, maintain_order=True).first()
    return first.select(*PAIR, at="reported_at", happened=(pl.col("decision") == "approved").cast(pl.Float64))


def _top(shown: pl.DataFrame) -> pl.DataFrame:
    first = shown.filter(pl.col("place") <= TOP).sort("decision_id", "place")
    return first.group_by("decision_id", maintain_order=True).agg(top="product_id")


def _same() -> pl.Expr:
    would = pl.col("products").list.head(TOP)
    return pl.col("top").list.set_intersection(would).list.len() / pl.col("top").list.len()


def _pairs(asked: pl.DataFrame) -> list[tuple[tuple[str, str], pl.DataFrame]]:
    parts = asked.filter(pl.all_horizontal(pl.col(WHO).is_not_null())).partition_by(WHO, as_dict=True)
    named = [((str(pair[0]), str(pair[1])), own) for pair, own in parts.items()]
    return sorted(named, key=lambda one: (-one[1].height, one[0]))


def _of(rows: pl.DataFrame, pair: Sequence[str]) -> pl.DataFrame:
    return rows.filter(pl.col("champion") == pair[0], pl.col("challenger") == pair[1])


def _shadowed(
    pair: tuple[str, str],
    asked: pl.DataFrame,
    both: pl.DataFrame,
    answers: pl.DataFrame,
    *,
    seed: int,
    same_top: float | None,
) -> Shadowed:
    duel = Duel.of(answers)
    return Shadowed(
        champion=pair[0],
        challenger=pair[1],
        decisions=asked.height,
        milliseconds=_number(asked["milliseconds"].median()) or 0.0,
        moved=_number(both.select((pl.col("ours") - pl.col("theirs")).abs().mean()).item()) or 0.0,
        same_top=same_top,
        duel=duel,
        loss_difference=_difference(duel, seed=seed),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _difference(duel: Duel, *, seed: int) -> Estimate | None:
    if duel.rows.is_empty():
        return None
    happened = duel.rows["happened"].to_numpy().astype(np.int64)
    ours, theirs = (losses(happened, duel.rows[name].to_numpy()) for name in ("ours", "theirs"))
    return mean(ours - theirs, Draws.of_enterprises(duel.rows["enterprise_id"], seed=seed))
