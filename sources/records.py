"""Everything known of some enterprises: one frame a table, and the only place where the future is cut off."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sources.clean import FEW_ROWS, is_unique
from sources.contracts import BLOCKS_WITH_CONSENT, CONSENTS, TABLES, Table
from sources.contracts.table import YEARS_A_NEGATIVE_COUNTS


@dataclass(frozen=True)
class Records:
    """Validated rows of some enterprises.

    Attributes:
        enterprises: the distinct codes in scope, sorted. A code without rows is still in scope.
        consents: which enterprise authorised the use of which block, from when to when; None = whatever was given may
            be used, for whoever gave it has seen to that.

    Every other field is a frame of the contract of its name; None = not given, empty = given and nothing there.
    """

    enterprises: pl.Series
    registry: pl.DataFrame | None = None
    registry_changes: pl.DataFrame | None = None
    related_parties: pl.DataFrame | None = None
    tax_filings: pl.DataFrame | None = None
    tax_ratings: pl.DataFrame | None = None
    financial_statements: pl.DataFrame | None = None
    vat_returns: pl.DataFrame | None = None
    vat_returns_small_scale: pl.DataFrame | None = None
    vat_invoices: pl.DataFrame | None = None
    bank_transactions: pl.DataFrame | None = None
    social_insurance: pl.DataFrame | None = None
    housing_fund: pl.DataFrame | None = None
    utilities: pl.DataFrame | None = None
    ip_rights: pl.DataFrame | None = None
    qualifications: pl.DataFrame | None = None
    legal_events: pl.DataFrame | None = None
    orders: pl.DataFrame | None = None
    customs: pl.DataFrame | None = None
    credit_reports: pl.DataFrame | None = None
    loans: pl.DataFrame | None = None
    repayments: pl.DataFrame | None = None
    guarantees: pl.DataFrame | None = None
    enquiries: pl.DataFrame | None = None
    real_estate: pl.DataFrame | None = None
    consents: pl.DataFrame | None = None

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], *, enterprises: pl.Series | None = None) -> "Records":
        """Records from validated frames by table name; without `enterprises`, all that occur in the frames."""
        unknown = set(frames) - {*TABLES, CONSENTS.name}
        if unknown:
            raise ValueError(f"got table {min(unknown)!r}, expected some of {', '.join(TABLES)}")
        if enterprises is None:
            ids = [frame["enterprise_id"] for frame in frames.values()]
            enterprises = pl.concat(ids) if ids else pl.Series(dtype=pl.String)
        if len(enterprises) > 1:
            enterprises = enterprises.unique().sort()
        return cls(enterprises.alias("enterprise_id"), **frames)

    def tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Name and frame of every table that was given."""
        for name in TABLES:
            if (frame := self.table(name)) is not None:
                yield name, frame

    def table(self, name: str) -> pl.DataFrame | None:
        """The frame of a table of evidence."""
        frame: pl.DataFrame | None = getattr(self, TABLES[name].name)
        return frame

    def known_by(self, as_of: dt.date) -> "Records":
        """What could be known, and may be used, at the end of `as_of`.

        Later facts are gone, later changes undone, and of several versions of a thing the newest is left. Gone are also
        negative facts that ended more than five years before or were repaired by then, and rows of a block that the
        enterprise had not consented to, or had forbidden again.
        """
        cut = {name: _known_by(TABLES[name], frame, as_of) for name, frame in self.tables()}
        if self.consents is None:
            return Records(self.enterprises, **cut)
        permitted = {
            name: frame.filter(~frame["enterprise_id"].is_in(without.implode()))
            for name, frame in cut.items()
            if (without := self._without_consent(TABLES[name].block, as_of)) is not None
        }
        return Records(self.enterprises, consents=self.consents, **(cut | permitted))

    def lacking_consent(self, block: str, as_of: dt.date) -> pl.Series | None:
        """For each enterprise in scope, whether it lacks consent to a block; None when none of them needs it."""
        without = self._without_consent(block, as_of)
        return None if without is None else self.enterprises.is_in(without.implode())

    def _without_consent(self, block: str, as_of: dt.date) -> pl.Series | None:
        if self.consents is None or block not in BLOCKS_WITH_CONSENT:
            return None
        ends, revoked = pl.col("ends_on"), pl.col("revoked_on")
        valid = (pl.col("granted_on") <= as_of) & (pl.col("known_on") <= as_of)
        valid &= (ends.is_null() | (ends >= as_of)) & (revoked.is_null() | (revoked > as_of))
        consented = self.consents.filter(valid & (pl.col("block") == block))["enterprise_id"]
        return self.enterprises.filter(~self.enterprises.is_in(consented.unique().implode()))

    def cut_off(self, as_of: dt.date) -> dict[str, int]:
        """How many rows of each table `known_by(as_of)` leaves out."""
        return {name: int((frame["known_on"] > as_of).sum()) for name, frame in self.tables()}

    def only(self, enterprises: pl.Series) -> "Records":
        """The same tables for fewer enterprises."""
        in_scope = pl.col("enterprise_id").is_in(enterprises.implode())
        frames = {name: frame.filter(in_scope) for name, frame in self.tables()}
        if self.consents is not None:
            frames[CONSENTS.name] = self.consents.filter(in_scope)
        return Records.of(frames, enterprises=enterprises)

    def find(self, name: str) -> str:
        """The code of the enterprise with this code or alias.

        Raises:
            KeyError: no enterprise in scope has it.
        """
        if name in self.enterprises:
            return name
        if self.registry is not None:
            codes = self.registry.filter(pl.col("alias") == name)["enterprise_id"].unique()
            if len(codes) == 1:
                return str(codes[0])
        raise KeyError(
            f"got enterprise {name!r}, expected a code or an alias of one of {len(self.enterprises)} enterprises"
        )


