"""What is true of the firms is told beside the tables, whole and consistent, and no reader takes it for evidence."""

import datetime as dt
import shutil

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from simulation.city import simulate
from simulation.community import draw_community
from simulation.firms import ROLES
from simulation.lending.offers import offers
from simulation.months import calendar
from simulation.plan import City
from simulation.tables import TELLERS, tables
from simulation.truth import defaults_within, offers_frame, read_truth, truth
from simulation.weather import weather
from sources.contracts import ASIDE, TABLES
from sources.readers import UnusableTableError, read_folder
from sources.records import Records

UNTIL = dt.date(2026, 10, 31)
CITY = City(enterprises=200, months=30, seed=5, until=UNTIL, firm_months=40, branches=20)
JUDGED_BEFORE = dt.date(2025, 11, 1)
"""The first month whose next twelve are not all known."""


@pytest.fixture(scope="module")
def community():
    days = calendar(30, UNTIL)
    return draw_community(0, days, weather(days, seed=5), seed=5)


@pytest.fixture(scope="module")
def told(community):
    return truth(community, CITY, keep=range(200))


def table(community, name):
    return tables(community, keep=range(200), tellers={name: TELLERS[name]})[name]


def test_every_firm_has_its_traits_and_its_role(community, told):
    firms = told["firms"]
    assert_series_equal(firms["enterprise_id"], community.firms.codes)
    assert firms["role"].to_list() == [ROLES[role] for role in community.firms.role]
    assert firms["quality"].to_list() == community.firms.quality.tolist()


def test_a_month_that_never_comes_is_null(community, told):
    assert_series_equal(told["firms"]["default"].is_not_null(), pl.Series("default", community.lives.default < 60))


def test_a_firm_is_told_from_the_month_it_begins(told):
    first = told["months"].group_by("enterprise_id").agg(pl.min("month"))
    begun = told["firms"].join(first, on="enterprise_id").select("born", "month")
    assert begun.filter(pl.col("month") != pl.max_horizontal("born", pl.lit(dt.date(2024, 5, 1)))).is_empty()


def test_money_of_the_months_is_whole_fen(community, told):
    months = told["months"].filter(enterprise_id=community.firms.codes[0])
    expected = np.rint(100 * community.lives.cash[0, community.calendar.first :]).astype(np.int64)
    assert months["cash_fen"].to_list() == expected[-months.height :].tolist()


def test_what_comes_after_the_last_month_is_not_told(told):
    months = told["months"]
    assert months.filter(pl.col("month") >= JUDGED_BEFORE)["defaulted_within_12m"].null_count() == (
        months.filter(pl.col("month") >= JUDGED_BEFORE).height
    )
    assert months["month"].max() == dt.date(2026, 10, 1)


def test_a_default_is_told_in_the_twelve_months_before_it_and_null_from_then_on(told):
    defaulted = told["firms"].filter(pl.col("default") >= dt.date(2025, 6, 1), pl.col("default") < JUDGED_BEFORE)
    for code, default in defaulted.select("enterprise_id", "default").iter_rows():
        mine = told["months"].filter(pl.col("enterprise_id") == code, pl.col("month") < JUDGED_BEFORE)
        year_before = default.replace(year=default.year - 1)
        expected = pl.when(pl.col("month") < default).then(pl.col("month") >= year_before)
        assert_series_equal(mine["defaulted_within_12m"], mine.select(expected).to_series(), check_names=False)
    assert defaulted.height


def test_labels_are_the_truth_where_both_are_told(community, told):
    labels = table(community, "labels")
    both = labels.join(told["months"], on=["enterprise_id", "as_of"], how="left")
    assert both.height > 50
    assert_series_equal(both["defaulted"], both["defaulted_within_12m"], check_names=False)


def test_applications_are_those_of_the_contract_with_what_no_bank_tells(community, told):
    key = ["enterprise_id", "application", "product_id"]
    known = table(community, "applications").select(key)
    assert_frame_equal(told["applications"].select(key), known, check_row_order=False)
    assert told["applications"]["chance"].is_between(0, 1).all()


