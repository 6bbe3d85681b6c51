"""The desk: who sees what, once per idempotency key, and only while somebody waits."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.api_types import MatchRequest, OutcomeRequest, ScoreRequest
from serving.calls import CURRENT, Call
from serving.desk import Desk
from serving.keys import Caller, Role
from serving.problems import ProblemError
from serving.store import KeyReusedError, UnknownDecisionError

TODAY = dt.date(2026, 11, 22)
CODE = "Y1110108XP000001X5"
BANKS = {"a-loan": "a", "b-loan": "b"}


class Engine:
    """Answers the same for everybody, and counts."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def score(self, request: ScoreRequest, *, today: dt.date) -> dict[str, Any]:
        self.asked.append(today)
        return {"enterprise_id": request.enterprise_id, "score": 600 + len(self.asked)}

    def match(self, request: MatchRequest, *, bank_ids: frozenset[str] | None, today: dt.date) -> dict[str, Any]:
        self.asked.append(bank_ids)
        lines = [{"product_id": name, "why_above_next": {"zh": "甲", "en": "a"}} for name in BANKS]
        answer = {"enterprise_id": request.enterprise_id, "as_of": str(today)}
        return {**answer, "products": lines, "not_eligible": lines}

    def products(self, *, on: dt.date, bank_id: str | None, category: str | None) -> dict[str, Any]:
        return {"on": str(on), "bank": bank_id, "category": category}

    def bank_of_product(self, product_id: str) -> str | None:
        return BANKS.get(product_id)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def desk(tmp_path: Path, engine: Engine) -> Desk:
    return Desk(f"sqlite:///{tmp_path}/store.db", lambda: engine, clock=lambda: TODAY)


As = Callable[..., None]


@pytest.fixture
def as_() -> Iterator[As]:
    """Set who calls, as the edge does."""
    before = CURRENT.set(_call("platform"))

    def become(role: Role, **changes: Any) -> None:
        CURRENT.set(_call(role, **changes))

    yield become
    CURRENT.reset(before)


def _call(
    role: Role, *, tenant: str = "haidian", bank: str | None = None, key: str | None = None, body: bytes = b"{}"
) -> Call:
    return Call("r-1", "POST /v1/match", Caller("k-1", tenant, role, bank), body, key, time.monotonic() + 60)


