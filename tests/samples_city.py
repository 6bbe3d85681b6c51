"""A city whose rows are drawn quickly and mean nothing: for tests of how cities are cut, spread and written.

It stands in a module of its own so that workers can import it.
"""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from simulation.assumed.city import COMMUNITY
from simulation.plan import City
from simulation.rows import rows

ROWS_OF_A_FIRM = 12


def drawn(city: City, number: int) -> Mapping[str, pl.DataFrame]:
    """All tables of evidence of one community, and a truth: 0, 1, 2 ... of the firms."""
    first, many = number * COMMUNITY, len(city.kept(number))
    records = rows(many, rows_each=ROWS_OF_A_FIRM, seed=city.seed, until=city.until, first=first)
    truth = pl.DataFrame({"enterprise_id": records.enterprises, "number": range(first, first + many)})
    return {**dict(records.tables()), "truth/firms": truth}


def broken_at(bad: int, city: City, number: int) -> Mapping[str, pl.DataFrame]:
    """As `drawn`, but one community cannot be told."""
    if number == bad:
        raise ArithmeticError("no such luck")
    return drawn(city, number)


def killed_once(mark: Path, city: City, number: int) -> Mapping[str, pl.DataFrame]:
    """As `drawn`, but the first process that comes to the second community is killed."""
    if number == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(city, number)
