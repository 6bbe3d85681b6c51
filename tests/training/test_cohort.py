import datetime as dt

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.profile import profiles
from features.sets import INVOICE_FLOW
from sources.codes import placeholder_code
from sources.records import Records
from training.cohort import CohortError, build_cohort, one_label_each


@pytest.fixture(scope="module")
def cohort(city):
    return build_cohort(*city, INVOICE_FLOW)


def renamed_and_shuffled(city):
    """The same city under other codes and in another order of rows."""
    records, labels = city
    codes = records.enterprises.sample(fraction=1.0, shuffle=True, seed=5)
    new = {old: placeholder_code("QQ", n, registrar_area="110105") for n, old in enumerate(codes)}

    def other(frame):
        return frame.with_columns(pl.col("enterprise_id").replace(new)).sample(fraction=1.0, shuffle=True, seed=7)

    return Records.of({name: other(frame) for name, frame in records.tables()}), other(labels)


def test_renaming_and_permuting_the_firms_changes_neither_sample_nor_model(city, cohort):
    other = build_cohort(*renamed_and_shuffled(city), INVOICE_FLOW)
    assert other.digest == cohort.digest
    assert np.array_equal(other.matrix, cohort.matrix, equal_nan=True)
    assert np.array_equal(other.enterprises, cohort.enterprises)
    settings = {"objective": "binary", "verbose": -1, "deterministic": True, "num_threads": 1, "bagging_fraction": 0.7}
    texts = [
        lgb.train(settings, lgb.Dataset(c.matrix, c.defaulted), num_boost_round=20).model_to_string()
        for c in (cohort, other)
    ]
    assert texts[0] == texts[1]


def test_a_cohort_holds_every_labelled_enterprise_once(city, cohort):
    assert sorted(cohort.profiles["enterprise_id"]) == sorted(city[1]["enterprise_id"])
    assert cohort.defaulted.sum() == city[1]["defaulted"].sum()


def test_a_restricted_cohort_keeps_its_enterprises_in_order(cohort):
    fewer = cohort.restricted_to([f for f in INVOICE_FLOW if f.sees_whole_history])
    assert 5 <= len(fewer.features) < len(cohort.features)
    assert fewer.profiles["enterprise_id"].equals(cohort.profiles["enterprise_id"])
    assert fewer.matrix.shape[1] == len(fewer.features)


def test_the_whole_history_has_no_recency_and_no_twelve_month_window():
    for feature in (f for f in INVOICE_FLOW if f.sees_whole_history):
        assert "12m" not in feature.name
        assert "since" not in feature.name


def test_one_label_of_each_enterprise_is_drawn_whatever_they_say(city):
    labels = city[1].head(30)
    days = [labels.with_columns(as_of=pl.col("as_of").dt.offset_by(f"-{months}mo")) for months in (0, 3, 6)]
    several = pl.concat(days)
    drawn = one_label_each(several)
    assert drawn["enterprise_id"].to_list() == sorted(labels["enterprise_id"])
    assert drawn["as_of"].n_unique() == 3
    turned = one_label_each(several.sample(fraction=1.0, shuffle=True, seed=1).with_columns(~pl.col("defaulted")))
    assert_frame_equal(turned.drop("defaulted"), drawn.drop("defaulted"))
    assert_frame_equal(one_label_each(drawn), drawn)


def test_too_few_defaults_are_refused(city):
    records, labels = city
    with pytest.raises(CohortError, match="expected at least 10 of either kind"):
        build_cohort(records, labels.with_columns(defaulted=pl.lit(value=False)), INVOICE_FLOW)


def test_labels_of_strangers_are_refused(city):
    records, labels = city
    with pytest.raises(CohortError, match="have no records"):
        build_cohort(records.only(labels["enterprise_id"][:50]), labels, INVOICE_FLOW)


def test_labels_of_several_windows_are_refused(city):
    records, labels = city
    first = pl.int_range(pl.len()) == 0
    windows = labels.with_columns(window=pl.when(first).then(pl.lit("undated")).otherwise("window"))
    with pytest.raises(CohortError, match="2 values of 'window', expected one"):
        build_cohort(records, windows, INVOICE_FLOW)


def test_two_labels_of_one_enterprise_and_day_are_refused(city):
    records, labels = city
    again = labels.head(1).with_columns(~pl.col("defaulted"))
    code, day = again["enterprise_id"][0], again["as_of"][0]
    with pytest.raises(CohortError, match=f"2 labels that share enterprise and day, first '{code}' on {day}"):
        build_cohort(records, pl.concat([labels, again]), INVOICE_FLOW)


def test_kinds_are_counted_in_enterprises(city):
    """Nine that default, each on two days, are nine."""
    records, labels = city
    few = pl.concat([labels.filter("defaulted").head(9), labels.filter(~pl.col("defaulted"))])
    earlier = few.with_columns(as_of=pl.col("as_of").dt.offset_by("-3mo"))
    with pytest.raises(CohortError, match="got 9 enterprises with a default"):
        build_cohort(records, pl.concat([few, earlier]), INVOICE_FLOW)


@pytest.fixture(scope="module")
def on_three_days(city):
    """Every enterprise judged on three days, with other labels on each."""
    records, labels = city
    days = [labels.with_columns(as_of=pl.col("as_of").dt.offset_by(f"-{months}mo")) for months in (0, 3, 6)]
    days[1] = days[1].with_columns(defaulted=pl.lit(value=False))
    several = pl.concat(days)
    return records, several, build_cohort(records, several, INVOICE_FLOW)


