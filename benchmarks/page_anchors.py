"""Figures of the simulated lives that public figures can be held against."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.hardness import MONTHS, SEED, UNTIL
from simulation.community import Community, draw_community
from simulation.months import calendar
from simulation.weather import weather


@dataclass(frozen=True)
class Anchors:
    """What became of applications and loans in the months told.

    Attributes:
        firms: that trade in the last month.
        never_lent: share of them that never had a loan.
        asked, granted: applications.
        drawn: amount drawn at once ÷ amount granted.
        credit: amount of loans without security ÷ amount of all loans.
        rate: mean annual rate of new loans, weighted by the amount drawn.
    """

    firms: int
    never_lent: float
    asked: int
    granted: int
    drawn: float
    credit: float
    rate: float


def measure(communities: Sequence[int]) -> Anchors:
    """Anchors of the communities, with seed, months and last day of `benchmarks.hardness`."""
    months = calendar(MONTHS, UNTIL)
    sky = weather(months, seed=SEED)
    sums: Counter[str] = Counter()
    for number in communities:
        sums.update(_sums(draw_community(number, months, sky, seed=SEED)))
    return anchors(sums)


def anchors(sums: Counter[str]) -> Anchors:
    """Shares from sums over communities."""
    return Anchors(
        firms=int(sums["firms"]),
        never_lent=_share(sums["never lent"], sums["firms"]),
        asked=int(sums["asked"]),
        granted=int(sums["granted"]),
        drawn=_share(sums["drawn"], sums["limit"]),
        credit=_share(sums["lent on credit"], sums["lent"]),
        rate=_share(sums["rate x drawn"], sums["drawn"]),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _sums(community: Community) -> dict[str, float]:
    first, lives = community.calendar.first, community.lives
    asked, loans = lives.applications, lives.credit
    trading, told, lent = lives.trading[:, -1], asked.month >= first, loans.month >= first
    return {
        "firms": int(trading.sum()),
        "never lent": int((trading & (community.states[-1].loans == 0)).sum()),
        "asked": int(told.sum()),
        "granted": int(asked.granted[told].sum()),
        "limit": float(asked.limit[told].sum()),
        "drawn": float(asked.drawn[told].sum()),
        "rate x drawn": float(np.dot(asked.rate[told], asked.drawn[told])),
        "lent": float(loans.amount[lent].sum()),
        "lent on credit": float(loans.amount[lent & (loans.mode == "credit")].sum()),
    }
