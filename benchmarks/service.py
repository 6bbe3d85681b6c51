"""How fast one enterprise is scored and matched, each beside a reference measured in the same run.

Run it with `python -m benchmarks.service`. No time is asserted: read the ratios.
"""

import http.client
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.questions import Question, usual_question
from benchmarks.running import HOST, OK, ROOT, Running, model_folder, running_service, temporary_home

REPEATS, WARM_UP = 300, 30
MILLISECONDS = 1e3
ONE_THREAD = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
"""As the service sets them for its workers."""


@dataclass(frozen=True)
class Caller:
    """A connection that is kept open, and what is sent over it."""

    connection: http.client.HTTPConnection
    method: str
    path: str
    headers: dict[str, str]

    def milliseconds(self, body: bytes | None = None) -> float:
        """From the first byte sent to the last one read."""
        start = time.perf_counter()
        self.connection.request(self.method, self.path, body, self.headers)
        response = self.connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - start) * MILLISECONDS
        if response.status != OK:
            sys.exit(f"{self.method} {self.path}: got {response.status}, expected {OK}\n{content[:2000]!r}")
        return taken


def main() -> None:
    """Print the time of a score in process, of a match over HTTP, and what each is a multiple of."""
    question = usual_question()
    print(f"service: one question about {question.about}: {question.invoices:,} invoices, {_kilobytes(question)}")
    with temporary_home() as home:
        model, which = model_folder(home)
        print(f"  model: {which}", flush=True)
        _print_stages(question, model, home)
        with running_service(home, model) as service:
            matches, nothing = _in_turns(service, question)
    print(f"  over HTTP, one worker, one caller, connections kept open, {REPEATS} in turns:")
    for name, at in (("p50", 50), ("p99", 99)):
        match, livez = _percentile(matches, at), _percentile(nothing, at)
        print(f"    {name}  POST /v1/match {match:7.2f} ms   GET /livez {livez:6.2f} ms   ratio {match / livez:5.1f}")


def _kilobytes(question: Question) -> str:
    return f"{len(question.template) / 1000:,.0f} kB of JSON"


def _print_stages(question: Question, model: Path, home: Path) -> None:
    body = home / "body.json"
    body.write_bytes(question.body(0))
    command = [sys.executable, "-m", "benchmarks.stages", str(model), str(body)]
    subprocess.run(command, env=os.environ | ONE_THREAD, cwd=ROOT, check=True)


def _in_turns(service: Running, question: Question) -> tuple[list[float], list[float]]:
    """Milliseconds of matches and of calls that do nothing, each pair in the same moment of the machine."""
    given = {"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"}
    match = Caller(http.client.HTTPConnection(HOST, service.port), "POST", "/v1/match", given)
    nothing = Caller(http.client.HTTPConnection(HOST, service.port), "GET", "/livez", {})
    pairs = [(match.milliseconds(question.body(n)), nothing.milliseconds()) for n in range(WARM_UP + REPEATS)]
    match.connection.close()
    nothing.connection.close()
    matches, livez = zip(*pairs[WARM_UP:], strict=True)
    return list(matches), list(livez)


def _percentile(values: list[float], at: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[at - 1]


if __name__ == "__main__":
    main()
