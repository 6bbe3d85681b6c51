import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.profile import profiles
from features.sets import INVOICE_FLOW
from sources.codes import placeholder_code
from sources.records import Records
from training.bag import Settings, fit_bag
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
    settings = Settings(num_leaves=3, rounds=20, bags=3)
    texts = [fit_bag(c.matrix, c.defaulted, c.features, settings, seed=0).model_to_string() for c in (cohort, other)]
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


def test_two_labels_of_one_enterprise_are_refused(city):
    records, labels = city
    again = labels.head(1).with_columns(as_of=pl.date(2025, 1, 1))
    with pytest.raises(
        CohortError, match=f"2 labels of 1 enterprises with several, first '{again['enterprise_id'][0]}'"
    ):
        build_cohort(records, pl.concat([labels, again]), INVOICE_FLOW)


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
        assert_frame_equal(mixed.profiles.filter(enterprise_id=label["enterprise_id"]), own, check_exact=True)


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
    assert_frame_equal(earlier.profiles.sort("enterprise_id"), then, check_exact=True)
    assert earlier.as_of == cohort.as_of
