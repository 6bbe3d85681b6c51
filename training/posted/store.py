"""Reads the store of the service: decisions, the requests behind them, outcomes, and what challengers said."""

import datetime as dt
import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from sources.clock import BEIJING
from sources.service_tables import DECISIONS, INPUTS, OUTCOMES, SHADOW_SCORES

ROWS_AT_A_TIME = 500
AT_ONCE = 200
"""Decisions asked for in one statement."""

DECIDED: Mapping[str, Any] = {
    "decision_id": pl.String,
    "enterprise_id": pl.String,
    "kind": pl.String,
    "decided_at": pl.String,
    "as_of": pl.Date,
    "score": pl.Float64,
    "pd": pl.Float64,
    "grade": pl.String,
    "eligible": pl.Float64,
    "model_version": pl.String,
    "model_digest": pl.String,
    "fit_version": pl.String,
    "fit_digest": pl.String,
    "policy_version": pl.String,
    "catalogue_version": pl.String,
}
"""`eligible` is the share of the products looked at that no rule excluded; null where none was matched."""

SHOWN: Mapping[str, Any] = {
    "decision_id": pl.String,
    "place": pl.Int64,
    "product_id": pl.String,
    "bank_id": pl.String,
    "approval_probability": pl.Float64,
    "fit": pl.Float64,
    "expected_value_fen": pl.Int64,
}
REPORTED: Mapping[str, Any] = {
    "outcome_id": pl.String,
    "decision_id": pl.String,
    "product_id": pl.String,
    "reported_at": pl.String,
    "decision": pl.String,
    "refusal_codes": pl.List(pl.String),
    "limit_fen": pl.Int64,
    "rate": pl.Float64,
    "drawn_fen": pl.Int64,
    "days_past_due": pl.Int64,
    "on": pl.Date,
}
SAID: Mapping[str, Any] = {
    "decision_id": pl.String,
    "model_version": pl.String,
    "model_digest": pl.String,
    "fit_version": pl.String,
    "fit_digest": pl.String,
    "milliseconds": pl.Int64,
    "score": pl.Float64,
    "pd": pl.Float64,
    "shown": pl.List(pl.Struct({"product_id": pl.String, "approval_probability": pl.Float64, "fit": pl.Float64})),
    "products": pl.List(pl.String),
}


class StoreError(ValueError):
    """A database that is no store of the service, or does not answer."""


@dataclass(frozen=True)
class Request:
    """A request behind a decision, as it came.

    Attributes:
        on: day on which it was answered, in Beijing.
        body: its JSON.
    """

    decision_id: str
    enterprise_id: str
    on: dt.date
    body: bytes


@dataclass(frozen=True)
class PostedStore:
    """The store at a database URL, such as `sqlite:///var/xinpei.db`; nothing in it is ever changed from here.

    Raises:
        StoreError: nothing is there, or something else.
    """

    url: str
    _engine: sa.Engine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_engine", _engine(self.url))
        with self._reading() as connection:
            missing = {DECISIONS.name, OUTCOMES.name} - set(sa.inspect(connection).get_table_names())
        if missing:
            raise StoreError(f"{shown_url(self.url)}: no table {min(missing)!r}; expected the service's store")

    def decisions(self, *, kinds: Collection[str] = ("score", "match")) -> pl.DataFrame:
        """What was answered, oldest first: columns `DECIDED`."""
        return pl.DataFrame([_decided(row) for row in self._rows(kinds)], schema=dict(DECIDED))

    def shown(self) -> pl.DataFrame:
        """The products that every match showed, in their order from place 1: columns `SHOWN`."""
        rows = [line for row in self._rows(("match",)) for line in _shown(row)]
        return pl.DataFrame(rows, schema=dict(SHOWN))

    def outcomes(self) -> pl.DataFrame:
        """What was reported, in the order in which it came: columns `REPORTED`."""
        with self._reading() as connection:
            found = connection.execute(sa.select(OUTCOMES).order_by(OUTCOMES.c.recorded_at, OUTCOMES.c.outcome_id))
            rows = [_reported(row) for row in found]
        return pl.DataFrame(rows, schema=dict(REPORTED))

    def shadow(self) -> pl.DataFrame:
        """What challengers said, oldest first: columns `SAID`; `products` are the ids in the order they would show."""
        with self._reading() as connection:
            if not sa.inspect(connection).has_table(SHADOW_SCORES.name):
                return pl.DataFrame(schema=dict(SAID))
            found = connection.execute(sa.select(SHADOW_SCORES).order_by(SHADOW_SCORES.c.recorded_at))
            rows = [_said(row) for row in found]
        return pl.DataFrame(rows, schema=dict(SAID))

    def requests(self, decision_ids: Collection[str]) -> Iterator[Request]:
        """The requests behind some decisions, newest first."""
        wanted = sorted(decision_ids, reverse=True)
        asked = sa.select(DECISIONS, INPUTS.c.compressed).join(INPUTS).order_by(DECISIONS.c.place.desc())
        for start in range(0, len(wanted), AT_ONCE):
            some = DECISIONS.c.decision_id.in_(wanted[start : start + AT_ONCE])
            with self._reading() as connection:
                found = connection.execute(asked.where(some)).all()
            for row in found:
                body = zlib.decompress(row.compressed)
                yield Request(row.decision_id, row.enterprise_id, day_in_beijing(row.recorded_at), body)

    def _rows(self, kinds: Collection[str]) -> Iterator[sa.Row[Any]]:
        asked = sa.select(DECISIONS).where(DECISIONS.c.kind.in_(list(kinds))).order_by(DECISIONS.c.place)
        with self._reading() as connection:
            yield from connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(asked)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            reason = str(error).splitlines()[0]
            raise StoreError(f"{shown_url(self.url)}: the service's store does not answer ({reason})") from error


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise StoreError(f"store: got {url!r}, expected a URL such as sqlite:///var/xinpei.db") from error
    # SQLite would make an empty file of a misspelt name.
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise StoreError(f"{url}: no such file; the service makes its store at XINPEI_DATABASE_URL")
    return engine


