"""Whether one forecaster is worse than another, looked at as often as one likes: a test by betting.

Each answer that becomes known gives a difference d of squared errors, between -1 and 1, positive where the watched
model was the worse. Someone who believes that it is worse bets on it: wealth begins at 1 and becomes wealth × (1 + λ (d
- margin)) with each answer, λ chosen before it. As long as the watched model is not expected to do worse by more than
the margin on the next answer, whatever came before and whoever it is about, wealth is a supermartingale that begins at
1. So the chance that it ever reaches 1 / a is at most a (Ville 1939), on whatever day and however often one looks; no
number of answers need be fixed before. After Waudby-Smith and Ramdas, Estimating means of bounded random variables by
betting (2024), and Choe and Ramdas, Comparing sequential forecasters (2024).
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.evaluation.types import Floats
from training.gates import dated_numbers

POLICY_FILE = Path(__file__).parents[1] / "policy" / "rollback.toml"

USUAL_SPREAD = 0.25
"""Variance of differences that is assumed before any was seen, counted as one of them: bets begin small."""


@dataclass(frozen=True)
class RollbackPolicy:
    """The numbers in force on one day; rollback.toml says what each is.

    Attributes:
        version: the newest first day among them.
    """

    version: str
    false_alarm: float
    margin: float
    boldest: float


def rollback_policy(day: dt.date, path: Path = POLICY_FILE) -> RollbackPolicy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some number.
        FileMistakesError: with a line for every mistake in the file.
    """
    return dated_numbers(RollbackPolicy, path, day)


@dataclass(frozen=True)
class Bet:
    """How the bet that the watched model is worse has gone.

    Attributes:
        answers: how many differences were seen.
        mean: of them; positive where the watched model is the worse.
        wealth: the most that the bet was ever worth.
        needed: from which wealth on the model is worse with confidence.
        settled: how many answers it took; None = it is not shown to be worse.
    """

    answers: int
    mean: float
    wealth: float
    needed: float
    settled: int | None


def bet(differences: Floats, enterprises: Sequence[str], policy: RollbackPolicy) -> Bet:
    """Bet on the watched model being worse.

    The k-th answer about one enterprise counts 1 / k, for answers about one enterprise lean the same way. Whom the
    next answer is about is known before what it says, so that the bet stays fair.

    Args:
        differences: squared error of the watched model less that of the other, in the order in which answers came.
        enterprises: whom each is about.
        policy: numbers.
    """
    needed, most = 1 / policy.false_alarm, policy.boldest / (1 + policy.margin)
    wealth = best = 1.0
    settled: int | None = None
    seen, total, squares = Counter[str](), 0.0, USUAL_SPREAD
    for place, (difference, code) in enumerate(zip(differences.tolist(), enterprises, strict=True)):
        mean = total / (place + 1)
        share = min(max(mean / (squares / (place + 1)), 0.0), most)
        seen[code] += 1
        over = difference - policy.margin
        wealth *= 1 + share / seen[code] * over
        best = max(best, wealth)
        if settled is None and best >= needed:
            settled = place + 1
        total += over
        squares += over**2
    mean_seen = float(differences.mean()) if len(differences) else 0.0
    return Bet(len(differences), mean_seen, best, needed, settled)
