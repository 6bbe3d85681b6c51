"""Read a request body: counted as it comes and as it unpacks, never more than allowed in memory."""

import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

from pydantic_core import from_json

from serving.problems import ProblemError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

GZIP = 31
"""zlib's window bits for a gzip header and trailer."""

UTF_8 = frozenset({"", "utf-8", "utf8"})


SHORT_BODY = 512 * 1024
"""Bytes up to which no body can do harm by being odd."""

MOST_FIELDS = 64
LEVELS = 5
"""Body, items, item, records, table, row: below a row there is nothing to look into."""


class CallerGoneError(Exception):
    """The connection closed before the body was complete."""


async def read_body(headers: Mapping[str, str], receive: Receive, *, most_bytes: int) -> bytes:
    """The decompressed JSON body of a request.

    Args:
        headers: names in small letters.
        receive: of ASGI.
        most_bytes: neither the bytes on the wire nor those unpacked may be more.

    Raises:
        ProblemError: 400 empty or broken gzip, 413 too long, 415 not JSON or another encoding than gzip.
        CallerGoneError: the caller closed the connection.
    """
    unpack = _unpacker(headers, most_bytes)
    if int(headers.get("content-length", "0")) > most_bytes:
        raise _too_large(most_bytes)
    wire, chunks = 0, []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGoneError
        chunk: bytes = message.get("body", b"")
        wire += len(chunk)
        if wire > most_bytes:
            raise _too_large(most_bytes)
        chunks.append(unpack.feed(chunk))
        more = message.get("more_body", False)
    unpack.finish()
    body = b"".join(chunks)
    if not body.strip():
        raise ProblemError("malformed_request", "the body is empty; expected a JSON object")
    return body


def refuse_wide_objects(body: bytes) -> None:
    """Refuse a long body with an object of thousands of fields, before every one of them is reported as unknown.

    Measured: ten megabytes of unknown fields in one row take seven seconds and a gigabyte to list.

    Raises:
        ProblemError: 422 when an object has more fields than any that is known.
    """
    if len(body) <= SHORT_BODY:
        return
    try:
        content = from_json(body)
    except ValueError:
        return  # whoever reads it next says what is wrong
    widest = max((len(found) for found in _objects(content, levels=LEVELS)), default=0)
    if widest > MOST_FIELDS:
        raise ProblemError("invalid_request", f"got an object of {widest} fields, expected at most {MOST_FIELDS}")


def _objects(content: Any, *, levels: int) -> Iterator[dict[str, Any]]:
    """The objects in the upper levels of a JSON value."""
    if isinstance(content, dict):
        yield content
    if levels == 0 or not isinstance(content, dict | list):
        return
    for inner in content.values() if isinstance(content, dict) else content:
        if isinstance(inner, dict | list):
            yield from _objects(inner, levels=levels - 1)


def _unpacker(headers: Mapping[str, str], most_bytes: int) -> "_Plain":
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() != "application/json" or charset not in UTF_8:
        got = headers.get("content-type", "none")[:100]
        raise ProblemError("unsupported_media_type", f"Content-Type: got {got!r}, expected application/json in UTF-8")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding == "gzip":
        return _Gzip(most_bytes)
    if encoding != "identity":
        raise ProblemError("unsupported_media_type", f"Content-Encoding: got {encoding[:100]!r}, expected gzip or none")
    return _Plain()


class _Plain:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> None:
        """A plain body is whole when the connection says so."""


class _Gzip(_Plain):
    def __init__(self, most_bytes: int) -> None:
        self._stream = zlib.decompressobj(GZIP)
        self._most_bytes = most_bytes
        self._left = most_bytes

    def feed(self, chunk: bytes) -> bytes:
        try:
            # One byte more than allowed is enough to know, however much a small body would unpack to.
            unpacked = self._stream.decompress(chunk, self._left + 1)
        except zlib.error as error:
            raise ProblemError("malformed_request", "the body is not valid gzip as Content-Encoding says") from error
        self._left -= len(unpacked)
        if self._left < 0:
            raise _too_large(self._most_bytes)
        if self._stream.unused_data:
            raise ProblemError("malformed_request", "the body goes on after the end of its gzip stream")
        return unpacked

    def finish(self) -> None:
        if not self._stream.eof:
            raise ProblemError("malformed_request", "the gzip body ends too early")


def _too_large(most_bytes: int) -> ProblemError:
    return ProblemError(
        "too_large", f"the body is longer than {most_bytes} bytes; send fewer rows, or fewer enterprises"
    )
