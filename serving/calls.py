"""What the edge hands to the handlers beside the request itself."""

import time
from contextvars import ContextVar
from dataclasses import dataclass

from serving.keys import Caller
from serving.problems import ProblemError


@dataclass(frozen=True)
class Call:
    """One request on its way.

    Attributes:
        caller: None on the routes that need no key.
        route: method and path as in the table of routes.
        body: decompressed; empty on routes without one.
        deadline: moment of `time.monotonic()` after which nobody waits for the answer.
    """

    request_id: str
    route: str
    caller: Caller | None
    body: bytes
    idempotency_key: str | None
    deadline: float

    @property
    def known_caller(self) -> Caller:
        """The caller, on routes that need a key."""
        if self.caller is None:
            raise ProblemError("unauthenticated", "a key is needed here")
        return self.caller

    def still_awaited(self) -> None:
        """Stop work that waited in the queue until its caller had gone.

        Raises:
            ProblemError: the deadline has passed.
        """
        if time.monotonic() > self.deadline:
            raise ProblemError("timed_out", "the request waited too long for its turn")


CURRENT: ContextVar[Call] = ContextVar("call")
"""The call that the running handler answers; set by the edge, carried into the worker thread."""
