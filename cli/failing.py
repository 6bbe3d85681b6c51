"""How a sub-command says no: one clear line on standard error, exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

BAD_INPUT = 2


@contextmanager
def clear_line_on(*expected: type[Exception]) -> Iterator[None]:
    """Turn the errors a user can mend into one line and exit code 2; anything else keeps its traceback."""
    try:
        yield
    except expected as error:
        sys.stderr.write(f"xinpei: {' '.join(_message(error).split())}\n")
        raise typer.Exit(BAD_INPUT) from error


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error.args[0]) if error.args else type(error).__name__
