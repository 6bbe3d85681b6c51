"""Told rows come under contract: codes for places, nothing from after the last day, firms in order."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulation.community import draw_community
from simulation.months import calendar
from simulation.tables import TELLERS, tables
from simulation.weather import weather
from sources.contracts import APPLICATIONS
from sources.readers.folder import ALL_TABLES
from sources.validation import validate

UNTIL = dt.date(2026, 10, 31)
BEFORE, AFTER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
EVERYONE = range(200)


@pytest.fixture(scope="module")
def community():
    days = calendar(14, UNTIL)
    return draw_community(0, days, weather(days, seed=5), seed=5)


@pytest.fixture(scope="module")
def everything(community):
    return tables(community, keep=EVERYONE)


@pytest.fixture(scope="module", params=[dt.date(2020, 2, 29), dt.date(2021, 6, 30), UNTIL], ids=str)
def era(request):
    """A community on paper, one between, a digital one."""
    days = calendar(20, request.param)
    return draw_community(1, days, weather(days, seed=5), seed=5)


@pytest.fixture(scope="module")
def told_in_era(era):
    return tables(era, keep=EVERYONE)


def application(firm, number, **changed):
    row = {"firm": firm, "application": number, "product_id": "p", "applied_on": BEFORE, "known_on": BEFORE}
    answer = {"decided_on": BEFORE, "decision": "granted", "limit_fen": 100, "rate_bp": 400}
    return row | answer | changed


def told(community, *rows, **more):
    """The rows of one small teller of applications."""
    frame = pl.DataFrame(rows)
    return tables(community, **{"keep": EVERYONE, "tellers": {"applications": lambda _: frame}, **more})["applications"]


def test_every_table_has_a_teller():
    assert set(TELLERS) == set(ALL_TABLES)


@pytest.mark.parametrize("name", TELLERS)
def test_every_row_keeps_its_contract_in_every_era(told_in_era, era, name):
    given = told_in_era[name]
    checked = validate(ALL_TABLES[name], given, today=era.calendar.until)
    assert checked.rejects.is_empty()
    assert_frame_equal(checked.rows, given)
    assert given.height > 20


@pytest.mark.parametrize("name", TELLERS)
def test_a_table_is_the_same_whatever_was_told_before(told_in_era, era, name):
    alone = tables(replace(era), keep=EVERYONE, tellers={name: TELLERS[name]})
    assert_frame_equal(alone[name], told_in_era[name])


@pytest.mark.parametrize("name", TELLERS)
def test_rows_of_a_firm_are_together_and_firms_in_order(community, everything, name):
    codes = everything[name]["enterprise_id"].rle().struct.field("value")
    assert codes.to_list() == [code for code in community.firms.codes if code in set(codes)]


def test_the_place_of_a_firm_becomes_its_code(community):
    rows = told(community, application(3, "a"), application(7, "b"))
    assert rows["enterprise_id"].to_list() == [community.firms.codes[3], community.firms.codes[7]]
    assert dict(rows.schema) == APPLICATIONS.dtypes


def test_firms_told_out_of_order_are_put_in_order_and_their_rows_left_as_they_are(community):
    rows = told(community, application(7, "b"), application(3, "z"), application(3, "a"))
    assert rows["application"].to_list() == ["z", "a", "b"]


def test_a_change_after_the_last_day_is_not_told(community):
    rows = told(community, application(3, "a", decided_on=AFTER), application(3, "b"))
    assert rows.select("decided_on", "decision", "limit_fen", "rate_bp").rows() == [
        (None, None, None, None),
        (BEFORE, "granted", 100, 400),
    ]


def test_a_row_after_the_last_day_is_not_told(community):
    late = {"applied_on": AFTER, "known_on": AFTER, "decided_on": AFTER}
    assert told(community, application(3, "a", **late), application(3, "b"))["application"].to_list() == ["b"]


def test_a_missing_day_of_knowing_is_the_contract_s_own(community):
    assert told(community, application(3, "a", known_on=None))["known_on"].to_list() == [BEFORE]


def test_firms_that_are_not_wanted_are_dropped(community):
    rows = told(community, application(3, "a"), application(7, "b"), application(8, "c"), keep=range(4, 8))
    assert rows["application"].to_list() == ["b"]


def test_mistakes_are_planted_before_firms_are_dropped_so_that_they_do_not_hang_on_it(community):
    def spoil(table, frame, random):
        assert table is APPLICATIONS
        return frame.with_columns(product_id=pl.Series(random.permutation(frame["application"].to_numpy())))

    rows = [application(firm, str(firm)) for firm in range(9)]
    fewer, all_of_them = (told(community, *rows, keep=keep, spoil=spoil) for keep in (range(5), EVERYONE))
    assert all_of_them["product_id"].to_list() != all_of_them["application"].to_list()
    assert_frame_equal(fewer, all_of_them.head(5))


def test_the_same_community_tells_the_same(community, everything):
    again = draw_community(0, community.calendar, weather(community.calendar, seed=5), seed=5)
    for name, frame in tables(again, keep=EVERYONE).items():
        assert_frame_equal(frame, everything[name])
