"""The record: inputs, decisions in a hash chain, outcomes. Everything here is added, nothing is changed."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from serving.clock import utc_now
from serving.database import Database
from serving.ids import new_id
from serving.keys import Caller
from sources.service_tables import DECISIONS, IDEMPOTENCY_KEYS, INPUTS, OUTCOMES, SHADOW_SCORES

GENESIS = "0" * 64
"""What the first decision names as the hash before it."""

FAST = 1
"""zlib level for inputs: on 2,000 invoices 2.7 times faster than the default, 1.2 times longer."""

SEALED = (
    "place", "decision_id", "tenant", "key_id", "kind", "enterprise_id", "recorded_at", "input_digest", "answer_digest",
)  # fmt: skip
"""Columns that a decision's hash covers, beside the hash before it."""


class UnknownDecisionError(Exception):
    """No decision of this tenant has the id."""


class KeyReusedError(Exception):
    """An idempotency key came again with another request."""


@dataclass(frozen=True)
class Once:
    """An idempotency key and the digest of the request that it stands for."""

    key: str
    request_digest: str


@dataclass(frozen=True)
class Draft:
    """A decision that is not yet on disk.

    Attributes:
        kind: `score` or `match`.
        request: the body as it came, decompressed; kept once however often it comes.
        answer: all fields of the answer except `decision_id`.
    """

    kind: str
    enterprise_id: str
    request: bytes
    answer: dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What challengers say to a request that was answered.

    Attributes:
        model, fit: version and digest of who said it; `fit` None = no model of fit was asked.
        milliseconds: what it cost.
        answer: as `sources.service_tables.SHADOW_SCORES` describes it.
    """

    decision_id: str
    model: tuple[str, str]
    fit: tuple[str, str] | None
    milliseconds: int
    answer: dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """A decision as it is on disk, with the outcomes reported so far, oldest first."""

    decision_id: str
    kind: str
    enterprise_id: str
    recorded_at: str
    input_digest: str
    answer: bytes
    place: int
    previous_hash: str
    hash: str
    outcomes: tuple[bytes, ...]


@dataclass(frozen=True)
class Chain:
    """What `verify_chain` found.

    Attributes:
        sound: decisions that fit, counted from the first.
        head: hash of the last of them. Kept elsewhere, it shows later whether decisions were cut off at the end.
        fault: what is wrong with the first decision that does not fit.
    """

    sound: int
    head: str
    fault: str | None


class Store:
    """Decisions and outcomes in a database; a tenant never meets another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def earlier_answer(self, caller: Caller, once: Once) -> bytes | None:
        """The answer that this idempotency key already got, or None when it is new.

        Raises:
            KeyReusedError: the key stands for another request.
        """
        with self._database.reading() as connection:
            return _earlier_answer(connection, caller, once)

    def record_decision(self, caller: Caller, draft: Draft, *, once: Once | None = None) -> bytes:
        """Write a decision and return its answer as bytes; on disk when this returns.

        When another request with the same idempotency key was faster, its answer is returned and nothing is written.

        Raises:
            KeyReusedError: the key stands for another request.
        """
        decision_id = new_id("d")
        answer = to_json({"decision_id": decision_id, **draft.answer})
        row: dict[str, Any] = {
            "decision_id": decision_id,
            "tenant": caller.tenant,
            "key_id": caller.key_id,
            "kind": draft.kind,
            "enterprise_id": draft.enterprise_id,
            "recorded_at": utc_now(),
            "input_digest": hashlib.sha256(draft.request).hexdigest(),
            "answer_digest": hashlib.sha256(answer).hexdigest(),
            "answer": answer,
        }
        compressed = zlib.compress(draft.request, FAST)
        with self._database.writing() as connection:
            if once and (earlier := _earlier_answer(connection, caller, once)) is not None:
                return earlier
            _keep_input(connection, row["input_digest"], compressed, size=len(draft.request))
            _append(connection, row)
            _remember(connection, caller, once, subject_id=decision_id)
        return answer

    def record_outcome(self, caller: Caller, outcome: dict[str, Any], *, once: Once | None = None) -> bytes:
        """Write what became of a decision and return the stored outcome as bytes.

        Raises:
            UnknownDecisionError: the decision is not there, or another tenant's.
            KeyReusedError: the idempotency key stands for another request.
        """
        outcome_id, recorded_at = new_id("o"), utc_now()
        answer = to_json({"outcome_id": outcome_id, "recorded_at": recorded_at, **outcome})
        row = {
            "outcome_id": outcome_id,
            "decision_id": outcome["decision_id"],
            "tenant": caller.tenant,
            "key_id": caller.key_id,
            "product_id": outcome["product_id"],
            "recorded_at": recorded_at,
            "answer": answer,
        }
        with self._database.writing() as connection:
            if once and (earlier := _earlier_answer(connection, caller, once)) is not None:
                return earlier
            _decision_row(connection, caller.tenant, outcome["decision_id"])
            connection.execute(insert(OUTCOMES).values(row))
            _remember(connection, caller, once, subject_id=outcome_id)
        return answer

    def record_shadow(self, said: Said) -> None:
        """Write what challengers say to a request; once for each decision."""
        version, digest = said.model
        fit_version, fit_digest = said.fit or (None, None)
        row = {
            "decision_id": said.decision_id,
            "recorded_at": utc_now(),
            "model_version": version,
            "model_digest": digest,
            "fit_version": fit_version,
            "fit_digest": fit_digest,
            "milliseconds": said.milliseconds,
            "answer": to_json(said.answer),
        }
        with self._database.writing() as connection:
            mine = select(SHADOW_SCORES.c.decision_id).where(SHADOW_SCORES.c.decision_id == said.decision_id)
            if connection.scalar(mine) is None:
                connection.execute(insert(SHADOW_SCORES).values(row))

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """A decision of this tenant.

        Raises:
            UnknownDecisionError: it is not there, or another tenant's.
        """
        with self._database.reading() as connection:
            row = _decision_row(connection, tenant, decision_id)
            reported = select(OUTCOMES.c.answer).where(OUTCOMES.c.decision_id == decision_id)
            outcomes = connection.scalars(reported.order_by(OUTCOMES.c.outcome_id)).all()
        return Decision(
            decision_id=row.decision_id,
            kind=row.kind,
            enterprise_id=row.enterprise_id,
            recorded_at=row.recorded_at,
            input_digest=row.input_digest,
            answer=row.answer,
            place=row.place,
            previous_hash=row.previous_hash,
            hash=row.hash,
            outcomes=tuple(outcomes),
        )

    def input(self, digest: str) -> bytes:
        """A request body as it came.

        Raises:
            KeyError: no input has this digest.
        """
        with self._database.reading() as connection:
            compressed = connection.scalar(select(INPUTS.c.compressed).where(INPUTS.c.digest == digest))
        if compressed is None:
            raise KeyError(digest)
        return zlib.decompress(compressed)

    def verify_chain(self) -> Chain:
        """Recompute every hash from the rows, oldest first, and stop at the first decision that does not fit."""
        previous, sound = GENESIS, 0
        decisions = select(DECISIONS, INPUTS.c.compressed).join(INPUTS).order_by(DECISIONS.c.place)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=200).execute(decisions):
                fault = _fault(row, place=sound + 1, previous=previous)
                if fault:
                    return Chain(sound, previous, f"{row.decision_id}: {fault}")
                previous, sound = row.hash, sound + 1
        return Chain(sound, previous, None)


