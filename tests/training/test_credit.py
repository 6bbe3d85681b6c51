"""The credit model of a small simulated city: dated labels with a split by time, and without."""

import datetime as dt
import json
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from cities import TOLD, UNTIL
from joblib import parallel_config
from small_samples import QUICK, few_trees

from decisions.policies import policy_on
from decisions.reasons import DATA_NOT_GIVEN, explain
from features.sets import FEATURES, INVOICE_FLOW
from scoring.folder import load, save
from scoring.model import NoPdError
from simulation.plan import City
from simulation.tables import TELLERS, tables_in_memory
from sources.records import Records
from training.cohort import build_cohort
from training.credit import TEST_SHARE, Recipe, split_of, train_credit
from training.crossvalidation import OURS, sample_of
from training.drift.reference import Reference
from training.evaluation.withholding import TOLERATED_RISE, without

REGISTERED = tuple(one for one in FEATURES.values() if one.blocks == ("registry",))[:4]
SEEN = (*INVOICE_FLOW[:8], *REGISTERED)
GOOD_FOR_EACH_BAD = 5
RECIPE = Recipe(repeats=1, budget=QUICK)


@pytest.fixture(scope="module", autouse=True)
def _few_trees():
    with few_trees():
        yield


@pytest.fixture(scope="module")
def dated():
    """Borrowers judged every quarter for two years; the good ones of each day are thinned."""
    city = City(enterprises=2_400, months=40, seed=1, until=UNTIL)
    told = tables_in_memory(city, tellers={name: TELLERS[name] for name in (*TOLD, "labels")})
    invoiced = told["vat_invoices"]["enterprise_id"].unique().implode()
    judged = told["labels"].filter(pl.col("enterprise_id").is_in(invoiced)).sort("as_of", "enterprise_id")
    bad, good = judged.filter("defaulted"), judged.filter(~pl.col("defaulted"))
    labels = pl.concat([bad, good.gather_every(math.ceil(good.height / (GOOD_FOR_EACH_BAD * bad.height)))])
    records = Records.of({name: told[name] for name in TOLD}).only(labels["enterprise_id"].unique())
    return build_cohort(records, labels, SEEN)


@pytest.fixture(scope="module")
def trained(dated):
    truth = dated.profiles.select("enterprise_id", "as_of", pl.lit(0.03).alias("pd"))
    return train_credit(dated, RECIPE, version="7", on_fold=lambda _: None, true_pd=truth)


@pytest.fixture(scope="module")
def undated(city):
    records, labels = city
    return build_cohort(records, labels.with_columns(window=pl.lit("unknown")), INVOICE_FLOW[:6])


@pytest.fixture(scope="module")
def cross_validated(undated):
    with parallel_config(backend="threading"):  # processes of their own would grow many trees
        return train_credit(undated, RECIPE, version="8", on_fold=lambda _: None)


def test_with_days_enough_the_model_is_judged_on_later_days_of_other_enterprises(trained):
    early, late = trained.learned_from, trained.judged_on
    assert not set(early.codes) & set(late.codes)
    assert early.days.max() + 365 <= late.days.min()
    told = {"test_from": trained.split.test_from.isoformat(), "test_share": TEST_SHARE, "seed": 0}
    assert trained.model.card.training["split"] == told
    assert str(trained.split.test_from) in trained.model.card.training["judged_by"]
    assert len(trained.judged[OURS].repeats[0]) == len(late)


def test_the_recipe_stands_beside_its_peers_on_the_same_rows(trained):
    assert set(trained.differences) == set(trained.judged) - {OURS}
    for name, difference in trained.differences.items():
        ours, theirs = (trained.judged[one].pooled["auc"].value for one in (OURS, name))
        assert difference.value == pytest.approx(ours - theirs, abs=1e-9)
        assert difference.low <= difference.value <= difference.high


def test_what_is_judged_is_what_the_model_will_say(trained):
    said = trained.model.probability(trained.judged_on.profiles)
    assert (trained.judged[OURS].repeats[0] == said).all()


def test_labels_without_a_day_are_judged_by_cross_validation_and_claim_no_pd(cross_validated):
    model = cross_validated.model
    assert cross_validated.split is None
    assert model.card.training["split"] is None
    assert "cross-validation" in model.card.training["judged_by"]
    assert model.pd is None
    with pytest.raises(NoPdError, match="claims no probability of default"):
        model.probability(cross_validated.judged_on.profiles)
    assert "no probability of default" in " ".join(limit["en"] for limit in model.card.limits)