def test_the_offer_asked_for_stands_at_its_position_on_the_list(told):
    asked = told["applications"]
    assert_series_equal(asked["shown"].list.get(asked["position"]), asked["product_id"], check_names=False)


def test_offers_name_the_rules_that_no_bank_of_the_city_knows():
    known = offers_frame(offers())
    assert known["product_id"].to_list() == list(offers().ids)
    asked = dict(known.select("product_id", "unknown_rules").iter_rows())
    assert asked["boc-kechuangdai"] == []
    assert "enquiries_3m" in asked["boc-yinshuidai"]
    assert "firm_age_months" not in asked["boc-yinshuidai"]


def test_firm_months_that_are_drawn_can_default_and_are_judged(told):
    drawn = told["pd"]
    assert drawn.height == 40
    assert drawn.select("enterprise_id", "month").is_unique().all()
    months = drawn.join(told["months"], on=["enterprise_id", "month"])
    assert months["at_risk"].all()
    assert_series_equal(months["defaulted"], months["defaulted_within_12m"], check_names=False)


def test_a_true_probability_is_a_share_of_futures_with_its_error(told):
    probability = told["pd"]["pd"]
    assert ((probability * 20).round(9) % 1 == 0).all()
    expected = (probability * (1 - probability) / 20).sqrt()
    assert_series_equal(told["pd"]["error"], expected, check_names=False)


def test_every_offer_is_told_to_every_firm_month_drawn(told):
    products, drawn = told["products"], told["pd"].select("enterprise_id", "month")
    assert products.height == 40 * len(offers())
    assert_frame_equal(products.select("enterprise_id", "month").unique(maintain_order=True), drawn)
    assert products["chance"].is_between(0, 1).all()
    assert (products["utility_fen"] >= 0).all()
    assert (products["limit_fen"] <= products["wanted_fen"]).all()


def test_fewer_firms_have_the_same_truth(community, told):
    fewer = truth(community, City(enterprises=30, months=30, seed=5, until=UNTIL), keep=range(30))
    codes = community.firms.codes.head(30).implode()
    for name, frame in fewer.items():
        assert_frame_equal(frame, told[name].filter(pl.col("enterprise_id").is_in(codes)))


def test_who_is_at_risk_has_begun_and_is_neither_closed_nor_in_default(community):
    at_risk, defaults = defaults_within(community)
    months = np.arange(community.calendar.months)
    assert not at_risk[community.firms.born[:, None] > months].any()
    assert not at_risk[community.lives.closed[:, None] <= months].any()
    assert not (at_risk | defaults)[community.lives.default[:, None] <= months].any()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("truth") / "city"
    simulate(City(enterprises=3, months=14, seed=5, until=UNTIL), out)
    return out


def test_truth_is_read_back_by_name(folder):
    assert read_truth(folder, "firms").height == 3
    assert read_truth(folder, "offers").height == len(offers())
    with pytest.raises(FileNotFoundError, match="pd"):
        read_truth(folder, "pd")


def test_records_are_the_same_with_and_without_the_truth(folder, tmp_path):
    bare = shutil.copytree(folder, tmp_path / "bare", ignore=shutil.ignore_patterns("truth"))
    with_truth, without = read_folder(folder, today=UNTIL), read_folder(bare, today=UNTIL)
    assert with_truth.given == without.given
    assert set(with_truth.given) == {*TABLES, *ASIDE}
    for name, frame in without.tables().items():
        assert_frame_equal(with_truth.tables()[name], frame)


def test_records_refuse_every_frame_of_the_truth(told):
    for name, frame in told.items():
        with pytest.raises(ValueError, match=f"got table '{name}'"):
            Records.of({name: frame})


def test_the_folder_of_the_truth_is_no_source(folder):
    with pytest.raises(UnusableTableError, match="no table found"):
        read_folder(folder / "truth", today=UNTIL)


def test_no_frame_of_the_truth_fits_a_contract(told):
    for name, frame in {**told, "offers": offers_frame(offers())}.items():
        assert name not in TABLES
        for table in (*TABLES.values(), *ASIDE.values()):
            assert not set(frame.columns) <= set(table.dtypes), (name, table.name)
