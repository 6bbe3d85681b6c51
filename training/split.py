"""Rows to learn from and rows to be judged on: apart in time, and apart in enterprises."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

WINDOW_MONTHS = 12
"""Months that a label covers."""

FEWEST_DEFAULTING = 10
"""Enterprises with a default that each side of a split needs; fewer tell next to nothing."""

UNUSED: Mapping[str, str] = MappingProxyType(
    {"embargo": "表现期未结束", "earlier": "检验企业的早期", "later": "训练企业的后期"}
)
"""Why rows are in neither side, in Chinese."""

LAST_QUARTER = 0.75
HASH_DIGITS = 8

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


class SplitError(ValueError):
    """Rows that cannot be divided, in words that help."""


@dataclass(frozen=True)
class Split:
    """Two sets of rows that share no enterprise.

    Attributes:
        train, test: a flag for each row; some rows may be in neither.
        test_from: the first day that test rows may be judged on; None where days do not matter.
        unused: rows in neither, by reason: `embargo` (the label's window reaches into the time of the test), `earlier`
            (before the test, of enterprises that are tested), `later` (in its time, of enterprises learned from).
    """

    train: Flags
    test: Flags
    test_from: dt.date | None = None
    unused: Mapping[str, int] = field(default_factory=dict)

    def checked(self, enterprises: pl.Series | Whole, defaulted: Whole, *, fewest: int = FEWEST_DEFAULTING) -> "Split":
        """Itself, where each side has enough enterprises with a default and enough with a sound row.

        Raises:
            SplitError: one side has too few.
        """
        for side, rows in (("train", self.train), ("test", self.test)):
            for name, kind in (("a default", 1), ("a sound label", 0)):
                found = len(np.unique(np.asarray(enterprises)[rows & (defaulted == kind)]))
                if found < fewest:
                    raise SplitError(
                        f"{side} side: got {found} enterprises with {name}, expected at least {fewest}; "
                        "give more data, another first day of the test, or another share"
                    )
        return self

    def told(self) -> tuple[str, str]:
        """How many rows are where, in Chinese and in English."""
        train, test = int(self.train.sum()), int(self.test.sum())
        neither = len(self.train) - train - test
        zh, en = f"训练{train:,}行，检验{test:,}行", f"{train:,} rows to learn from, {test:,} to be judged on"
        if self.test_from is not None:
            zh, en = f"{zh}（{self.test_from}起）", f"{en} (from {self.test_from})"
        zh, en = f"{zh}，两者皆不用{neither:,}行", f"{en}, {neither:,} in neither"
        if not self.unused:
            return zh, en
        why_zh = "、".join(f"{UNUSED[name]}{rows:,}行" for name, rows in self.unused.items())
        why_en = ", ".join(f"{name} {rows:,}" for name, rows in self.unused.items())
        return f"{zh}（{why_zh}）", f"{en} ({why_en})"


def out_of_time(
    days: Whole,
    enterprises: pl.Series | Whole,
    *,
    window_months: int = WINDOW_MONTHS,
    test_share: float = 0.3,
    seed: int = 0,
    test_from: dt.date | None = None,
) -> Split:
    """Judge on later days, and on enterprises that nothing was learned from.

    Train rows are of the other enterprises and their labels' windows end by `test_from`; so no window of theirs
    overlaps one of the test (an embargo, as in López de Prado, Advances in Financial Machine Learning, 2018, ch. 7).

    Args:
        days: the day of each row, in days since 1970-01-01.
        enterprises: the enterprise of each row. With codes, an enterprise stays on its side when data grow, for the
            side is drawn from a hash of the code and the seed alone; numbers are drawn in the same way.
        window_months: months that a label covers.
        test_share: chance of an enterprise to be tested.
        seed: of the draw.
        test_from: first day of the test; None = the first of the last quarter of the distinct days, or the next one
            after which there is a day to learn from.

    Raises:
        SplitError: a side has no rows, or the days do not reach over a window.
    """
    if not 0 < test_share < 1:
        raise SplitError(f"share of the test: got {test_share}, expected more than 0 and less than 1")
    begins = _first_test_day(days, window_months) if test_from is None else _number(test_from)
    tested = _drawn(enterprises, test_share, seed)
    seen_through = _window_ends(days, window_months) <= begins
    is_later = days >= begins
    split = Split(
        train=~tested & seen_through,
        test=tested & is_later,
        test_from=_day(begins),
        unused={
            "embargo": int((~tested & ~seen_through & ~is_later).sum()),
            "earlier": int((tested & ~is_later).sum()),
            "later": int((~tested & is_later).sum()),
        },
    )
    _check_both_sides(split, days, test_share=test_share, window_months=window_months)
    return split


def _check_both_sides(split: Split, days: Whole, *, test_share: float, window_months: int) -> None:
    for side, rows in (("to learn from", split.train), ("to be judged on", split.test)):
        if not rows.any():
            raise SplitError(
                f"got no row {side}, with days {_span(days)}, a test from "
                f"{split.test_from} on a share of {test_share} and labels over {window_months} months; "
                "expected rows on both sides: give more days or more enterprises"
            )


def folds(days: Whole, enterprises: Whole, defaulted: Whole, *, count: int, seed: int) -> tuple[Split, ...]:
    """Parts of about equal size, each judged once by what is learned from the others; whole enterprises.

    Enterprises with defaults are dealt first, those with more of them before others, then by rows and first day, so
    that the parts are alike in all three. Days are not kept apart: for choosing settings, not for telling how good.

    Args:
        days: the day of each row, in days since 1970-01-01.
        enterprises: a number an enterprise, for each row.
        defaulted: 1 for a default.
        count: parts wanted, at least 2; fewer where there are not enough enterprises with a default or without.
        seed: of the order among enterprises that are alike.

    Raises:
        SplitError: not even two parts hold both kinds.
    """
    for parts in range(max(count, 2), 1, -1):
        part = _dealt(days, enterprises, defaulted, parts=parts, seed=seed)
        made = tuple(Split(train=part != one, test=part == one) for one in range(parts))
        if all(_holds_both(split, defaulted) for split in made):
            return made
    raise SplitError(
        f"{_counted(enterprises, defaulted)}: cannot be dealt into two parts with both kinds in each; give more data"
    )


def forward_folds(
    days: Whole,
    enterprises: Whole,
    defaulted: Whole,
    *,
    count: int,
    seed: int,
    window_months: int = WINDOW_MONTHS,
) -> tuple[Split, ...]:
    """Folds that learn from the past of some enterprises and are judged on the later days of others.

    Enterprises are dealt into parts as in `folds`. Part after part is judged, each from a later day than the one
    before or the same one, on all its rows from that day on; learned is from all other parts, from rows whose labels'
    windows end by that day. So the time to learn from expands, no window overlaps, and a row is judged at most once.

    Args:
        days: as for `folds`, as are the next two.
        enterprises: a number an enterprise, for each row.
        defaulted: 1 for a default.
        count: folds wanted; fewer where data are short, and never none.
        seed: as for `folds`.
        window_months: months that a label covers.

    Raises:
        SplitError: no fold has both kinds on both sides, as when the days do not reach over a window.
    """
    starts = _days_with_a_past(days, window_months)
    ends = _window_ends(days, window_months)
    for parts in range(count, 0, -1) if len(starts) else ():
        part = _dealt(days, enterprises, defaulted, parts=max(parts, 2), seed=seed)
        begins = [int(starts[one * len(starts) // parts]) for one in range(parts)]
        made = tuple(
            Split((part != one) & (ends <= begin), (part == one) & (days >= begin), _day(begin))
            for one, begin in enumerate(begins)
        )
        if all(_holds_both(split, defaulted) for split in made):
            return made
    raise SplitError(
        f"{_counted(enterprises, defaulted)}, days {_span(days)}: no day has both kinds "
        f"before it, by the {window_months} months of a label or more, and after it; give more days, or use folds "
        "across enterprises"
    )


def _number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def _day(number: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(number))


def _span(days: Whole) -> str:
    return f"{_day(days.min())} to {_day(days.max())}" if len(days) else "none"


def _window_ends(days: Whole, months: int) -> Whole:
    """The last day of each label's window: the same day so many months later, or the last of a shorter month."""
    dates = pl.Series(days).cast(pl.Int32).cast(pl.Date)
    return dates.dt.offset_by(f"{months}mo").to_physical().cast(pl.Int64).to_numpy()


def _days_with_a_past(days: Whole, months: int) -> Whole:
    """Distinct days, in order, by which the window of some row had ended."""
    distinct = np.unique(days)
    return distinct[distinct >= _window_ends(distinct[:1], months)] if len(distinct) else distinct


def _first_test_day(days: Whole, months: int) -> int:
    distinct, possible = np.unique(days), _days_with_a_past(days, months)
    if not len(possible):
        raise SplitError(
            f"days: got {_span(days)}, expected some that lie apart by the {months} months of a label or more"
        )
    wanted = distinct[int(LAST_QUARTER * len(distinct))]
    return max(int(wanted), int(possible[0]))


def _drawn(enterprises: pl.Series | Whole, share: float, seed: int) -> Flags:
    """Which rows are of enterprises that are tested."""
    names = pl.Series(enterprises).cast(pl.String)
    distinct = names.unique()
    chosen = [name for name in distinct if _luck(name, seed) < share]
    return names.is_in(pl.Series(chosen, dtype=pl.String).implode()).to_numpy()


def _luck(name: str, seed: int) -> float:
    digits = hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()[:HASH_DIGITS]
    return float(int(digits, 16) / 16**HASH_DIGITS)


def _dealt(days: Whole, enterprises: Whole, defaulted: Whole, *, parts: int, seed: int) -> Whole:
    """The part of each row: enterprises are dealt one after the other, those with most defaults first."""
    rng = np.random.default_rng(seed)
    _, first, number, rows = np.unique(enterprises, return_index=True, return_inverse=True, return_counts=True)
    bads = np.bincount(number, weights=defaulted, minlength=len(rows))
    begins = np.full(len(rows), np.iinfo(np.int64).max)
    np.minimum.at(begins, number, days)
    order = np.lexsort((rng.permutation(len(first)), begins, -rows, -bads))
    part = np.empty(len(rows), np.int64)
    part[order] = np.arange(len(rows)) % parts
    return part[number]


def _holds_both(split: Split, defaulted: Whole) -> bool:
    return all(0 < defaulted[rows].sum() < rows.sum() for rows in (split.train, split.test))


def _counted(enterprises: Whole, defaulted: Whole) -> str:
    bads = len(np.unique(enterprises[defaulted == 1]))
    return f"{len(np.unique(enterprises))} enterprises, {bads} of them with a default"
