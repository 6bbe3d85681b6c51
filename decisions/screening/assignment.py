"""Banks for towns (1 to N): each town gets two or three banks, within the visits that each bank can make.

A mixed-integer programme. For each town and bank: whether they are paired, and how many of the town's firms the bank
visits. As many firms as possible are visited, and among equals by banks whose products may suit them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from decisions.screening.policy import ScreeningPolicy

SECONDS = 30
GAP = 0.01
"""Longest search, and how far the answer may be from the best one, as a share of it."""

Numbers = NDArray[np.float64]


class AssignmentError(ValueError):
    """Banks and towns that cannot be brought together, in words that help."""


@dataclass(frozen=True)
class Team:
    """A bank's people in the field.

    Attributes:
        visits: most enterprises that they can visit.
        categories: of the products that the bank offers.
    """

    bank_id: str
    visits: int
    categories: frozenset[str]


@dataclass(frozen=True)
class Assignment:
    """Who visits whom.

    Attributes:
        pairs: `town`, `bank_id`, `visits`, `fit` (share of the town's firms that a product of the bank may suit), one
            row a pairing.
        visits: `enterprise_id`, `town`, `bank_id` (null where no bank has a visit left), best first within a town.
        is_optimal: whether nothing better is possible; else the search ended with a gap.
    """

    pairs: pl.DataFrame
    visits: pl.DataFrame
    is_optimal: bool


def assign(firms: pl.DataFrame, teams: Sequence[Team], policy: ScreeningPolicy) -> Assignment:
    """Pair towns with banks and say which bank visits which firm.

    Args:
        firms: to be visited: `enterprise_id`, `town`, `visit_priority`, `categories` (of products that may suit it).
        teams: one a bank.
        policy: fewest and most banks of a town, least share of a bank.

    Raises:
        AssignmentError: too few banks, or fewer visits than every town needs for its fewest banks.
    """
    fewest = int(policy.numbers.fewest_banks_of_a_town.value)
    _check(firms, teams, fewest)
    towns = firms.group_by("town").agg(firms=pl.len()).sort("town")
    fit = np.array([_fits(firms, team, towns) for team in teams]).T
    shares = (float(policy.numbers.least_share_of_a_bank.value), 0.0)
    for least_share in shares:
        problem = _Problem(towns["firms"].to_numpy().astype(float), fit, teams, policy, least_share)
        solved = problem.solved()
        if solved is not None:
            visits, is_optimal = solved
            return Assignment(_pairs(towns, teams, visits, fit), _visited(firms, towns, teams, visits), is_optimal)
    raise AssignmentError(
        f"got {len(teams)} banks with {sum(team.visits for team in teams):,} visits for {towns.height} towns, expected "
        f"enough for {fewest} banks in each; raise the visits of some bank, or put towns together"
    )


def _check(firms: pl.DataFrame, teams: Sequence[Team], fewest: int) -> None:
    if len(teams) < fewest:
        raise AssignmentError(f"got {len(teams)} banks, expected at least {fewest}, the fewest of a town")
    if firms.is_empty():
        raise AssignmentError("got no enterprise to visit, expected some")
    names = [team.bank_id for team in teams]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise AssignmentError(f"got bank {min(twice)!r} twice, expected each once")


def _fits(firms: pl.DataFrame, team: Team, towns: pl.DataFrame) -> list[float]:
    """For each town the share of its firms that some product of the bank may suit."""
    suits = pl.col("categories").list.set_intersection(sorted(team.categories)).list.len() > 0
    share = firms.group_by("town").agg(share=suits.mean())
    found: list[float] = towns.join(share, on="town", maintain_order="left")["share"].to_list()
    return found


@dataclass(frozen=True)
class _Problem:
    """The programme: variables are pairings, then visits, each town × bank."""

    firms: Numbers
    fit: Numbers
    teams: Sequence[Team]
    policy: ScreeningPolicy
    least_share: float

    def solved(self) -> tuple[NDArray[np.int64], bool] | None:
        """Visits by town and bank, and whether they are the best; None where there is no way."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to load, and serving never does

        size = self.fit.size
        upper = np.concatenate([np.ones(size), np.repeat(self.firms, len(self.teams))])
        worth = np.concatenate([np.zeros(size), (1 + self.fit).ravel()])
        found = milp(
            -worth,
            # With the pairings settled the visits are a transport problem, whose corners are whole numbers.
            integrality=np.concatenate([np.ones(size), np.zeros(size)]),
            bounds=Bounds(0, upper),
            constraints=[LinearConstraint(*one) for one in self._constraints()],
            options={"time_limit": SECONDS, "mip_rel_gap": GAP},
        )
        if found.x is None:
            return None
        visits = np.rint(found.x[size:]).astype(np.int64).reshape(self.fit.shape)
        return visits, bool(found.status == 0)

    def _constraints(self) -> list[tuple[Any, Any, Any]]:
        """Each as matrix, lower and upper bound."""
        from scipy.sparse import diags_array, eye_array, hstack, kron  # noqa: PLC0415 - as above

        towns, banks = self.fit.shape
        size, numbers = towns * banks, self.policy.numbers
        by_town = kron(eye_array(towns), np.ones((1, banks)), format="csr")
        by_bank = kron(np.ones((1, towns)), eye_array(banks), format="csr")
        nothing = 0 * eye_array(size, format="csr")
        most_each, least_each = np.repeat(self.firms, banks), np.repeat(self._least_visits(), banks)
        capacity = np.array([team.visits for team in self.teams], dtype=float)
        fewest, most = numbers.fewest_banks_of_a_town.value, numbers.most_banks_of_a_town.value
        paired, visited = eye_array(size, format="csr"), eye_array(size, format="csr")
        return [
            (hstack([by_town @ paired, by_town @ nothing]), fewest, most),
            (hstack([by_town @ nothing, by_town @ visited]), 0, self.firms),
            (hstack([by_bank @ nothing, by_bank @ visited]), 0, capacity),
            (hstack([-diags_array(most_each), visited]), -np.inf, 0),
            (hstack([-diags_array(least_each), visited]), 0, np.inf),
        ]

    def _least_visits(self) -> Numbers:
        """Of each pairing: its share of the town's firms, one at least unless the town has too few."""
        fewest = self.policy.numbers.fewest_banks_of_a_town.value
        one = (self.firms >= fewest).astype(float)
        least: Numbers = np.maximum(np.floor(self.least_share * self.firms), one)
        return least


def _pairs(towns: pl.DataFrame, teams: Sequence[Team], visits: NDArray[np.int64], fit: Numbers) -> pl.DataFrame:
    rows = [
        {"town": town, "bank_id": team.bank_id, "visits": int(visits[at, bank]), "fit": round(float(fit[at, bank]), 4)}
        for at, town in enumerate(towns["town"])
        for bank, team in enumerate(teams)
        if visits[at, bank] > 0
    ]
    schema = {"town": pl.String, "bank_id": pl.String, "visits": pl.Int64, "fit": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _visited(
    firms: pl.DataFrame, towns: pl.DataFrame, teams: Sequence[Team], visits: NDArray[np.int64]
) -> pl.DataFrame:
    """Best first: each firm goes to the bank that may suit it and has most visits left in its town."""
    left = {town: dict(enumerate(visits[at].tolist())) for at, town in enumerate(towns["town"])}
    ordered = firms.sort("town", "visit_priority", "enterprise_id", descending=[False, True, False])
    chosen: list[str | None] = []
    for town, suitable in ordered.select("town", "categories").iter_rows():
        open_banks = {bank: count for bank, count in left[town].items() if count > 0}
        if not open_banks:
            chosen.append(None)
            continue
        best = max(open_banks, key=lambda bank: (bool(teams[bank].categories & set(suitable)), open_banks[bank], -bank))
        left[town][best] -= 1
        chosen.append(teams[best].bank_id)
    bank = pl.Series("bank_id", chosen, dtype=pl.String)
    return ordered.select("enterprise_id", "town").with_columns(bank)