def shown_url(url: str) -> str:
    """The address without its password."""
    return sa.make_url(url).render_as_string(hide_password=True)


def day_in_beijing(moment: str) -> dt.date:
    """The day of a moment as the store writes it."""
    return dt.datetime.fromisoformat(moment).astimezone(BEIJING).date()


def _decided(row: sa.Row[Any]) -> dict[str, Any]:
    answer = json.loads(row.answer)
    model, fit, said = answer["model"], answer.get("fit_model") or {}, answer["probability_of_default"] or {}
    looked_at = answer.get("considered")
    return {
        "decision_id": row.decision_id,
        "enterprise_id": row.enterprise_id,
        "kind": row.kind,
        "decided_at": row.recorded_at,
        "as_of": dt.date.fromisoformat(answer["as_of"]),
        "score": answer["unclipped_score"],
        "pd": said.get("value"),
        "grade": answer["grade"],
        "eligible": 1 - len(answer["not_eligible"]) / looked_at if looked_at else None,
        "model_version": model["version"],
        "model_digest": model["digest"],
        "fit_version": fit.get("version"),
        "fit_digest": fit.get("digest"),
        "policy_version": answer["policy_version"],
        "catalogue_version": answer.get("catalogue_version"),
    }


def _shown(row: sa.Row[Any]) -> Iterator[dict[str, Any]]:
    for line in json.loads(row.answer)["products"]:
        told = {name: line[name] for name in ("product_id", "approval_probability", "fit", "expected_value_fen")}
        yield {"decision_id": row.decision_id, "place": line["rank"], "bank_id": line["bank"]["id"], **told}


def _reported(row: sa.Row[Any]) -> dict[str, Any]:
    told = json.loads(row.answer)
    names = ("decision", "refusal_codes", "limit_fen", "rate", "drawn_fen", "days_past_due")
    kept = {name: told[name] for name in names} | {"on": dt.date.fromisoformat(told["on"])}
    ids = {"outcome_id": row.outcome_id, "decision_id": row.decision_id, "product_id": row.product_id}
    return {**ids, "reported_at": row.recorded_at, **kept}


def _said(row: sa.Row[Any]) -> dict[str, Any]:
    told = json.loads(row.answer)
    who = {name: getattr(row, name) for name in ("model_version", "model_digest", "fit_version", "fit_digest")}
    names = ("product_id", "approval_probability", "fit")
    return {
        "decision_id": row.decision_id,
        **who,
        "milliseconds": row.milliseconds,
        "score": told["unclipped_score"],
        "pd": (told["probability_of_default"] or {}).get("value"),
        "shown": [{name: line[name] for name in names} for line in told.get("shown", ())],
        "products": [line["product_id"] for line in told.get("products", ())],
    }
