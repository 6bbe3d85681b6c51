"""Every fact that a product's rule or limit may ask about: unit, source, words, and the paper that settles it."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from pydantic import StrictBool

from decisions.files import FOLDER, FileMistakesError, Frozen, read
from decisions.text import Text, Words

Value = int | float | str | tuple[str, ...]
"""A known value: a number, a code, or a set of codes."""


class FactDefinition(Frozen):
    """What a fact is; facts.toml explains each field."""

    unit: Literal["fen", "count", "share", "days", "months", "years", "word", "words"]
    words: tuple[str, ...] = ()
    block: Words
    document: Words
    actionable: StrictBool
    rare: StrictBool = False
    ladder: tuple[str, ...] = ()
    zh: Words
    en: Words

    @property
    def is_number(self) -> bool:
        return self.unit not in {"word", "words"}

    def foreign(self, codes: Iterable[str]) -> str | None:
        """What is wrong with codes that a file holds for this fact, or None."""
        unknown = [code for code in codes if self.words and code not in self.words]
        return f"got {unknown[0]!r}, expected some of {', '.join(self.words)}" if unknown else None

    @property
    def label(self) -> Text:
        return Text(zh=self.zh, en=self.en)

    @property
    def need(self) -> Text:
        """The paper that settles it."""
        return documents()[self.document]


@cache
def documents() -> Mapping[str, Text]:
    """The papers by code.

    Raises:
        FileMistakesError: documents.toml is wrong.
    """
    return MappingProxyType(read(FOLDER / "documents.toml", dict[str, Text]))


@cache
def facts() -> Mapping[str, FactDefinition]:
    """The facts by name, in the order in which people read them.

    Raises:
        FileMistakesError: facts.toml is wrong.
    """
    definitions = read(FOLDER / "facts.toml", dict[str, FactDefinition])
    foreign = [
        f"facts.toml: {name}.document: got {fact.document!r}, expected a code of documents.toml"
        for name, fact in definitions.items()
        if fact.document not in documents()
    ]
    if foreign:
        raise FileMistakesError(foreign)
    return MappingProxyType(definitions)
