import datetime as dt
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from samples import TODAY

from sources.codes import is_valid_code
from sources.importers.berka import import_folder
from sources.validation import UnusableTableError

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "berka"
OPENED, GRANTED, CUT = dt.datetime(1993, 1, 5), dt.datetime(1993, 7, 5), dt.datetime(1993, 9, 30)  # noqa: DTZ001 - the source's days have no zone

BOOKINGS = [
    (1, 576, OPENED, "PRIJEM", "VKLAD", 900.0, 900.0, None, None, None),
    (2, 576, GRANTED, "PRIJEM", None, 20.1, 920.1, "UROK", None, None),
    (3, 576, GRANTED, "VYDAJ", "PREVOD NA UCET", 100.0, 820.1, "SIPO", "QR", "13943797"),
    (4, 576, GRANTED, "VYDAJ", "PREVOD NA UCET", 50.0, 770.1, " ", "QR", "13943797"),
    (5, 576, GRANTED, "VYBER", "VYBER", 70.1, 700.0, None, None, "0"),
    (6, 576, GRANTED, "VYDAJ", "VYBER", 0.0, 700.0, "SANKC. UROK", None, None),
    (7, 8, GRANTED, "PRIJEM", "VKLAD", 1.0, 9.0, None, None, None),
    (8, 9, CUT, "PRIJEM", "PREVOD Z UCTU", 5.0, -3.0, "DUCHOD", "AB", "1"),
]
NAMES = ("trans_id", "account_id", "date", "type", "operation", "amount", "balance", "k_symbol", "bank", "account")


@pytest.fixture
def folder(tmp_path):
    pl.DataFrame(BOOKINGS, schema=NAMES, orient="row").write_parquet(tmp_path / "trans_1993.parquet")
    accounts = {"account_id": [576, 8, 9, 77], "date": [930105, 921231, 930930, 950101]}
    pl.DataFrame(accounts).write_parquet(tmp_path / "account.parquet")
    loans = {"account_id": [576, 8, 9, 77], "date": [930705, 930706, 930930, 950301], "status": ["B", "A", "A", "A"]}
    pl.DataFrame(loans).write_parquet(tmp_path / "loan.parquet")
    return tmp_path


@pytest.fixture
def imported(folder):
    return import_folder(folder, today=TODAY)


def test_bookings_come_under_contract_and_what_breaks_it_is_counted(imported):
    rows = imported.tables["bank_transactions"]
    assert rows.height + imported.rejects.height == imported.source_rows["bank_transactions"] == 8
    assert imported.rejects.select("rule", "row").rows() == [("amount_fen:min", 5)]
    assert rows["direction"].to_list() == ["in", "in", "out", "out", "out", "in", "in"]
    assert rows["amount_fen"].to_list() == [90_000, 2_010, 10_000, 5_000, 7_010, 100, 500]
    assert rows["balance_after_fen"].to_list()[-3:] == [70_000, 900, -300]
    assert rows["known_on"].equals(rows["booked_on"].rename("known_on"))


def test_the_symbol_tells_the_purpose_and_else_the_kind_of_cash(imported):
    purposes = imported.tables["bank_transactions"]["purpose"].to_list()
    assert purposes == ["cash", "interest", "utilities", None, "cash", "cash", "other"]


def test_the_other_side_is_its_bank_and_account(imported):
    partners = imported.tables["bank_transactions"]["counterparty"].to_list()
    assert partners == [None, None, "QR-13943797", "QR-13943797", None, None, "AB-1"]


def test_accounts_with_bookings_become_enterprises(imported):
    registry = imported.tables["registry"]
    assert registry["alias"].to_list() == ["account-576", "account-8", "account-9"]
    assert all(map(is_valid_code, registry["enterprise_id"]))
    assert set(registry["enterprise_id"]) == set(imported.tables["bank_transactions"]["enterprise_id"])


def test_only_loans_with_their_whole_flow_before_have_a_label(imported):
    """Not on an account older than the bookings or without any, and not of the last day, which is cut short."""
    label = imported.tables["labels"].row(0, named=True)
    assert imported.tables["labels"].height == 1
    assert (label["as_of"], label["defaulted"], label["window"]) == (dt.date(1993, 7, 5), True, "undated")
    assert label["known_on"] == dt.date(1998, 12, 31)


@pytest.mark.parametrize("name", ["account.parquet", "loan.parquet", "trans_1993.parquet"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(UnusableTableError, match=f"got no file {name[:5]}"):
        import_folder(folder, today=TODAY)


def test_a_missing_column_is_told_with_what_was_expected(folder):
    pl.DataFrame({"account_id": [1], "date": [930101]}).write_parquet(folder / "loan.parquet")
    with pytest.raises(UnusableTableError, match=r"got columns account_id, date, expected account_id, date, status"):
        import_folder(folder, today=TODAY)


def test_a_file_that_is_no_parquet_is_named(folder):
    (folder / "loan.parquet").write_text("loan_id;account_id")
    with pytest.raises(UnusableTableError, match=r"loan\.parquet: cannot be read"):
        import_folder(folder, today=TODAY)


@pytest.fixture
def real_bookings():
    """The bank's own data, where they lie beside the project."""
    if not REAL_DATA.is_dir():
        pytest.skip("the bookings of PKDD'99 (berka) do not lie beside the project; they are not part of it")
    return REAL_DATA


def test_the_command_imports_the_real_bookings(real_bookings, tmp_path):
    command = [sys.executable, "-m", "cli", "import", "berka", str(real_bookings), "--into", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "accepted 99,998 + rejected 1 = source 99,999" in done.stdout
    assert "enterprises 1515, labelled 104" in done.stdout
    labels = pl.read_parquet(tmp_path / "labels.parquet")
    assert labels["defaulted"].sum() == 15
    first_booking = (
        pl.read_parquet(tmp_path / "bank_transactions.parquet").group_by("enterprise_id").agg(pl.col("booked_on").min())
    )
    opened = pl.read_parquet(tmp_path / "registry.parquet").join(first_booking, on="enterprise_id")
    assert (opened["known_on"] == opened["booked_on"]).all(), "no flow from before the file"
