"""What every dated file has: first days, marks of origin, and the newest version that has begun."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from pydantic import Field

from decisions.files import FOLDER, Frozen, Number
from decisions.text import Words

POLICY_FOLDER = FOLDER / "policy"

Mark = Literal["seen", "recalled", "derived", "assumed"]
"""Read in a source; from memory, to be checked; worked out from seen facts; our own choice."""


class NotInForceError(LookupError):
    """Nothing of the kind was in force on the day asked for."""


class Dated(Protocol):
    """Anything with a first day."""

    @property
    def from_day(self) -> dt.date:
        """First day it is applied to."""


D = TypeVar("D", bound=Dated)


class NumberVersion(Frozen):
    """A value with its first day and its origin."""

    from_day: dt.date = Field(alias="from")
    value: Number
    mark: Mark
    source: Words


class DatedNumber(Frozen):
    """One number through time."""

    unit: Words
    zh: Words
    en: Words
    versions: tuple[NumberVersion, ...] = Field(min_length=1)


def newest(versions: Iterable[D], day: dt.date, name: str) -> D:
    """The version of `name` that began last among those begun by a day.

    Raises:
        NotInForceError: none had begun.
    """
    known = tuple(versions)
    begun = [version for version in known if version.from_day <= day]
    if not begun:
        first = min(version.from_day for version in known)
        raise NotInForceError(f"got {day}, expected {first} or later: {name} has no earlier version")
    return max(begun, key=lambda version: version.from_day)
