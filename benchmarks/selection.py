"""Ways to learn from accepted applicants, judged by the truth about refused ones: `python -m benchmarks.selection`.

Two questions, each for the selection of the city and for a harder one. In one city: models learn from two thirds of
its enterprises and are judged on the others, each third in turn. Across cities: they learn from all other cities and
are judged on the last one, each in turn. The judge is the true probability of default within 12 months with the loan.
What is drawn and measured is kept in a folder, so that a run that was stopped goes on.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import t
from sklearn.model_selection import GroupKFold

import training.selection
from benchmarks.selection_city import FIRMS_OF_A_COMMUNITY, SEEN, city
from simulation.lending.banks import SCORE
from simulation.lending.offers import offers
from training.cohort import numbered
from training.evaluation.calibration import bins_of
from training.selection.learner import Learner
from training.selection.methods import METHODS
from training.selection.sample import Applicants, Flags, Floats

FOLDS, BINS, LEVEL = 3, 10, 0.95
PLAIN = next(iter(METHODS))
LEAST = 1e-6
SCALES = ("one city", "other cities")
SELECTIONS = ("as the city's banks select", "half of those lent to: the banks' surest")
SIDES = ("refused", "refused by a rule", "refused by judgement", "accepted", "everybody")
Measured = dict[str, dict[str, dict[str, float]]]
"""Metrics by name, by side, by way."""


@dataclass(frozen=True)
class Drawn:
    """Applications under one selection, and the truth about them."""

    sample: Applicants
    truth: pl.DataFrame

    def sides(self) -> dict[str, Flags]:
        """Rows of each side."""
        refused, code = ~self.sample.accepted, self.truth["code"].to_numpy()
        by_rule = refused & ~np.isin(code, ["", SCORE])
        flags = (refused, by_rule, refused & ~by_rule, ~refused, np.ones(len(refused), bool))
        return dict(zip(SIDES, flags, strict=True))


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=10, help="cities, from seed 1 on")
    asked.add_argument("--enterprises", type=int, default=4_000, help="of each city")
    asked.add_argument("--scales", nargs="+", default=list(SCALES), choices=SCALES)
    asked.add_argument(
        "--keep",
        type=Path,
        default=Path("var/selection"),
        help="folder of what is drawn and measured; empty it when the city has changed",
    )
    given = asked.parse_args()
    communities = given.enterprises // FIRMS_OF_A_COMMUNITY
    seeds = range(1, given.seeds + 1)
    cities = [city(seed, communities, given.keep) for seed in seeds]
    for hard, selection in enumerate(SELECTIONS):
        drawn = [selected(one, hard=bool(hard)) for one in cities]
        print(f"\n## Selection: {selection}\n\n{described(drawn)}", flush=True)
        for scale in given.scales:
            place = given.keep / f"measured-{digest()}-{communities}-{len(cities)}-{hard}-{SCALES.index(scale)}"
            found = [kept(place / f"{number}.json", drawn, number, scale) for number in range(len(drawn))]
            print("\n".join(tables(found, scale)), flush=True)


def digest() -> str:
    """Of the code that learns: what other code measured is measured anew."""
    folder = Path(training.selection.__path__[0])
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(folder.glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def selected(frame: pl.DataFrame, *, hard: bool) -> Drawn:
    """Applicants as one selection leaves them.

    The harder one takes away half of those lent to: those whose true chance of a grant was lowest. They count as
    refused by judgement, and the bureau tells of them only where they had another loan.
    """
    truth = frame.filter(~pl.col("accepted") | pl.col("told").is_not_null())
    accepted, chance = truth["accepted"].to_numpy(), truth["chance"].to_numpy()
    if hard:
        accepted = accepted & (chance >= np.median(chance[accepted]))
    told = truth["told"].fill_null(float("nan")).to_numpy()
    owes_others = truth["owes_others"].to_numpy()
    known_banks = pl.Enum(offers().banks)
    sample = Applicants(
        matrix=truth.select(one.name for one in SEEN).to_numpy(),
        accepted=accepted,
        defaulted=np.where(accepted, told, np.nan),
        monotone=tuple(one.monotone for one in SEEN),
        groups=numbered(truth["enterprise_id"]),
        banks=truth["bank"].cast(known_banks).to_physical().cast(pl.Int64).to_numpy(),
        elsewhere=np.where(~accepted & owes_others, told, np.nan),
    )
    return Drawn(sample, truth)


def kept(path: Path, drawn: Sequence[Drawn], number: int, scale: str) -> Measured:
    """What was measured on one city before, or is measured now."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(measured(drawn, number, scale)), "utf-8")
    found: Measured = json.loads(path.read_text("utf-8"))
    return found