def test_an_enterprise_may_be_judged_on_several_days(on_three_days):
    _, labels, several = on_three_days
    told = several.profiles.select("enterprise_id", "as_of").with_columns(defaulted=pl.Series(several.defaulted == 1))
    expected = labels.select("enterprise_id", "as_of", "defaulted")
    assert_frame_equal(told, expected, check_row_order=False)
    assert len(several) == labels.height


def test_rows_know_their_enterprise_and_their_day(on_three_days):
    _, labels, several = on_three_days
    numbers = pl.DataFrame({"code": several.codes, "number": several.enterprises})
    assert numbers["number"].dtype == pl.Int64
    assert numbers.unique().height == numbers["code"].n_unique() == labels["enterprise_id"].n_unique()
    assert several.enterprises[0] == 0
    assert sorted(set(several.enterprises.tolist())) == list(range(labels["enterprise_id"].n_unique()))
    epoch = dt.date(1970, 1, 1)
    assert [epoch + dt.timedelta(days=int(day)) for day in several.days] == several.profiles["as_of"].to_list()


def test_of_several_days_too_neither_names_nor_order_matter(on_three_days):
    records, labels, several = on_three_days
    other = build_cohort(*renamed_and_shuffled((records, labels)), INVOICE_FLOW)
    assert other.digest == several.digest
    assert np.array_equal(other.enterprises, several.enterprises)
    assert np.array_equal(other.days, several.days)


def test_enterprises_of_which_nothing_is_known_are_numbered_whatever_their_names(city):
    """With all values null, rows differ by day and label only; still the same rows must belong together."""
    _, labels = city
    earlier = labels.with_columns(as_of=pl.col("as_of").dt.offset_by("-3mo"), defaulted=pl.lit(value=False))
    several = pl.concat([labels, earlier.gather_every(2)])
    empty = Records.of({"vat_invoices": city[0].vat_invoices.clear()}, enterprises=labels["enterprise_id"])
    backwards = labels["enterprise_id"].sort(descending=True).to_list()
    new = dict(zip(labels["enterprise_id"].sort(), backwards, strict=True))
    renamed = several.with_columns(pl.col("enterprise_id").replace(new)).reverse()
    first, second = (build_cohort(empty, one, INVOICE_FLOW[:3]) for one in (several, renamed))
    assert np.array_equal(first.enterprises, second.enterprises)
    assert first.digest == second.digest


def test_rows_can_be_taken(on_three_days):
    *_, several = on_three_days
    earliest = several.days == several.days.min()
    taken = several.take(earliest)
    assert (taken.first_as_of, taken.as_of) == (several.first_as_of, several.first_as_of)
    assert np.array_equal(taken.matrix, several.matrix[earliest], equal_nan=True)
    assert taken.digest == several.take(np.flatnonzero(earliest)).digest
    turned = several.take(np.array([5, 2]))
    assert turned.codes.to_list() == [several.codes[5], several.codes[2]]
    assert turned.enterprises.tolist() == [0, 1]


def test_nothing_can_not_be_taken(cohort):
    with pytest.raises(CohortError, match="got no row to take"):
        cohort.take(np.zeros(len(cohort), bool))


@pytest.fixture(scope="module")
def of_two_days(city):
    """Every other enterprise judged half a year before the rest."""
    records, labels = city
    every_other = pl.int_range(pl.len()) % 2 == 0
    earlier = pl.col("as_of").dt.offset_by("-6mo")
    labels = labels.with_columns(as_of=pl.when(every_other).then(earlier).otherwise("as_of"))
    return records, labels, build_cohort(records, labels, INVOICE_FLOW)


def test_each_enterprise_is_seen_on_the_day_of_its_label(of_two_days):
    records, labels, mixed = of_two_days
    for label in labels.head(4).iter_rows(named=True):
        own = profiles(records.only(pl.Series([label["enterprise_id"]])), INVOICE_FLOW, label["as_of"])
        seen = mixed.profiles.filter(enterprise_id=label["enterprise_id"], as_of=label["as_of"])
        assert_frame_equal(seen.drop("as_of"), own, check_exact=True)


def test_several_days_are_told_as_first_and_last(of_two_days, cohort):
    _, labels, mixed = of_two_days
    assert (mixed.first_as_of, mixed.as_of) == (labels["as_of"].min(), labels["as_of"].max())
    assert mixed.judged_on == f"{mixed.first_as_of}/{mixed.as_of}"
    assert cohort.judged_on == cohort.as_of.isoformat()


def test_with_several_days_neither_names_nor_order_matter(of_two_days):
    records, labels, mixed = of_two_days
    assert build_cohort(*renamed_and_shuffled((records, labels)), INVOICE_FLOW).digest == mixed.digest


def test_a_cohort_can_be_seen_earlier(city, cohort):
    records, labels = city
    earlier = build_cohort(records, labels, INVOICE_FLOW, days_earlier=365)
    then = profiles(records.only(labels["enterprise_id"]), INVOICE_FLOW, cohort.first_as_of - dt.timedelta(days=365))
    assert_frame_equal(earlier.profiles.drop("as_of").sort("enterprise_id"), then, check_exact=True)
    assert earlier.profiles["as_of"].unique().to_list() == [cohort.as_of]
    assert earlier.as_of == cohort.as_of
