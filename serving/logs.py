"""Logs: one JSON line a request, without bodies, names or keys; failures with their place but without their values."""

import json
import logging
import sys
import traceback
from typing import Any

from pydantic import ValidationError

from serving.clock import utc_now
from serving.problems import ProblemError, problem_of

REQUESTS = logging.getLogger("xinpei.requests")
FAILURES = logging.getLogger("xinpei.failures")

NEVER_SHOWN = ("bentoml._internal.server.http_app", "uvicorn.error")
"""Loggers of libraries that print exceptions with their text, and so with rows of a request."""

FRAMES = 8


class JsonLine(logging.Formatter):
    """A record as one JSON object; what to say is in its `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        line = {"at": utc_now(), "level": record.levelname.lower(), "event": record.getMessage(), **fields}
        return json.dumps(line, ensure_ascii=False)


class WithoutValues(logging.Filter):
    """Replaces an exception's text, which may quote what a caller sent, by its type and where it was raised.

    A request that does not fit its type is the caller's matter: it is answered, and no failure of ours.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ValidationError):
            return False
        if error is not None:
            record.msg, record.args = f"{type(error).__name__} at {' < '.join(places(error))}", ()
            record.exc_info = record.exc_text = None
        return True


def set_up() -> None:
    """Send our lines to standard output, and take the values out of what the libraries say."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLine())
    for logger in (REQUESTS, FAILURES):
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    for name in NEVER_SHOWN:
        logging.getLogger(name).addFilter(WithoutValues())


def log_request(**fields: Any) -> None:
    REQUESTS.info("request", extra={"fields": fields})


def log_failure(error: BaseException, *, request_id: str) -> None:
    """An error that nobody foresaw: its type and the innermost places, never its text."""
    fields = {"request_id": request_id, "error": type(error).__name__, "where": places(error)}
    FAILURES.error("failure", extra={"fields": fields})


def places(error: BaseException) -> list[str]:
    """File, line and function where an error was raised, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


def problem_told(error: Exception, *, request_id: str) -> ProblemError:
    """What a caller is told of an exception; one that nobody foresaw goes to the log."""
    problem = problem_of(error)
    if problem.code == "internal_error":
        log_failure(error, request_id=request_id)
    return problem
