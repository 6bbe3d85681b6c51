"""Answers with a model of fit: what it says, who said it, and how it is followed."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_fits import small_fit

from decisions.policies import policy_on
from scoring import fit_folder
from serving.answer_types import MatchAnswer, ModelsAnswer, ScoreAnswer
from serving.api_types import MatchRequest, ScoreRequest
from serving.engine import Engine, Products, Terms, load_engine, load_fit
from serving.following import Places
from serving.models import Models, fit_followed
from serving.problems import ProblemError
from serving.store import to_json

TODAY = dt.date(2026, 11, 22)
AS_OF = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def plain(model_folder: Path) -> Engine:
    return load_engine(model_folder, illustrative=True)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 1 and 2; 2 says higher chances."""
    root = tmp_path_factory.mktemp("fits")
    for version, intercept in (("1", 0.0), ("2", 1.0)):
        fit_folder.save(small_fit(version=version, intercept=intercept), root / version)
    return root


@pytest.fixture(scope="module")
def fitted(plain: Engine, versions: Path) -> Engine:
    return plain.with_fit(fit_folder.load(versions / "1"))


def match(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    return engine.match(MatchRequest.model_validate_json(json.dumps(body)), bank_ids=None, today=TODAY)


def test_without_a_model_of_fit_nothing_is_claimed(plain: Engine, city: Any) -> None:
    answer = match(plain, city.body())
    assert answer["fit_model"] is None
    assert {line["approval_probability"] for line in answer["products"]} == {None}


def test_what_a_model_of_fit_says_is_shown_with_who_said_it(fitted: Engine, city: Any) -> None:
    answer = match(fitted, city.body(top=200))
    MatchAnswer.model_validate_json(to_json({"decision_id": "d-1", **answer}), strict=True)
    assert fitted.fit is not None
    assert answer["fit_model"] == {"name": "product_fit", "version": "1", "digest": fitted.fit.digest}
    assert answer["model"]["name"] == "creditworthiness"
    for line in answer["products"]:
        assert 0 < line["approval_probability"] < 1
        assert 0 < line["fit"] < 1


def test_a_score_knows_nothing_of_it(fitted: Engine, plain: Engine, city: Any) -> None:
    request = ScoreRequest.model_validate_json(json.dumps(city.body()))
    answer = fitted.score(request, today=TODAY)
    assert answer == plain.score(request, today=TODAY)
    ScoreAnswer.model_validate_json(to_json({"decision_id": "d-1", **answer}), strict=True)


def test_one_enterprise_gets_the_answer_that_it_gets_in_the_city(fitted: Engine, city: Any) -> None:
    terms = Terms(AS_OF, TODAY, policy_on(TODAY), products=Products(10))
    together = list(fitted.answer_all(city.records, terms))
    for place in range(4):
        assert match(fitted, city.body(place)) == together[place]


@pytest.fixture
def followed(model_folder: Path, versions: Path, tmp_path: Path) -> Models:
    """A service whose folder of fit is not there yet."""
    shutil.copytree(versions, tmp_path / "fit")
    credit = Places(model_folder, model_folder.parent, None, tmp_path / "credit.json", since=0.0)
    fit = Places(tmp_path / "fit" / "champion", tmp_path / "fit", None, tmp_path / "fit.json", since=0.0)
    return Models(credit, lambda folder: load_engine(folder, illustrative=True), fit=fit_followed(fit, load_fit))


def put(tmp_path: Path, version: str) -> None:
    fit_folder.save(fit_folder.load(tmp_path / "fit" / version), tmp_path / "fit" / "champion")


def fit_version(models: Models) -> str | None:
    fit = models.engine().fit
    return fit.card.version if fit else None


def test_a_folder_of_fit_is_followed_as_soon_as_it_is_there(followed: Models, tmp_path: Path) -> None:
    assert fit_version(followed) is None
    for version in ("1", "2"):
        put(tmp_path, version)
        assert fit_version(followed) == version
        assert followed.engine() is followed.engine()


def test_a_folder_of_fit_that_breaks_changes_nothing(followed: Models, tmp_path: Path) -> None:
    put(tmp_path, "1")
    before = followed.engine()
    shutil.rmtree(tmp_path / "fit" / "champion")
    assert followed.engine() is before


def test_a_folder_that_is_no_model_of_fit_leaves_the_rule_of_thumb(followed: Models, tmp_path: Path) -> None:
    (tmp_path / "fit" / "champion").mkdir()
    assert fit_version(followed) is None
    put(tmp_path, "1")
    assert fit_version(followed) == "1"


def test_both_models_are_described(followed: Models, tmp_path: Path) -> None:
    assert [told["name"] for told in followed.described()["models"]] == ["creditworthiness"]
    put(tmp_path, "1")
    answer = followed.described()
    ModelsAnswer.model_validate_json(json.dumps(answer), strict=True)
    assert [told["name"] for told in answer["models"]] == ["creditworthiness", "product_fit"]
    told = answer["models"][1]
    assert (told["version"], told["alias_dir"], told["trained_as_of"]) == ("1", "champion", "2025-01-01/2025-06-01")


def test_a_named_version_of_fit_is_loaded_and_the_settings_own_again(followed: Models, tmp_path: Path) -> None:
    put(tmp_path, "1")
    assert followed.reload("2", name="product_fit")["models"][1]["version"] == "2"
    assert fit_version(followed) == "2"
    assert followed.reload()["models"][1]["version"] == "1"


def test_a_version_of_fit_that_is_not_there_is_a_conflict(followed: Models, tmp_path: Path) -> None:
    put(tmp_path, "1")
    followed.engine()
    with pytest.raises(ProblemError, match="version 1 stays in use") as refused:
        followed.reload("7", name="product_fit")
    assert refused.value.status == 409


def test_without_any_model_of_fit_a_reload_of_one_is_a_conflict_and_no_outage(followed: Models) -> None:
    with pytest.raises(ProblemError, match="the rule of thumb stays in use") as refused:
        followed.reload("7", name="product_fit")
    assert refused.value.status == 409
    assert followed.reload()["models"][0]["name"] == "creditworthiness"
