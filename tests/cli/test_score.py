"""`xinpei score` on a small invented city, as a person runs it."""

import datetime as dt
import json
import subprocess
import sys

import polars as pl
import pytest
from cities import invoice_records
from small_trees import small_model

from scoring.folder import save
from sources.contracts import LABELS, TABLES
from sources.validation import no_rejects
from sources.writers import write_folder

AS_OF = dt.date(2026, 10, 31)
LABELLED = 15


def xinpei(*arguments):
    command = [sys.executable, "-m", "cli", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with `data` and `model`."""
    place = tmp_path_factory.mktemp("score")
    records = invoice_records(30, months=26)
    labels = LABELS.typed(
        pl.DataFrame({"enterprise_id": records.enterprises[:LABELLED]}).with_columns(
            as_of=pl.lit(dt.date(2025, 10, 1)),
            defaulted=pl.lit(value=False),
            window=pl.lit("next_12_months"),
            known_on=pl.lit(dt.date(2026, 10, 1)),
        )
    )
    write_folder(place / "data", {**dict(records.tables()), "labels": labels}, no_rejects())
    save(small_model(records, AS_OF), place / "model")
    return place


@pytest.fixture
def score(place):
    given = ("--data", place / "data", "--model", place / "model", "--as-of", AS_OF, "--rules-on", "2026-11-22")
    (place / "key").write_text("a-key\n")
    given = (*given, "--key-file", place / "key")
    return lambda *more: xinpei("score", *given, *more)


def test_all_enterprises_go_to_one_parquet_file_with_time_and_memory_told(score, tmp_path):
    done = score("--out", tmp_path / "scores.parquet")
    assert done.returncode == 0, done.stderr
    assert "30 enterprises scored and matched in" in done.stdout
    assert "peak memory" in done.stdout
    scores = pl.read_parquet(tmp_path / "scores.parquet")
    assert scores["enterprise_id"].n_unique() == 30
    assert scores["score"].is_between(300, 850).all()
    assert scores["products"].list.len().max() == 10


def test_enterprises_with_a_label_can_be_left_out(score, tmp_path):
    assert score("--unlabelled", "--out", tmp_path / "scores.parquet").returncode == 0
    assert pl.read_parquet(tmp_path / "scores.parquet").height == 30 - LABELLED


def test_one_answer_is_that_of_the_whole_folder(score, tmp_path):
    score("--out", tmp_path / "scores.parquet")
    row = pl.read_parquet(tmp_path / "scores.parquet").row(0, named=True)
    answer = json.loads(score("--enterprise", row["enterprise_id"], "--json").stdout)
    assert answer["unclipped_score"] == row["unclipped_score"]
    assert [p["product_id"] for p in answer["products"]] == [p["product_id"] for p in row["products"]]


def test_one_answer_is_printed_in_both_languages(score):
    shown = score("--enterprise", "Y1110108XP000001X5", "--amount", 500_000).stdout
    for word in ("score 信用分", "base 基准分", "products 产品", "limit 额度", "not eligible 不符合"):
        assert word in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either --enterprise CODE for one answer, or --out FILE for all"),
        (("--out", "x.parquet", "--url", "http://127.0.0.1:9"), "--url asks for one enterprise"),
        (("--out", "x.parquet", "--as-of", "2099-01-01"), "--as-of: got 2099-01-01, expected a day from 1949-10-01"),
        (("--out", "x.parquet", "--rules-on", "1990-01-01"), "xinpei: --rules-on: got 1990-01-01, expected "),
        (("--out", "x.parquet", "--as-of", "0001-01-01"), "--as-of: got 0001-01-01, expected a day from 1949-10-01"),
        (("--enterprise", "E7"), "got enterprise 'E7', expected a code or an alias"),
        (("--enterprise", "Y1110108XP000001X5", "--url", "http://127.0.0.1:9"), "no answer"),
        (("--enterprise", "Y1110108XP000001X5", "--model", "nowhere"), "nowhere: not a model folder"),
    ],
)
def test_what_cannot_be_scored_is_one_clear_line(score, arguments, message):
    done = score(*arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert message in done.stderr


def test_an_empty_folder_is_one_clear_line(tmp_path):
    done = xinpei("score", "--data", tmp_path, "--out", tmp_path / "scores.parquet")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no table found" in done.stderr


def test_an_empty_table_is_one_clear_line(tmp_path):
    write_folder(tmp_path, {"vat_invoices": TABLES["vat_invoices"].empty()}, no_rejects())
    done = xinpei("score", "--data", tmp_path, "--out", tmp_path / "scores.parquet")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no enterprise to score" in done.stderr


def test_a_file_that_is_not_there_is_named(score, tmp_path):
    done = score("--enterprise", "Y1110108XP000001X5", "--url", "http://127.0.0.1:9", "--key-file", tmp_path / "none")
    assert done.stderr == f"xinpei: {tmp_path / 'none'}: No such file or directory\n"
    assert done.returncode == 2


def test_rows_left_out_are_counted_by_rule(score, place, tmp_path):
    rows = pl.read_parquet(place / "data" / "vat_invoices.parquet")
    (tmp_path / "data").mkdir()
    pl.concat([rows, rows.head(3)]).write_parquet(tmp_path / "data" / "vat_invoices.parquet")
    done = score("--data", tmp_path / "data", "--out", tmp_path / "scores.parquet")
    assert done.stderr == "vat_invoices: 3 rows left out 剔除行, rule duplicate\n"
    assert done.returncode == 0
