"""Responses on their way out: collected whole, errors in the form of the contract, one set of headers."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from serving.calls import Call
from serving.messages import problem_of_validation
from serving.problems import CODES, ProblemError

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

JSON = (b"content-type", b"application/json")
REPLACED = frozenset({b"content-length", b"server", b"x-bentoml-request-id", b"x-request-id", b"cache-control"})
"""Response headers that the edge sets itself, or that name the libraries beneath."""

FIRST_ERROR = 400


@dataclass
class Answer:
    """A response while it is put together."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        """Collect what an application sends."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        else:
            self.body += message.get("body", b"")

    async def send(self, send: Send, *, request_id: str) -> None:
        kept = [(name, value) for name, value in self.headers if name.lower() not in REPLACED]
        ours = [
            (b"content-length", str(len(self.body)).encode()),
            (b"x-request-id", request_id.encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": [*kept, *ours]})
        await send({"type": "http.response.body", "body": self.body})


def answer_of(problem: ProblemError, *, request_id: str) -> Answer:
    """The error as a response."""
    extra = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    return Answer(problem.status, [JSON, *extra], problem.body(request_id))


def refuse_foreign_error(answer: Answer, call: Call) -> None:
    """Let our own answers pass, and replace the errors of the libraries beneath.

    Raises:
        ProblemError: what the library reported, in our form.
    """
    if answer.status < FIRST_ERROR:
        return
    try:
        content = json.loads(answer.body)
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else {}
    if isinstance(content.get("error"), dict):
        return
    faults = content.get("detail")
    if isinstance(faults, list) and faults:
        raise problem_of_validation(faults, body=call.body, route=call.route)
    code = CODES.get(answer.status, "internal_error")
    raise ProblemError(code, f"{call.route} could not be answered ({code})")
