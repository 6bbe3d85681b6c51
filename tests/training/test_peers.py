"""A model that compares with peers, from its cohort to an answer: online sees what training saw."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.peer_profiles import grouped_profiles, peer_profiles
from features.peers import GROUP, Group, PeersError, deviations_of, fit_peers
from features.profile import profiles
from features.sets import INVOICE_FLOW
from features.standing.standing import standing
from scoring.card import Card
from scoring.folder import load, save
from scoring.model import Calibration, Model
from training.cohort import build_cohort
from training.crossvalidation import sample_of
from training.learner.boosting import Settings, fit_members
from training.learner.trees import merge

DEVIATIONS = deviations_of(INVOICE_FLOW)
FEATURES = (*INVOICE_FLOW[:5], *DEVIATIONS)
NAMES = [feature.name for feature in FEATURES]


@pytest.fixture(scope="module")
def cohort(city):
    return build_cohort(*city, FEATURES)


@pytest.fixture(scope="module")
def model(cohort, tmp_path_factory):
    members = fit_members(sample_of(cohort), Settings(num_leaves=3, rounds=20, bags=2), seed=0)
    booster = merge(members, [0.5, 0.5])
    made = Model(booster, FEATURES, Calibration(0.0, 1.0, 0.0), {}, Card("c", "1", {}, {}, ()), peers=cohort.peers)
    folder = tmp_path_factory.mktemp("models") / "with_peers"
    save(made, folder)
    return load(folder)


def test_a_cohort_without_deviations_has_no_peers(city):
    assert build_cohort(*city, INVOICE_FLOW[:3]).peers is None


def test_a_cohort_is_its_own_reference(city, cohort):
    records, labels = city
    seen = grouped_profiles(records.only(labels["enterprise_id"]), FEATURES, cohort.first_as_of)
    assert cohort.peers == fit_peers(seen, FEATURES)
    assert cohort.profiles[DEVIATIONS[0].name].null_count() < len(cohort.defaulted)


def test_half_of_a_group_lies_between_its_own_quartiles(cohort):
    name = "sales_variation_12m"
    whole = {group: told[name].n for group, told in cohort.peers.quantiles.items() if name in told}
    group = max((one for one in whole if one.industry_section and one.size_class), key=whole.get)
    found = cohort.peers.of(name, group)
    own = cohort.profiles.filter(industry_section=group.industry_section, size_class=group.size_class)
    low, high = ((edge - found.p50) / (found.p75 - found.p25) for edge in (found.p25, found.p75))
    inside = own[f"{name}_vs_peers"].is_between(low - 1e-9, high + 1e-9).sum()
    assert own[f"{name}_vs_peers"].count() == found.n
    assert inside / found.n == pytest.approx(0.5, abs=2 / found.n)


def test_groups_are_those_of_the_facts_about_each_enterprise(city, cohort):
    told = grouped_profiles(city[0], (), cohort.first_as_of).select("enterprise_id", *GROUP)
    assert_frame_equal(told, standing(city[0], cohort.first_as_of).select("enterprise_id", *GROUP))


def test_a_reference_that_is_given_is_used(city, cohort):
    records, labels = city
    again = build_cohort(records, labels, FEATURES, peers=cohort.peers)
    assert again.peers is cohort.peers
    assert again.digest == cohort.digest


def test_profiles_of_one_enterprise_are_those_of_the_cohort(city, cohort, model):
    records, _ = city
    for code in cohort.profiles["enterprise_id"][:5]:
        alone = peer_profiles(records.only(pl.Series([code])), model.features, cohort.first_as_of, model.peers)
        trained = cohort.profiles.filter(enterprise_id=code)
        assert_frame_equal(alone.select(NAMES), trained.select(NAMES), check_exact=True)


def test_a_loaded_model_scores_one_as_it_scores_all(city, cohort, model):
    records, _ = city
    together = {one.enterprise_id: one for one in model.score(cohort.profiles)}
    for code in cohort.profiles["enterprise_id"][:5]:
        alone = peer_profiles(records.only(pl.Series([code])), model.features, cohort.first_as_of, model.peers)
        assert model.score(alone) == [together[code]]


def test_every_band_is_told_by_the_group_of_the_enterprise(cohort, model):
    seen = cohort.profiles.filter(pl.col("industry_section").is_not_null() & pl.col("size_class").is_not_null())
    group = Group.of(seen.row(0, named=True))
    found = model.peers.of("sales_12m", group)
    assert (model.bands_of(group)["sales_12m"].low, model.bands_of(group)["sales_12m"].high) == (found.p10, found.p90)


def test_columns_stand_as_in_profiles_and_bases_stay_hidden(city, cohort):
    records, _ = city
    seen = peer_profiles(records, FEATURES, cohort.first_as_of, cohort.peers)
    plain = profiles(records, FEATURES[:5], cohort.first_as_of)
    flags = [name for name in plain.columns if name.startswith("has_")]
    assert seen.columns == ["enterprise_id", *NAMES, *flags, "industry_section", "size_class"]
    assert_frame_equal(seen.select(plain.columns), plain)


def test_without_a_reference_profiles_are_plain(city, cohort):
    records, _ = city
    plain = peer_profiles(records, INVOICE_FLOW, cohort.first_as_of, None)
    assert_frame_equal(plain, profiles(records, INVOICE_FLOW, cohort.first_as_of), check_exact=True)


def test_before_there_was_a_standard_of_sizes_nobody_has_peers(city, cohort):
    seen = peer_profiles(city[0], FEATURES, dt.date(2010, 1, 1), cohort.peers)
    assert seen.select("industry_section", *(one.name for one in DEVIATIONS)).null_count().row(0) == (
        (seen.height,) * (1 + len(DEVIATIONS))
    )


def test_a_deviation_without_a_reference_is_refused(city, cohort):
    with pytest.raises(PeersError, match="got the deviation 'sales_growth_12m_vs_peers', expected a reference"):
        peer_profiles(city[0], FEATURES, cohort.first_as_of, None)
