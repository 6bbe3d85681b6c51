"""The edge: one ASGI middleware before everything else. Key, role, body, time limit, form of errors, log line."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from serving.bodies import CallerGoneError, Receive, read_body, refuse_wide_objects
from serving.calls import CURRENT, Call
from serving.ids import new_id
from serving.keys import Caller
from serving.logs import log_request, problem_told
from serving.problems import ProblemError, invalid_at
from serving.responses import Answer, Message, Send, answer_of, refuse_foreign_error
from serving.routes import Route, check_query, find_route

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
NOT_PASSED_ON = frozenset({b"content-length", b"content-encoding", b"transfer-encoding"})
"""Request headers that no longer hold once the body was unpacked."""

CHALLENGE = {"WWW-Authenticate": "Bearer"}

GONE = 499
"""Logged, never sent: the caller closed the connection first."""


@dataclass(frozen=True)
class Limits:
    """Longest body in bytes, longest time in seconds, most requests at a time."""

    body_bytes: int
    seconds: float
    in_flight: int


@dataclass
class Facts:
    """What is known of a request so far, for its answer and its log line."""

    request_id: str
    began: float
    route: str = "none"
    caller: Caller | None = None
    bytes_in: int = 0


class Edge:
    """See the module.

    Args:
        app: whatever answers requests that were let through.
        caller_of: finds the holder of a key, None when it is unknown or revoked. It may block; it runs in a thread.
        limits: see `Limits`.
    """

    def __init__(self, app: App, *, caller_of: Callable[[str], Caller | None], limits: Limits) -> None:
        self._app = app
        self._caller_of = caller_of
        self._limits = limits
        self._reading = 0
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._exchange(scope, receive, send)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Of a header that comes twice the first counts.
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        wanted_id = headers.get("x-request-id", "")
        facts = Facts(wanted_id if REQUEST_ID.fullmatch(wanted_id) else new_id("r"), time.monotonic())
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer = await self._answer(scope, receive, headers, facts)
        except CallerGoneError:
            _log(facts, Answer(GONE))
            return
        except TimeoutError:
            slow = ProblemError("timed_out", f"no answer within {self._limits.seconds:g} seconds; try again later")
            answer = answer_of(slow, request_id=facts.request_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the service goes on
            problem = problem_told(error, request_id=facts.request_id)
            answer = answer_of(problem, request_id=facts.request_id)
        _log(facts, answer)
        await answer.send(send, request_id=facts.request_id)

    async def _answer(self, scope: Scope, receive: Receive, headers: Mapping[str, str], facts: Facts) -> Answer:
        route = find_route(scope["method"], scope["path"])
        facts.route = route.name
        body = b""
        if route.roles:
            facts.caller = await self._known_caller(route, headers)
            check_query(route, scope["query_string"])
            body = await self._body(route, headers, receive)
            facts.bytes_in = len(body)
        call = Call(
            request_id=facts.request_id,
            route=route.name,
            caller=facts.caller,
            body=body,
            idempotency_key=_idempotency_key(route, headers),
            deadline=facts.began + self._limits.seconds,
        )
        return await self._ask(scope, receive, call)

    async def _known_caller(self, route: Route, headers: Mapping[str, str]) -> Caller:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            message = "Authorization: got no key, expected 'Bearer <key>'"
            raise ProblemError("unauthenticated", message, headers=CHALLENGE)
        caller = await anyio.to_thread.run_sync(self._caller_of, key.strip(), abandon_on_cancel=True)
        if caller is None:
            message = "Authorization: got a key that is unknown or revoked, expected one made by `xinpei keys create`"
            raise ProblemError("unauthenticated", message, headers=CHALLENGE)
        if caller.role not in route.roles:
            expected = ", ".join(sorted(route.roles))
            raise ProblemError("forbidden", f"{route.name}: got a key with role {caller.role!r}, expected {expected}")
        return caller

    async def _body(self, route: Route, headers: Mapping[str, str], receive: Receive) -> bytes:
        if not route.takes_body:
            return b""
        if self._reading + len(self._running) >= self._limits.in_flight:
            raise ProblemError("too_many_requests", "too many requests at a time", headers={"Retry-After": "1"})
        self._reading += 1
        try:
            body = await read_body(headers, receive, most_bytes=self._limits.body_bytes)
            await anyio.to_thread.run_sync(refuse_wide_objects, body)
        finally:
            self._reading -= 1
        return body

    async def _ask(self, scope: Scope, receive: Receive, call: Call) -> Answer:
        """Let the application answer. It is not cancelled when time runs out: what it writes, it writes whole."""
        answer = Answer()
        task = asyncio.create_task(self._run(_passed_on(scope, call.body), _replayed(call.body, receive), answer, call))
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.wait({task})
        task.result()
        refuse_foreign_error(answer, call)
        return answer

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # Whoever gave up waiting never asks for the error; asyncio would then print it with its text.
        task.exception()

    async def _run(self, scope: Scope, receive: Receive, answer: Answer, call: Call) -> None:
        CURRENT.set(call)
        await self._app(scope, receive, answer.take)


def _idempotency_key(route: Route, headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key") if route.remembers else None
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise invalid_at("Idempotency-Key", f"got {key[:80]!r}, expected 1 to 255 visible ASCII characters")
    return key


def _passed_on(scope: Scope, body: bytes) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name not in NOT_PASSED_ON]
    return {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` that gives the body, which was already read, and then whatever the connection says."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def _log(facts: Facts, answer: Answer) -> None:
    caller = facts.caller
    log_request(
        request_id=facts.request_id,
        route=facts.route,
        status=answer.status,
        milliseconds=round((time.monotonic() - facts.began) * 1000, 1),
        bytes_in=facts.bytes_in,
        bytes_out=len(answer.body),
        tenant=caller.tenant if caller else None,
        role=caller.role if caller else None,
        key_id=caller.key_id if caller else None,
    )
