"""The edge before an application that is easy to foresee."""

import asyncio
import json
import logging
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx
import pytest

from serving.calls import CURRENT
from serving.edge import Edge, Limits
from serving.keys import Caller, Role
from serving.logs import REQUESTS
from serving.problems import ProblemError

Scope = MutableMapping[str, Any]
BODY = b'{"enterprise_id": "x", "request": {"amount_fen": -5}}'
KEYS: dict[str, Role] = {"good": "platform", "city": "task_force"}


def caller_of(secret: str) -> Caller | None:
    role = KEYS.get(secret)
    return Caller("k-1", "haidian", role, None) if role else None


class App:
    """Answers with what it was told to, and remembers what it was asked."""

    def __init__(
        self, status: int = 200, body: bytes = b"{}", error: Exception | None = None, seconds: float = 0
    ) -> None:
        self.status, self.body, self.error, self.seconds = status, body, error, seconds
        self.asked: list[tuple[Scope, bytes]] = []
        self.finished = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.asked.append((scope, (await receive())["body"]))
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        headers = [(b"content-type", b"application/json"), (b"server", b"library")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body[:1], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[1:]})
        self.finished += 1


def call(app: Any, method: str = "POST", path: str = "/v1/score", **request: Any) -> httpx.Response:
    edge = Edge(app, caller_of=caller_of, limits=request.pop("limits", Limits(1000, 5.0, 4)))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://test") as client:
            headers = {"Authorization": "Bearer good", "Content-Type": "application/json"} | request.pop("headers", {})
            content = request.pop("content", BODY if method == "POST" else None)
            return await client.request(method, path, headers=headers, content=content, **request)

    return asyncio.run(ask())


def error_of(response: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"code", "message", "details", "request_id"}
    assert response.headers["x-request-id"] == error["request_id"]
    return error


def test_an_answer_passes_whole() -> None:
    response = call(App(body=b'{"score":600}'))
    assert response.content == b'{"score":600}'
    assert response.headers["content-type"] == "application/json"
    assert "server" not in response.headers


def test_the_application_gets_the_body_with_its_length() -> None:
    app = App()
    call(app)
    [(scope, body)] = app.asked
    assert body == BODY
    assert (b"content-length", str(len(BODY)).encode()) in scope["headers"]


def test_the_application_knows_who_calls() -> None:
    seen = []

    async def app(_scope: Scope, _receive: Any, send: Any) -> None:
        seen.append(CURRENT.get())
        await App()(_scope, _receive, send)

    call(app, headers={"X-Request-Id": "mine-1", "Idempotency-Key": "again"})
    assert seen[0].caller == caller_of("good")
    assert (seen[0].request_id, seen[0].idempotency_key, seen[0].body) == ("mine-1", "again", BODY)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer bad", "Basic good", "good"])
def test_without_a_good_key_nothing_is_reached(header: str) -> None:
    app = App()
    response = call(app, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert error_of(response)["code"] == "unauthenticated"
    assert app.asked == []


def test_a_role_that_may_not_is_told_which_may() -> None:
    response = call(App(), headers={"Authorization": "Bearer city"})
    assert response.status_code == 403
    assert "expected admin, officer, platform" in error_of(response)["message"]


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/v1/score/", "/v1//score", "/schema.json", "/v1/decisions/", "/v1/decisions/a/b"]
)
def test_an_unknown_path_is_not_found(path: str) -> None:
    response = call(App(), path=path)
    assert response.status_code == 404
    assert error_of(response)["code"] == "not_found"


def test_another_method_is_told_which_is_allowed() -> None:
    response = call(App(), method="DELETE")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_health_needs_no_key() -> None:
    assert call(App(body=b"\n"), method="GET", path="/livez", headers={"Authorization": ""}).status_code == 200


def test_a_library_validation_error_becomes_ours_with_the_value() -> None:
    fault = {"type": "greater_than", "loc": ["request", "amount_fen"], "msg": "Input should be greater than 0"}
    response = call(App(400, json.dumps({"error": "1 validation error", "detail": [fault]}).encode()))
    assert response.status_code == 422
    error = error_of(response)
    assert error["message"].startswith("request.amount_fen: got -5, expected a value greater than 0")
    assert error["details"][0]["path"] == "request.amount_fen"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, b'{"detail":"Not Found"}', "not_found"),
        (400, b'[{"error":"?"}]', "malformed_request"),
        (500, b'{"error":"secret of ours"}', "internal_error"),
        (503, b"plain text", "not_ready"),
        (418, b"", "internal_error"),
    ],
)
def test_any_other_library_error_becomes_ours_without_its_words(status: int, body: bytes, code: str) -> None:
    response = call(App(status, body))
    error = error_of(response)
    assert error["code"] == code
    assert "secret" not in response.text


def test_our_own_errors_pass_as_they_are() -> None:
    ours = ProblemError("conflict", "got it twice").body("r-1")
    response = call(App(409, ours))
    assert (response.status_code, response.content) == (409, ours)


def test_a_raised_problem_is_answered() -> None:
    response = call(App(error=ProblemError("not_ready", "no model", headers={"Retry-After": "5"})))
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


def test_a_failure_says_nothing_of_our_inside(caplog: pytest.LogCaptureFixture) -> None:
    response = call(App(error=RuntimeError("secret 91110000")))
    assert response.status_code == 500
    assert "secret" not in response.text + caplog.text


def test_too_slow_an_answer_is_a_timeout_and_the_work_is_finished() -> None:
    app = App(seconds=0.1)
    edge = Edge(app, caller_of=caller_of, limits=Limits(1000, 0.05, 4))

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://test") as client:
            headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
            response = await client.post("/v1/score", headers=headers, content=BODY)
        await asyncio.sleep(0.15)
        return response.status_code

    assert asyncio.run(ask()) == 504
    assert app.finished == 1


def test_more_requests_than_fit_are_sent_away() -> None:
    edge = Edge(App(seconds=0.1), caller_of=caller_of, limits=Limits(1000, 5.0, 2))

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://test") as client:
            headers = {"Authorization": "Bearer good", "Content-Type": "application/json"}
            several = [client.post("/v1/score", headers=headers, content=BODY) for _ in range(4)]
            return sorted(response.status_code for response in await asyncio.gather(*several))

    assert asyncio.run(ask()) == [200, 200, 429, 429]


def test_a_strange_idempotency_key_is_refused() -> None:
    response = call(App(), headers={"Idempotency-Key": "a b"})
    assert response.status_code == 422
    assert error_of(response)["details"][0]["path"] == "Idempotency-Key"


def test_a_strange_request_id_is_replaced() -> None:
    assert call(App(), headers={"X-Request-Id": "a b;c"}).headers["x-request-id"].startswith("r-")


@pytest.fixture
def lines() -> Any:
    """The request log while a test runs."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    REQUESTS.addHandler(handler)
    REQUESTS.setLevel(logging.INFO)
    yield lambda: [vars(record)["fields"] for record in records]
    REQUESTS.removeHandler(handler)


def test_a_request_leaves_one_line_without_body_or_key(lines: Callable[[], list[dict[str, Any]]]) -> None:
    call(App())
    [line] = lines()
    assert (line["route"], line["status"], line["tenant"]) == ("POST /v1/score", 200, "haidian")
    assert line["bytes_in"] == len(BODY)
    assert "good" not in str(line)


def test_a_web_socket_is_closed() -> None:
    sent = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(Edge(App(), caller_of=caller_of, limits=Limits(1, 1, 1))({"type": "websocket"}, None, send))  # type: ignore[arg-type]
    assert sent == ["websocket.close"]
