"""The moment as the store and the logs write it."""

import datetime as dt


def utc_now() -> str:
    """ISO 8601 in UTC with microseconds, so that text sorts as time."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
