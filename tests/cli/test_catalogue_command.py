"""`xinpei catalogue`, as a bank's officer and an auditor use it."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app
from decisions.offered.catalogue import CATALOGUE_FOLDER
from decisions.offered.products import Status


def run(*arguments):
    return CliRunner().invoke(app, ["catalogue", *map(str, arguments)])


@pytest.fixture
def copied(tmp_path):
    """A bank's file copied under another name, with its ids renamed, as an officer begins."""
    text = (CATALOGUE_FOLDER / "cmb.toml").read_text("utf-8")
    path = tmp_path / "mybank2.toml"
    path.write_text(text.replace('"cmb', '"mybank2').replace("招商银行", "某某银行"), "utf-8")
    return path


def changed(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_packaged_catalogue_is_counted_by_status_and_category():
    done = run("check")
    assert done.exit_code == 0, done.stderr
    assert "banks 银行: 42 (fictional 虚构: 21), products 产品: 150, versions 版本: 154" in done.stdout
    assert "  48  reference  公开页面，未经银行确认  seen on a public page, not confirmed" in done.stdout
    assert " 102  illustrative  虚构，仅供演示" in done.stdout
    assert "tax_loan  税务贷  Tax loan" in done.stdout
    assert done.stdout.endswith("no mistakes 没有错误\n")


def test_the_command_runs_as_a_program():
    command = [sys.executable, "-m", "cli", "catalogue", "check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_officer_adds_a_bank_by_copying_a_file(copied):
    done = run("check", copied)
    assert done.exit_code == 0, done.stderr
    assert "banks 银行: 1 (fictional 虚构: 0), products 产品: 2" in done.stdout
    shown = run("show", "mybank2-zhaoqidai", "--catalogue", copied.parent)
    assert "某某银行 招企贷" in shown.stdout


def test_an_officer_adds_a_product_by_copying_its_table(copied):
    text = copied.read_text("utf-8")
    product = text[text.index("[[product]]") : text.rindex("[[product]]")]
    copied.write_text(text + "\n" + product.replace("mybank2-zhaoqidai", "mybank2-xindai"), "utf-8")
    assert "products 产品: 3" in run("check", copied).stdout


def test_a_file_that_is_only_copied_is_told_about_its_name_and_ids(tmp_path):
    (tmp_path / "mybank2.toml").write_bytes((CATALOGUE_FOLDER / "cmb.toml").read_bytes())
    done = run("check", tmp_path)
    assert done.exit_code == 2
    assert "mybank2.toml: bank.id: got 'cmb', expected the file's name 'mybank2'" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"tax_loan"', '"taxloan"', "mybank2-zhaoqidai: category: got 'taxloan', expected 'cashflow_loan'"),
        ("cap_fen = 5_000_000_00", "cap_fen = 5000000.5", "mybank2-zhaoqidai: cap_fen: got 5000000.5"),
        ("low = 0.0388", "low = 3.88", "mybank2-zhaoqidai: rate.low: got 3.88, expected less than or equal to 1"),
        ("from = 2026-11-01", 'from = "Nov 2026"', "mybank2-zhaoqidai: from: got 'Nov 2026'"),
        (
            '"firm_age_months"',
            '"age_months"',
            "mybank2-zhaoqidai: rules[1]: fact: got 'age_months', expected a name of facts.toml",
        ),
        ('["A", "B"]', '["A", "E"]', "rules[2]: tax_grade: got 'E', expected some of A, B, M, C, D"),
        (
            '["A", "B"]',
            '["A", "B"] }, { fact = "products_held", none_of = ["ccb-no-such"]',
            "rules[3]: products_held: got 'ccb-no-such', expected a product of the catalogue",
        ),
        ('"lease"]', '"rent"]', "mybank2-zhaoqidai: documents: got 'rent', expected codes of documents.toml"),
        (
            'id = "mybank2-zhaoqidai"',
            'id = "cmb-zhaoqidai"',
            "cmb-zhaoqidai: id: got 'cmb-zhaoqidai', expected it to start",
        ),
        ('id = "mybank2-shengyidai"', 'id = "mybank2-zhaoqidai"', "from: got 2026-11-01, expected a day after the end"),
        (
            'status = "reference"',
            'status = "illustrative"',
            "status: got 'illustrative', expected confirmed or reference",
        ),
        ('district = "BJ"', 'district = "北京"', "bank.contacts[1].district: got '北京'"),
        (
            "repayment = ",
            "decision_day = 3\nrepayment = ",
            "decision_day: got an unknown field, expected some of id, name",
        ),
        ('source = "public web page of a broker or a bank"\n', "", "mybank2-zhaoqidai: source: missing, expected this"),
        ("[bank]", "[bank", "mybank2.toml: got text that is no TOML in UTF-8"),
    ],
)
def test_a_mistake_of_an_officer_gets_its_line_and_ends_with_2(copied, old, new, line):
    changed(copied, old, new)
    done = run("check", copied)
    first, last = done.stderr.splitlines()
    assert done.exit_code == 2
    assert first.startswith("xinpei: mybank2.toml: ")
    assert line in first
    assert last == "xinpei: mistakes 错误: 1, files 文件: 1"
    assert done.stdout == ""


