"""Challengers in the shadow: stored beside the decision, never heard, and never in the way."""

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from posted_stores import Poster
from small_fits import small_fit
from sqlalchemy import exc, text

from scoring import fit_folder
from serving.api_types import MatchRequest, ScoreRequest
from serving.calls import CURRENT, Call
from serving.database import Database
from serving.desk import Desk
from serving.engine import Engine, load_engine, load_fit
from serving.following import Places
from serving.keys import Caller
from serving.models import Challengers, fit_followed
from serving.shadow import MOST_WAITING, Asked, Shadow
from training.posted.store import PostedStore

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def champions(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    fit = fit_folder.save(small_fit(), tmp_path_factory.mktemp("fit") / "1")
    return load_engine(model_folder, illustrative=True).with_fit(fit)


@pytest.fixture(scope="module")
def challengers(champions: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    fit = fit_folder.save(small_fit(version="2", intercept=1.0), tmp_path_factory.mktemp("fit") / "2")
    return champions.with_fit(fit)


def asking(body: dict[str, Any]) -> None:
    sent = json.dumps(body).encode()
    CURRENT.set(Call("r-1", "POST /v1/match", Caller("k-1", "t", "platform", None), sent, None, time.monotonic() + 60))


@pytest.fixture
def desk_of(tmp_path: Path, champions: Engine) -> Iterator[Callable[..., Desk]]:
    """A desk whose challengers are given by a function."""
    before = CURRENT.set(Call("r-1", "", None, b"", None, 0.0))

    def made(give: Callable[[], Engine | None] | None) -> Desk:
        return Desk(f"sqlite:///{tmp_path}/store.db", lambda: champions, clock=lambda: TODAY, challengers=give)

    yield made
    CURRENT.reset(before)


def decided(desk: Desk, city: Any, **changes: Any) -> dict[str, Any]:
    body = city.body(**changes)
    asking(body)
    answer: dict[str, Any] = json.loads(desk.decide("match", MatchRequest.model_validate_json(json.dumps(body))))
    return answer


def test_a_match_is_also_answered_by_the_challenger(
    desk_of: Any, challengers: Engine, champions: Engine, city: Any, tmp_path: Path
) -> None:
    desk = desk_of(lambda: challengers)
    answer = decided(desk, city, top=3)
    desk.close()
    [said] = PostedStore(f"sqlite:///{tmp_path}/store.db").shadow().to_dicts()
    assert challengers.fit is not None
    assert champions.fit is not None
    assert said["decision_id"] == answer["decision_id"]
    assert (said["fit_version"], said["fit_digest"]) == ("2", challengers.fit.digest)
    assert answer["fit_model"]["digest"] == champions.fit.digest
    assert [line["product_id"] for line in said["shown"]] == [line["product_id"] for line in answer["products"]]
    for line, told in zip(said["shown"], answer["products"], strict=True):
        assert line["approval_probability"] > told["approval_probability"]
    assert len(said["products"]) == 3
    assert said["milliseconds"] > 0


def test_the_answer_is_the_same_with_and_without_a_shadow(desk_of: Any, challengers: Engine, city: Any) -> None:
    alone, watched = (decided(desk_of(give), city) for give in (None, lambda: challengers))
    assert {**alone, "decision_id": ""} == {**watched, "decision_id": ""}


def test_a_score_is_also_given_by_a_challenger(desk_of: Any, champions: Engine, city: Any, tmp_path: Path) -> None:
    other = replace(champions.model, card=replace(champions.model.card, version="9"), digest="sha256:other")
    desk = desk_of(lambda: replace(champions, model=other))
    body = city.body()
    asking(body)
    desk.decide("score", ScoreRequest.model_validate_json(json.dumps(body)))
    desk.close()
    [said] = PostedStore(f"sqlite:///{tmp_path}/store.db").shadow().to_dicts()
    assert (said["model_version"], said["model_digest"], said["fit_digest"]) == ("9", "sha256:other", None)
    assert (said["shown"], said["products"]) == ([], [])


def test_a_challenger_that_fails_is_logged_and_costs_no_answer(
    desk_of: Any, city: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def give() -> Engine:
        raise ZeroDivisionError

    desk = desk_of(give)
    assert decided(desk, city)["products"]
    desk.close()
    assert PostedStore(f"sqlite:///{tmp_path}/store.db").shadow().is_empty()
    [failure] = [record for record in caplog.records if record.name == "xinpei.failures"]
    assert failure.__dict__["fields"]["error"] == "ZeroDivisionError"


def test_without_challengers_there_yet_nothing_is_stored(desk_of: Any, city: Any, tmp_path: Path) -> None:
    desk = desk_of(lambda: None)
    decided(desk, city)
    desk.close()
    assert PostedStore(f"sqlite:///{tmp_path}/store.db").shadow().is_empty()


def test_a_challenger_that_falls_behind_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    may_go, kept = threading.Event(), []

    def slow() -> None:
        may_go.wait(30)

    shadow = Shadow(slow, kept.append)
    asked = Asked(b"{}", ScoreRequest(enterprise_id="Y1110108XP000001X5"), None, TODAY)
    for _ in range(MOST_WAITING + 3):
        shadow.ask(asked)
    may_go.set()
    shadow.close()
    skipped = [record for record in caplog.records if record.getMessage() == "shadow_skipped"]
    assert len(skipped) == 3


@pytest.mark.parametrize("change", ["UPDATE shadow_scores SET milliseconds = 1", "DELETE FROM shadow_scores"])
def test_what_challengers_said_cannot_be_changed(tmp_path: Path, database: Database, change: str) -> None:
    poster = Poster(tmp_path)
    poster.shadow(poster.decide("Y1110108XP000001X5"), approval={})
    poster.close()
    with pytest.raises(exc.IntegrityError, match="append-only"), database.writing() as connection:
        connection.execute(text(change))


def test_without_a_folder_of_challengers_nobody_is_asked(champions: Engine) -> None:
    assert Challengers(lambda: champions, None, None).engine() is None


def test_where_only_fit_is_challenged_the_champion_scores(champions: Engine, tmp_path: Path) -> None:
    saved = fit_folder.save(small_fit(version="2"), tmp_path / "2")
    fit = fit_followed(Places(tmp_path / "2", tmp_path, None, tmp_path / "choice", since=0.0), load_fit)
    engine = Challengers(lambda: champions, None, fit).engine()
    assert engine is not None
    assert engine.fit is not None
    assert (engine.model, engine.fit.digest) == (champions.model, saved.digest)
