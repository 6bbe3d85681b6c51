"""Pictures of a training run, from out-of-fold answers only."""

from collections.abc import Callable, Iterator

import matplotlib as mpl
import numpy as np
import shap
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve

from training.credit import Trained
from training.report import Judged

mpl.use("Agg")

STRONGEST = 20
Draw = Callable[[Axes, Trained, Judged, str, str], None]


def pictures(trained: Trained) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each picture."""
    roc = ("ROC, out of fold, one line a repeat", "share of sound enterprises", "share of defaults")
    yield "roc", _drawn(roc, trained, _roc)
    precision_recall = ("Precision and recall, out of fold", "recall", "precision")
    yield "precision_recall", _drawn(precision_recall, trained, _precision_recall)
    reliability = ("Reliability in the sample's mix", "probability of default said", "share of defaults seen")
    yield "calibration", _drawn(reliability, trained, _reliability)
    yield "scores", _score_distribution(trained)
    yield "contributions", _contributions(trained)


def _drawn(texts: tuple[str, str, str], trained: Trained, draw: Draw) -> Figure:
    figure, axes = _figure(*texts)
    for colour, (name, judged) in enumerate(trained.judged.items()):
        draw(axes, trained, judged, f"C{colour}", name)
    axes.legend()
    return figure


def _figure(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def _roc(axes: Axes, trained: Trained, judged: Judged, colour: str, name: str) -> None:
    for number, risk in enumerate(judged.repeats):
        false, true, _ = roc_curve(trained.judged_on.defaulted, risk)
        axes.plot(false, true, color=colour, alpha=0.5, label=f"{name} {judged.pooled['auc']}" if number == 0 else None)


def _precision_recall(axes: Axes, trained: Trained, judged: Judged, colour: str, name: str) -> None:
    for number, risk in enumerate(judged.repeats):
        precision, recall, _ = precision_recall_curve(trained.judged_on.defaulted, risk)
        label = f"{name} {judged.pooled['pr_auc']}" if number == 0 else None
        axes.plot(recall, precision, color=colour, alpha=0.5, label=label)


def _reliability(axes: Axes, trained: Trained, judged: Judged, colour: str, name: str) -> None:
    said = np.mean(judged.repeats, axis=0)
    seen, mean_said = calibration_curve(trained.judged_on.defaulted, said, n_bins=5, strategy="quantile")
    axes.plot(mean_said, seen, "o-", color=colour, label=f"{name} Brier {judged.pooled['brier']}")
    axes.plot([0, 1], [0, 1], ":", color="grey")


def _score_distribution(trained: Trained) -> Figure:
    figure, axes = _figure("Scores of the rows judged", "score", "enterprises")
    scores = np.array([scored.score for scored in trained.model.score(trained.judged_on.profiles)])
    bins = np.histogram_bin_edges(scores, 25).tolist()
    for kind, label in ((0, "sound"), (1, "defaulted")):
        axes.hist(scores[trained.judged_on.defaulted == kind], bins=bins, alpha=0.6, label=label)
    axes.legend()
    return figure


def _contributions(trained: Trained) -> Figure:
    """Beeswarm of the features that move the margin most."""
    contributions = trained.model.contributions(trained.judged_on.profiles)
    explanation = shap.Explanation(
        values=contributions[:, :-1],
        base_values=contributions[:, -1],
        data=trained.judged_on.matrix,
        feature_names=[feature.name for feature in trained.model.features],
    )
    figure, axes = _figure("", "", "")
    shap.plots.beeswarm(explanation, max_display=STRONGEST, show=False, ax=axes, plot_size=None)
    figure.set_size_inches(9, 8)
    return figure