def test_every_mistake_is_told_at_once(copied):
    changed(copied, '"tax_loan"', '"taxloan"')
    changed(copied, '"mixed"', '"later"')
    changed(copied, '"mortgage_loan"', '"houseloan"')
    assert "xinpei: mistakes 错误: 3, files 文件: 1" in run("check", copied).stderr


def test_a_rule_may_name_a_product_of_the_packaged_catalogue(copied):
    changed(copied, '["A", "B"]', '["A", "B"] }, { fact = "products_held", none_of = ["ccb-yunshuidai"]')
    assert run("check", copied).exit_code == 0


def test_a_broken_packaged_file_can_be_checked_by_itself(copied, monkeypatch):
    changed(copied, '"tax_loan"', '"taxloan"')
    monkeypatch.setattr("decisions.offered.catalogue.CATALOGUE_FOLDER", copied.parent)
    done = run("check", copied)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 2)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "some.toml: bank: missing, expected this field"),
        ("[bank]\nname = '某行'".encode("gb18030"), "some.toml: got text that is no TOML in UTF-8"),
        (b"bank: some", "some.toml: got text that is no TOML in UTF-8"),
        (b"\x00\xff", "some.toml: got text that is no TOML in UTF-8"),
        (b"bank = 1", "some.toml: bank: got 1, expected a valid dictionary"),
    ],
    ids=["empty", "GB18030", "YAML", "binary", "number"],
)
def test_a_file_that_holds_no_bank_is_told(tmp_path, content, line):
    (tmp_path / "some.toml").write_bytes(content)
    done = run("check", tmp_path / "some.toml")
    assert done.exit_code == 2
    assert line in done.stderr


def test_an_empty_folder_is_told(tmp_path):
    done = run("check", tmp_path)
    assert done.exit_code == 2
    assert f"{tmp_path}: got no bank files, expected one <bank id>.toml a bank" in done.stderr


def test_a_path_that_is_not_there_and_another_kind_of_file_are_told(tmp_path):
    (tmp_path / "bank.xlsx").write_bytes(b"PK")
    done = run("check", tmp_path / "none.toml", tmp_path / "bank.xlsx")
    assert done.exit_code == 2
    assert "none.toml: got no such file or folder" in done.stderr
    assert "bank.xlsx: got a file named 'bank.xlsx', expected <bank id>.toml" in done.stderr


def test_the_list_shows_the_status_of_every_product():
    lines = run("show", "--on", "2026-11-22").stdout.splitlines()
    assert lines[0] == "on 日期 2026-11-22: products 产品 148"
    assert all("(reference)" in line or "(illustrative)" in line for line in lines[1:])


def test_the_list_is_narrowed_by_bank_and_category():
    lines = run("show", "--bank", "ccb", "--category", "tax_loan", "--on", "2026-11-22").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["ccb-yunshuidai"]


