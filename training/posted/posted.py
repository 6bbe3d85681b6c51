"""Outcomes and the requests behind them, as records and applications that a training can learn from."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from sources.clock import today_in_beijing
from sources.online import RequestRecords, records_of_request
from sources.records import Records
from training.posted.outcomes import applications, credit_labels, kept, reported
from training.posted.store import PostedStore, Request

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Group:
    """Decisions of different enterprises whose requests gave the same tables, and what these told of them.

    Attributes:
        records: rows of one request an enterprise.
        decisions: ids.
    """

    records: Records
    decisions: frozenset[str]


@dataclass(frozen=True)
class Posted:
    """What a store says became of decisions.

    Attributes:
        decisions: columns `training.posted.store.DECIDED`, those only that have an outcome.
        outcomes: as `training.posted.outcomes.reported` returns them.
        requests: the requests behind the decisions, newest first.
        today: rows dated later are rejects.
    """

    decisions: pl.DataFrame
    outcomes: pl.DataFrame
    requests: tuple[Request, ...]
    today: dt.date

    @classmethod
    def of(cls, store: PostedStore, *, since: str = "", today: dt.date | None = None) -> "Posted":
        """All decisions that have an outcome, or those taken after a moment (UTC, ISO 8601)."""
        outcomes = store.outcomes()
        answered = pl.col("decision_id").is_in(outcomes["decision_id"].unique().implode())
        decisions = store.decisions().filter(answered, pl.col("decided_at") > since)
        requests = tuple(store.requests(decisions["decision_id"].to_list()))
        return cls(decisions, reported(decisions, outcomes), requests, today or today_in_beijing())

    @property
    def known_until(self) -> dt.date:
        """The last day that anything was reported of; today where nothing was."""
        last: Any = self.outcomes["on"].max()
        return self.today if last is None else last

    @cached_property
    def applications(self) -> pl.DataFrame:
        """Rows of the contract `Applications`, in the order of the outcomes."""
        return applications(self.outcomes, self._wanted, today=self.today).rows

    @cached_property
    def kept(self) -> pl.DataFrame:
        """`application`, `kept`."""
        return kept(self.outcomes, known_until=self.known_until)

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Rows of the contract `Labels`."""
        return credit_labels(self.outcomes, known_until=self.known_until)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Requests by which tables they gave, and by their place among those of an enterprise, the newest first.

        What was not given must stay unknown, as it was when it was asked; and so must what a later request told: its
        versions may bear the same days and know what became of the loan.
        """
        grouped: dict[tuple[frozenset[str], int], list[tuple[Request, Frames]]] = {}
        turns = Counter[str]()
        for request in self.requests:
            tables = rows_of(request)
            grouped.setdefault((frozenset(tables), turns[request.enterprise_id]), []).append((request, tables))
            turns[request.enterprise_id] += 1
        return tuple(_group(read) for read in grouped.values())

    @cached_property
    def _wanted(self) -> pl.DataFrame:
        rows = [(request.decision_id, _wanted_fen(request)) for request in self.requests]
        return pl.DataFrame(rows, schema={"decision_id": pl.String, "wanted_fen": pl.Int64}, orient="row")


@cache
def _shape() -> TypeAdapter[Any]:
    """Reads days from their text, as the service does."""
    return TypeAdapter(RequestRecords)


def rows_of(request: Request) -> Frames:
    """The good rows of a request by table, judged as they were when it was answered."""
    given = json.loads(request.body)["records"]
    tables: Mapping[str, Any] = _shape().validate_json(json.dumps(given))
    records, _ = records_of_request(request.enterprise_id, tables, today=request.on)
    return dict(records.tables())


def _group(read: Sequence[tuple[Request, Frames]]) -> Group:
    names = read[0][1]
    told = {name: pl.concat(tables[name] for _, tables in read) for name in names}
    codes = pl.Series("enterprise_id", sorted(request.enterprise_id for request, _ in read), dtype=pl.String)
    return Group(Records.of(told).only(codes), frozenset(request.decision_id for request, _ in read))


def _wanted_fen(request: Request) -> int | None:
    asked = json.loads(request.body).get("request") or {}
    amount = asked.get("amount_fen")
    return None if amount is None else int(amount)
