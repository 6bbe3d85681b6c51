"""The notebooks run, in a folder of their own, and are kept without what they showed."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
ENTERPRISES = {"01-data": 400, "02-features": 800, "03-models": 2_000, "04-decisions": 800}
"""Small cities; the second needs some defaults, the third enough to keep some apart, the fourth answers of banks."""

SIZE = "XINPEI_NOTEBOOK_ENTERPRISES"
MOST_SECONDS_A_CELL = 240
FEWEST_PICTURES, MOST_LINES = 3, 25


def read(name: str) -> NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


@pytest.fixture(scope="module", params=sorted(ENTERPRISES))
def executed(request, tmp_path_factory):
    """Name, the notebook with its outputs, and the folder it ran in."""
    notebook, folder = read(request.param), tmp_path_factory.mktemp(request.param)
    aside = tmp_path_factory.mktemp("aside")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SIZE, str(ENTERPRISES[request.param]))
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
            patch.setenv(name, str(aside))
        NotebookClient(notebook, timeout=MOST_SECONDS_A_CELL, resources={"metadata": {"path": str(folder)}}).execute()
    return request.param, notebook, folder


def test_there_are_four():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(ENTERPRISES)


def test_it_runs_without_an_error_or_a_warning(executed):
    _, notebook, _ = executed
    assert [output for output in outputs(notebook) if output.output_type == "error"] == []
    assert [output.text for output in outputs(notebook) if output.get("name") == "stderr"] == []


def test_it_shows_pictures(executed):
    _, notebook, _ = executed
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) >= FEWEST_PICTURES


def test_it_writes_nothing(executed):
    _, _, folder = executed
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", sorted(ENTERPRISES))
def test_it_is_kept_without_what_it_showed(name):
    kept = code_cells(read(name))
    assert [cell.outputs for cell in kept] == [[]] * len(kept)
    assert {cell.execution_count for cell in kept} == {None}


@pytest.mark.parametrize("name", sorted(ENTERPRISES))
def test_it_is_short(name):
    notebook = read(name)
    assert 8 <= len(notebook.cells) <= 14
    assert max(len(cell.source.splitlines()) for cell in notebook.cells) <= MOST_LINES


@pytest.mark.parametrize("name", sorted(ENTERPRISES))
def test_every_heading_has_a_chinese_line_below(name):
    for cell in read(name).cells:
        lines = [line for line in cell.source.splitlines() if line]
        if cell.cell_type == "markdown":
            assert lines[0].startswith("#")
            assert any("\u4e00" <= sign <= "\u9fff" for sign in lines[1])
