"""A digest of what features mean, so that a model never runs on others than it was trained on."""

import hashlib
import io
import json
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from features.definition import Feature

SHARED_CODE = ("arithmetic.py", "profile.py", "view.py", "*/panels.py")
"""Code that every feature's value passes through, beside its own expression."""

LAYOUT = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
WITHOUT_MEANING = LAYOUT | {tokenize.COMMENT, tokenize.NL}


def feature_digest(features: Sequence[Feature]) -> str:
    """Digest over names, order, panels, expressions and the code behind them; comments and layout do not count."""
    plain = {one.name: one for f in features for one in (f, *f.inputs)}.values()
    definitions = [(f.name, f.panel.name if f.panel else "", f.unit, f.risk, str(f.expression)) for f in plain]
    return "sha256:" + hashlib.sha256(json.dumps([definitions, _shared_code()]).encode()).hexdigest()


@cache
def _shared_code() -> list[str]:
    here = Path(__file__).parent
    files = [path for pattern in SHARED_CODE for path in sorted(here.glob(pattern))]
    return [token for path in files for token in _meaningful_tokens(path.read_text("utf-8"))]


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