def measured(drawn: Sequence[Drawn], number: int, scale: str) -> Measured:
    """Metrics of each way on one city, on each side."""
    own = drawn[number]
    said = within(own.sample, seed=number) if scale == SCALES[0] else across(drawn, number)
    sides = own.sides().items()
    return {name: {side: metrics(own.truth, said[name], rows) for side, rows in sides} for name in METHODS}


def within(sample: Applicants, *, seed: int) -> dict[str, Floats]:
    """What each way says of a city's applicants, having learned from other enterprises of the city."""
    said = {name: np.empty(len(sample)) for name in METHODS}
    dealt = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in dealt.split(sample.matrix, groups=sample.groups):
        learned_from = sample.take(train)
        for name, method in METHODS.items():
            said[name][test] = method(learned_from, Learner(seed=seed))(sample.matrix[test])
    return said


def across(drawn: Sequence[Drawn], number: int) -> dict[str, Floats]:
    """What each way says of a city's applicants, having learned from all other cities."""
    others = together([one.sample for place, one in enumerate(drawn) if place != number])
    judged = drawn[number].sample.matrix
    return {name: method(others, Learner(seed=number))(judged) for name, method in METHODS.items()}


def together(samples: Sequence[Applicants]) -> Applicants:
    """Samples of several cities as one; enterprises of two cities never share a number."""
    shifts = np.cumsum([0, *(one.groups.max() + 1 for one in samples[:-1])])
    names = ("matrix", "accepted", "defaulted", "banks", "elsewhere")
    whole = {name: np.concatenate([getattr(one, name) for one in samples]) for name in names}
    groups = np.concatenate([one.groups + shift for one, shift in zip(samples, shifts, strict=True)])
    return replace(samples[0], groups=groups, **whole)


def metrics(truth: pl.DataFrame, said: Floats, rows: Flags) -> dict[str, float]:
    """How far what is said lies from the true probability with the loan; losses are those to be expected by it.

    `bias_left` compares with what awaited the refused as they were, without the loan; NaN where there is none.
    `bias_by_chance` weighs each row with its true chance of a grant, as an expected value of asking does.
    """
    some = truth.filter(pl.Series(rows))
    pd, chance = some["pd_lent"].to_numpy(), np.clip(said[rows], LEAST, 1 - LEAST)
    left = some["pd_left"].is_not_null().to_numpy()
    without = some["pd_left"].drop_nulls().to_numpy()
    happened = some["defaulted"].to_numpy()[left]
    return {
        "rows": float(len(pd)),
        "mean_pd": float(pd.mean()),
        "log_loss": float(-(pd * np.log(chance) + (1 - pd) * np.log(1 - chance)).mean()),
        "brier": float((pd * (1 - chance) ** 2 + (1 - pd) * chance**2).mean()),
        "auc": expected_auc(pd, chance),
        "ece": expected_ece(pd, chance),
        "bias": float((chance - pd).mean()),
        "bias_by_chance": float(np.average(chance - pd, weights=some["chance"].to_numpy())),
        "bias_left": float((chance[left] - without).mean()) if left.any() else float("nan"),
        "happened": float(happened.mean()) if left.any() else float("nan"),
    }


def expected_auc(pd: Floats, said: Floats) -> float:
    """AUC over all defaults that the true probabilities could bring; what is said alike counts half."""
    _, group = np.unique(said, return_inverse=True)
    bad, good = np.bincount(group, pd), np.bincount(group, 1 - pd)
    below = np.cumsum(good) - good
    return float((bad * (below + good / 2)).sum() / (bad.sum() * good.sum()))


