import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from cities import UNTIL

from decisions.offered.catalogue import load_catalogue
from decisions.policies import policy_on
from simulation.plan import City
from simulation.tables import TELLERS, tables_in_memory
from sources.contracts import TABLES
from sources.records import Records
from training.product_fit import sample as sampling
from training.product_fit.sample import PairSample, PairSampleError, Rules, pair_sample
from training.product_fit.source import sample_of_source

TOLD = ("registry", "tax_filings", "tax_ratings", "loans", "repayments", "applications")
DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def rules():
    return Rules(load_catalogue(illustrative=True).on(DAY), policy_on(DAY))


@pytest.fixture(scope="module")
def tables():
    city = City(enterprises=200, months=16, seed=1, until=UNTIL)
    return tables_in_memory(city, tellers={name: TELLERS[name] for name in TOLD})


@pytest.fixture(scope="module")
def records(tables):
    return Records.of({name: frame for name, frame in tables.items() if name in TABLES})


@pytest.fixture(scope="module")
def whole(records, tables, rules):
    return pair_sample(records, tables["applications"], rules=rules, known_until=UNTIL)


def test_every_application_is_there_once_seen_on_the_first_of_its_month(whole, tables):
    assert len(whole) == tables["applications"].height > 50
    assert whole.pairs["day"].is_sorted()
    asked = tables["applications"].select("enterprise_id", "application", "product_id", day="applied_on")
    assert whole.pairs.join(asked, on=asked.columns, how="anti").is_empty()
    assert (whole.pairs["as_of"] == whole.pairs["day"].dt.month_start()).all()


def test_what_became_known_later_changes_nothing_that_is_seen(records, tables, rules, whole):
    last = whole.pairs["as_of"].max()
    early = Records.of({name: frame.filter(pl.col("known_on") <= last) for name, frame in records.tables()})
    of_month = tables["applications"].filter(pl.col("applied_on") >= last)
    again = pair_sample(early, of_month, rules=rules, known_until=UNTIL)
    same = whole.pairs.filter(pl.col("as_of") == last).sort("enterprise_id")
    assert again.pairs.sort("enterprise_id").equals(same)


def test_enterprises_are_seen_in_groups_as_all_at_once(records, tables, rules, whole, monkeypatch):
    monkeypatch.setattr(sampling, "FIRMS_AT_ONCE", 40)
    grouped = pair_sample(records, tables["applications"], rules=rules, known_until=UNTIL)
    assert grouped.as_frame().equals(whole.as_frame())
    assert grouped.passes.equals(whole.passes)


def test_what_applicants_answer_is_theirs_alone(records, tables, rules, whole):
    """So that enterprises kept apart tell nothing of how often facts pass."""
    some = whole.pairs["enterprise_id"].unique().sort().head(30).implode()
    theirs = whole.take(whole.pairs["enterprise_id"].is_in(some).to_numpy())
    applications = tables["applications"].filter(pl.col("enterprise_id").is_in(some))
    alone = pair_sample(records, applications, rules=rules, known_until=UNTIL)
    assert theirs.passes.equals(alone.passes)
    assert 0 < alone.passes["known"].sum() < whole.passes["known"].sum()
    own = theirs.passes.filter(product_id=theirs.pairs["product_id"][0])
    assert 0 < own["known_own"].max() <= (theirs.pairs["product_id"] == theirs.pairs["product_id"][0]).sum()


def test_two_applications_of_a_month_ask_for_their_own_amounts(records, tables, rules):
    first = tables["applications"].head(1).with_columns(wanted_fen=pl.lit(10_000_000))
    second = first.with_columns(application=pl.lit("another"), wanted_fen=pl.lit(90_000_000))
    made = pair_sample(records, pl.concat([first, second]), rules=rules, known_until=UNTIL)
    assert sorted(made.pairs["need_amount"].to_list()) == [10_000_000.0, 90_000_000.0]


def test_an_application_before_the_records_begin_is_seen_with_nothing_known(records, tables, rules):
    long_ago = dt.date(2001, 2, 3)
    days = {name: pl.lit(long_ago) for name in ("applied_on", "decided_on", "known_on")}
    asked = tables["applications"].filter(pl.col("decision") == "refused").head(1)
    early = asked.with_columns(**days, docs_complete_on=None, wanted_fen=None)
    seen = pair_sample(records, early, rules=rules, known_until=UNTIL)
    assert seen.approved.tolist() == [0.0]
    assert seen.pairs["as_of"].to_list() == [dt.date(2001, 2, 1)]
    assert seen.pairs.select("tax_grade_level", "need_to_turnover").row(0) == (None, None)


def test_applications_for_other_products_or_by_strangers_are_counted(records, tables, rules):
    some = tables["applications"].head(3)
    ids = pl.Series("product_id", ["no such", *some["product_id"][1:]])
    codes = pl.Series("enterprise_id", [*some["enterprise_id"][:2], "stranger"])
    made = pair_sample(records, some.with_columns(ids, codes), rules=rules, known_until=UNTIL)
    assert (len(made), dict(made.left_out)) == (1, {"product_not_offered": 1, "no_records": 1})


def test_without_a_product_of_the_catalogue_there_is_no_sample(records, tables, rules):
    strange = tables["applications"].with_columns(product_id=pl.lit("no such"))
    with pytest.raises(PairSampleError, match="products that the catalogue does not have"):
        pair_sample(records, strange, rules=rules, known_until=UNTIL)


def test_an_answer_is_not_known_before_it_was_given(records, tables, rules):
    until = UNTIL - dt.timedelta(days=120)
    made = pair_sample(records, tables["applications"], rules=rules, known_until=until)
    late = (made.pairs["day"] > until).to_numpy()
    assert np.isnan(made.approved[late]).all()
    assert np.isfinite(made.approved[~late]).any()


def test_a_sample_comes_back_from_its_file(whole):
    back = PairSample.of_frame(whole.as_frame())
    assert back.as_frame().equals(whole.as_frame())


def test_parts_are_joined_by_day(whole):
    half = len(whole) // 2
    one, two = whole.take(np.arange(half)), whole.take(np.arange(half, len(whole)))
    joined = PairSample.joined([replace(two, left_out={"no_records": 1}), one])
    assert joined.as_frame().equals(whole.as_frame())
    assert joined.left_out["no_records"] == 1


def test_a_folder_gives_the_same_sample(tables, rules, tmp_path):
    for name, frame in tables.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    made = sample_of_source(str(tmp_path), rules, today=DAY)
    assert len(made) == tables["applications"].height


def test_a_source_without_applications_is_refused(tables, rules, tmp_path):
    tables["registry"].write_parquet(tmp_path / "registry.parquet")
    with pytest.raises(PairSampleError, match="got no table `applications`"):
        sample_of_source(str(tmp_path), rules, today=DAY)
