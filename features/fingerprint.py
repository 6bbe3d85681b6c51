"""A digest of what features mean, so that a model never runs on others than it was trained on."""

import ast
import hashlib
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from features.definition import Feature

HERE = Path(__file__).parent
EVERY_VALUE = ("arithmetic.py", "columns.py", "definition.py", "profile.py", "runs.py", "view.py")
"""Code that every feature's value passes through, beside its own expression and its panels."""

AMONG_PEERS = ("peers.py", "peer_profiles.py", "standing/*.py", "standing/*.toml")
"""Code and numbers behind features that are not folded from panels but compared with peers."""

LAYOUT = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
WITHOUT_MEANING = LAYOUT | {tokenize.COMMENT, tokenize.NL}


def feature_digest(features: Sequence[Feature]) -> str:
    """Digest over names, order, panels, expressions and the code behind them; comments and layout do not count.

    Code of panels that the features do not use does not count either.
    """
    plain = tuple({one.name: one for feature in features for one in _with_inputs(feature)}.values())
    definitions = [(f.name, f.panel.name if f.panel else "", f.unit, f.risk, str(f.expression)) for f in plain]
    code = [_meaning_of(path) for path in _code_behind(plain)]
    return "sha256:" + hashlib.sha256(json.dumps([definitions, code]).encode()).hexdigest()


def code_digest(files: Iterable[str]) -> str:
    """Digest over some files of this package, given by their paths in it; comments and layout do not count."""
    code = [_meaning_of(HERE / name) for name in files]
    return "sha256:" + hashlib.sha256(json.dumps(code).encode()).hexdigest()


def _with_inputs(feature: Feature) -> Iterator[Feature]:
    yield feature
    for one in feature.inputs:
        yield from _with_inputs(one)


def _code_behind(features: Sequence[Feature]) -> list[Path]:
    panels = {one.panel.build.__module__ for one in features if one.panel}
    files = {HERE / name for name in EVERY_VALUE}
    files |= {path for module in panels for path in _panel_files(module)}
    if any(type(one) is not Feature for one in features):
        files |= {path for pattern in AMONG_PEERS for path in HERE.glob(pattern)}
    return sorted(files)


@cache
def _panel_files(module: str) -> frozenset[Path]:
    """The file of some panels, and of those panels that they are made of."""
    path = HERE.parent / f"{module.replace('.', '/')}.py"
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    others = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    made_of = {other for other in others if other.endswith(".panels")}
    return frozenset({path}).union(*(_panel_files(other) for other in made_of))


@cache
def _meaning_of(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    return list(_meaningful_tokens(text)) if path.suffix == ".py" else [text]


def _meaningful_tokens(source: str) -> Iterator[str]:
    """The tokens of some code without comments, docstrings and layout."""
    starts_line = True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in WITHOUT_MEANING:
            starts_line = starts_line or token.type in LAYOUT
        else:
            if not (starts_line and token.type == tokenize.STRING):
                yield token.string
            starts_line = False
