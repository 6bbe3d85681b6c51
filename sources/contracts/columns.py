"""Columns that many contracts share: what money, days, months, counts and pseudonyms may be.

Money is whole fen (`…_fen`), shares and rates are basis points (`…_bp`), days end in `_on`; `null` is unknown and 0 an
observed zero.
"""

import datetime as dt
from collections.abc import Mapping

import dataframely as dy

from sources import codes

EARLIEST = dt.date(1949, 10, 1)
"""No fact of a register that lives today is older."""

LATEST = dt.date(2199, 12, 31)
"""No planned day lies further ahead."""

MOST_FEN = 10**13
"""A hundred billion yuan: an amount beyond this is a unit mistake, not an enterprise."""

MOST_PEOPLE = 10_000_000
WHOLE_BP = 10_000
"""One, in basis points."""


def enterprise_id() -> dy.String:
    return dy.String(
        check={"check_digit": codes.valid_code},
        description="Unified social credit code (统一社会信用代码), 18 characters, check digit verified",
    )


def known_on() -> dy.Date:
    return day("Day on which this fact could first be known")


def day(description: str, *, nullable: bool = False) -> dy.Date:
    """A day that has been; null = it has not come yet, or is unknown."""
    return dy.Date(nullable=nullable, min=EARLIEST, description=description)


def planned_day(description: str, *, nullable: bool = True) -> dy.Date:
    """A day that may lie ahead."""
    return dy.Date(nullable=nullable, min=EARLIEST, max=LATEST, description=description)


def month(description: str) -> dy.Date:
    """A month, by its first day."""
    return dy.Date(min=EARLIEST, resolution="1mo", description=f"{description}, by its first day")


def money(description: str, *, nullable: bool = True) -> dy.Int64:
    """An amount that cannot be negative."""
    return dy.Int64(nullable=nullable, min=0, max=MOST_FEN, description=f"{description}, fen")


def signed_money(description: str, *, nullable: bool = True) -> dy.Int64:
    """An amount that may be negative."""
    return dy.Int64(nullable=nullable, min=-MOST_FEN, max=MOST_FEN, description=f"{description}, fen")


def count(description: str, *, nullable: bool = True, most: int = MOST_PEOPLE) -> dy.Int64:
    return dy.Int64(nullable=nullable, min=0, max=most, description=description)


def basis_points(description: str, *, nullable: bool = True, most: int = WHOLE_BP) -> dy.Int64:
    """A share or an annual rate; 10,000 = 1."""
    return dy.Int64(nullable=nullable, min=0, max=most, description=f"{description}, basis points")


def pseudonym(description: str, *, nullable: bool = False) -> dy.String:
    """A stable stand-in for a name or number that must not be known here."""
    return dy.String(nullable=nullable, min_length=1, max_length=64, description=f"Pseudonym of {description}")


def choice(codes_zh: Mapping[str, str], description: str, *, nullable: bool = False) -> dy.Enum:
    """One of some codes, each with its Chinese label."""
    return dy.Enum(list(codes_zh), nullable=nullable, description=description, metadata={"zh": codes_zh})


def reference(description: str) -> dy.String:
    """What tells one fact of an enterprise from another of the same table."""
    return dy.String(min_length=1, max_length=64, description=description)
