"""SHAP's pictures of a model: what moves its scores, in points."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import polars as pl
import shap
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scoring.model import Model

MOST_ROWS = 2_000
STRONGEST, DEPENDENCES = 20, 6
DOTS_AN_INCH = 130


def pictures(model: Model, profiles: pl.DataFrame) -> dict[str, bytes]:
    """`beeswarm` and one `dependence_<feature>` for each of the strongest features, as PNG.

    Points are those of `Model.score`: what a feature adds to a score, positive = less risk. Of many profiles, 2,000
    are drawn with a fixed seed.

    Raises:
        ValueError: there are no profiles.
    """
    if profiles.is_empty():
        raise ValueError("profiles: got none, expected at least one row to explain; give the rows that were judged")
    if profiles.height > MOST_ROWS:
        profiles = profiles.sample(MOST_ROWS, seed=0)
    explanation = explained(model, profiles)
    with _the_same_dots():
        drawn = {"beeswarm": _beeswarm(explanation), **dict(_dependences(explanation))}
    return {name: _png(figure) for name, figure in drawn.items()}


def explained(model: Model, profiles: pl.DataFrame) -> shap.Explanation:
    """Points and values of every feature, one row a profile, as the `shap` package takes them."""
    scored = model.score(profiles)
    return shap.Explanation(
        values=np.array([one.points for one in scored]),
        base_values=np.array([one.base_points for one in scored]),
        data=model.matrix(profiles),
        feature_names=[feature.name for feature in model.features],
    )


@contextmanager
def _the_same_dots() -> Iterator[None]:
    """`shap` scatters dots by numpy's global state, which is put back afterwards."""
    before = np.random.get_state()  # noqa: NPY002  # shap.plots take no generator
    np.random.seed(0)  # noqa: NPY002  # as above
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002  # as above


def _beeswarm(explanation: shap.Explanation) -> Figure:
    figure, axes = _figure(9.0, 8.0)
    shap.plots.beeswarm(explanation, max_display=STRONGEST, show=False, ax=axes, plot_size=None)
    axes.set_xlabel("points")
    return figure


def _dependences(explanation: shap.Explanation) -> Iterator[tuple[str, Figure]]:
    strengths = np.abs(explanation.values).mean(axis=0)
    known = np.isfinite(explanation.data).any(axis=0)
    order = [place for place in np.argsort(-strengths, kind="stable") if known[place] and strengths[place] > 0]
    for place in order[:DEPENDENCES]:
        name = explanation.feature_names[place]
        yield f"dependence_{name}", _dependence(explanation[:, int(place)], name)


def _dependence(explanation: shap.Explanation, name: str) -> Figure:
    figure, axes = _figure(5.6, 4.2)
    shap.plots.scatter(explanation, ax=axes, show=False)
    axes.set(xlabel=name, ylabel="points")
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_AN_INCH)
    return file.getvalue()
