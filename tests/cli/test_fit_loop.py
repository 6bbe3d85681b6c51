"""`promote`, `rollback` and `fetch` with `--model fit`, and the roll-back that outcomes ask for."""

import datetime as dt

import pytest
from fit_registries import evaluated, fit_registry, promoted
from posted_stores import Poster, code
from registries import copied, store_with_tables
from small_fits import small_fit
from typer.testing import CliRunner

from cli.main import app
from decisions.offered.catalogue import load_catalogue
from scoring import fit_folder
from training.registry import Registry

TODAY = dt.date(2026, 11, 22)
HOPEFUL = 3.0
"""Log odds of approval above those of the champion before."""


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    return store_with_tables(tmp_path_factory.mktemp("empty"))


@pytest.fixture
def registry(tmp_path, empty_store):
    """Two champions, one after the other; the present one hopes for approval everywhere."""
    registry = fit_registry(copied(empty_store, tmp_path / "mlflow"))
    for intercept in (0.0, HOPEFUL):
        promoted(registry, tmp_path, intercept=intercept)
    return registry


@pytest.fixture
def xinpei(tmp_path, monkeypatch):
    """Run a sub-command on the store of this test."""
    monkeypatch.delenv("XINPEI_TRACKING_URI", raising=False)

    def run(*arguments, out="champion"):
        places = ("--model", "fit", "--tracking", str(tmp_path / "mlflow"), "--out", str(tmp_path / "fit" / out))
        return CliRunner().invoke(app, [*arguments, *places], env={"COLUMNS": "200"})

    return run


@pytest.fixture
def poster(tmp_path):
    made = Poster(tmp_path)
    yield made
    made.close()


def answered(poster, decision, *, enterprises):
    products = [entry.product.id for entry in load_catalogue(illustrative=False).on(TODAY).entries]
    for place in range(enterprises):
        asked = poster.decide(code(place + 1), amount_fen=50_000_000)
        poster.report(asked, products[place % len(products)], decision=decision, on="2026-10-09")


def test_a_model_of_fit_is_fetched_and_put_into_use_beside_the_credit_model(registry, xinpei, tmp_path):
    done = xinpei("fetch", "1", out="first")
    assert done.exit_code == 0, done.output
    assert fit_folder.load(tmp_path / "fit" / "first").card.version == "1"
    fit_folder.save(small_fit(version="", intercept=1.0), tmp_path / "third")
    with registry.tracker.run("test") as run_id:
        version = registry.register(run_id, tmp_path / "third")
    evaluated(registry, version, tmp_path)
    done = xinpei("promote", "--who", "Lin", "--why", "better", "--on", "2026-11-22")
    assert done.exit_code == 0, done.output
    assert fit_folder.load(tmp_path / "fit" / "champion").card.version == registry.champion() == "3"
    assert fit_folder.load(tmp_path / "fit" / "3").card.version == "3"


def test_the_two_models_have_versions_and_histories_of_their_own(registry):
    credit = Registry(registry.tracker)
    assert (credit.champion(), credit.challenger(), credit.history()) == (None, None, ())
    assert (registry.champion(), len(registry.history())) == ("2", 2)
    run = registry.client.get_model_version("product_fit", "2").run_id
    experiment = registry.client.get_experiment(registry.client.get_run(run).info.experiment_id)
    assert experiment.name == "product_fit"


def test_what_a_challenger_said_in_the_shadow_is_shown_before_it_is_judged(registry, xinpei, poster, tmp_path):
    fit_folder.save(small_fit(version="", intercept=1.0), tmp_path / "third")
    with registry.tracker.run("test") as run_id:
        version = registry.register(run_id, tmp_path / "third")
    evaluated(registry, version, tmp_path)
    said = ("--who", "Lin", "--why", "better", "--on", "2026-11-22", "--store", poster.url)
    assert "version 1 was never asked beside a champion" in xinpei("promote", "1", *said).stdout
    digest = registry.client.get_model_version("product_fit", version).tags["digest"]
    asked = poster.decide(code(1), approval=(0.5,))
    poster.shadow(asked, approval={"ccb-yunshuidai": 0.7}, digest=digest)
    poster.report(asked, "ccb-yunshuidai", decision="approved", on="2026-10-09")
    done = xinpei("promote", *said)
    assert done.exit_code == 0, done.output
    assert "1 decisions beside champion three" in done.stdout
    assert "apart by 概率相差 0.200" in done.stdout
    assert "log loss -0.3365" in done.stdout  # ln 0.5 - ln 0.7


def test_a_worse_champion_is_rolled_back_with_the_reason_and_exported(registry, xinpei, poster, tmp_path):
    answered(poster, "refused", enterprises=60)
    done = xinpei("rollback", "--if-worse", "--store", poster.url)
    assert done.exit_code == 0, done.output
    assert "version 2 is worse than 1" in done.stdout
    assert registry.champion() == fit_folder.load(tmp_path / "fit" / "champion").card.version == "1"
    assert registry.history()[-1].why.startswith("version 2 is worse than 1, settled with answer ")
    again = xinpei("rollback", "--if-worse", "--store", poster.url)
    assert again.exit_code == 0
    assert "no promotion is the newest entry" in again.stdout


def test_a_champion_that_is_not_shown_to_be_worse_stays_and_it_is_said_why(registry, xinpei, poster, tmp_path):
    answered(poster, "approved", enterprises=60)
    done = xinpei("rollback", "--if-worse", "--store", poster.url)
    assert done.exit_code == 0, done.output
    assert "version 2 is not shown to be worse than 1" in done.stdout
    assert registry.champion() == "2"
    assert not (tmp_path / "fit" / "champion").exists()


def test_outcomes_of_decisions_before_the_promotion_do_not_count(registry, xinpei, poster, tmp_path):
    answered(poster, "refused", enterprises=60)
    promoted(registry, tmp_path, intercept=HOPEFUL)
    done = xinpei("rollback", "--if-worse", "--store", poster.url)
    assert "version 3 is not shown to be worse than 2" in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--store", "sqlite:////nowhere/a.db", "--who", "Wu", "--why", "x"), "--store: got one without --if-worse"),
        (("--if-worse", "--store", "sqlite:////nowhere/a.db"), "no such file"),
        (("--who", "Wu"), "--why: got '', expected some words"),
    ],
)
def test_what_cannot_be_is_one_clear_line(registry, xinpei, options, told):
    done = xinpei("rollback", *options)
    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert registry.champion() == "2"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--model", "fit", "--data", "d", "--truth", "t"), "--truth and --from-loans: got one for product fit"),
        (("--model", "fit", "--data", "d", "--from-loans"), "--truth and --from-loans: got one for product fit"),
        (("--data", "d", "--store", "sqlite:///a.db"), "--store: got one for the credit model"),
        ((), "--data: got none"),
    ],
)
def test_an_evaluation_refuses_what_only_the_other_model_is_judged_by(options, told):
    done = CliRunner().invoke(app, ["evaluate", *options])
    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
