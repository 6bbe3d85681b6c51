"""What lending at and above a score would bring, on dated margins."""

import datetime as dt
import math
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import Field

from decisions.dated import Mark, NotInForceError
from decisions.files import Fraction, Frozen, read
from decisions.text import Words
from training.evaluation.resampling import mean
from training.evaluation.rows import Judged
from training.evaluation.types import Cut, Floats

POLICY = Path(__file__).parent.parent / "policy" / "profit.toml"
STEP = 20.0
LOWEST, HIGHEST = 300.0, 860.0


class Terms(Frozen):
    """What a loan brings and costs, as fractions of its amount over the window of the label.

    Attributes:
        margin: interest less the cost of funds and of risk capital, on a loan that is repaid.
        loss_given_default: lost of a loan that defaults, its interest included.
        cost: of looking into and running a loan, whatever comes of it.
    """

    from_day: dt.date = Field(alias="from")
    unit: Words
    margin: Fraction
    loss_given_default: Fraction
    cost: Fraction
    mark: Mark
    source: Words

    def of(self, defaulted: Floats) -> Floats:
        """Yuan that each yuan lent brings, row by row."""
        return np.asarray(np.where(defaulted == 1, -self.loss_given_default, self.margin) - self.cost)


class TermsFile(Frozen):
    """Terms through time."""

    version: tuple[Terms, ...] = Field(min_length=1)


@cache
def _terms(path: Path) -> TermsFile:
    return read(path, TermsFile)


def terms_on(day: dt.date, path: Path = POLICY) -> Terms:
    """The terms in force on a day.

    Raises:
        NotInForceError: the day lies before the first ones.
        FileMistakesError: with a line for every mistake in the file.
    """
    versions = _terms(path).version
    begun = [one for one in versions if one.from_day <= day]
    if not begun:
        first = min(one.from_day for one in versions)
        raise NotInForceError(f"evaluate on: got {day}, expected {first} or later: {path.name} has no earlier version")
    return max(begun, key=lambda one: one.from_day)


def cuts(judged: Judged, terms: Terms) -> tuple[Cut, ...]:
    """Every 20 points over the scores said; each row asks for the same yuan and is lent it at or above the cut."""
    points, defaulted = judged.said.points, judged.defaulted.astype(np.float64)
    low, high = (float(np.clip(edge, LOWEST, HIGHEST)) for edge in (points.min(), points.max()))
    scores = np.arange(math.floor(low / STEP), math.ceil(high / STEP) + 1) * STEP
    brought = terms.of(defaulted)
    made = []
    for score in scores:
        lent = points >= score
        made.append(
            Cut(
                score=float(score),
                approved=float(lent.mean()),
                default_rate=float(defaulted[lent].mean()) if lent.any() else math.nan,
                profit=mean(np.where(lent, brought, 0.0), judged.draws),
            )
        )
    return tuple(made)
