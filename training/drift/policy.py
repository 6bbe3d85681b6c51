"""The dated numbers behind an alarm."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from decisions.dated import DatedNumber, newest
from decisions.files import FileMistakesError, read

POLICY_FILE = Path(__file__).parents[1] / "policy" / "drift.toml"

MONTHS_OF_A_YEAR = 12
SPANS = 2
"""Each look is at a month, and at the three months that end with it."""

CHECKS = 7
"""Inputs, blocks, score, policy, defaults, approvals, delay: each has its own share of the false alarms."""


@dataclass(frozen=True)
class DriftPolicy:
    """The numbers in force on one day; drift.toml says what each is.

    Attributes:
        version: the newest first day among them.
    """

    version: str
    false_alarms_a_year: float
    fewest_rows: float
    smallest_index: float
    great_index: float
    times_usual: float
    smallest_share: float
    great_share: float
    tolerated_default_ratio: float
    fewest_defaults_expected: float

    @property
    def level(self) -> float:
        """Chance of a false alarm that one check of one span of one month may have (Bonferroni)."""
        return self.false_alarms_a_year / MONTHS_OF_A_YEAR / SPANS / CHECKS


@cache
def _numbers(path: Path) -> Mapping[str, DatedNumber]:
    numbers = read(path, dict[str, DatedNumber])
    expected = {field.name for field in fields(DriftPolicy)} - {"version"}
    lines = [f"{path.name}: {name}: missing, expected this number" for name in sorted(expected - set(numbers))]
    lines += [f"{path.name}: {name}: got an unknown number" for name in sorted(set(numbers) - expected)]
    if lines:
        raise FileMistakesError(lines)
    return numbers


def drift_policy(day: dt.date, path: Path = POLICY_FILE) -> DriftPolicy:
    """What is in force on a day.

    Raises:
        NotInForceError: the day lies before the first version of some number.
        FileMistakesError: with a line for every mistake in the file.
    """
    chosen = {name: newest(number.versions, day, name) for name, number in _numbers(path).items()}
    last = max(version.from_day for version in chosen.values())
    return DriftPolicy(last.isoformat(), **{name: float(version.value) for name, version in chosen.items()})