def test_without_two_years_of_days_nothing_is_kept_apart_in_time(dated):
    newest = dated.take(np.flatnonzero(dated.days == dated.days.max()))
    assert split_of(newest, seed=0) is None


def test_dated_labels_give_a_pd_inside_its_interval(trained):
    profiles = trained.judged_on.profiles
    said, (low, high) = trained.model.probability(profiles), trained.model.interval(profiles)
    assert ((low > 0.0) & (low <= said) & (said <= high) & (high < 1.0)).all()
    assert trained.model.pd.of == "enterprise"
    order = np.argsort(trained.model.points(profiles))
    assert (np.diff(said[order]) <= 0.0).all()


def test_an_answer_for_one_enterprise_holds_the_same_pd(trained):
    profiles = trained.judged_on.profiles[:5]
    for place, scored in enumerate(trained.model.score(profiles)):
        assert scored.pd.low <= scored.pd.value <= scored.pd.high
        assert scored.pd.value == pytest.approx(trained.model.probability(profiles)[place], rel=1e-9)
        assert scored.unclipped_score == pytest.approx(trained.model.points(profiles)[place], abs=1e-6)


def test_hardly_an_enterprise_learned_from_gains_by_withholding_a_block(trained):
    profiles = trained.learned_from.profiles
    for block in ("invoice", "registry"):
        has = profiles.filter(pl.col(f"has_{block}"))
        rises = trained.model.points(without(has, SEEN, block)) - trained.model.points(has)
        assert (rises > TOLERATED_RISE).mean() <= 0.01, block


def test_a_missing_block_is_a_reason_and_everything_adds_up(trained):
    """With a cost put by hand on the block that may cost nothing here."""
    model = replace(trained.model, withheld={"invoice": 25.0, **trained.model.withheld})
    row = without(trained.judged_on.profiles[:1], SEEN, "invoice")
    [scored] = model.score(row)
    policy, as_of = policy_on(dt.date(2026, 11, 22)), dt.date(2026, 11, 22)
    for detail in ("none", "top", "full"):
        told = explain(scored, SEEN, model.bands, policy=policy, as_of=as_of, detail=detail)
        points = [reason.points for reason in told.reasons]
        assert told.base_points + math.fsum(points) + told.other_points == pytest.approx(scored.unclipped_score)
    codes = {reason.code: reason.points for reason in told.reasons}
    assert codes[DATA_NOT_GIVEN] == pytest.approx(-model.withheld["invoice"])


def test_a_saved_model_says_the_same(trained, tmp_path):
    model, profiles = save(trained.model, tmp_path / "model"), trained.judged_on.profiles
    again = load(tmp_path / "model")
    assert again.digest == model.digest
    for said, once in (
        (again.points(profiles), model.points(profiles)),
        (again.probability(profiles), model.probability(profiles)),
        (again.interval(profiles), model.interval(profiles)),
        (again.is_unusual(profiles), model.is_unusual(profiles)),
    ):
        assert np.array_equal(said, once)


def test_the_card_can_be_written_and_names_rows_and_settings(trained):
    card = trained.model.card
    told = json.loads(json.dumps(card.training))
    assert (told["rows"], told["defaults"]) == (
        len(trained.learned_from),
        int(trained.learned_from.defaulted.sum()),
    )
    assert told["settings"]["rounds"] in {10, 20}
    assert (card.version, card.name) == ("7", "creditworthiness")
    assert all(limit["zh"] and limit["en"] for limit in card.limits)


def test_rows_learned_from_are_usual(trained):
    assert trained.model.is_unusual(trained.learned_from.profiles).mean() <= 0.01


def test_the_learner_sees_enterprises_days_blocks_and_directions(dated):
    sample = sample_of(dated)
    assert sample.monotone == tuple(one.monotone for one in SEEN)
    assert sample.has_days
    assert [SEEN[place].name for place in sample.blocks[0]] == [one.name for one in REGISTERED]
    assert len(np.unique(sample.groups)) == dated.codes.n_unique()


def test_it_tells_what_requests_were_like_that_it_learned_from(trained):
    known = Reference.from_json(json.loads(trained.model.requests))
    cohort = trained.learned_from
    assert (known.model_version, known.rows, known.enterprises) == ("7", len(cohort), cohort.codes.n_unique())
    assert sum(known.fates.defaulted) == cohort.defaulted.sum()
