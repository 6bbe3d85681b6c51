"""Errors as callers see them: one code, one status, one form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from serving.database import DatabaseAwayError
from serving.store import KeyReusedError, UnknownDecisionError

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "malformed_request": 400,
        "unauthenticated": 401,
        "forbidden": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "conflict": 409,
        "too_large": 413,
        "unsupported_media_type": 415,
        "invalid_request": 422,
        "too_many_requests": 429,
        "internal_error": 500,
        "not_ready": 503,
        "timed_out": 504,
    }
)
"""Status of every code that an error can carry."""

CODES: Mapping[int, str] = MappingProxyType({status: code for code, status in STATUSES.items()})

MOST_DETAILS = 20
"""A request with thousands of faults is told of the first ones."""


@dataclass(frozen=True)
class Detail:
    """One fault of a request: where, and what was got and expected there."""

    path: str
    message: str


class ProblemError(Exception):
    """A request that gets an error for its answer.

    Args:
        code: one of `STATUSES`.
        message: what was got, what was expected, what to do; shown to the caller.
        details: every fault, when there can be several.
        headers: response headers that belong to the status.
    """

    def __init__(
        self, code: str, message: str, *, details: Sequence[Detail] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = STATUSES[code]
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> bytes:
        """The error in the form of the contract."""
        details = [{"path": detail.path, "message": detail.message} for detail in self.details[:MOST_DETAILS]]
        error = {"code": self.code, "message": self.message, "details": details, "request_id": request_id}
        return json.dumps({"error": error}, ensure_ascii=False, separators=(",", ":")).encode()


def invalid(details: Sequence[Detail]) -> ProblemError:
    """The 422 of a request with these faults."""
    others = f" (and {len(details) - 1} more, see details)" if len(details) > 1 else ""
    return ProblemError("invalid_request", details[0].message + others, details=details)


def invalid_at(path: str, message: str) -> ProblemError:
    """The 422 of a request with one fault."""
    return invalid([Detail(path, f"{path}: {message}")])


def not_ready(message: str) -> ProblemError:
    return ProblemError("not_ready", message, headers={"Retry-After": "5"})


def problem_of(error: Exception) -> ProblemError:
    """The error to answer with; whatever is not known here says nothing of our inside."""
    match error:
        case ProblemError():
            return error
        case UnknownDecisionError():
            return ProblemError("not_found", f"decision: got {str(error)!r}, expected the id of one of your decisions")
        case KeyReusedError():
            return ProblemError(
                "conflict",
                f"Idempotency-Key: got {str(error)!r}, which already stands for another request; expected a new key",
            )
        case DatabaseAwayError():
            return not_ready("the database does not answer; nothing was stored, please try again")
        case _:
            return ProblemError("internal_error", "something failed on our side; the request_id helps us find it")
