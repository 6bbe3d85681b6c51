"""What an answer rests on: the rows that were given, refused and cut off, and whether a person must look."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from decisions.text import Text
from sources.contracts import BLOCKS, TABLES
from sources.online import RequestRows, records_of_request
from sources.records import Records
from sources.validation import no_rejects

MOST_REJECTED = 0.05
"""Share of a table's rows that may be refused before a person has to look."""

NOTHING_TO_JUDGE = Text(
    zh="截至评估日没有可用的经营数据，结果不能单独作为依据，请人工核实",
    en="No usable record of the business by this day: this answer cannot stand alone, please verify",
)


@dataclass(frozen=True)
class Evidence:
    """Records of one enterprise on a day, and what did not make it into them.

    Attributes:
        known: what could be known at the end of the day; only this is judged.
        given: rows of each table as sent, good and bad.
        rejects: one line a refused row.
        cut_off: good rows of each table that became known later.
    """

    known: Records
    given: Mapping[str, int]
    rejects: pl.DataFrame
    cut_off: Mapping[str, int]

    @classmethod
    def of_request(cls, enterprise_id: str, tables: RequestRows, *, as_of: dt.date, today: dt.date) -> "Evidence":
        """Evidence from the rows of a request."""
        records, rejects = records_of_request(enterprise_id, tables, today=today)
        given = {name: len(rows) for name, rows in tables.items()}
        return cls(records.known_by(as_of), given, rejects, records.cut_off(as_of))

    @classmethod
    def of_records(cls, records: Records, *, as_of: dt.date) -> "Evidence":
        """Evidence from records whose bad rows were sorted out and reported before."""
        given = {name: frame.height for name, frame in records.tables()}
        return cls(records.known_by(as_of), given, no_rejects(), records.cut_off(as_of))

    @property
    def missing_blocks(self) -> list[str]:
        """Blocks of which no table was given."""
        there = {TABLES[name].block for name in self.given}
        return [block for block in BLOCKS if block not in there]

    def blocks(self) -> list[dict[str, Any]]:
        """Each block that was given: rows, the days they span, and the newest day on which one became known."""
        frames: dict[str, list[pl.DataFrame]] = {}
        for name, frame in self.known.tables():
            frames.setdefault(TABLES[name].block, []).append(_days(frame, name))
        return [_block(block, pl.concat(days)) for block, days in frames.items()]

    def reject_lines(self) -> list[dict[str, Any]]:
        """The rejects as they are answered."""
        return self.rejects.to_dicts()

    def whys(self) -> list[Text]:
        """Why a person must look at what was given; empty when nobody must."""
        refused = dict(self.rejects.group_by("table").len().sort("table").iter_rows())
        whys = [
            _too_many_refused(name, count, self.given[name])
            for name, count in refused.items()
            if count > MOST_REJECTED * self.given[name]
        ]
        empty = all(frame.is_empty() for _, frame in self.known.tables())
        return [*whys, NOTHING_TO_JUDGE] if empty else whys


def per_enterprise(records: Records, as_of: dt.date) -> Iterator[Records]:
    """The records of each enterprise, by code, without the tables that it gave no consent to use on the day."""
    tables = {name: frame.partition_by("enterprise_id", as_dict=True) for name, frame in records.tables()}
    nothing = {name: TABLES[name].empty() for name in tables}
    withheld = {name: _lacking_consent(records, TABLES[name].block, as_of) for name in tables}
    for code in records.enterprises:
        permitted = (name for name in tables if code not in withheld[name])
        own = {name: tables[name].get((code,), nothing[name]) for name in permitted}
        yield Records.of(own, enterprises=pl.Series([code]))


def _lacking_consent(records: Records, block: str, as_of: dt.date) -> frozenset[str]:
    lacking = records.lacking_consent(block, as_of)
    return frozenset() if lacking is None else frozenset(records.enterprises.filter(lacking))


def _days(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """When the facts of a table happened and became known."""
    return frame.select("known_on", happened=pl.coalesce(*TABLES[name].known_on_default))


def _block(block: str, days: pl.DataFrame) -> dict[str, Any]:
    first, last, newest = days.select(
        pl.col("happened").min().alias("first"), pl.col("happened").max().alias("last"), pl.col("known_on").max()
    ).row(0)
    return {
        "block": block,
        "rows": days.height,
        "from": _iso(first),
        "to": _iso(last),
        "newest_known_on": _iso(newest),
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _too_many_refused(table: str, refused: int, given: int) -> Text:
    return Text(
        zh=f"{table}：{given} 行中有 {refused} 行不合规则被剔除，超过 5%，请核实数据",
        en=f"{table}: {refused} of {given} rows broke a rule and were left out, more than 5 %; please check the data",
    )
