"""How values are written: every cell is computed, and one without a value says why."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from decisions.text import Text
from training.evaluation.page.words import phrase, same, say
from training.metrics import Estimate

NONE, MINUS = "—", "−"


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what it shows.
        interval: shown muted behind it.
        why: told on hovering; always there where the text is a dash.
        code: small beside the text, such as a feature's name.
        number: aligned to the right.
        unbroken: kept on one line, such as a day.
        bar: length of a bar under the text, 0 to 1; None = no bar.
    """

    text: Text
    interval: str = ""
    why: Text | None = None
    code: str = ""
    number: bool = True
    unbroken: bool = False
    bar: float | None = None


@dataclass(frozen=True)
class Table:
    """A table whose first column names the rows; `long` ones scroll within a box of their own."""

    caption: Text
    heads: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    long: bool = False


@dataclass(frozen=True)
class Style:
    """How a number is written: times `scale`, with `digits` after the point (`fine` of them below 1), then `unit`."""

    digits: int = 3
    fine: int = 3
    scale: float = 1.0
    unit: str = ""
    signed: bool = False

    def write(self, value: float, *, beside: float | None = None) -> str:
        """The number as text, as fine as the number that it stands beside."""
        measure = abs(value if beside is None else beside) * self.scale
        digits = self.fine if measure < 1 else self.digits
        text = f"{abs(value) * self.scale:,.{digits}f}"
        naught = not any(digit in text for digit in "123456789")
        sign = "" if naught else MINUS if value < 0 else "+" if self.signed else ""
        return f"{sign}{text}{self.unit}"


RATIO = Style()
PERCENT = Style(digits=1, fine=2, scale=100.0, unit="%")
POINTS = Style(digits=1, fine=1)
WHOLE = Style(digits=0, fine=0)
SIGNED_RATIO, SIGNED_POINTS = replace(RATIO, fine=4, signed=True), replace(POINTS, signed=True)
ONE_DIGIT, TWO_DIGITS = replace(PERCENT, fine=1), replace(PERCENT, digits=2)
"""Percentages in a column, where the points should stand below each other."""

SIGNED_PERCENT = replace(ONE_DIGIT, signed=True)
STYLE_OF = {"ece": PERCENT, "ece_floor": PERCENT, "mean_pd": PERCENT, "default_rate": PERCENT,
            "brier": replace(RATIO, fine=4), "log_loss": replace(RATIO, fine=4)}  # fmt: skip
SMALLEST_P, DIGITS_OF_A_DIGEST = 0.001, 12


def finite(value: float | None) -> bool:
    """Whether there is a value."""
    return value is not None and math.isfinite(value)


def dash(why: Text | None = None) -> Cell:
    """No value, and why."""
    return Cell(same(NONE), why=why or say("page.unknown"))


def whole(count: int) -> Cell:
    """A count."""
    return Cell(same(WHOLE.write(count)))


def number(value: float | None, style: Style, *, why: Text | None = None) -> Cell:
    """A number, or a dash that says why."""
    return Cell(same(style.write(value))) if value is not None and finite(value) else dash(why)


def estimate(given: Estimate | None, style: Style, *, why: Text | None = None) -> Cell:
    """A value with its interval."""
    if given is None or not finite(given.value):
        return dash(why)
    cell = number(given.value, style)
    if not (finite(given.low) and finite(given.high)):
        return replace(cell, interval=f"[{NONE}]", why=say("page.no_interval"))
    ends = [style.write(end, beside=given.value) for end in (given.low, given.high)]
    return replace(cell, interval=f"[{', '.join(ends)}]")


def chance(p: float) -> Cell:
    """A p-value."""
    return Cell(same(f"< {SMALLEST_P}")) if p < SMALLEST_P else number(p, RATIO)


def words(text: Text, *, why: Text | None = None) -> Cell:
    """A cell of words; a dash where they are empty."""
    if not text.zh.strip() and not text.en.strip():
        return replace(dash(why or say("page.not_known")), number=False)
    return Cell(text, why=why, number=False)


def plain(text: str) -> Cell:
    """A cell with a name, a day or a code."""
    return words(same(text))


def day(given: dt.date) -> Cell:
    """A day, as in 2026-07-01."""
    return replace(plain(given.isoformat()), unbroken=True)


def digest(given: str) -> Cell:
    """The beginning of a digest; all of it on hovering."""
    kind, _, value = given.rpartition(":")
    if len(value) <= DIGITS_OF_A_DIGEST:
        return plain(given)
    start = f"{value[:DIGITS_OF_A_DIGEST]}…"
    return words(same(f"{kind}:{start}" if kind else start), why=same(given))


def feature(name: str, called: Text | None = None) -> Cell:
    """A feature: its phrase, and its name small."""
    text = called or phrase(name)
    return replace(words(text), code=name if name not in {text.zh, text.en} else "")


def barred(cell: Cell, value: float | None, largest: float) -> Cell:
    """The cell with a bar as long as its value is of the largest one."""
    if value is None or not finite(value) or not largest > 0:
        return cell
    return replace(cell, bar=min(abs(value) / largest, 1.0))


def largest(values: Sequence[float]) -> float:
    """The largest distance from nought among the values there are."""
    return max((abs(value) for value in values if finite(value)), default=0.0)
