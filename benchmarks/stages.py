"""Where the time of one answer goes, in one process with one thread, as a worker of the service has.

`benchmarks.service` runs this in a process of its own: `python -m benchmarks.stages MODEL_DIR BODY_FILE`.
"""

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.profile import profiles
from features.sets import INVOICE_FLOW
from scoring.model import Model
from serving.api_types import MatchRequest
from serving.database import Database
from serving.engine import Engine, load_engine
from serving.evidence import Evidence
from serving.keys import Caller
from serving.store import Draft, Store
from sources.clock import today_in_beijing

ONE_ROW_REPEATS, MATCH_REPEATS, WARM_UP = 200, 100, 5
MILLISECONDS = 1e3
CALLER = Caller("k-benchmark", "benchmark", "platform", None)


class Watch:
    """Milliseconds of named pieces of work, one measurement a round."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.taken[name].append((time.perf_counter() - start) * MILLISECONDS)

    def medians(self) -> dict[str, float]:
        """By name, in the order first met; the first rounds are left out."""
        return {name: statistics.median(values[WARM_UP:]) for name, values in self.taken.items()}


def main() -> None:
    """Print the time of a one-row score, and of each stage of a match."""
    model_dir, body = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
    engine = load_engine(model_dir, illustrative=True)
    _show_one_row(_one_row(engine.model, body), engine.model)
    with tempfile.TemporaryDirectory(prefix="xinpei-benchmark-") as folder:
        database = Database(f"sqlite:///{folder}/store.db")
        database.migrate()
        _show_stages(_stages(engine, Store(database), body))
        database.close()


def _one_row(model: Model, body: bytes) -> dict[str, float]:
    """One row scored and explained, beside what the booster alone takes for it; taken in turns."""
    request = MatchRequest.model_validate_json(body)
    profile = profiles(_evidence(request).known, model.features, _as_of(request))
    matrix, watch = model.matrix(profile), Watch()
    for _ in range(WARM_UP + ONE_ROW_REPEATS):
        with watch("score and contributions"):
            model.score(profile)
        with watch("booster, contributions alone"):
            model.booster.predict(matrix, pred_contrib=True, num_threads=1)
        with watch("booster, plain predict"):
            model.booster.predict(matrix, num_threads=1)
    return watch.medians()


def _stages(engine: Engine, store: Store, body: bytes) -> dict[str, float]:
    """One match piece by piece, then as a whole; what no piece explains is what decides and tells."""
    watch = Watch()
    for number in range(WARM_UP + MATCH_REPEATS):
        # A body of its own each time, because the store keeps equal ones once.
        sent = body + b" " * number
        with watch("parse the body"):
            request = MatchRequest.model_validate_json(sent)
        with watch("validate the rows"):
            evidence = _evidence(request)
        with watch("profile"):
            profile = profiles(evidence.known, INVOICE_FLOW, _as_of(request))
        with watch("score and contributions"):
            engine.model.score(profile)
        with watch("whole engine"):
            answer = engine.match(request, bank_ids=None, today=today_in_beijing())
        with watch("write and store"):
            store.record_decision(CALLER, Draft("match", request.enterprise_id, sent, answer))
    stages = watch.medians()
    inner = ("validate the rows", "profile", "score and contributions")
    rest = stages.pop("whole engine") - sum(stages[name] for name in inner)
    stored = stages.pop("write and store")
    return stages | {"facts, reasons, products": rest, "write and store": stored}


def _evidence(request: MatchRequest) -> Evidence:
    tables = request.records or {}
    return Evidence.of_request(request.enterprise_id, tables, as_of=_as_of(request), today=today_in_beijing())


def _as_of(request: MatchRequest) -> dt.date:
    return request.as_of or today_in_beijing()


def _show_one_row(taken: dict[str, float], model: Model) -> None:
    trees, reference = model.booster.num_trees(), taken["booster, plain predict"]
    print(f"  one row, {trees:,} trees, {len(model.features)} features, medians of {ONE_ROW_REPEATS} in turns:")
    for name, milliseconds in taken.items():
        print(f"    {name:<30} {milliseconds:7.3f} ms  ratio to plain predict {milliseconds / reference:5.1f}")


def _show_stages(taken: dict[str, float]) -> None:
    whole = sum(taken.values())
    print(f"  one match in process, one thread, medians of {MATCH_REPEATS}:")
    for name, milliseconds in taken.items():
        print(f"    {name:<30} {milliseconds:7.2f} ms  {milliseconds / whole:6.1%}")
    print(f"    {'together':<30} {whole:7.2f} ms", flush=True)


if __name__ == "__main__":
    main()
