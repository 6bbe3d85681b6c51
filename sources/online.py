"""Rows that arrive in a request: pydantic judges their shape, then the same row rules as in bulk judge their values."""

import datetime as dt
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired

import polars as pl
from pydantic import ConfigDict, FailFast, Field, GetPydanticSchema, Strict, StrictBool, StrictInt, StrictStr
from typing_extensions import TypedDict

from sources.contracts import TABLES, Table
from sources.records import Records
from sources.validation import no_rejects, validate

IMPLIED = "enterprise_id"
"""The request names the enterprise once; its rows do not repeat it."""

Int64 = Annotated[StrictInt, Field(ge=-(2**63), le=2**63 - 1)]
SHAPES: Mapping[type, Any] = {pl.Int64: Int64, pl.Date: Annotated[dt.date, Strict()], pl.Boolean: StrictBool}
"""JSON shape of a column; everything else is text. Bounds and enumerations are rules of rows, not of the shape."""

RequestRows = Mapping[str, Sequence[Mapping[str, Any]]]


def row_shape(table: Table) -> Any:
    """TypedDict of one row of a table in a request; unknown fields are refused."""
    columns = table.schema.columns()
    fields: dict[str, Any] = {}
    for name, dtype in table.dtypes.items():
        if name == IMPLIED:
            continue
        shape = SHAPES.get(dtype.base_type(), StrictStr)
        described = Field(description=_description(columns[name].description, dtype))
        if name in table.optional:
            fields[name] = NotRequired[Annotated[shape | None, described]]
        else:
            fields[name] = Annotated[shape, described]
    return _strict_typed_dict(f"{table.schema.__name__}Row", fields)


def _description(text: str | None, dtype: pl.DataType) -> str:
    allowed = f" (one of {', '.join(dtype.categories)})" if isinstance(dtype, pl.Enum) else ""
    return f"{text or ''}{allowed}"


def _strict_typed_dict(name: str, fields: dict[str, Any]) -> Any:
    # The fields are only known from the contract, so the class is made, not written.
    return types.new_class(
        name,
        (TypedDict,),
        exec_body=lambda body: body.update(__annotations__=fields, __pydantic_config__=ConfigDict(extra="forbid")),
    )


_TABLES_SHAPE = _strict_typed_dict(
    "RecordsInRequest",
    {
        name: NotRequired[Annotated[types.GenericAlias(list, (row_shape(table),)), FailFast()]]
        for name, table in TABLES.items()
    },
)

RequestRecords = Annotated[RequestRows, GetPydanticSchema(lambda _source, handler: handler(_TABLES_SHAPE))]
"""Type of a request's `records`: table name to rows. A table left out was not given; an empty one was, and is empty."""


def records_of_request(enterprise_id: str, tables: RequestRows, *, today: dt.date) -> tuple[Records, pl.DataFrame]:
    """Records of one enterprise from the rows of a request, and the rejects among these.

    Args:
        enterprise_id: the code, already checked.
        tables: rows in the shape of `RequestRecords`.
        today: rows dated later are rejects.
    """
    frames: dict[str, pl.DataFrame] = {}
    rejects = []
    for name, rows in tables.items():
        table = TABLES[name]
        if not rows:
            frames[name] = table.empty()
            continue
        checked = validate(table, _frame(table, enterprise_id, rows), today=today)
        frames[name] = checked.rows
        if not checked.rejects.is_empty():
            rejects.append(checked.rejects)
    return Records.of(frames, enterprises=pl.Series([enterprise_id])), pl.concat(rejects) if rejects else no_rejects()


def _frame(table: Table, enterprise_id: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Columns of the rows; enumerations stay text here, so that a foreign value is a reject of its row only."""
    schema = {name: pl.String() if isinstance(dtype, pl.Enum) else dtype for name, dtype in table.dtypes.items()}
    implied = pl.Series(IMPLIED, [enterprise_id]).new_from_index(0, len(rows))
    columns = pl.from_dicts(rows, schema=schema).get_columns()
    return pl.DataFrame([implied if column.name == IMPLIED else column for column in columns])
