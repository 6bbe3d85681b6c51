"""What a city is, and how it is cut: communities are told one by one, parts are what a file holds."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from simulation.assumed.city import COMMUNITY
from simulation.firms import MOST_FIRMS
from simulation.months import Calendar, calendar

COMMUNITIES_OF_A_PART = 5
FIRMS_OF_A_PART = COMMUNITIES_OF_A_PART * COMMUNITY
MOST_ENTERPRISES = MOST_FIRMS // COMMUNITY * COMMUNITY
"""As many codes as there are for whole communities."""


@dataclass(frozen=True)
class City:
    """All that decides what is told of a city; how the work is spread is no part of it.

    Attributes:
        enterprises: how many are told; those of the last community that are not told live all the same.
        months: months told, up to `until`.
        seed: another seed, another city.
        until: last day of a month; nothing is known later.
        mistakes: whether sources make mistakes, such as rows sent twice.
        firm_months: how many firm-months of the city are drawn for truths that cost much: what each product would be
            to the firm, and with `branches` its true probability of default.
        branches: futures of each of these firm-months.

    Raises:
        ValueError: a number out of range, in words that help.
    """

    enterprises: int
    months: int
    seed: int
    until: dt.date
    mistakes: bool = True
    firm_months: int = 0
    branches: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.enterprises <= MOST_ENTERPRISES:
            raise ValueError(f"enterprises: got {self.enterprises}, expected 1 to {MOST_ENTERPRISES}")
        for name in ("seed", "firm_months", "branches"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name.replace('_', '-')}: got {getattr(self, name)}, expected 0 or more")
        if self.branches and not self.firm_months:
            raise ValueError(
                f"futures: got {self.branches} of each of 0 firm-months, expected a number of firm-months to draw"
            )
        if not self.calendar.months:
            raise ValueError("months: got none")

    @cached_property
    def calendar(self) -> Calendar:
        return calendar(self.months, self.until)

    @property
    def communities(self) -> int:
        return _whole(self.enterprises, COMMUNITY)

    @property
    def parts(self) -> int:
        return _whole(self.enterprises, FIRMS_OF_A_PART)

    def communities_of(self, part: int) -> range:
        """The communities whose firms are in one part."""
        first = part * COMMUNITIES_OF_A_PART
        return range(first, min(first + COMMUNITIES_OF_A_PART, self.communities))

    def part_of(self, community: int) -> int:
        return community // COMMUNITIES_OF_A_PART

    def kept(self, community: int) -> range:
        """Places of the firms of a community that are told."""
        return range(min(COMMUNITY, self.enterprises - community * COMMUNITY))

    def firm_months_of(self, community: int) -> int:
        """How many of the firm-months are drawn from one community: its share of the firms told."""
        before = community * COMMUNITY
        after = before + len(self.kept(community))
        return self.firm_months * after // self.enterprises - self.firm_months * before // self.enterprises

    def chunks(self, firms: int) -> list[range]:
        """The communities in chunks of so many firms.

        Raises:
            ValueError: the number is no multiple of a community.
        """
        if firms < COMMUNITY or firms % COMMUNITY:
            raise ValueError(f"chunk: got {firms}, expected a multiple of {COMMUNITY}: firms that are drawn together")
        size = firms // COMMUNITY
        return [range(first, min(first + size, self.communities)) for first in range(0, self.communities, size)]


def _whole(things: int, size: int) -> int:
    return -(-things // size)