def matched(desk: Desk, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(desk.decide("match", MatchRequest(enterprise_id=CODE, **changes)))
    return answer


def outcome(decision_id: str, **changes: Any) -> OutcomeRequest:
    content = {"decision_id": decision_id, "product_id": "a-loan", "decision": "approved", "on": "2026-11-22"} | changes
    return OutcomeRequest.model_validate_json(json.dumps(content))


@pytest.mark.usefixtures("as_")
def test_a_decision_is_on_disk_when_it_is_answered(desk: Desk) -> None:
    answer = matched(desk)
    assert desk.decision(answer["decision_id"])["answer"] == answer


def test_another_tenant_does_not_find_it(desk: Desk, as_: As) -> None:
    answer = matched(desk)
    as_("admin", tenant="chaoyang")
    with pytest.raises(UnknownDecisionError):
        desk.decision(answer["decision_id"])


def test_a_repeated_request_is_not_judged_again(desk: Desk, engine: Engine, as_: As) -> None:
    as_("platform", key="once")
    request = MatchRequest(enterprise_id=CODE)
    assert desk.decide("match", request) == desk.decide("match", request)
    assert len(engine.asked) == 1


@pytest.mark.parametrize("changes", [{"body": b"other"}, {"role": "admin"}, {"role": "officer", "bank": "a"}])
def test_the_same_key_for_anything_else_is_a_conflict(desk: Desk, as_: As, changes: dict[str, Any]) -> None:
    as_("platform", key="once")
    matched(desk)
    as_(changes.pop("role", "platform"), key="once", **changes)
    with pytest.raises(KeyReusedError):
        matched(desk)


def test_an_officer_is_matched_with_its_own_bank_only(desk: Desk, engine: Engine, as_: As) -> None:
    as_("officer", bank="a")
    matched(desk)
    matched(desk, bank_ids=["a"])
    assert engine.asked == [frozenset({"a"})] * 2
    with pytest.raises(ProblemError, match="expected only your own bank 'a'") as caught:
        matched(desk, bank_ids=["a", "b"])
    assert caught.value.status == 403


def test_a_platform_is_matched_with_the_banks_it_names(desk: Desk, engine: Engine, as_: As) -> None:
    as_("platform")
    matched(desk)
    matched(desk, bank_ids=["a", "b"])
    assert engine.asked == [None, frozenset({"a", "b"})]


def test_an_officer_sees_only_its_banks_part_of_a_decision(desk: Desk, as_: As) -> None:
    decision_id = matched(desk)["decision_id"]
    for product_id in BANKS:
        desk.report(outcome(decision_id, product_id=product_id))
    as_("officer", bank="a")
    record = desk.decision(decision_id)
    assert record["answer"]["products"] == [{"product_id": "a-loan", "why_above_next": None}]
    assert [line["product_id"] for line in record["answer"]["not_eligible"]] == ["a-loan"]
    assert [line["product_id"] for line in record["outcomes"]] == ["a-loan"]
    assert "b-loan" not in json.dumps(record)


def test_a_score_has_nothing_to_hide_from_an_officer(desk: Desk, as_: As) -> None:
    answer = json.loads(desk.decide("score", ScoreRequest(enterprise_id=CODE)))
    as_("officer", bank="a")
    assert desk.decision(answer["decision_id"])["answer"] == answer


@pytest.mark.usefixtures("as_")
def test_an_outcome_is_stored_with_its_decision(desk: Desk) -> None:
    decision_id = matched(desk)["decision_id"]
    stored = json.loads(desk.report(outcome(decision_id, limit_fen=100)))
    assert (stored["decision_id"], stored["limit_fen"], stored["on"]) == (decision_id, 100, "2026-11-22")
    assert desk.decision(decision_id)["outcomes"] == [stored]


@pytest.mark.usefixtures("as_")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"on": "2026-11-23"}, "on: got 2026-11-23, expected a day up to today in Beijing, 2026-11-22"),
        ({"product_id": "c-loan"}, "product_id: got 'c-loan', expected the id of a product"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(desk: Desk, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        desk.report(outcome(matched(desk)["decision_id"], **changes))


@pytest.mark.usefixtures("as_")
def test_an_outcome_of_nothing_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownDecisionError):
        desk.report(outcome("d-unknown"))


def test_an_officer_reports_on_its_own_bank_only(desk: Desk, as_: As) -> None:
    decision_id = matched(desk)["decision_id"]
    as_("officer", bank="b")
    with pytest.raises(ProblemError, match="expected one of b") as caught:
        desk.report(outcome(decision_id))
    assert caught.value.status == 403


def test_an_officer_lists_its_own_bank_only(desk: Desk, as_: As) -> None:
    as_("officer", bank="a")
    assert desk.products(on=None, bank_id=None, category=None) == {"on": str(TODAY), "bank": "a", "category": None}
    with pytest.raises(ProblemError, match="expected your own bank 'a'"):
        desk.products(on=None, bank_id="b", category=None)


def test_nobody_waits_any_more_so_nothing_is_done(desk: Desk, engine: Engine) -> None:
    late = Call("r-1", "POST /v1/score", Caller("k-1", "haidian", "platform", None), b"{}", None, time.monotonic() - 1)
    before = CURRENT.set(late)
    with pytest.raises(ProblemError) as caught:
        desk.decide("score", ScoreRequest(enterprise_id=CODE))
    CURRENT.reset(before)
    assert caught.value.status == 504
    assert engine.asked == []


def test_a_part_that_was_missing_is_looked_for_again(tmp_path: Path, engine: Engine) -> None:
    tries = iter([ProblemError("not_ready", "no model"), engine])

    def load() -> Engine:
        found = next(tries)
        if isinstance(found, ProblemError):
            raise found
        return found

    desk = Desk(f"sqlite:///{tmp_path}/store.db", load)
    with pytest.raises(ProblemError):
        desk.check_ready()
    desk.check_ready()
