"""Challengers in the shadow: asked once an answer is stored, by a thread of their own; nobody ever sees what they say.

What they say is stored beside the decision (`shadow_scores`), so that outcomes which come later judge both. A
challenger that fails, or falls behind, is told in the log and costs no answer.
"""

import datetime as dt
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Semaphore
from typing import Any

from scoring.card import Card
from scoring.model import Model
from scoring.product_fit import FitModel
from serving.api_types import MOST_PRODUCTS, MatchRequest, ScoreRequest
from serving.engine import Engine
from serving.logs import REQUESTS, log_failure
from serving.store import Said

Json = dict[str, Any]

MOST_WAITING = 16
"""Requests that may wait for the challengers; the next ones go without them, so that memory stays bounded."""

SAID_OF_PRODUCT = ("product_id", "approval_probability", "fit", "expected_value_fen")


@dataclass(frozen=True)
class Asked:
    """A request and its answer.

    Attributes:
        answer: as it was stored.
        bank_ids: banks whose products were matched; None = all.
        today: the day of the answer.
    """

    answer: bytes
    request: ScoreRequest
    bank_ids: frozenset[str] | None
    today: dt.date


class Shadow:
    """Asks challengers, one request at a time.

    Args:
        engine: gives the challengers' engine for the present request; None while there are none.
        keep: stores what they said.
    """

    def __init__(self, engine: Callable[[], Engine | None], keep: Callable[[Said], None]) -> None:
        self._engine = engine
        self._keep = keep
        self._room = Semaphore(MOST_WAITING)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shadow")

    def ask(self, asked: Asked) -> None:
        """Have the challengers asked soon; returns at once."""
        if not self._room.acquire(blocking=False):
            REQUESTS.warning("shadow_skipped", extra={"fields": {"waiting": MOST_WAITING}})
            return
        try:
            self._thread.submit(self._ask, asked)
        except RuntimeError:  # the service is being stopped
            self._room.release()

    def close(self) -> None:
        """Wait until all that was asked is answered and stored."""
        self._thread.shutdown()

    def _ask(self, asked: Asked) -> None:
        try:
            if (engine := self._engine()) is not None:
                self._keep(said_by(engine, asked))
        except Exception as error:  # noqa: BLE001 - a challenger must never harm the service, however it fails
            log_failure(error, request_id="shadow")
        finally:
            self._room.release()


def said_by(engine: Engine, asked: Asked) -> Said:
    """What an engine answers to a request, in the shape that is kept."""
    told = json.loads(asked.answer)
    began = time.perf_counter()
    answer = _answer(engine, asked)
    milliseconds = round(1000 * (time.perf_counter() - began))
    kept = {name: answer[name] for name in ("score", "unclipped_score", "probability_of_default")}
    is_match = "products" in answer
    if is_match:
        lines = [{name: line[name] for name in SAID_OF_PRODUCT} for line in answer["products"]]
        by_id = {line["product_id"]: line for line in lines}
        kept["products"] = lines[: asked.request.top] if isinstance(asked.request, MatchRequest) else lines
        kept["shown"] = [by_id[line["product_id"]] for line in told["products"] if line["product_id"] in by_id]
    fit = engine.fit if is_match else None
    return Said(told["decision_id"], _who(engine.model), _who(fit) if fit else None, milliseconds, kept)


def _answer(engine: Engine, asked: Asked) -> Json:
    """All products are ranked, so that those that were shown are among them; nothing is explained."""
    request = asked.request
    if isinstance(request, MatchRequest):
        whole = request.model_copy(update={"top": MOST_PRODUCTS, "explain": "none"})
        return engine.match(whole, bank_ids=asked.bank_ids, today=asked.today)
    return engine.score(request.model_copy(update={"explain": "none"}), today=asked.today)


def _who(model: Model | FitModel) -> tuple[str, str]:
    card: Card = model.card
    return card.version, model.digest
