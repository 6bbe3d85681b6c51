"""What courts and lists say, by hand at the edges, by properties, and beside plain Python.

All stand on 15 March 2026: the last complete month is February 2026, the last twelve begin on 1 March 2025.
"""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from references.legal import reference
from samples import AS_OF, ENTERPRISES, TODAY
from samples_legal import STRATEGIES

from features.definition import Feature
from features.legal import courts, penalties
from features.profile import profiles
from sources.contracts import TABLES
from sources.records import Records
from sources.validation import validate

FIRM = ENTERPRISES[0]
LATER = AS_OF + dt.timedelta(days=1)
FEATURES = [one for module in (courts, penalties) for one in vars(module).values() if isinstance(one, Feature)]


def values(**tables):
    """The features of the first firm; each table a list of rows, of which only what differs need be said."""
    frames = {
        name: TABLES[name].typed(
            pl.DataFrame([{"enterprise_id": FIRM, **row} for row in rows], infer_schema_length=None)
        )
        for name, rows in tables.items()
    }
    records = Records.of(frames, enterprises=pl.Series(ENTERPRISES))
    return profiles(records, FEATURES, AS_OF).filter(enterprise_id=FIRM).row(0, named=True)


def case(kind="defendant", opened_on=dt.date(2025, 9, 1), **more):
    return {"case": f"{kind}-{opened_on}", "kind": kind, "opened_on": opened_on, "known_on": opened_on} | more


def seen(*cases):
    return values(legal_events=cases)


def test_without_any_event_counts_are_zero_and_recency_is_unknown():
    nothing = values(legal_events=[])
    assert (nothing["suits_against_now"], nothing["adverse_events_36m"], nothing["dishonest_now"]) == (0, 0, 0)
    assert nothing["days_since_adverse_event"] is None


def test_open_suits_and_their_amounts():
    """Open: 300 and one of unknown amount; 500 is closed since yesterday, 70 is the firm's own claim."""
    row = seen(
        case(amount_fen=300, cause="loan"),
        case(case="x", amount_fen=None, cause="labour"),
        case(case="y", amount_fen=500, closed_on=AS_OF - dt.timedelta(days=1)),
        case("plaintiff", amount_fen=70),
    )
    assert (row["suits_against_now"], row["suits_against_amount_now"], row["loan_disputes_now"]) == (2, 300, 1)
    assert row["suits_by_now"] == 1


def test_a_case_that_closes_today_is_closed_and_one_that_closes_tomorrow_is_open():
    assert seen(case(closed_on=AS_OF))["suits_against_now"] == 0
    assert seen(case(closed_on=LATER))["suits_against_now"] == 1


def test_enforcement_ended_for_lack_of_assets_is_still_open():
    row = seen(case("enforcement", amount_fen=10), case("terminated_enforcement", amount_fen=7))
    assert (row["enforcements_now"], row["enforcements_amount_now"]) == (2, 17)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("dishonest_list", "dishonest_now"),
        ("consumption_limit", "consumption_limit_now"),
        ("account_freeze", "account_frozen_now"),
        ("wage_arrears", "wage_arrears_now"),
        ("tax_abnormal", "tax_lists_now"),
        ("tax_violation_list", "tax_lists_now"),
        ("tax_arrears_notice", "tax_lists_now"),
    ],
)
def test_a_list_entry_counts_while_it_lasts(kind, name):
    long_ago = dt.date(2012, 5, 1)
    assert seen(case(kind, long_ago))[name] == 1, "an entry that lasts is never too old"
    assert seen(case(kind, closed_on=AS_OF))[name] == 0
    assert seen(case(kind, repaired_on=AS_OF))[name] == 0
    assert seen(case(kind, repaired_on=LATER))[name] == 1


@pytest.mark.parametrize(
    ("name", "newest_outside"),
    [("adverse_events_12m", dt.date(2025, 3, 15)), ("adverse_events_36m", dt.date(2023, 3, 15))],
)
def test_events_are_counted_to_the_day(name, newest_outside):
    inside = newest_outside + dt.timedelta(days=1)
    assert seen(case(opened_on=newest_outside))[name] == 0
    assert seen(case(opened_on=inside), case("penalty", AS_OF), case("plaintiff", inside))[name] == 2


