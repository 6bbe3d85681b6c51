"""Importer for the accounts of a Czech bank (Berka, PKDD'99 discovery challenge): bookings and loans of 1993 and 1994.

Reads the bank's own tables as Parquet: `account`, `loan` and the bookings `trans…`. The clients are people for the most
part, and all are de-identified: each account becomes an enterprise of its own with a placeholder code, and keeps its
number as an alias. Czech crowns are taken as if they were yuan: nothing here depends on the level of prices but the
features that compare with an amount in yuan, such as the days with a balance of 1 yuan or less.

The source gives no time of day and no order of the bookings of a day, so `sequence` is unknown, and a booking is
assumed to be known on its own day. It states how a loan ended or stood at the end of 1998, but not when a debtor fell
behind: labels are undated. Only loans granted before the last day of the bookings, on accounts opened since the first,
have a label: only with them the whole cash flow before the loan is there. The last day itself is cut short in the
source.
"""

import datetime as dt
from pathlib import Path

import polars as pl

from sources.codes import placeholder_code
from sources.contracts import BANK_TRANSACTIONS, LABELS, REGISTRY
from sources.importers.cumcm2020c import Imported
from sources.validation import UnusableTableError, validate

CODE_PREFIX, UNKNOWN_AREA = "BK", "100000"
END_OF_STUDY = dt.date(1998, 12, 31)
"""The day on which the loans' statuses stand."""

DIRECTIONS = {"PRIJEM": "in", "VYDAJ": "out", "VYBER": "out"}
STATUSES = {"A": False, "B": True, "C": False, "D": True}
"""A ended and paid, B ended and not paid, C running and in order, D running and in debt."""

PURPOSES_BY_SYMBOL = {
    "UROK": "interest",
    "SANKC. UROK": "interest",
    "SLUZBY": "fee",
    "UVER": "loan_repayment",
    "SIPO": "utilities",
    "POJISTNE": "other",
    "DUCHOD": "other",
}
"""By the booking's k_symbol: interest, penalty interest, statement fee, loan, household payment (rent and meters in one
sum), insurance, pension."""

PURPOSES_BY_OPERATION = {"VKLAD": "cash", "VYBER": "cash", "VYBER KARTOU": "cash"}
"""Where there is no symbol: cash paid in, drawn, drawn with a card. What a transfer was for is unknown."""

NO_PARTNER = "0"
"""Account number of the other side where there is none."""

BOOKING_COLUMNS = {
    "trans_id": pl.Int64,
    "account_id": pl.Int64,
    "date": pl.Date,
    "type": pl.String,
    "operation": pl.String,
    "amount": pl.Float64,
    "balance": pl.Float64,
    "k_symbol": pl.String,
    "bank": pl.String,
    "account": pl.String,
}
ACCOUNT_COLUMNS = {"account_id": pl.Int64, "date": pl.String}
LOAN_COLUMNS = {"account_id": pl.Int64, "date": pl.String, "status": pl.String}


def import_folder(folder: Path, *, today: dt.date) -> Imported:
    """Import the bookings, the accounts that have some, and the labels of the loans granted meanwhile.

    Raises:
        UnusableTableError: a file is missing, cannot be read, or lacks a column.
    """
    bookings = pl.concat(_read(path, BOOKING_COLUMNS) for path in _paths(folder, "trans*.parquet"))
    accounts = _read(_paths(folder, "account.parquet")[0], ACCOUNT_COLUMNS).with_columns(date=_day("date"))
    loans = _read(_paths(folder, "loan.parquet")[0], LOAN_COLUMNS).with_columns(date=_day("date"))
    accounts = accounts.filter(pl.col("account_id").is_in(bookings["account_id"].unique().implode()))
    transactions = validate(BANK_TRANSACTIONS, _transactions(bookings), today=today)
    registry = validate(REGISTRY, _registry(accounts), today=today)
    labels = validate(LABELS, _labels(loans, accounts, bookings), today=today)
    return Imported(
        tables={"registry": registry.rows, "bank_transactions": transactions.rows, "labels": labels.rows},
        rejects=pl.concat([transactions.rejects, registry.rejects, labels.rejects]),
        source_rows={BANK_TRANSACTIONS.name: bookings.height},
    )


def _paths(folder: Path, pattern: str) -> list[Path]:
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise UnusableTableError(
            f"{folder}: got no file {pattern}; expected account.parquet, loan.parquet, trans*.parquet"
        )
    return paths


def _read(path: Path, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
        return frame.select(pl.col(name).cast(dtype) for name, dtype in columns.items())
    except pl.exceptions.ColumnNotFoundError as error:
        raise UnusableTableError(
            f"{path}: got columns {', '.join(frame.columns)}, expected {', '.join(columns)}"
        ) from error
    except pl.exceptions.PolarsError as error:
        raise UnusableTableError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error


def _day(column: str) -> pl.Expr:
    """A day of this century's last years written YYMMDD."""
    return (pl.lit("19") + pl.col(column)).str.to_date("%Y%m%d", strict=False)


def _code(accounts: pl.Expr) -> pl.Expr:
    return accounts.map_elements(
        lambda number: placeholder_code(CODE_PREFIX, number, registrar_area=UNKNOWN_AREA), return_dtype=pl.String
    )


def _fen(column: str) -> pl.Expr:
    return (pl.col(column) * 100).round().cast(pl.Int64)


def _transactions(bookings: pl.DataFrame) -> pl.DataFrame:
    numbers = bookings.select(pl.col("account_id").unique())
    codes = numbers.with_columns(enterprise_id=_code(pl.col("account_id")))
    symbol, operation, partner = pl.col("k_symbol").str.strip_chars(), pl.col("operation"), pl.col("account")
    by_symbol = symbol.replace_strict(PURPOSES_BY_SYMBOL, default=None)
    return bookings.join(codes, on="account_id", how="left", maintain_order="left").select(
        "enterprise_id",
        account=pl.col("account_id").cast(pl.String),
        booking=pl.col("trans_id").cast(pl.String),
        booked_on="date",
        direction=pl.col("type").replace(DIRECTIONS),
        amount_fen=_fen("amount"),
        balance_after_fen=_fen("balance"),
        counterparty=pl.when(partner != NO_PARTNER).then(pl.concat_str("bank", partner, separator="-")),
        purpose=pl.coalesce(by_symbol, operation.replace_strict(PURPOSES_BY_OPERATION, default=None)),
    )


def _registry(accounts: pl.DataFrame) -> pl.DataFrame:
    """The account's number, known since the account was opened: the source tells nothing else of an enterprise."""
    return accounts.select(
        enterprise_id=_code(pl.col("account_id")),
        alias=pl.format("account-{}", "account_id"),
        known_on="date",
    )


def _labels(loans: pl.DataFrame, accounts: pl.DataFrame, bookings: pl.DataFrame) -> pl.DataFrame:
    """One row a loan granted before the last day of the bookings, on an account opened since their first."""
    opened = accounts.select("account_id", opened="date")
    covered = bookings.select(first_day=pl.col("date").min(), last_day=pl.col("date").max())
    candidates = loans.join(opened, on="account_id").join(covered, how="cross")
    granted = candidates.filter(pl.col("opened") >= pl.col("first_day"), pl.col("date") < pl.col("last_day"))
    return granted.select(
        enterprise_id=_code(pl.col("account_id")),
        as_of="date",
        defaulted=pl.col("status").replace_strict(STATUSES, default=None, return_dtype=pl.Boolean),
        window=pl.lit("undated"),
        known_on=pl.lit(END_OF_STUDY),
    )
