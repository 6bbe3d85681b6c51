"""`xinpei evaluate` on a small invented city, as a person runs it."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from cities import invoice_records
from registries import registered
from typer.testing import CliRunner

from cli.main import app
from features.peers import deviations_of
from features.sets import FEATURES
from scoring.card import Card
from scoring.folder import save
from scoring.model import Calibration, Model, NoPdError
from scoring.pd import PdCurve
from sources.contracts import LABELS
from sources.lake import write_lake
from sources.readers import read_source
from sources.validation import no_rejects
from sources.writers import write_folder
from training.cohort import KEY, build_cohort
from training.judging import Sample, shown
from training.registry import Registry
from training.split import out_of_time
from training.tracking import NAME, Tracker

ON = ("--on", "2026-11-22")
WIDE = {"COLUMNS": "200"}
DAYS = (dt.date(2024, 7, 1), dt.date(2025, 7, 1), dt.date(2025, 10, 1))
TEST_FROM = DAYS[1]
CURVE = PdCurve((300.0, 850.0), (1.8, -7.7), (0.2, 0.2), (0.2, 0.2), 0.9, "enterprise", "line")
FEATURES_SEEN = tuple(FEATURES[name] for name in ("sales_12m", "silent_months_12m", "void_share_12m", "buyers_12m"))


@pytest.fixture(scope="module")
def city():
    """Records, and invented labels on three days; a quarter of the enterprises defaults, on all of them."""
    records = invoice_records(700, months=30)
    codes = records.vat_invoices["enterprise_id"].unique().sort()
    luck = np.random.default_rng(0).random(len(codes))
    frame = pl.DataFrame({"enterprise_id": codes, "defaulted": luck < 0.25}).join(
        pl.DataFrame({"as_of": DAYS}), how="cross"
    )
    labels = frame.with_columns(window=pl.lit("next_12_months"), known_on=pl.col("as_of").dt.offset_by("1y"))
    return records.only(codes), LABELS.typed(labels)


@pytest.fixture(scope="module")
def folder(city, tmp_path_factory):
    records, labels = city
    folder = tmp_path_factory.mktemp("data") / "city"
    write_folder(folder, {**dict(records.tables()), "labels": labels}, no_rejects())
    return folder


@pytest.fixture(scope="module")
def models(city):
    """Two models of other features, fitted on the train side of one split."""
    cohort = build_cohort(*city, FEATURES_SEEN)
    early = cohort.take(out_of_time(cohort.days, cohort.codes, test_from=TEST_FROM).train)
    return tuple(grown(early.restricted_to(features)) for features in (FEATURES_SEEN[:3], FEATURES_SEEN[1:]))


def grown(cohort):
    """A small model by hand that claims a probability of default."""
    directions = [one.monotone for one in cohort.features]
    settings = {"objective": "binary", "num_leaves": 3, "verbose": -1, "num_threads": 1, "seed": 0}
    trees = lgb.Dataset(cohort.matrix, cohort.defaulted.astype(float))
    split = {"test_from": TEST_FROM.isoformat(), "test_share": 0.3, "seed": 0}
    return Model(
        booster=lgb.train({**settings, "monotone_constraints": directions}, trees, 8),
        features=cohort.features,
        calibration=Calibration(0.0, 1.0, 0.0),
        bands={},
        card=Card("creditworthiness", "", {"as_of": cohort.judged_on, "split": split}, {}, ()),
        peers=cohort.peers,
        pd=CURVE,
    )


@pytest.fixture(scope="module")
def registry(tmp_path_factory, models):
    """Version 1 is champion, version 2 the challenger, version 3 has seen all rows."""
    root = tmp_path_factory.mktemp("registry")
    registry = Registry(Tracker.local(root / "mlflow"))
    card = models[1].card
    blind = replace(models[1], card=replace(card, training={**card.training, "split": None}))
    for number, model in enumerate((*models, blind), start=1):
        save(model, root / str(number))
        registered(registry, root / str(number))
    registry.client.set_registered_model_alias(NAME, "challenger", "2")
    registry.client.set_registered_model_alias(NAME, "champion", "1")
    return registry


@pytest.fixture
def evaluate(registry, tmp_path, folder, monkeypatch):
    """Run the sub-command on the store of these tests; what it writes goes to a folder of each test."""
    monkeypatch.delenv("XINPEI_TRACKING_URI", raising=False)

    def run(*arguments, data=folder):
        places = ("--tracking-uri", registry.tracker.uri, "--out", str(tmp_path / "out"))
        return CliRunner().invoke(app, ["evaluate", "--data", str(data), *places, *ON, *arguments], env=WIDE)

    return run


def values(tmp_path):
    return json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))


def test_the_challenger_is_judged_on_what_training_kept_apart_and_beside_the_champion(
    registry, evaluate, city, tmp_path
):
    done = evaluate()
    assert done.exit_code == 0, done.output
    said, labels = values(tmp_path), city[1]
    days = labels["as_of"].to_physical().cast(pl.Int64).to_numpy()
    apart = labels.filter(pl.Series(out_of_time(days, labels["enterprise_id"], test_from=TEST_FROM).test))
    assert (said["model"]["version"], said["comparison"]["champion"]["version"]) == ("2", "1")
    assert (said["rows"], said["defaults"]) == (apart.height, apart["defaulted"].sum())
    assert said["first_as_of"] == TEST_FROM.isoformat()
    assert said["data"] == "city"
    assert registry.evaluation_of("2") == said


def test_page_values_and_pictures_are_written_and_kept_in_the_run(registry, evaluate, tmp_path):
    done = evaluate("2", "--champion", "none")
    assert done.exit_code == 0, done.output
    run_id = registry.client.get_model_version(NAME, "2").run_id
    kept = {Path(one.path).name for one in registry.client.list_artifacts(run_id, "evaluation/pictures")}
    assert kept == {path.name for path in (tmp_path / "out" / "pictures").iterdir()} >= {"beeswarm.png"}
    assert "data:image/png;base64" in (tmp_path / "out" / "evaluation.html").read_text("utf-8")
    metrics = registry.client.get_run(run_id).data.metrics
    assert metrics["evaluation_auc"] == pytest.approx(values(tmp_path)["metrics"]["auc"]["value"])
    assert values(tmp_path)["comparison"] is None


def test_the_summary_tells_figures_the_champion_and_where_the_page_is(evaluate, tmp_path):
    shown = evaluate().stdout
    for words in ("AUC, less champion 1 较冠军", "log loss", "worst segment 最差分组", "findings of leaks 泄漏疑点"):
        assert words in shown
    assert f"page 报告: {tmp_path / 'out' / 'evaluation.html'}" in shown


def test_a_lake_gives_the_same_as_its_folder(registry, folder, evaluate, tmp_path):
    lake, today = tmp_path / "lake" / "city", dt.date(2026, 11, 22)
    write_lake(lake, read_source(folder, today=today), buckets=3, today=today)
    assert evaluate(data=lake).exit_code == 0
    of_lake = values(tmp_path)
    assert evaluate().exit_code == 0
    assert of_lake == values(tmp_path) == registry.evaluation_of("2")


def test_a_truth_is_set_beside(evaluate, city, tmp_path):
    months = pl.col("as_of").dt.offset_by("-1mo").alias("month")
    city[1].select("enterprise_id", months, pd=pl.when("defaulted").then(0.3).otherwise(0.02)).write_parquet(
        tmp_path / "pd.parquet"
    )
    done = evaluate("--truth", str(tmp_path / "pd.parquet"))
    assert done.exit_code == 0, done.output
    assert values(tmp_path)["truth"]["auc_of_truth"]["value"] == 1.0
    assert "share of the true Gini 占真值Gini" in done.stdout


def test_a_model_that_saw_all_rows_is_judged_on_them_only_when_asked(evaluate, city, tmp_path):
    refused = evaluate("3")
    assert refused.exit_code == 2
    assert "version 3: it was judged by cross-validation" in refused.stderr
    assert evaluate("3", "--all").exit_code == 0
    assert values(tmp_path)["rows"] == city[1].height
    assert "in sample" in values(tmp_path)["data"]


def test_a_champion_that_saw_all_rows_is_no_fair_match(evaluate):
    done = evaluate("2", "--champion", "3")
    assert done.exit_code == 2
    assert "version 3" in done.stderr
    assert "--champion none" in done.stderr


def test_the_champion_itself_is_compared_with_nobody(evaluate, tmp_path):
    done = evaluate("champion")
    assert done.exit_code == 0, done.output
    assert "即为冠军模型" in done.stdout
    assert values(tmp_path)["comparison"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("9",), "no version 9 of creditworthiness"),
        (("--champion", "sunday"), "no version has the alias 'sunday'"),
        (("--truth", "nowhere"), "got nowhere, expected a Parquet file with the column 'pd'"),
        (("--on", "2019-01-01"), "2019-01-01"),
        (("--on", "9999-01-01"), "--on: got 9999-01-01"),
    ],
)
def test_what_cannot_be_is_one_clear_line(evaluate, arguments, message):
    done = evaluate(*arguments)
    assert done.exit_code == 2
    [line] = done.stderr.strip().splitlines()
    assert message in line


def test_data_without_labels_or_without_late_ones_are_one_clear_line(evaluate, city, tmp_path):
    records, labels = city
    write_folder(tmp_path / "bare", dict(records.tables()), no_rejects())
    bare = evaluate(data=tmp_path / "bare")
    assert (bare.exit_code, "bare: no table `labels`" in bare.stderr) == (2, True)
    early = labels.filter(pl.col("as_of") < dt.date(2025, 1, 1))
    write_folder(tmp_path / "early", {**dict(records.tables()), "labels": early}, no_rejects())
    done = evaluate(data=tmp_path / "early")
    assert (done.exit_code, "that training kept apart" in done.stderr) == (2, True)


def test_peers_of_challenger_and_champion_may_differ(city):
    records, labels = city
    deviating = (FEATURES["sales_12m"], *deviations_of([FEATURES["sales_growth_12m"], FEATURES["sales_variation_12m"]]))
    early, middle = (build_cohort(records, labels.filter(pl.col("as_of") == day), deviating) for day in DAYS[:2])
    assert early.peers != middle.peers
    ours = grown(early)
    theirs = replace(ours, peers=middle.peers)
    late = labels.filter(pl.col("as_of") == DAYS[2])
    rows = shown(Sample("city", late, records), ours, theirs)
    read = rows.rows.profiles
    for model, reader in ((ours, ours), (theirs, rows.champion)):
        alone = build_cohort(records, late, deviating, peers=model.peers).profiles
        expected = alone.select(*KEY, expected=model.points(alone))
        both = read.select(*KEY, points=reader.points(read)).join(expected, on=KEY)
        assert both.height == late.height
        assert both["points"].equals(both["expected"])
    assert not np.array_equal(ours.points(read), rows.champion.points(read))


def test_a_champion_alone_may_deviate(city):
    records, labels = city
    deviating = (FEATURES["sales_12m"], *deviations_of([FEATURES["sales_growth_12m"], FEATURES["sales_variation_12m"]]))
    early = build_cohort(records, labels.filter(pl.col("as_of") == DAYS[0]), deviating)
    late = labels.filter(pl.col("as_of") == DAYS[2])
    ours, theirs = grown(early.restricted_to(deviating[:1])), grown(early)
    rows = shown(Sample("city", late, records), replace(ours, peers=None), theirs)
    alone = build_cohort(records, late, deviating, peers=theirs.peers).profiles
    assert rows.champion is theirs
    assert np.array_equal(np.sort(theirs.points(rows.rows.profiles)), np.sort(theirs.points(alone)))


def test_a_model_that_claims_no_pd_cannot_be_judged(city, models):
    with pytest.raises(NoPdError, match="claims no probability of default"):
        shown(Sample("city", city[1], city[0]), replace(models[0], pd=None), None)
