"""Imports point one way only; the packages are ours; nothing slow is loaded at start-up."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "sources": set(),
    "features": {"sources"},
    "scoring": {"sources", "features"},
    "decisions": {"sources", "features", "scoring"},
    "serving": {"sources", "features", "scoring", "decisions"},
    "training": {"sources", "features", "scoring", "decisions"},
    "simulation": {"sources", "features", "scoring", "decisions"},
    "cli": {"sources", "features", "scoring", "decisions", "serving", "training", "simulation"},
}
OURS = set(MAY_IMPORT) | {"notebooks", "benchmarks", "tests"}


def imported_by(nodes) -> set[str]:
    """Top-level names that some statements import."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def syntax_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package):
    for path in (ROOT / package).rglob("*.py"):
        foreign = imported_by(ast.walk(syntax_of(path))) & OURS - MAY_IMPORT[package] - {package}
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_packages_are_imported_from_this_checkout():
    for package in MAY_IMPORT:
        module = __import__(package)
        assert Path(module.__file__).resolve().is_relative_to(ROOT), f"{package} comes from {module.__file__}"


def test_the_command_imports_other_packages_only_when_a_sub_command_runs():
    lazy = OURS - {"cli"}
    for path in (ROOT / "cli").glob("*.py"):
        if path.name == "rendering.py":
            continue  # imported by the sub-commands that print answers, when they run
        assert not imported_by(syntax_of(path).body) & lazy, path


def test_every_package_is_in_the_wheel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == set(MAY_IMPORT)


def test_no_package_shadows_the_standard_library():
    assert not set(MAY_IMPORT) & set(sys.stdlib_module_names)