def test_penalties_of_three_years_by_kind_and_weight():
    row = seen(
        case("penalty", dt.date(2023, 3, 16), severity="minor"),
        case("environment_penalty", dt.date(2024, 1, 1), severity="major"),
        case("safety_penalty", dt.date(2025, 1, 1)),
        case("penalty", dt.date(2023, 3, 15), severity="major"),
    )
    assert (row["penalties_36m"], row["major_penalties_36m"], row["environment_penalties_36m"]) == (3, 1, 1)


def test_recency_looks_at_what_is_adverse_only():
    """From 1 February to 15 March 2026: 27 + 15 days."""
    row = seen(case("penalty", dt.date(2026, 2, 1)), case("plaintiff", dt.date(2026, 3, 1)))
    assert row["days_since_adverse_event"] == 42


def tables_of_both():
    return st.fixed_dictionaries(STRATEGIES)


def profile(tables, enterprises=ENTERPRISES):
    frames = {name: pl.DataFrame(rows, schema=TABLES[name].dtypes) for name, rows in tables.items()}
    return profiles(
        Records.of(frames, enterprises=pl.Series(ENTERPRISES)).only(pl.Series(enterprises)), FEATURES, AS_OF
    )


def with_rows(tables, change):
    """Every row of every table as `change(table, row)` makes it."""
    return {name: [change(TABLES[name], row) for row in rows] for name, rows in tables.items()}


@given(tables_of_both())
def test_samples_keep_the_contract(tables):
    for name, rows in tables.items():
        checked = validate(TABLES[name], pl.DataFrame(rows, schema=TABLES[name].dtypes), today=TODAY)
        assert checked.rejects.is_empty()


@given(tables_of_both())
def test_a_profile_is_the_same_alone_and_in_a_batch_and_finite(tables):
    together = profile(tables)
    for code in ENTERPRISES:
        assert_frame_equal(profile(tables, [code]), together.filter(enterprise_id=code), check_exact=True)
    values = together.select(one.name for one in FEATURES)
    assert all(values.select(pl.all().is_finite().all()).row(0))


@given(tables_of_both(), tables_of_both())
def test_nothing_known_later_changes_a_profile(tables, more):
    future = with_rows(more, lambda _, row: {**row, "known_on": max(row["known_on"], LATER)})
    with_future = {name: rows + future[name] for name, rows in tables.items()}
    assert_frame_equal(profile(with_future), profile(tables), check_exact=True)


@given(tables_of_both())
def test_a_change_of_tomorrow_changes_nothing_today(tables):
    def changed(table, row):
        return row | {change: LATER for change in table.changes_later if row[change] is None}

    assert_frame_equal(profile(with_rows(tables, changed)), profile(tables), check_exact=True)


@given(tables_of_both(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(tables, random):
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in tables.items()}
    assert_frame_equal(profile(shuffled), profile(tables), check_exact=True)


@given(tables_of_both())
def test_doubling_all_money_changes_amounts_only(tables):
    def doubled(_, row):
        return row | {name: 2 * row[name] for name in row if name.endswith("_fen") and row[name] is not None}

    scale_free = [one.name for one in FEATURES if one.unit != "fen"]
    assert_frame_equal(
        profile(with_rows(tables, doubled)).select(scale_free), profile(tables).select(scale_free), rel_tol=1e-12
    )


@given(tables_of_both())
def test_panels_agree_with_plain_python(tables):
    seen = profile(tables)
    for code in ENTERPRISES:
        own = {name: [row for row in rows if row["enterprise_id"] == code] for name, rows in tables.items()}
        expected = reference(own, AS_OF)
        by_hand = pl.DataFrame([expected], schema=dict.fromkeys(expected, pl.Float64))
        assert_frame_equal(seen.filter(enterprise_id=code).select(*expected), by_hand, rel_tol=1e-12, abs_tol=0)
