"""What must hold of the features of any block, as checks that take rows by table: `law(tables, features)`."""

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl
from polars.testing import assert_frame_equal
from samples import AS_OF, ENTERPRISES, TODAY
from samples_registry import framed, records_of_tables

from features.definition import Feature
from features.profile import profiles
from sources.contracts import TABLES
from sources.validation import validate

Tables = dict[str, list[dict[str, object]]]
LATER = AS_OF + dt.timedelta(days=1)


def profile(tables: Tables, features: Sequence[Feature], as_of: dt.date = AS_OF) -> pl.DataFrame:
    return profiles(records_of_tables(tables), features, as_of)


def of_first(tables: Tables, features: Sequence[Feature], as_of: dt.date = AS_OF) -> dict[str, float | None]:
    """The features of the first enterprise, by name."""
    return profile(tables, features, as_of).filter(enterprise_id=ENTERPRISES[0]).row(0, named=True)


def the_samples_keep_their_contracts(tables: Tables) -> None:
    for name, rows in tables.items():
        assert not validate(TABLES[name], framed(name, rows), today=TODAY).rejects.height


def alone_is_as_in_a_batch(tables: Tables, features: Sequence[Feature]) -> None:
    together = profile(tables, features)
    for code in ENTERPRISES:
        alone = profiles(records_of_tables(tables).only(pl.Series([code])), features, AS_OF)
        assert_frame_equal(alone, together.filter(enterprise_id=code), check_exact=True)


def every_value_is_null_or_finite(tables: Tables, features: Sequence[Feature]) -> None:
    for row in profile(tables, features).select(one.name for one in features).iter_rows():
        assert all(value is None or math.isfinite(value) for value in row)


def what_is_known_later_changes_nothing(tables: Tables, more: Tables, features: Sequence[Feature]) -> None:
    """Rows that become known tomorrow or after, and changes that happen after the day."""
    later = {
        name: rows + [{**row, "known_on": max(row["known_on"], LATER)} for row in more[name]]
        for name, rows in tables.items()
    }
    assert_frame_equal(profile(later, features), profile(tables, features), check_exact=True)
    for name, rows in tables.items():
        for change in TABLES[name].changes_later:
            changed = {**tables, name: [row if row[change] else {**row, change: LATER} for row in rows]}
            assert_frame_equal(profile(changed, features), profile(tables, features), check_exact=True)


def the_order_of_rows_is_nothing(tables: Tables, features: Sequence[Feature]) -> None:
    turned = {name: rows[::-1] for name, rows in tables.items()}
    assert_frame_equal(profile(turned, features), profile(tables, features), check_exact=True)


def money_has_no_unit(tables: Tables, features: Sequence[Feature]) -> None:
    """Twice the money changes amounts only."""
    doubled = {name: [_doubled(row) for row in rows] for name, rows in tables.items()}
    scale_free = [one.name for one in features if one.unit != "fen"]
    assert_frame_equal(
        profile(doubled, features).select(scale_free), profile(tables, features).select(scale_free), rel_tol=1e-12
    )


def _doubled(row: dict[str, object]) -> dict[str, object]:
    return {name: 2 * value if name.endswith("_fen") and value is not None else value for name, value in row.items()}


def equals_the_reference(tables: Tables, features: Sequence[Feature], reference, as_of: dt.date = AS_OF) -> None:
    """The same as the slow way, for each enterprise."""
    found = profile(tables, features, as_of)
    for code in ENTERPRISES:
        own = {name: [row for row in rows if row["enterprise_id"] == code] for name, rows in tables.items()}
        values = found.filter(enterprise_id=code).row(0, named=True)
        for name, expected in reference(own, as_of).items():
            assert _close(values[name], expected), f"{name}: got {values[name]}, expected {expected}"


def _close(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)
