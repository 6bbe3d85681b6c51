"""How fast everything is over all blocks: a bucket's profiles, one enterprise's profile, its validation online.

Run it with `python -m benchmarks.blocks`. Hard features of several blocks are held equal to plain pandas before
anything is timed. No time is asserted: read the ratios.
"""

import datetime as dt
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from benchmarks.pandas_hard import NAMES, differences, hard_profiles, pandas_frames
from features.profile import profiles
from features.sets import ALL
from simulation.rows import rows
from sources.online import RequestRecords, records_of_request
from sources.records import Records

ENTERPRISES, ROWS_EACH, SEED = 1_000, 1_500, 7
COMPARED, REPEATS, ONE_REPEATS = 200, 5, 60
UNTIL = dt.date(2026, 11, 1)
MILLISECONDS = 1e3
SHAPE: TypeAdapter[Any] = TypeAdapter(RequestRecords)


def main() -> None:
    """Hold the hard features equal, then print medians and ratios."""
    bucket = rows(ENTERPRISES, rows_each=ROWS_EACH, seed=SEED, until=UNTIL)
    print(f"blocks: {len(ALL)} features over {_rows(bucket):,} rows of {ENTERPRISES:,} invented enterprises")
    few = bucket.only(bucket.enterprises[:COMPARED])
    apart = differences(few, UNTIL)
    if apart:
        sys.exit("blocks: profiles and pandas disagree, nothing timed\n" + "\n".join(apart))
    _show_hard(few)
    _show_bucket(bucket)
    _show_one(bucket)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of this process: {peak:,.0f} MiB")


def _show_hard(few: Records) -> None:
    frames, hard = pandas_frames(few), tuple(one for one in ALL if one.name in NAMES)
    ours, theirs = _in_turns(lambda: profiles(few, hard, UNTIL), lambda: hard_profiles(frames, UNTIL), repeats=REPEATS)
    print(f"  {len(hard)} hard features of {COMPARED} enterprises, equal, medians of {REPEATS} in turns:")
    print(f"    profiles {ours:9,.1f} ms   pandas {theirs:9,.1f} ms   ratio pandas / profiles {theirs / ours:.1f}")


def _show_bucket(bucket: Records) -> None:
    taken = _median(lambda: profiles(bucket, ALL, UNTIL), repeats=REPEATS) / MILLISECONDS
    print(
        f"  the bucket, all features, {pl.thread_pool_size()} threads, median of {REPEATS}: {taken:.2f} s, "
        f"{ENTERPRISES / taken:,.0f} profiles/s, {_rows(bucket) / taken:,.0f} rows/s"
    )


def _show_one(bucket: Records) -> None:
    """The enterprise of median size, alone in memory; and its rows as a request carries them."""
    sizes = pl.concat([frame.select("enterprise_id") for _, frame in bucket.tables()])["enterprise_id"].value_counts()
    code = sizes.sort("count", "enterprise_id")["enterprise_id"][len(sizes) // 2]
    one = bucket.only(pl.Series([code]))
    profile = _median(lambda: profiles(one, ALL, UNTIL), repeats=ONE_REPEATS)
    body = _as_request(one)
    parsed = SHAPE.validate_json(body)
    shape = _median(lambda: SHAPE.validate_json(body), repeats=ONE_REPEATS)
    judged = _median(lambda: records_of_request(code, parsed, today=UNTIL), repeats=ONE_REPEATS)
    plain = _median(lambda: json.loads(body), repeats=ONE_REPEATS)
    print(f"  one enterprise, {_rows(one):,} rows in {sum(1 for _ in one.tables())} tables, medians of {ONE_REPEATS}:")
    print(f"    profile of all features       {profile:7.2f} ms")
    print(f"    validation of its rows online {judged:7.2f} ms   ratio to parsing its JSON {judged / plain:.1f}")
    print(f"    shape of its request          {shape:7.2f} ms   ratio to parsing its JSON {shape / plain:.1f}")


def _as_request(one: Records) -> bytes:
    """The rows as JSON without the code, and without what is not told."""
    tables = {
        name: [
            {column: value for column, value in row.items() if value is not None}
            for row in frame.drop("enterprise_id").iter_rows(named=True)
        ]
        for name, frame in one.tables()
    }
    return json.dumps(tables, default=str, ensure_ascii=False).encode()


def _rows(records: Records) -> int:
    return sum(frame.height for _, frame in records.tables())


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * MILLISECONDS


def _median(work: Callable[[], object], *, repeats: int) -> float:
    work()
    return statistics.median(_milliseconds(work) for _ in range(repeats))


def _in_turns(ours: Callable[[], object], theirs: Callable[[], object], *, repeats: int) -> tuple[float, float]:
    """Medians of both, taken in turns so that a busy moment of the machine meets both."""
    ours(), theirs()
    times = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(repeats)]
    first, second = (statistics.median(side) for side in zip(*times, strict=True))
    return first, second


if __name__ == "__main__":
    main()
