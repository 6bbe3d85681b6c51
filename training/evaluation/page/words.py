"""What the page says: pairs of Chinese and English, read from `words.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from decisions.text import Text
from features.catalogue import NAMES_ZH, entries
from sources.contracts import BLOCKS
from sources.contracts.registry import LEGAL_FORMS

MISSING = "missing_"
"""How the name of a way of dividing rows begins that asks whether a block was given."""


def both(text: Text) -> str:
    """In one line, for places that hold a plain string; once where it reads alike in both languages."""
    return text.zh if text.zh == text.en else text.both()


def filled(text: Text, **values: str) -> Text:
    """With values put in where the text names them."""
    return Text(text.zh.format(**values), text.en.format(**values))


def same(text: str) -> Text:
    """What reads alike in both languages, such as a number or a code."""
    return Text(text, text)


def say(key: str) -> Text:
    """The words at `section.name` of words.toml.

    Raises:
        KeyError: there is no such text.
    """
    section, _, name = key.partition(".")
    found = _texts()[section].get(name)
    if found is None:
        raise KeyError(f"words.toml: got {key!r}, expected one of {', '.join(_texts()[section])}")
    return found


def known(section: str, name: str, otherwise: Text | None = None) -> Text:
    """The words for a code of the data; the code itself, or what is given, where there are none."""
    return _texts()[section].get(name, otherwise or same(name))


def phrase(feature: str) -> Text:
    """What a feature is called; its name where the catalogue does not have it."""
    return _phrases().get(feature, same(feature))


def block(name: str) -> Text:
    """What a block of sources is called."""
    return Text(NAMES_ZH.get(name, name), name)


def way(by: str) -> Text:
    """What a way of dividing the rows is called."""
    return known("by", by)


def part(by: str, name: str) -> Text:
    """What one part is called of the rows divided in a way."""
    asked = by.removeprefix(MISSING)
    if by.startswith(MISSING) and asked in BLOCKS:
        given = known("name", name)
        return Text(f"{block(asked).zh}：{given.zh}", f"{asked}: {given.en}")
    if by == "industry" and name in _texts()["industry"]:
        trade = say(f"industry.{name}")
        return Text(f"{name} {trade.zh}", f"{name} {trade.en}")
    if by == "legal_form" and name in LEGAL_FORMS:
        return Text(LEGAL_FORMS[name], name.replace("_", " "))
    return known("name", name)


@cache
def _phrases() -> Mapping[str, Text]:
    return MappingProxyType({entry.name: Text(entry.zh, entry.en) for entry in entries()})


@cache
def _texts() -> Mapping[str, Mapping[str, Text]]:
    parsed = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return MappingProxyType(
        {section: {name: Text(**pair) for name, pair in texts.items()} for section, texts in parsed.items()}
    )
