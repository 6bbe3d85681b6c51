"""A text for people, in Chinese and English."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


@dataclass(frozen=True)
class Text:
    """The same thing said in both languages."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    zh: Words
    en: Words

    def both(self) -> str:
        """One line, for the places of the HTTP contract that hold a plain string."""
        return f"{self.zh} / {self.en}"

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def joined(texts: Iterable[Text], *, zh: str, en: str) -> Text:
    """The texts one after another, with each language's separator."""
    parts = tuple(texts)
    return Text(zh=zh.join(part.zh for part in parts), en=en.join(part.en for part in parts))
