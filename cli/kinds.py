"""`--model`: which of the two registered models a sub-command works on."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from training.kinds import Kind


class Which(StrEnum):
    """The registered models by short names."""

    CREDIT = "credit"
    FIT = "fit"


WhichModel = Annotated[Which, typer.Option("--model", help="Which model: credit scores, or product fit.")]


def kind_of(which: Which) -> "Kind[Any]":
    """What the registry must know of it."""
    if which is Which.CREDIT:
        from training.kinds import CREDIT

        return CREDIT
    from training.product_fit.kind import FIT

    return FIT
