"""Challenger against champion: on the same rows and the same draws."""

from dataclasses import dataclass

from training.evaluation.calibration import losses
from training.evaluation.ranking import auc_draws, paired_delong
from training.evaluation.resampling import Draws, estimate, two_sided_p
from training.evaluation.rows import Judged, Said
from training.evaluation.types import Comparison, Floats, Identity, Labels
from training.metrics import Estimate


def compared(judged: Judged, champion: Identity) -> Comparison | None:
    """None where no champion has said anything.

    p of the AUC is DeLong's where every enterprise has one row, else from the draws; p of the loss is from the draws.
    """
    other = judged.champion
    if other is None:
        return None
    both = aucs(judged.defaulted, judged.said, other, judged.draws)
    difference, p_auc = both.difference, both.p
    if judged.one_row_an_enterprise:
        difference, p_auc = paired_delong(judged.defaulted, -judged.said.points, -other.points)
    loss, drawn_loss = loss_difference(judged.defaulted, judged.said, other, judged.draws)
    return Comparison(
        champion=champion,
        champion_auc=both.theirs,
        auc=difference,
        loss=loss,
        p_auc=p_auc,
        p_loss=two_sided_p(drawn_loss),
    )


@dataclass(frozen=True)
class Aucs:
    """AUC of both models on the same draws; `p` is two-sided, of the difference."""

    ours: Estimate
    theirs: Estimate
    difference: Estimate
    p: float


def aucs(defaulted: Labels, ours: Said, theirs: Said, draws: Draws) -> Aucs:
    """The difference, ours less theirs, is taken draw by draw."""
    value, drawn = auc_draws(defaulted, -ours.points, draws)
    other, drawn_other = auc_draws(defaulted, -theirs.points, draws)
    excess = drawn - drawn_other
    return Aucs(
        ours=estimate(value, drawn, least=0.0, most=1.0),
        theirs=estimate(other, drawn_other, least=0.0, most=1.0),
        difference=estimate(value - other, excess, least=-1.0, most=1.0),
        p=two_sided_p(excess),
    )


def loss_difference(defaulted: Labels, ours: Said, theirs: Said, draws: Draws) -> tuple[Estimate, Floats]:
    """Mean log loss of ours less theirs, and that of every draw."""
    excess = losses(defaulted, ours.probability) - losses(defaulted, theirs.probability)
    drawn = draws.means(excess)
    return estimate(float(excess.mean()), drawn), drawn
