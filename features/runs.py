"""Sums and neighbours in sorted rows, in plain arrays: for when there are nearly as many groups as rows.

A running sum of whole numbers is exact, so that the difference of two of them is the sum between two places.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MANY_ROWS = 50_000
"""From so many rows on, sorting, choosing and grouping them on all cores is quicker than on one."""


def name_numbers() -> pl.Categorical:
    """A type whose whole numbers stand for the names of a column."""
    return pl.Categorical(pl.Categories.random())


def sorted_by(*keys: Whole) -> Whole:
    """The order of rows by some keys, the first of them first."""
    if len(keys[0]) < MANY_ROWS:
        return np.lexsort(keys[::-1])
    frame = pl.DataFrame({str(place): key for place, key in enumerate(keys)})
    order: Whole = frame.select(pl.arg_sort_by(frame.columns)).to_series().to_numpy()
    return order


def last_of(*keys: npt.NDArray[np.generic]) -> Mask:
    """Marks the last row of each run of equal keys."""
    marks = np.ones(len(keys[0]), dtype=np.bool_)
    marks[:-1] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return marks


def first_of(newest: Mask) -> Mask:
    """Marks the first row of each run whose last row is marked."""
    marks = np.ones_like(newest)
    marks[1:] = newest[:-1]
    return marks


def preceding(values: Whole) -> Whole:
    """The value of the row before; 0 for the first row."""
    before = np.zeros_like(values)
    before[1:] = values[:-1]
    return before


def following(values: Whole) -> Whole:
    """The value of the row after; for the last row that of the first."""
    return np.roll(values, -1)


def sums_to(ends: Whole, values: Whole) -> Whole:
    """Sums of the values from after one of some places to the next."""
    return np.diff(np.cumsum(values)[ends], prepend=0)


def folded_from(fold: np.ufunc, values: Whole, firsts: Whole) -> Whole:
    """Values folded from each of some places to before the next."""
    folded: Whole = fold.reduceat(values, firsts) if len(values) else values
    return folded


def sums_by(key: Whole, *columns: Whole) -> tuple[Whole, ...]:
    """For each key the place of a row that has it, and the sums of some columns over all such rows."""
    order = sorted_by(key)
    firsts = np.flatnonzero(first_of(last_of(key[order])))
    return order[firsts], *(folded_from(np.add, column[order], firsts) for column in columns)


def since_first(running: Whole, newest: Mask) -> Whole:
    """A running sum over all enterprises' rows less what it was before an enterprise's first row."""
    last_rows = np.flatnonzero(newest)
    return running - np.repeat(preceding(running[last_rows]), np.diff(last_rows, prepend=-1))


def in_a_row(marked: Mask, breaks: Mask) -> Whole:
    """How many rows in a row are marked up to each, 0 for one that is not, where a row may break with those before."""
    place = np.arange(len(marked))
    starts = np.where(breaks | first_of(~marked), place, 0)
    return (place - np.maximum.accumulate(starts) + 1) * marked
