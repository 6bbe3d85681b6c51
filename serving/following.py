"""A folder that a worker follows: loaded, replaced and chosen while requests go on.

A folder that was replaced (`save` and `xinpei promote` do that by renaming) is loaded at the next request that this
worker gets, which waits for it; files changed in place are not noticed until a reload is asked for. Which version was
asked for stands in a small file that all workers of the service read, so that each follows at its next request too. So
no request that begins after a reload was answered meets the model before it, unless its worker cannot load the new one;
requests that have begun finish on the model they began with.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from serving.clock import utc_now
from serving.logs import REQUESTS
from serving.problems import ProblemError, not_ready

Json = dict[str, Any]
Stamp = tuple[str, int, int]
T = TypeVar("T")

NUMBER = re.compile(r"[0-9]{1,9}")
TRIES = 3
"""A folder that is replaced while it is read is read again, so often."""

NOTHING_THERE = -1


@dataclass(frozen=True)
class Places:
    """Where models of one kind lie.

    Attributes:
        model_dir: the folder that is followed unless a version was named.
        models_dir: holds a folder for each version, by its number.
        version: the version named in the settings; None = `model_dir`.
        choice: file with the version that was asked for while the service runs.
        since: moment, in seconds since 1970, from which a choice counts: the start of this service.
    """

    model_dir: Path
    models_dir: Path
    version: str | None
    choice: Path
    since: float

    def folder(self) -> Path:
        """The folder to follow now."""
        return self.folder_of(self._chosen())

    def folder_of(self, version: str | None) -> Path:
        """The folder of a version; of None the folder that the settings name."""
        version = version or self.version
        return self.models_dir / version if version else self.model_dir

    def choose(self, version: str | None) -> None:
        """Let every worker follow a version; None = what the settings name.

        Raises:
            OSError: the choice cannot be written.
        """
        if version is None:
            self.choice.unlink(missing_ok=True)
            return
        unfinished = self.choice.with_name(f"{self.choice.name}.{os.getpid()}")
        unfinished.write_text(json.dumps({"version": version}), "utf-8")
        unfinished.replace(self.choice)

    def _chosen(self) -> str | None:
        try:
            if self.choice.stat().st_mtime < self.since:
                return None
            version = json.loads(self.choice.read_text("utf-8"))["version"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return version if isinstance(version, str) and NUMBER.fullmatch(version) else None


@dataclass(frozen=True)
class Reader(Generic[T]):
    """How a folder becomes what answers.

    Attributes:
        load: makes it of a folder; raises `ProblemError` when it cannot.
        described: name, version, digest and the rest of what is told of it.
        fault: why a folder cannot be read; the cause of the `ProblemError` then.
    """

    load: Callable[[Path], T]
    described: Callable[[T], Json]
    fault: type[Exception]


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """What was loaded, from which folder, in which state, at which moment."""

    value: T
    folder: Path
    stamp: Stamp
    at: str


class Followed(Generic[T]):
    """See the module.

    Args:
        places: where it lies.
        reader: how it is read.
    """

    def __init__(self, places: Places, reader: Reader[T]) -> None:
        self._places = places
        self._reader = reader
        self._swapping = Lock()
        self._loaded: Loaded[T] | None = None
        self._refused: Stamp | None = None

    def current(self) -> T:
        """What answers this request.

        Raises:
            ProblemError: nothing could be loaded yet; later a folder that cannot be loaded changes nothing.
        """
        return self._current().value

    def current_if_any(self) -> T | None:
        """The same; None while there is no folder, or none that could be loaded; each is tried once."""
        folder = self._places.folder()
        if self._loaded is None and (not folder.is_dir() or _stamp(folder) == self._refused):
            return None
        try:
            return self.current()
        except ProblemError:
            return None

    def reload(self, version: str | None = None) -> None:
        """Load a folder anew, that of a version if one is named, and let every worker follow it.

        Raises:
            ProblemError: 409 when it cannot be loaded and an earlier model goes on answering, 503 when there is none
                or the other workers cannot be told.
        """
        with self._swapping:
            loaded = self._read_asked(self._places.folder_of(version))
            try:
                self._places.choose(version)
            except OSError as error:
                raise not_ready(f"{self._places.choice}: {error.strerror}; the model in use stays") from error
            self._put(loaded)

    def described(self) -> Json:
        """What answers, as the contract gives it.

        Raises:
            ProblemError: nothing could be loaded yet.
        """
        loaded = self._current()
        told = self._reader.described(loaded.value)
        return {**told, "loaded_at": loaded.at, "alias_dir": loaded.folder.name}

    def _current(self) -> Loaded[T]:
        folder = self._places.folder()
        stamp, loaded = _stamp(folder), self._loaded
        if loaded is not None and stamp in {loaded.stamp, self._refused}:
            return loaded
        return self._follow(folder, stamp)

    def _follow(self, folder: Path, stamp: Stamp) -> Loaded[T]:
        """Load what is there now; others who would do the same wait for it."""
        with self._swapping:
            older = self._loaded
            if older is not None and stamp in {older.stamp, self._refused}:
                return older
            try:
                return self._put(self._read(folder))
            except ProblemError:
                self._refused = stamp
                if older is None:
                    raise
                return older

    def _put(self, loaded: Loaded[T]) -> Loaded[T]:
        self._loaded, self._refused = loaded, None
        told = self._reader.described(loaded.value)
        fields = {"name": told["name"], "version": told["version"], "digest": told["digest"]}
        REQUESTS.info("model", extra={"fields": fields})
        return loaded

    def _read_asked(self, folder: Path) -> Loaded[T]:
        try:
            return self._read(folder)
        except ProblemError as problem:
            cause = problem.__cause__
            if self._loaded is None or not isinstance(cause, self._reader.fault):
                raise
            version = self._reader.described(self._loaded.value)["version"]
            stays = f"version {version}" if version else "the model before it"
            raise ProblemError("conflict", f"{cause}; {stays} stays in use") from problem

    def _read(self, folder: Path) -> Loaded[T]:
        """Load a folder, all of it from one state: a folder replaced meanwhile is read again."""
        for _ in range(TRIES - 1):
            stamp = _stamp(folder)
            try:
                value = self._reader.load(folder)
            except ProblemError:
                if _stamp(folder) == stamp:
                    raise
                continue
            if _stamp(folder) == stamp:
                return Loaded(value, folder, stamp, utc_now())
        return Loaded(self._reader.load(folder), folder, _stamp(folder), utc_now())


def _stamp(folder: Path) -> Stamp:
    """What changes when a folder is replaced by another; two microseconds."""
    try:
        state = folder.stat()
    except OSError:
        return str(folder), NOTHING_THERE, NOTHING_THERE
    return str(folder), state.st_ino, state.st_mtime_ns
