"""The one place where the parts meet: database, keys, store, engine. Each is opened when it is first needed."""

import datetime as dt
import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from serving.api_types import MatchRequest, OutcomeRequest, ScoreRequest
from serving.calls import CURRENT, Call
from serving.database import Database
from serving.engine import Engine
from serving.keys import Caller, Keys
from serving.problems import ProblemError, invalid_at
from serving.shadow import Asked, Shadow
from serving.store import Draft, Once, Said, Store
from serving.views import record_of, seen_by_bank
from sources.clock import today_in_beijing

Json = dict[str, Any]


class Answering(Protocol):
    """What the desk needs of an engine."""

    def score(self, request: ScoreRequest, *, today: dt.date) -> Json: ...

    def match(self, request: MatchRequest, *, bank_ids: frozenset[str] | None, today: dt.date) -> Json: ...

    def products(self, *, on: dt.date, bank_id: str | None, category: str | None) -> Json: ...

    def bank_of_product(self, product_id: str) -> str | None:
        """The bank that offers or offered a product; None when there is no such product."""


class Desk:
    """Answers the calls that the edge let through.

    Args:
        database_url: of the store.
        engine: gives the engine to answer the present request with; raises `ProblemError` 503 while there is none.
        clock: today's date in Beijing.
        challengers: gives the engine that is asked in the shadow; None = nobody is.
    """

    def __init__(
        self,
        database_url: str,
        engine: Callable[[], Answering],
        *,
        clock: Callable[[], dt.date] = today_in_beijing,
        challengers: Callable[[], Engine | None] | None = None,
    ) -> None:
        self._database_url = database_url
        self._engine = engine
        self._clock = clock
        self._shadow = Shadow(challengers, self._keep) if challengers else None
        self._opening = Lock()
        self._database: Database | None = None

    def caller_of(self, secret: str) -> Caller | None:
        """Who holds this key; None when it is unknown or revoked."""
        return Keys(self._opened()).caller_of(secret)

    def check_ready(self) -> None:
        """Whether every part answers.

        Raises:
            ProblemError: 503, with the part that is missing.
            DatabaseAwayError: the database does not answer.
        """
        self._opened().check()
        self._engine()

    def decide(self, kind: str, request: ScoreRequest) -> bytes:
        """Score or match one enterprise; the decision is on disk when this returns its answer."""
        call = CURRENT.get()
        call.still_awaited()
        caller, once, store = call.known_caller, _once(call), Store(self._opened())
        if once and (earlier := store.earlier_answer(caller, once)) is not None:
            return earlier
        today, bank_ids = self._clock(), None
        if isinstance(request, MatchRequest):
            bank_ids = _banks_seen(caller, request.bank_ids)
            answer = self._engine().match(request, bank_ids=bank_ids, today=today)
        else:
            answer = self._engine().score(request, today=today)
        told = store.record_decision(caller, Draft(kind, request.enterprise_id, call.body, answer), once=once)
        if self._shadow is not None:
            self._shadow.ask(Asked(told, request, bank_ids, today))
        return told

    def close(self) -> None:
        """Wait until the challengers have been asked."""
        if self._shadow is not None:
            self._shadow.close()

    def report(self, outcome: OutcomeRequest) -> bytes:
        """Store what became of a decision and return it as stored."""
        call = CURRENT.get()
        caller = call.known_caller
        if outcome.on > self._clock():
            raise invalid_at("on", f"got {outcome.on}, expected a day up to today in Beijing, {self._clock()}")
        bank_id = self._engine().bank_of_product(outcome.product_id)
        if bank_id is None:
            raise invalid_at("product_id", f"got {outcome.product_id!r}, expected the id of a product of /v1/products")
        if caller.bank_id not in {None, bank_id}:
            raise ProblemError("forbidden", f"product_id: got a product of {bank_id}, expected one of {caller.bank_id}")
        return Store(self._opened()).record_outcome(caller, outcome.model_dump(mode="json"), once=_once(call))

    def decision(self, decision_id: str) -> Json:
        """A stored decision as the caller may see it."""
        caller = CURRENT.get().known_caller
        record = record_of(Store(self._opened()).decision(caller.tenant, decision_id))
        return (
            record if caller.bank_id is None else seen_by_bank(record, caller.bank_id, self._engine().bank_of_product)
        )

    def products(self, *, on: dt.date | None, bank_id: str | None, category: str | None) -> Json:
        """Products offered on a day, default today; an officer sees those of its own bank."""
        own = CURRENT.get().known_caller.bank_id
        if own and bank_id not in {None, own}:
            raise ProblemError("forbidden", f"bank: got {bank_id!r}, expected your own bank {own!r}")
        return self._engine().products(on=on or self._clock(), bank_id=own or bank_id, category=category)

    def _keep(self, said: Said) -> None:
        Store(self._opened()).record_shadow(said)

    def _opened(self) -> Database:
        with self._opening:
            if self._database is None:
                database = Database(self._database_url)
                database.migrate()
                self._database = database
            return self._database


def _once(call: Call) -> Once | None:
    """What a repeated request must be equal in: route, role and bank as well as body."""
    if call.idempotency_key is None:
        return None
    caller = call.known_caller
    scope = f"{call.route}\n{caller.role}\n{caller.bank_id}\n".encode()
    return Once(call.idempotency_key, hashlib.sha256(scope + call.body).hexdigest())


def _banks_seen(caller: Caller, wanted: list[str] | None) -> frozenset[str] | None:
    """The banks whose products are matched; None = all."""
    if caller.bank_id is None:
        return frozenset(wanted) if wanted else None
    foreign = sorted(set(wanted or ()) - {caller.bank_id})
    if foreign:
        raise ProblemError("forbidden", f"bank_ids: got {foreign[0]!r}, expected only your own bank {caller.bank_id!r}")
    return frozenset({caller.bank_id})
