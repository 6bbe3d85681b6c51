"""P(approval) against the true chances, by bank: on all products that eligibility leaves, and on those applied for.

What is shown takes it that open questions are answered as by those who applied; the order counts how likely that is.
ECE over equal-count bins of the probability said, true chances in the place of outcomes. What is left of it for a model
that is right in every bin is told beside it: the mean over draws of enterprises of how far bins move by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.fit_orders import answered, model_estimate
from benchmarks.fit_rows import KEY, Scene, records_of, scene
from benchmarks.fit_value import ours
from scoring.product_fit import FitModel
from training.evaluation.calibration import bins_of
from training.evaluation.resampling import Draws, estimate
from training.metrics import Estimate

if TYPE_CHECKING:
    from benchmarks.fit import Judged

Floats = NDArray[np.float64]
BINS, AIM, FEWEST = 10, 0.02, 50
"""Bins, the error aimed at, and pairs of a bank that are fewest to tell of it."""


@dataclass(frozen=True)
class Said:
    """Pairs with what a model says of them.

    Attributes:
        approval: probability said.
        chance: true one.
        bank: of each pair.
        draws: of the pairs' enterprises.
    """

    approval: Floats
    chance: Floats
    bank: NDArray[np.str_]
    draws: Draws

    def of_bank(self, bank: str) -> Self:
        rows = np.flatnonzero(self.bank == bank)
        return type(self)(self.approval[rows], self.chance[rows], self.bank[rows], self.draws.within(rows))

    def __len__(self) -> int:
        return len(self.approval)

    def error(self) -> tuple[Estimate, float]:
        """ECE with its interval, and what chance alone leaves of it."""
        inside = np.eye(BINS)[bins_of(self.approval, BINS)]
        excess = inside * (self.approval - self.chance)[:, None]
        drawn = self.draws.sums(np.concatenate([excess, np.ones((len(self), 1))], axis=1))
        means, centre = drawn[:, :-1] / np.maximum(drawn[:, -1:], 1), excess.sum(axis=0) / len(self)
        value = estimate(float(np.abs(centre).sum()), np.abs(means).sum(axis=1), least=0.0, most=1.0)
        return value, float(np.abs(means - centre).sum(axis=1).mean())


def calibration(judged: "Judged", model: FitModel) -> Iterator[str]:
    """By population, and by what is said: with open questions counted, and as of those who applied."""
    asked = _asked(judged)
    for population, rows in (("of all products that eligibility leaves", None), ("of products applied for", asked)):
        seen = judged.scene if rows is None else _scene(judged, rows)
        shown = answered(seen, model_estimate(seen, model)).approval
        for way, approval in (("shown", shown), ("the order counts it", ours(seen, shown, model).chance)):
            yield f"\n{population}, as {way}:\n"
            yield from _table(_candidates(judged, approval) if rows is None else _applications(seen, rows, approval))


def _candidates(judged: "Judged", approval: Floats) -> Said:
    seen, inside = judged.scene, judged.truth.candidates
    firms, columns = np.nonzero(inside)
    codes = seen.who["enterprise_id"].gather(pl.Series(firms, dtype=pl.UInt32))
    chance = seen.truth(judged.told, "chance")
    draws = Draws.of_enterprises(codes, seed=judged.seed)
    return Said(approval[inside], chance[inside], np.array(seen.rules.banks)[columns], draws)


def _asked(judged: "Judged") -> pl.DataFrame:
    """Applications that may be judged, one an enterprise and month."""
    rows = judged.others.filter(pl.col("product_id").is_in(list(judged.scene.rules.products)))
    return rows.unique(KEY, keep="first", maintain_order=True)


def _scene(judged: "Judged", asked: pl.DataFrame) -> Scene:
    records = judged.as_given(records_of(judged.city, asked["enterprise_id"]))
    return scene(records, asked.select(*KEY, "wanted_fen"), judged.scene.rules)


def _applications(seen: Scene, asked: pl.DataFrame, approval: Floats) -> Said:
    """What known facts rule out is left out."""
    rows = seen.who.select(KEY).with_row_index("row").join(asked, on=KEY, how="inner", maintain_order="left")
    columns = rows["product_id"].replace_strict(seen.rules.products, range(len(seen.rules.products))).to_numpy()
    said = approval[rows["row"].to_numpy(), columns]
    left = np.isfinite(said)
    kept = rows.filter(pl.Series(left))
    draws = Draws.of_enterprises(kept["enterprise_id"], seed=0)
    return Said(said[left], kept["chance"].to_numpy(), np.array(seen.rules.banks)[columns[left]], draws)


def _table(said: Said) -> Iterator[str]:
    yield "| bank | pairs | mean said | mean true | ECE against true chances | by chance alone |"
    yield "|---|---|---|---|---|---|"
    yield _row("all", said)
    found = {bank: said.of_bank(bank) for bank in sorted(set(said.bank.tolist()))}
    told = {bank: one for bank, one in found.items() if len(one) >= FEWEST}
    for bank, one in told.items():
        yield _row(bank, one)
    if not told:
        return
    errors = np.array([one.error()[0].value for one in told.values()])
    floors = np.array([one.error()[1] for one in told.values()])
    yield (
        f"\nECE at most {AIM} at {(errors <= AIM).sum()} of {len(errors)} banks with {FEWEST} pairs or more; mean "
        f"{errors.mean():.4f} (by chance alone {floors.mean():.4f}), worst {errors.max():.4f}"
    )


def _row(name: str, one: Said) -> str:
    error, floor = one.error()
    return f"| {name} | {len(one):,} | {one.approval.mean():.3f} | {one.chance.mean():.3f} | {error} | {floor:.3f} |"
