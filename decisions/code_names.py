"""What people call the codes of a fact, such as 专精特新中小企业 for srdi."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from decisions.files import FOLDER, read
from decisions.text import Text, joined


@cache
def code_names() -> Mapping[str, Mapping[str, Text]]:
    """The names of codes, by fact.

    Raises:
        FileMistakesError: code_names.toml is wrong.
    """
    return MappingProxyType(read(FOLDER / "code_names.toml", dict[str, dict[str, Text]]))


def code_name(fact: str, code: str) -> Text:
    """The name of a code; one that has none goes by itself, as a tax-credit grade does."""
    return code_names().get(fact, {}).get(code) or Text(zh=code, en=code)


def codes_text(fact: str, codes: Iterable[str]) -> Text:
    """Several codes of a fact, one after another; at least one."""
    return joined((code_name(fact, code) for code in codes), zh="、", en=", ")
