"""Bodies are counted as they come and as they unpack."""

import asyncio
import gzip
from collections.abc import Iterable
from typing import Any

import pytest

from serving.bodies import CallerGoneError, read_body, refuse_wide_objects
from serving.problems import ProblemError

JSON = {"content-type": "application/json"}
GZIP = {**JSON, "content-encoding": "gzip"}


class Wire:
    """A connection that gives chunks, and knows how many were taken."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._left = list(chunks)
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        chunk = self._left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self._left)}


def read(headers: dict[str, str], chunks: Iterable[bytes], most_bytes: int = 100) -> bytes:
    return asyncio.run(read_body(headers, Wire(chunks).receive, most_bytes=most_bytes))


def refused(headers: dict[str, str], chunks: Iterable[bytes], most_bytes: int = 100) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        read(headers, chunks, most_bytes)
    return caught.value


def test_chunks_become_one_body() -> None:
    assert read(JSON, [b'{"a"', b":1}"]) == b'{"a":1}'


def test_a_compressed_body_is_unpacked_across_chunks() -> None:
    packed = gzip.compress(b'{"a":1}')
    assert read(GZIP, [packed[:5], packed[5:]]) == b'{"a":1}'


def test_a_body_of_just_the_longest_length_is_read() -> None:
    assert read(JSON, [b"x" * 60, b"x" * 40]) == b"x" * 100
    assert read(GZIP, [gzip.compress(b"x" * 100)]) == b"x" * 100


def test_a_declared_length_is_refused_without_reading() -> None:
    wire = Wire([b"x" * 101])
    with pytest.raises(ProblemError) as caught:
        asyncio.run(read_body({**JSON, "content-length": "101"}, wire.receive, most_bytes=100))
    assert (caught.value.status, wire.taken) == (413, 0)


def test_an_undeclared_length_is_refused_once_it_is_too_long() -> None:
    wire = Wire([b"x" * 60] * 10)
    with pytest.raises(ProblemError) as caught:
        asyncio.run(read_body(JSON, wire.receive, most_bytes=100))
    assert (caught.value.status, wire.taken) == (413, 2)


def test_a_small_body_that_unpacks_to_a_long_one_is_refused() -> None:
    assert refused(GZIP, [gzip.compress(b"x" * 1_000_000)], most_bytes=10_000).status == 413


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([b""], "empty"),
        ([b"  \n"], "empty"),
    ],
)
def test_an_empty_body_is_malformed(chunks: list[bytes], message: str) -> None:
    problem = refused(JSON, chunks)
    assert problem.status == 400
    assert message in problem.message


@pytest.mark.parametrize(
    "packed",
    [b"no gzip", gzip.compress(b"{}")[:-3], gzip.compress(b"{}") + b"more"],
    ids=["no gzip", "cut off", "goes on"],
)
def test_broken_gzip_is_malformed(packed: bytes) -> None:
    assert refused(GZIP, [packed]).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/vnd.bentoml+pickle"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=gbk"},
        {**JSON, "content-encoding": "br"},
        {**JSON, "content-encoding": "gzip, gzip"},
    ],
)
def test_anything_but_json_is_unsupported(headers: dict[str, str]) -> None:
    assert refused(headers, [b"{}"]).status == 415


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8", "application/json;"])
def test_json_is_recognised_however_it_is_written(content_type: str) -> None:
    assert read({"content-type": content_type}, [b"{}"]) == b"{}"


def test_a_caller_who_goes_is_told_apart() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(CallerGoneError):
        asyncio.run(read_body(JSON, gone, most_bytes=100))


def test_a_long_body_with_a_wide_object_is_refused_before_it_is_judged() -> None:
    wide = b'{"records":{"vat_invoices":[{' + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}]}}"
    with pytest.raises(ProblemError, match="100000 fields"):
        refuse_wide_objects(wide)


def test_a_long_body_of_many_narrow_rows_is_let_through() -> None:
    refuse_wide_objects(b'{"records":{"vat_invoices":[' + b",".join([b'{"a":1}'] * 100_000) + b"]}}")
