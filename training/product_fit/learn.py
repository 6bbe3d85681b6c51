"""Learn a model of product fit from past applications."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from features.pairs.good_match import FIRM, PAIRS
from scoring.card import Card
from scoring.product_fit import FitModel, Floats, Ruler, Seen, columns_seen
from training.outcomes import WINDOW_MONTHS
from training.product_fit.amounts import learn_shares
from training.product_fit.granted import granted_rates, granted_shares
from training.product_fit.heads import LearnedHead, Told, constant_head, learn_head
from training.product_fit.passes import pass_ratios
from training.product_fit.rulers import rulers_of
from training.product_fit.sample import PairSample, PairSampleError
from training.split import SplitError

NAME = "product_fit"

ANSWER_MONTHS = 1
"""Months until a bank has answered."""

FEWEST = 40
"""Rows with either outcome below which a head is not learned."""

USUALLY_KEPT, PRIOR_LOANS = 0.75, 10.0
"""Assumed of approved loans while outcomes are few, and how many outcomes that counts as: of approved amounts about
three quarters are drawn."""


@dataclass(frozen=True)
class LearnedFit:
    """A model, and how it was come by.

    Attributes:
        learned_from: the applications that no known fact ruled out; what was ruled out is never shown.
        approving, keeping, clearing: its heads.
    """

    model: FitModel
    learned_from: PairSample
    approving: LearnedHead
    keeping: LearnedHead
    clearing: LearnedHead | None = None


def learn_fit(sample: PairSample, *, prior_share: float, seed: int, version: str = "") -> FitModel:
    """A model of all applications of a sample that no known fact ruled out.

    Args:
        sample: past applications.
        prior_share: the policy's `share_of_unknown_limit`.
        seed: of every draw; the same seed and sample give the same model on any number of threads, in whatever order
            the rows are and whatever enterprises, banks and products are called.
        version: what the card calls the model.

    Raises:
        PairSampleError: too few answers of either kind.
    """
    return learn(sample, prior_share=prior_share, seed=seed, version=version).model


def learn(sample: PairSample, *, prior_share: float, seed: int, version: str = "") -> LearnedFit:
    """As `learn_fit`, with how the model was come by."""
    eligible = _by_values(sample.eligible)
    rulers = rulers_of(eligible.matrix)
    unruled = np.where(eligible.cleared == 0.0, np.nan, eligible.approved)
    says_why = _enough(eligible.cleared) and _enough(unruled)
    judged = unruled if says_why else eligible.approved
    approving = _head(eligible, judged, rulers, window_months=ANSWER_MONTHS, seed=seed)
    clearing = _head(eligible, eligible.cleared, rulers, window_months=ANSWER_MONTHS, seed=seed) if says_why else None
    keeping = (
        _head(eligible, eligible.kept, rulers, window_months=WINDOW_MONTHS, seed=seed)
        if _enough(eligible.kept)
        else constant_head(_share_kept(eligible.kept), columns_seen())
    )
    heads = {"approval": approving, "kept": keeping} | ({"cleared": clearing} if clearing else {})
    shares, usual_share = granted_shares(eligible, prior=prior_share)
    rates, usual_rate = granted_rates(eligible)
    model = FitModel(
        approving=approving.head,
        keeping=keeping.head,
        rulers=rulers,
        card=Card(NAME, version, _training(sample, heads, seed=seed), {}, tuple(_limits(sample))),
        granted_share=shares,
        usual_share=usual_share,
        granted_rate=rates,
        usual_rate=usual_rate,
        clearing=clearing.head if clearing else None,
        sharing=learn_shares(eligible, seed=seed),
        pass_share=pass_ratios(sample.passes),
    )
    return LearnedFit(model, eligible, approving, keeping, clearing)


def signs() -> np.ndarray[Any, np.dtype[np.int64]]:
    """The direction of the chance with each column: what raises the risk of default never raises a chance."""
    return np.array([*(-one.monotone for one in FIRM), *(one.monotone for one in PAIRS)], np.int64)


def _head(
    sample: PairSample, outcome: Floats, rulers: tuple[Ruler, ...], *, window_months: int, seed: int
) -> LearnedHead:
    known = np.isfinite(outcome)
    rows, happened = sample.take(known), outcome[known]
    if not _enough(outcome):
        raise PairSampleError(
            f"applications: got {int(happened.sum())} approved and {int((1 - happened).sum())} refused that no known "
            f"fact rules out, expected at least {FEWEST} of either; give more applications, or a longer time"
        )
    told = Told(
        matrix=rows.matrix,
        scores=Seen.of(rows.pairs, rulers).scores,
        happened=happened,
        pairs=rows.pairs.select("bank_id", "product_id"),
        groups=rows.enterprises,
        days=rows.days,
        signs=signs(),
        names=columns_seen(),
        window_months=window_months,
    )
    try:
        return learn_head(told, seed=seed)
    except SplitError as error:
        raise PairSampleError(f"applications: {str(error).replace('a default', 'the outcome')}") from error


def _by_values(sample: PairSample) -> PairSample:
    """The rows by day and then by what is seen of them, for draws go by the places of rows."""
    told = pl.DataFrame(sample.matrix, schema=list(columns_seen())).with_columns(
        pl.Series("day", sample.days), pl.Series("approved", sample.approved), pl.Series("kept", sample.kept)
    )
    order = told.select(pl.arg_sort_by("day", *columns_seen(), "approved", "kept", maintain_order=True)).to_series()
    return sample.take(order.cast(pl.Int64).to_numpy())


def _enough(outcome: Floats) -> bool:
    return bool(min((outcome == 1.0).sum(), (outcome == 0.0).sum()) >= FEWEST)


def _share_kept(kept: Floats) -> float:
    known = kept[np.isfinite(kept)]
    return float((known.sum() + USUALLY_KEPT * PRIOR_LOANS) / (len(known) + PRIOR_LOANS))


def _training(sample: PairSample, heads: Mapping[str, LearnedHead], *, seed: int) -> dict[str, Any]:
    eligible = sample.eligible
    days: list[Any] = [eligible.pairs["day"].min(), eligible.pairs["day"].max()]
    return {
        "applications": len(sample),
        "ruled_out_by_known_facts": len(sample) - len(eligible),
        "left_out": dict(sample.left_out),
        "enterprises": eligible.pairs["enterprise_id"].n_unique(),
        "banks": eligible.pairs["bank_id"].n_unique(),
        "products": eligible.pairs["product_id"].n_unique(),
        "as_of": "/".join(day.isoformat() for day in days),
        "split": None,
        "approval": _outcome(eligible.approved),
        "cleared": _outcome(eligible.cleared),
        "kept": _outcome(eligible.kept),
        "columns": len(columns_seen()),
        "seed": seed,
        "growth": {name: asdict(head.growth) for name, head in heads.items()},
        "unseen_log_loss": {name: head.losses for name, head in heads.items()},
        "spreads": {name: _spreads(head) for name, head in heads.items()},
    }


def _outcome(values: Floats) -> dict[str, float | None]:
    known = values[np.isfinite(values)]
    return {"known": len(known), "share": float(known.mean()) if len(known) else None}


def _spreads(head: LearnedHead) -> dict[str, float]:
    """Standard deviations between banks and products, in log odds, of what differs at all."""
    names = ("intercept", *columns_seen(), "product")
    return {name: round(float(one), 4) for name, one in zip(names, head.record.spreads, strict=True) if one > VISIBLE}


VISIBLE = 0.01


def _limits(sample: PairSample) -> Iterator[dict[str, str]]:
    ruled_out = len(sample) - len(sample.eligible)
    yield {
        "zh": f"只用已知事实未排除的申请学习；{ruled_out}笔被已知事实排除，不在适用范围内。批与不批由银行决定。",
        "en": f"Learned from applications that no known fact ruled out; {ruled_out} were ruled out and lie outside "
        "what it may be asked. The bank decides.",
    }
    yield {
        "zh": "批准概率以申请过的企业为样本；从未申请的企业可能不同。履约概率只从已批准且满12个月的贷款学习。",
        "en": "Enterprises that applied are the sample; others may differ. The probability that a loan is drawn and "
        "repaid is learned from approved ones of which 12 months have passed.",
    }
    yield {
        "zh": "产品询问而企业未提供的事实，申请者大多符合；未挑选过该产品的企业把握更小，须乘以pass_share。",
        "en": "Where a fact that the product asks about was not given, applicants mostly meet it; for an enterprise "
        "that did not choose the product the chance is lower, by the ratio `pass_share`.",
    }
    yield {
        "zh": "没有记录的银行或产品按所有银行的通常口径估计，误差更大。",
        "en": "A bank or product without a record is told by what is usual among all banks, with a larger error.",
    }
