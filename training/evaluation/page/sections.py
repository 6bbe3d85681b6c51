"""What a section of the page is made of."""

from dataclasses import dataclass

from decisions.text import Text
from training.evaluation.page.cells import Cell, Table
from training.evaluation.page.figures import Chart


@dataclass(frozen=True)
class Shown:
    """A chart beside its table; `drawn` is False where a table stands alone by intent."""

    table: Table
    chart: Chart | None = None
    drawn: bool = True
    stacked: bool = False


@dataclass(frozen=True)
class Picture:
    """A PNG as a data URI, and what it shows."""

    label: Text
    uri: str


@dataclass(frozen=True)
class Tile:
    """One key figure, a note on it, and the figure that the note names."""

    name: Text
    cell: Cell
    note: Text
    beside: Cell | None = None


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `good`, `look` or `open`, and what was found."""

    name: Text
    state: str
    says: Text


@dataclass(frozen=True)
class Part:
    """Something under a heading of its own; without a title it follows the section's lead."""

    title: Text | None
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Section:
    """A section, in the order: verdict, checks, tiles, sentences, list, parts, pictures."""

    name: str
    title: Text
    lead: Text
    verdict: Text | None = None
    checks: tuple[Check, ...] = ()
    tiles: tuple[Tile, ...] = ()
    sentences: tuple[Text, ...] = ()
    points: tuple[Text, ...] = ()
    parts: tuple[Part, ...] = ()
    pictures: tuple[Picture, ...] = ()


def alone(table: Table) -> Shown:
    """A table without a chart."""
    return Shown(table, drawn=False)
