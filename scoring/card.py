"""The model card: what the model is, what it was made from, how good it is, what it must not be used for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Card:
    """Facts about a model, kept beside it.

    Attributes:
        training: sample, label, day, settings and how they were chosen.
        metrics: estimates with their intervals.
        limits: sentences in Chinese and English on what the model may not be taken for.
    """

    name: str
    version: str
    training: Mapping[str, Any]
    metrics: Mapping[str, Any]
    limits: tuple[Mapping[str, str], ...]