def test_a_product_is_shown_with_status_direction_papers_and_contacts():
    text = run("show", "ccb-yunshuidai").stdout
    assert text.startswith("ccb-yunshuidai  (reference)  建设银行 云税贷")
    for words in (
        "公开页面，未经银行确认  seen on a public page, not confirmed",
        "企业成立时间 >= 24个月（越高越有利）  Age of the firm >= 24 months (better when it rises)",
        "涉税信息查询授权书  authorisation to query tax data",
        "建设银行北京各网点普惠金融窗口（以银行公布为准）",
        "近12个月纳税额 × 8，最高300万元",
    ):
        assert words in text


def test_terms_are_those_of_the_day_asked_for():
    name = "example-9-shangquan-shoukuandai"
    assert "150万元" in run("show", name, "--on", "2026-12-31").stdout
    assert "200万元" in run("show", name, "--on", "2027-01-01").stdout


def test_a_product_that_is_not_offered_on_the_day_says_so():
    assert "not offered on 当日不提供: 2026-11-22" in run("show", "cmbc-shuitianfu-2015", "--on", "2026-11-22").stdout


def test_a_product_comes_as_json_with_numbers_and_directions():
    shown = json.loads(run("show", "example-15-jingcheng-shuidai", "--json", "--on", "2026-11-22").stdout)
    assert (shown["id"], shown["status"], shown["bank"]["id"]) == (
        "example-15-jingcheng-shuidai",
        "illustrative",
        "example-15",
    )
    assert shown["limit"][0]["parts"][0]["multiple"] == 8.0
    assert shown["from"] == "2026-11-01"
    assert shown["is_offered"] is True
    assert shown["rules"][0] == {
        "fact": "firm_age_months",
        "at_least": 24,
        "threshold": ">= 24",
        "direction": "rises",
    }


def test_the_list_comes_as_json_too():
    shown = json.loads(run("show", "--bank", "icbc", "--json", "--on", "2026-11-22").stdout)
    assert len(shown) == 6
    assert {row["status"] for row in shown} <= set(Status.__args__)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ccb-yunshuidai", "--bank", "abc"], "got product 'ccb-yunshuidai' and a filter"),
        (["no-such-loan"], "got product 'no-such-loan', expected one of the 150 in the catalogue"),
        (["--bank", "nobank"], "bank: got 'nobank', expected one of abc, bob"),
        (["--category", "tea_loan"], "category: got 'tea_loan', expected one of first_loan"),
        (["--on", "22.11.2026"], "22.11.2026"),
        (["--catalogue", "/no/such/folder"], "got no products, expected one <bank id>.toml a bank"),
    ],
)
def test_what_is_not_there_is_told_and_ends_with_2(arguments, line):
    done = run("show", *arguments)
    assert done.exit_code == 2
    assert line in done.stderr


def test_the_difference_names_what_is_added_ended_and_changed():
    text = run("diff", "--on", "2027-04-01", "--against", "2026-11-22").stdout
    assert text.startswith("2026-11-22 -> 2027-04-01\nadded 新增: 0\nended 停办: 1\n")
    assert "  - example-15-nianmo-shoudai  (illustrative)" in text
    assert "  * example-9-shangquan-shoukuandai  (illustrative)" in text
    assert "        - 150万元  CNY 1,500,000\n        + 200万元  CNY 2,000,000\n" in text


def test_the_order_of_the_two_days_does_not_matter():
    there = run("diff", "--on", "2026-10-31", "--against", "2026-11-01").stdout
    assert there == run("diff", "--on", "2026-11-01", "--against", "2026-10-31").stdout
    assert "added 新增: 146" in there


def test_a_day_differs_in_nothing_from_itself():
    text = run("diff", "--on", "2026-11-22", "--against", "2026-11-22").stdout
    assert text == "2026-11-22 -> 2026-11-22\nadded 新增: 0\nended 停办: 0\nchanged 变化: 0\n"


def test_help_shows_examples():
    for command in ("check", "show", "diff"):
        assert f"Example: xinpei catalogue {command}" in " ".join(run(command, "--help").stdout.split())
