"""The reference page says what the contracts say."""

import re
from pathlib import Path

import pytest

from cli.documents import DOCUMENTS
from sources.readers.folder import ALL_TABLES
from sources.reference import markdown

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_the_document_on_disk_is_what_the_code_says(path):
    assert (ROOT / path).read_text("utf-8") == DOCUMENTS[path](), "run: python -m cli.documents"


def test_every_table_column_and_rule_has_its_line():
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", markdown(), re.MULTILINE | re.DOTALL))
    assert list(sections) == list(ALL_TABLES)
    for name, table in ALL_TABLES.items():
        assert re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE) == list(table.dtypes)
        own = [rule for rule in table.rules if ":" not in rule]
        assert re.findall(r"^- `(\w+)`: .*\(`", sections[name], re.MULTILINE) == own


def test_every_code_has_its_chinese_label():
    assert "`issued` 销项, `received` 进项" in markdown()


def test_no_cell_breaks_its_table():
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}
