"""Logs never quote what a caller sent."""

import json
import logging

import pytest
from pydantic import TypeAdapter, ValidationError

from serving.logs import JsonLine, WithoutValues, places


def record_of(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except type(error) as raised:
        info = (type(raised), raised, raised.__traceback__)
    return logging.LogRecord("library", logging.ERROR, __file__, 1, "Exception on %s", ("/v1/score",), info)


def test_an_exception_is_told_by_type_and_place_only() -> None:
    record = record_of(RuntimeError("SECRET"))
    assert WithoutValues().filter(record)
    line = logging.Formatter().format(record)
    assert line.startswith("RuntimeError at ")
    assert "test_logs.py" in line
    assert "SECRET" not in line


def test_a_request_of_a_wrong_shape_is_no_failure_of_ours() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("SECRET")
    assert not WithoutValues().filter(record_of(caught.value))


def test_a_line_is_json_with_its_fields() -> None:
    record = logging.LogRecord("ours", logging.INFO, __file__, 1, "request", (), None)
    record.fields = {"status": 200, "route": "POST /v1/score"}
    line = json.loads(JsonLine().format(record))
    assert (line["event"], line["status"], line["level"]) == ("request", 200, "info")
    assert line["at"].endswith("Z")


def test_places_are_innermost_first() -> None:
    def inner() -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it has no text
        inner()
    assert places(caught.value)[0].endswith("inner")