def to_json(value: Any) -> bytes:
    """JSON as it is answered and stored: UTF-8, no spaces, the order of keys kept.

    Raises:
        ValueError: an infinite number or NaN, which JSON does not know.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _seal(row: dict[str, Any], previous_hash: str) -> str:
    """SHA-256 over the hash before and the sealed columns as JSON with sorted keys."""
    content = json.dumps({name: row[name] for name in SEALED}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous_hash}\n{content}".encode()).hexdigest()


def _append(connection: Connection, row: dict[str, Any]) -> None:
    last = connection.execute(
        select(DECISIONS.c.place, DECISIONS.c.hash).order_by(DECISIONS.c.place.desc()).limit(1)
    ).one_or_none()
    placed = {**row, "place": last.place + 1 if last else 1, "previous_hash": last.hash if last else GENESIS}
    sealed = {**placed, "hash": _seal(placed, placed["previous_hash"])}
    connection.execute(insert(DECISIONS).values(sealed))


def _keep_input(connection: Connection, digest: str, compressed: bytes, *, size: int) -> None:
    if connection.scalar(select(INPUTS.c.digest).where(INPUTS.c.digest == digest)) is None:
        row = {"digest": digest, "size": size, "compressed": compressed, "recorded_at": utc_now()}
        connection.execute(insert(INPUTS).values(row))


def _remember(connection: Connection, caller: Caller, once: Once | None, *, subject_id: str) -> None:
    if once:
        row = {
            "tenant": caller.tenant,
            "idempotency_key": once.key,
            "request_digest": once.request_digest,
            "subject_id": subject_id,
            "recorded_at": utc_now(),
        }
        connection.execute(insert(IDEMPOTENCY_KEYS).values(row))


def _earlier_answer(connection: Connection, caller: Caller, once: Once) -> bytes | None:
    mine = (IDEMPOTENCY_KEYS.c.tenant == caller.tenant) & (IDEMPOTENCY_KEYS.c.idempotency_key == once.key)
    row = connection.execute(select(IDEMPOTENCY_KEYS).where(mine)).one_or_none()
    if row is None:
        return None
    if row.request_digest != once.request_digest:
        raise KeyReusedError(once.key)
    of_decision = select(DECISIONS.c.answer).where(DECISIONS.c.decision_id == row.subject_id)
    of_outcome = select(OUTCOMES.c.answer).where(OUTCOMES.c.outcome_id == row.subject_id)
    answer = connection.scalar(of_decision)
    return answer if answer is not None else connection.scalar(of_outcome)


def _decision_row(connection: Connection, tenant: str, decision_id: str) -> Row[Any]:
    mine = (DECISIONS.c.decision_id == decision_id) & (DECISIONS.c.tenant == tenant)
    row = connection.execute(select(DECISIONS).where(mine)).one_or_none()
    if row is None:
        raise UnknownDecisionError(decision_id)
    return row


def _fault(row: Row[Any], *, place: int, previous: str) -> str | None:
    """What is wrong with a decision that should stand at `place` after the hash `previous`, or None."""
    if row.place != place:
        return f"place: got {row.place}, expected {place}: a decision before it is missing"
    if row.previous_hash != previous:
        return "previous_hash is not the hash of the decision before it"
    if hashlib.sha256(row.answer).hexdigest() != row.answer_digest:
        return "the stored answer is not the one that was given"
    if _digest_of_compressed(row.compressed) != row.input_digest:
        return "the stored input is not the one that was sent"
    if _seal(dict(row._mapping), row.previous_hash) != row.hash:  # noqa: SLF001 - the documented way to a row's columns
        return "its own columns were changed"
    return None


def _digest_of_compressed(compressed: bytes) -> str | None:
    try:
        return hashlib.sha256(zlib.decompress(compressed)).hexdigest()
    except zlib.error:
        return None