def expected_ece(pd: Floats, said: Floats) -> float:
    """Mean over bins of equal size, by what is said, of |mean said - mean true probability|."""
    inside = np.eye(BINS)[bins_of(said, BINS)]
    return float(np.abs((inside * (said - pd)[:, None]).sum(axis=0)).sum() / len(pd))


def described(drawn: Sequence[Drawn]) -> str:
    """Who was lent to, who defaults, and of how many refused the bureau tells."""
    many = {side: np.mean([rows.sum() for rows in _of_side(drawn, side)]) for side in SIDES}
    pd = {side: np.mean([one.truth["pd_lent"].to_numpy()[one.sides()[side]].mean() for one in drawn]) for side in SIDES}
    sides = "; ".join(f"{side} {many[side]:,.0f}, true PD with the loan {pd[side]:.2%}" for side in SIDES)
    bads = np.mean([np.nansum(one.sample.defaulted) for one in drawn])
    told = np.mean([(~np.isnan(one.sample.elsewhere)).sum() / (~one.sample.accepted).sum() for one in drawn])
    left = np.mean([one.truth["pd_left"].drop_nulls().mean() for one in drawn])
    return (
        f"A city: {sides}. Defaults to learn from: {bads:.0f}. "
        f"True PD of the banks' refused without the loan: {left:.2%}. The bureau tells of {told:.0%} of the refused."
    )


def _of_side(drawn: Sequence[Drawn], side: str) -> Iterator[Flags]:
    return (one.sides()[side] for one in drawn)


COLUMNS: Mapping[str, tuple[str, float, str]] = {
    "log_loss": ("log loss", 1.0, ".4f"),
    "brier": ("Brier", 1.0, ".5f"),
    "auc": ("AUC", 1.0, ".3f"),
    "ece": ("ECE", 100.0, ".2f"),
    "bias": ("said - PD with the loan", 100.0, "+.2f"),
    "bias_by_chance": ("the same by chance of a grant", 100.0, "+.2f"),
    "bias_left": ("said - PD without", 100.0, "+.2f"),
}
"""Heading, factor and form of each metric; ECE and differences in percentage points."""


def tables(found: Sequence[Measured], scale: str) -> Iterator[str]:
    """Markdown: for each side the metrics, then the differences to plain training, with their intervals over cities."""
    for side in SIDES:
        columns = {key: told for key, told in COLUMNS.items() if side.startswith("refused") or key != "bias_left"}
        for compared in (False, True):
            title = "difference to plain training" if compared else "mean over cities"
            yield f"\nLearned in {scale}; {side}; {title}, 95 % interval:\n"
            yield "| way | " + " | ".join(told[0] for told in columns.values()) + " |"
            yield "|---" * (len(columns) + 1) + "|"
            for name in [name for name in METHODS if not (compared and name == PLAIN)]:
                cells = (_cell(found, name, side, key, compared=compared) for key in columns)
                yield f"| {name} | " + " | ".join(cells) + " |"


def _cell(found: Sequence[Measured], name: str, side: str, key: str, *, compared: bool) -> str:
    _, factor, form = COLUMNS[key]
    values = np.array([one[name][side][key] for one in found]) * factor
    if compared:
        values = values - np.array([one[PLAIN][side][key] for one in found]) * factor
    mean, low, high = interval(values)
    form = form if not compared or form.startswith("+") else f"+{form}"
    return f"{mean:{form}} [{low:{form}}, {high:{form}}]"


def interval(values: Floats) -> tuple[float, float, float]:
    """Mean and its t interval over cities, those without a value left out."""
    known = values[~np.isnan(values)]
    if len(known) < 2:  # noqa: PLR2004 - one value has no spread
        return (float(known.mean()) if len(known) else float("nan"), float("nan"), float("nan"))
    mean = float(known.mean())
    half = float(t.ppf(0.5 + LEVEL / 2, len(known) - 1)) * float(known.std(ddof=1)) / len(known) ** 0.5
    return mean, mean - half, mean + half


if __name__ == "__main__":
    main()
