"""`xinpei validate`, as a person runs it."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest
from samples import ENTERPRISES, TODAY, invoice_frame

from sources.validation import no_rejects
from sources.writers import write_folder

WIDE = {**os.environ, "COLUMNS": "120"}


def validate(*arguments):
    command = [sys.executable, "-m", "cli", "validate", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=WIDE)


@pytest.fixture
def data(tmp_path, simple_invoice):
    """Five good invoices, one exact copy."""
    rows = invoice_frame([{**simple_invoice, "number": str(n)} for n in range(5)])
    write_folder(tmp_path / "data", {"vat_invoices": pl.concat([rows, rows[:1]])}, no_rejects())
    return tmp_path / "data"


def test_rows_are_counted_in_both_languages_and_rejects_alone_are_no_failure(data):
    done = validate(data)
    assert done.returncode == 0, done.stderr
    assert "given 原始 6 = accepted 合格 5 + rejected 剔除 1" in done.stdout
    for word in ("vat_invoices", "增值税发票", "duplicate", "2026-01-10", "100.0%", "all 全部未提供", "各表均可使用"):
        assert word in done.stdout


def test_the_numbers_come_as_json_too(data):
    shown = json.loads(validate(data, "--json").stdout)
    (table,) = shown["tables"]
    assert (table["given"], table["accepted"], table["rejected"]) == (6, 5, {"duplicate": 1})
    assert table["happened"] == ["2026-01-10", "2026-01-10"]
    assert shown["enterprises"] == 1


def test_rejects_are_written_with_their_rule_and_value(data, tmp_path):
    done = validate(data, "--rejects", tmp_path / "out" / "rejects.parquet")
    assert "rejects written to" in done.stdout
    assert pl.read_parquet(tmp_path / "out" / "rejects.parquet")["rule"].to_list() == ["duplicate"]


def test_a_table_that_cannot_be_used_is_one_line_after_the_others(data):
    (data / "registry.csv").write_text("")
    done = validate(data)
    assert done.returncode == 2
    assert "accepted 合格 5" in done.stdout
    assert "各表均可使用" not in done.stdout
    assert "registry.csv: cannot be read (it is empty" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_table_that_cannot_be_used_is_in_the_json_too(data):
    (data / "registry.csv").write_text("name\nx\n")
    done = validate(data, "--json")
    assert done.returncode == 2
    assert list(json.loads(done.stdout)["unusable"]) == ["registry"]


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_no_table_at_all_is_one_line(tmp_path, name):
    (tmp_path / "empty").mkdir()
    done = validate(tmp_path / name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_every_mistake_of_a_mapping_has_its_line(data, tmp_path):
    (tmp_path / "own.toml").write_text("[tables.registri]\n[tables.loans.columns]\nloann = 'x'\n")
    done = validate(data, "--mapping", tmp_path / "own.toml")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "xinpei: own.toml: tables.registri: unknown table; did you mean 'registry'?",
        "xinpei: own.toml: tables.loans.columns.loann: unknown column; did you mean 'loan'?",
    ]


def test_a_chinese_file_is_read_by_the_mapping_that_ships(tmp_path):
    text = f"统一社会信用代码,获知日期,登记状态\n{ENTERPRISES[0]},{TODAY.year}年1月5日,存续\n"
    (tmp_path / "登记信息.csv").write_text(text, "utf-8-sig")
    done = validate(tmp_path, "--mapping", "chinese", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tables"][0]["accepted"] == 1


def test_files_that_are_no_table_are_named(data):
    (data / "invoice.csv").write_text("x\n")
    assert "未识别的文件: invoice.csv" in validate(data).stdout


def test_a_password_is_not_told():
    done = validate("postgresql://u:geheim@127.0.0.1:9/db")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "geheim" not in done.stdout + done.stderr
