"""The BentoML service: model calls as its own APIs, everything else mounted beside them, the edge before both.

Start it with `xinpei serve`; `bentoml serve serving.service:Xinpei` works too.
"""

import gc
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import bentoml
import psutil
from starlette.responses import Response

from scoring.product_fit import FitModel
from serving import logs
from serving.api_types import MatchRequest, ScoreRequest
from serving.calls import CURRENT
from serving.desk import Desk
from serving.edge import Edge, Limits
from serving.engine import Engine, load_engine, load_fit
from serving.following import Followed, Places
from serving.keys import Caller
from serving.models import Challengers, Models, engine_followed, fit_followed
from serving.resources import JSON, make_app
from serving.screen_types import ScreenRequest
from serving.screening import screened
from serving.settings import Settings
from serving.store import to_json
from sources.clock import today_in_beijing

BENTOML_PATIENCE_SECONDS = 15
"""BentoML's own time limit answers past the edge in another form, so it must never come first."""

ONE_THREAD = [{"name": name, "value": "1"} for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS")]
"""One enterprise is too little work to share: more threads make each answer slower, and workers scale better."""

SETTINGS = Settings()
T = TypeVar("T")


@cache
def desk() -> Desk:
    """The desk of this worker, opened on the first call."""
    has_challengers = SETTINGS.shadow_dir is not None or SETTINGS.shadow_fit_dir is not None
    challengers = Challengers(models().engine, _shadow_credit(), _shadow_fit()) if has_challengers else None
    return Desk(SETTINGS.database_url, models().engine, challengers=challengers.engine if challengers else None)


@cache
def models() -> Models:
    """The models of this worker."""
    credit = replace(_places(SETTINGS.model_dir, SETTINGS.models_dir), version=SETTINGS.model_version)
    fit = _places(SETTINGS.fit_dir, SETTINGS.fit_dir.parent)
    return Models(credit, _engine, fit=fit_followed(fit, _fit))


def _shadow_credit() -> Followed[Engine] | None:
    folder = SETTINGS.shadow_dir
    return engine_followed(_places(folder, folder.parent, "shadow-"), _engine) if folder else None


def _shadow_fit() -> Followed[FitModel] | None:
    folder = SETTINGS.shadow_fit_dir
    return fit_followed(_places(folder, folder.parent, "shadow-"), _fit) if folder else None


def _places(folder: Path, versions: Path, kind: str = "") -> Places:
    """All workers are children of one process, whose start is that of the service."""
    choice = versions / f".{kind}served-on-{SETTINGS.port}.json"
    return Places(folder, versions, None, choice, since=psutil.Process(os.getppid()).create_time())


def _engine(folder: Path) -> Engine:
    return _kept(load_engine(folder, illustrative=SETTINGS.illustrative))


def _fit(folder: Path) -> FitModel:
    return _kept(load_fit(folder))


def _kept(loaded: T) -> T:
    """What was loaded lives until another takes its place, so it is kept from the collector.

    Measured: full collections walked an engine for 0.13 s and more, in the middle of an answer; 0.01 s without it.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return loaded


def _caller_of(secret: str) -> Caller | None:
    return desk().caller_of(secret)


class Answers:
    """Scores enterprises and ranks products for them."""

    def __init__(self) -> None:
        logs.set_up()

    def __is_ready__(self) -> bool:
        desk().check_ready()
        return True

    @bentoml.api(route="/v1/score")  # type: ignore[untyped-decorator]  # BentoML ships no types that mypy reads
    def score(self, request: ScoreRequest, /) -> Any:
        return _decided("score", request)

    @bentoml.api(route="/v1/match")  # type: ignore[untyped-decorator]
    def match(self, request: MatchRequest, /) -> Any:
        return _decided("match", request)

    @bentoml.api(route="/v1/screen")  # type: ignore[untyped-decorator]
    def screen(self, request: ScreenRequest, /) -> Any:
        return _answered(lambda: _screened(request))


def _decided(kind: str, request: ScoreRequest) -> Response:
    return _answered(lambda: desk().decide(kind, request))


def _screened(request: ScreenRequest) -> bytes:
    """Screening asks no model and stores nothing: it is no decision."""
    call = CURRENT.get()
    call.still_awaited()
    answer = screened(request, today=today_in_beijing(), request_id=call.request_id, still_awaited=call.still_awaited)
    return to_json(answer)


def _answered(answer: Callable[[], bytes]) -> Response:
    """The answer as bytes. Errors become responses here, because BentoML would hide what they say."""
    try:
        return Response(answer(), media_type=JSON)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer in our form
        request_id = CURRENT.get().request_id
        problem = logs.problem_told(error, request_id=request_id)
        return Response(problem.body(request_id), problem.status, problem.headers, media_type=JSON)


Xinpei = bentoml.service(
    name="xinpei",
    workers=SETTINGS.workers,
    threads=1,
    traffic={"timeout": SETTINGS.timeout_seconds + BENTOML_PATIENCE_SECONDS},
    # Its metrics keep a series for every path that anybody ever asks for, before the edge has refused it.
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    envs=ONE_THREAD,
)(Answers)
Xinpei.add_asgi_middleware(
    Edge,
    caller_of=_caller_of,
    limits=Limits(SETTINGS.max_body_bytes, SETTINGS.timeout_seconds, SETTINGS.max_in_flight),
)
Xinpei.mount_asgi_app(make_app(desk, models), path="/")
