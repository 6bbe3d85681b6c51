"""How many numbers of the invented city were seen, and how many were assumed: the marks in `simulation/assumed`."""

import ast
import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import polars as pl

ASSUMED = Path(__file__).resolve().parents[1] / "simulation" / "assumed"
MARKS = ("assumed", "recalled", "derived", "seen", "ours")
"""From the weakest; `ours` is a choice of how the program works and says nothing about the world."""

UNMARKED = "unmarked"


def counts(folder: Path = ASSUMED) -> pl.DataFrame:
    """Numbers by file and mark: one row a file, sorted by name, with its first sentence.

    Columns:
        `file`, `about`, one of each of `MARKS`, `unmarked`, `all`.
    """
    rows = []
    for path in sorted(folder.glob("*.py")):
        text = path.read_text("utf-8")
        found = marks_in(text)
        if found:
            about = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
            rows.append(
                {"file": path.name, "about": re.split(r"[.;:](?:\s|$)", about)[0]}
                | {mark: found[mark] for mark in (*MARKS, UNMARKED)}
                | {"all": found.total()}
            )
    return pl.DataFrame(rows)


def marks_in(text: str) -> Counter[str]:
    """Numbers in the constants of a module, by mark.

    A number has the mark of the comment on its own line; else on the first and last line of its statement; else of the
    heading of its paragraph; else of the module ("all assumed"); else on other lines of its statement. Of several marks
    the weakest counts.
    """
    tree, comments, headings = ast.parse(text), *_comments(text)
    blank = {number for number, line in enumerate(text.splitlines(), start=1) if not line.strip()}
    default = _weakest(ast.get_docstring(tree) or "")
    found: Counter[str] = Counter()
    for statement in tree.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        said = [comments.get(line, "") for line in lines]
        ends, inside = _weakest(said[0] + " " + said[-1]), _weakest(" ".join(said))
        inherited = ends or _heading(headings, blank, statement.lineno) or default or inside or UNMARKED
        for line in _numbers(statement.value):
            found[_weakest(comments.get(line, "")) or inherited] += 1
    return found


def _comments(text: str) -> tuple[dict[int, str], dict[int, str]]:
    """Comments by line: behind code, and on lines of their own."""
    behind, alone = {}, {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            (behind if token.line[: token.start[1]].strip() else alone)[token.start[0]] = token.string
    return behind, alone


def _heading(headings: dict[int, str], blank: set[int], line: int) -> str | None:
    """The mark of the comment lines in a paragraph above one of its statements."""
    above = []
    while line > 1 and (line := line - 1) not in blank:
        above.append(headings.get(line, ""))
    return _weakest(" ".join(above))


def _weakest(words: str) -> str | None:
    said = set(re.findall(rf"\b({'|'.join(MARKS)})\b", words.lower()))
    return next((mark for mark in MARKS if mark in said), None)


def _numbers(value: ast.expr) -> list[int]:
    """The line of every number; a day counts once."""
    if isinstance(value, ast.Constant):
        return [value.lineno] if isinstance(value.value, int | float) and not isinstance(value.value, bool) else []
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "date":
        return [value.lineno]
    return [line for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr) for line in _numbers(part)] + [
        line for part in ast.iter_child_nodes(value) if isinstance(part, ast.keyword) for line in _numbers(part.value)
    ]
