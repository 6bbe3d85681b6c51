"""Pictures of the page about the invented city: the same bytes for the same numbers."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.page_hardness import Hardness
from benchmarks.page_realism import Realism
from benchmarks.realism import NAMED
from features.sets import INVOICE_FLOW

COLOURS = {"real": "#222222", "simulated": "#c8551b"}
STYLE = {
    "svg.hashsalt": "xinpei",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
MOST_BYTES = 150_000
WIDE = ("fen", "count")
"""Units that a logarithmic axis suits."""

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def draw(folder: Path, found: Realism, hard: Hardness, *, branches: int) -> list[str]:
    """Write all pictures and return their file names.

    Raises:
        ValueError: a picture is larger than `MOST_BYTES`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        drawn = {
            "distributions.svg": distributions(found),
            "months.svg": months(found),
            "chances.svg": chances(hard, least=0.5 / branches),
            "models.svg": models(hard),
        }
        for name, figure in drawn.items():
            figure.savefig(folder / name, metadata={"Date": None}, bbox_inches="tight")
            size = (folder / name).stat().st_size
            if size > MOST_BYTES:
                raise ValueError(f"{name}: got {size:,} bytes, expected at most {MOST_BYTES:,}; draw fewer points")
    return list(drawn)


def distributions(found: Realism) -> Figure:
    """Distribution functions of the ten named features, from quantiles."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    units = {one.name: one.unit for one in INVOICE_FLOW}
    for name, axes in zip(NAMED, figure.subplots(2, 5, sharey=True).flat, strict=True):
        of_feature = found.curves.filter(feature=name)
        for side, colour in COLOURS.items():
            curve = of_feature.filter(side=side)
            axes.plot(curve["value"].to_numpy(), curve["level"].to_numpy(), color=colour, label=side, linewidth=1.3)
        if units[name] in WIDE:
            axes.set_xscale("symlog", linthresh=1)
        axes.set(title=name, xlabel="yuan" if units[name] == "fen" else units[name], ylim=(0, 1))
        axes.title.set_fontsize(7.5)
    first = figure.axes[0]
    first.set_ylabel("share of firms at or below")
    first.legend(frameon=False)
    return figure


def months(found: Realism) -> Figure:
    """Sales invoices by calendar month."""
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.subplots()
    for side, colour in COLOURS.items():
        of_side = found.months.filter(side=side).sort("month")
        label = f"{side} ({of_side['firm_years'][0]:,} firm-years)"
        axes.plot(
            MONTH_NAMES, of_side["share"].cast(float).to_numpy(), marker="o", markersize=3, color=colour, label=label
        )
    axes.axhline(1 / 12, color="#999999", linewidth=0.7, linestyle=":")
    axes.set(ylim=(0, None), ylabel="share of a year's sales invoices")
    axes.legend(frameon=False)
    return figure


def chances(hard: Hardness, *, least: float) -> Figure:
    """True PDs of borrowers, and what came of each tenth of them."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = np.clip(hard.chances, least, 1)
    left.hist(kept, bins=np.geomspace(least, 1, 31).tolist(), color=COLOURS["simulated"])
    left.set(xscale="log", xlabel="true PD of 12 months (left end: none of the futures)", ylabel="borrowers")
    _tenths(right, hard)
    return figure


def _tenths(axes: Axes, hard: Hardness) -> None:
    tenths = hard.deciles
    rate, pd = tenths["rate"].to_numpy(), tenths["pd"].to_numpy()
    error = np.abs(np.stack([rate - tenths["low"].to_numpy(), tenths["high"].to_numpy() - rate]))
    place = tenths["decile"].to_numpy()
    axes.errorbar(place, rate, error, fmt="o", markersize=4, color=COLOURS["real"], label="realised, 95 % interval")
    axes.plot(place, pd, marker="_", markersize=12, linestyle="", color=COLOURS["simulated"], label="mean true PD")
    axes.set(
        xlabel="tenth of borrowers by true PD", ylabel="defaults in 12 months", xticks=place.tolist(), ylim=(0, None)
    )
    axes.legend(frameon=False)


def models(hard: Hardness) -> Figure:
    """AUC of the truth and of plain models, with intervals."""
    figure = Figure(figsize=(7, 1.9), layout="constrained")
    axes = figure.subplots()
    place = np.arange(len(hard.models))[::-1]
    auc = np.array([one.auc for one in hard.models])
    error = np.abs(np.stack([auc - [one.low for one in hard.models], [one.high for one in hard.models] - auc]))
    axes.errorbar(auc, place, xerr=error, fmt="o", color=COLOURS["real"], capsize=3, label="on realised defaults")
    expected = [one.expected for one in hard.models]
    axes.plot(expected, place, "D", markersize=4, color=COLOURS["simulated"], label="expected under the true PD")
    axes.axvspan(0.80, 0.90, color="#dddddd", alpha=0.5, linewidth=0)
    axes.set(
        yticks=place.tolist(), yticklabels=[one.name for one in hard.models], xlabel="AUC (grey: aim of the ceiling)"
    )
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
