"""The question that the service is asked in benchmarks: one enterprise with its records inline."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from benchmarks.features import REAL_DATA, SEED, SIMULATED_ENTERPRISES, SIMULATED_MONTHS, SIMULATED_UNTIL
from sources.clock import today_in_beijing
from sources.importers import cumcm2020c
from sources.records import Records

USUAL_INVOICES = 1_500
"""Invoices of the enterprise asked about, as near as there is one: some years of a busy small firm."""

SMALLEST_AMOUNT, AMOUNTS = 100_000_000, 899_999_999
"""Amounts asked for, in fen, all of nine digits."""


@dataclass(frozen=True)
class Question:
    """A request about one enterprise.

    Attributes:
        about: which data it is from, for the reader of the results.
        template: the body, asking for the smallest amount.
        invoices: rows of `vat_invoices` in it.
    """

    about: str
    template: bytes
    invoices: int

    def body(self, number: int) -> bytes:
        """The same question for another amount: no two bodies are equal, so each is stored anew."""
        asked, other = (b'"amount_fen": %d' % (SMALLEST_AMOUNT + step) for step in (0, number % AMOUNTS))
        return self.template.replace(asked, other, 1)


def usual_question() -> Question:
    """About a real enterprise where the data lies beside the project, else about a simulated one."""
    if REAL_DATA.is_dir():
        imported = cumcm2020c.import_folder(REAL_DATA, today=cumcm2020c.AS_OF)
        tables = {name: imported.tables[name] for name in ("registry", "vat_invoices")}
        return question_about("a real enterprise of cumcm2020c", Records.of(tables), cumcm2020c.AS_OF)
    from simulation.plan import City  # noqa: PLC0415 - the generator is needed only without real data
    from simulation.tables import TELLERS, tables_in_memory  # noqa: PLC0415 - as above

    city = City(enterprises=SIMULATED_ENTERPRISES, months=SIMULATED_MONTHS, seed=SEED, until=SIMULATED_UNTIL)
    tellers = {name: TELLERS[name] for name in ("registry", "vat_invoices")}
    records = Records.of(tables_in_memory(city, tellers=tellers))
    return question_about(
        "a simulated enterprise (the real data does not lie beside the project)", records, SIMULATED_UNTIL
    )


def question_about(about: str, records: Records, as_of: dt.date) -> Question:
    """About the enterprise whose number of invoices is nearest to the usual one."""
    if records.vat_invoices is None:
        raise ValueError(f"{about}: got no table vat_invoices, expected one")
    sizes = records.vat_invoices.group_by("enterprise_id").len()
    nearest = (pl.col("len").cast(pl.Int64) - USUAL_INVOICES).abs()
    code, invoices = sizes.sort(nearest, "enterprise_id").row(0)
    content = {
        "enterprise_id": code,
        "as_of": as_of.isoformat(),
        "rules_on": today_in_beijing().isoformat(),
        "request": {"amount_fen": SMALLEST_AMOUNT, "term_months": 12},
        "records": {name: _rows(frame, code) for name, frame in records.tables()},
    }
    return Question(about, json.dumps(content, ensure_ascii=False).encode(), invoices)


def _rows(frame: pl.DataFrame, code: str) -> list[dict[str, Any]]:
    rows = frame.filter(pl.col("enterprise_id") == code).drop("enterprise_id").to_dicts()
    return [{name: str(value) if isinstance(value, dt.date) else value for name, value in row.items()} for row in rows]