def _known_by(table: Table, frame: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """The rows of one table that count on a day, as they stood on that day; of versions the newest."""
    known = _newest(table, frame if _all_by(frame["known_on"], as_of) else frame.filter(pl.col("known_on") <= as_of))
    if known.is_empty():
        return known
    forgotten = _years_before(as_of, YEARS_A_NEGATIVE_COUNTS)
    undone = []
    for change, told in table.changes_later.items():
        oldest = forgotten if change in table.negative_changes else None
        if not _stands(known, change, told, oldest, as_of):
            stands = pl.col(change) <= as_of
            if oldest is not None:
                stands &= pl.col(change) >= oldest
            undone += [pl.when(stands).then(pl.col(name)).alias(name) for name in (*told, change)]
    if undone:
        known = known.with_columns(undone)
    counts = []
    if table.negative_until is not None and not _lasts(known, table.negative_until, forgotten):
        counts.append((table.negative_until >= forgotten).fill_null(value=True))
    if table.repaired_on and known[table.repaired_on].null_count() < known.height:
        counts.append(pl.col(table.repaired_on).is_null())
    return known.filter(*counts) if counts else known


def _stands(known: pl.DataFrame, change: str, told: Sequence[str], oldest: dt.date | None, newest: dt.date) -> bool:
    """Whether nothing of a change need be undone: no day of it lies outside, and nothing is told without a day."""
    days = known[change]
    unknown = days.null_count()
    if unknown < known.height and not _within(days, oldest, newest):
        return False
    return not unknown or all(known[name].filter(days.is_null()).null_count() == unknown for name in told)


def _lasts(known: pl.DataFrame, ended: pl.Expr, forgotten: dt.date) -> bool:
    """Whether surely no negative fact ended too long ago to count: no day that may be its end is so old."""
    days = [known[name] for name in set(ended.meta.root_names()) if known.schema[name] == pl.Date]
    return all(one.null_count() == known.height or _within(one, forgotten, None) for one in days)


def _within(days: pl.Series, oldest: dt.date | None, newest: dt.date | None) -> bool:
    """Whether all days that are known, of which there are some, lie within bounds."""
    first: Any = days.min()
    last: Any = days.max()
    return (oldest is None or first >= oldest) and (newest is None or last <= newest)


def _all_by(days: pl.Series, as_of: dt.date) -> bool:
    """Whether no day is unknown or later: most often nothing lies in the future, and nothing need be cut off."""
    newest: Any = days.max()
    return not days.null_count() and (newest is None or newest <= as_of)


def _newest(table: Table, known: pl.DataFrame) -> pl.DataFrame:
    """The newest version of each thing, where rows are versions."""
    thing = list(table.versions_of)
    if not thing or known.height <= 1 or is_unique([known[name] for name in thing]):
        return known
    untold = {name: other for name, other in table.first_told.items() if known[name].null_count()}
    if untold:
        first = (pl.coalesce(name, pl.col(other).min().over(thing)).alias(name) for name, other in untold.items())
        known = known.with_columns(first)
    age = ["known_on", *(name for name in table.key if name not in {"known_on", *thing})]
    if known.height > FEW_ROWS or any(known[name].null_count() for name in age):
        return known.sort(age, maintain_order=True).unique(thing, keep="last", maintain_order=True)
    things, ages = (zip(*(known[name].to_list() for name in names), strict=True) for names in (thing, age))
    by_age = sorted(zip(ages, range(known.height), things, strict=True))
    newest = {one: (when, place) for when, place, one in by_age}
    return known[[place for _, place in sorted(newest.values())]]


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day of an earlier year; 29 February becomes the 28th."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)
