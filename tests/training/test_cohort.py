import numpy as np
import polars as pl
import pytest

from features.sets import INVOICE_FLOW
from sources.codes import placeholder_code
from sources.records import Records
from training.bag import Settings, fit_bag
from training.cohort import CohortError, build_cohort


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


def test_too_few_defaults_are_refused(city):
    records, labels = city
    with pytest.raises(CohortError, match="expected at least 10 of either kind"):
        build_cohort(records, labels.with_columns(defaulted=pl.lit(value=False)), INVOICE_FLOW)


def test_labels_of_strangers_are_refused(city):
    records, labels = city
    with pytest.raises(CohortError, match="have no records"):
        build_cohort(records.only(labels["enterprise_id"][:50]), labels, INVOICE_FLOW)


def test_labels_of_several_days_are_refused(city):
    records, labels = city
    days = labels.with_columns(as_of=pl.when(pl.int_range(pl.len()) == 0).then(pl.date(2025, 1, 1)).otherwise("as_of"))
    with pytest.raises(CohortError, match="2 values of 'as_of', expected one"):
        build_cohort(records, days, INVOICE_FLOW)
