"""The section of the model card, whatever facts the card holds."""

import math
from collections.abc import Iterator, Mapping

from decisions.text import Text
from scoring.card import Card
from training.evaluation.page import cells
from training.evaluation.page.cells import RATIO, Cell, Table
from training.evaluation.page.sections import Part, Section, alone
from training.evaluation.page.words import known, say
from training.metrics import Estimate

PARTS_OF_AN_ESTIMATE = {"value", "low", "high"}


def model_card(card: Card | None) -> Section:
    """The facts and limits of the card."""
    title, lead = say("card.title"), say("card.lead")
    if card is None:
        return Section("card", title, lead, sentences=(say("card.none"),))
    heads = (say("card.fact"), say("card.value"))
    told = {"name": card.name, "version": card.version, **card.training}
    tables = [Table(say("card.training"), heads, tuple(_described(told)), long=True)]
    if card.metrics:
        tables.append(Table(say("card.metrics"), heads, tuple(_described(card.metrics)), long=True))
    limits = tuple(Text(limit.get("zh", ""), limit.get("en", "")) for limit in card.limits)
    return Section("card", title, lead, points=limits, parts=(Part(None, tuple(map(alone, tables))),))


def _described(facts: Mapping[str, object], *above: str) -> Iterator[tuple[Cell, Cell]]:
    for name, value in _folded(facts).items():
        path = (*above, str(name))
        if isinstance(value, Mapping):
            yield from _described(value, *path)
        else:
            yield _named(path), _fact(value)


def _folded(facts: Mapping[str, object]) -> dict[str, object]:
    """A value whose interval stands beside it, under its name with _low and _high or in one mapping, as an Estimate."""
    folded: dict[str, object] = {}
    ends = {f"{name}{end}" for name in facts for end in ("_low", "_high") if _interval(facts, name) is not None}
    for name, value in facts.items():
        if name in ends:
            continue
        within = _estimate(value) if isinstance(value, Mapping) else None
        folded[name] = within or _interval(facts, name) or value
    return folded


def _interval(facts: Mapping[str, object], name: str) -> Estimate | None:
    return _estimate({"value": facts[name], "low": facts.get(f"{name}_low"), "high": facts.get(f"{name}_high")})


def _estimate(parts: Mapping[str, object]) -> Estimate | None:
    if set(parts) != PARTS_OF_AN_ESTIMATE:
        return None
    numbers = {name: float(part) for name, part in parts.items() if isinstance(part, int | float)}
    return Estimate(**numbers) if len(numbers) == len(parts) else None


def _named(path: tuple[str, ...]) -> Cell:
    called = [known("fact", name) for name in path]
    zh, en = (" · ".join(parts).replace("_", " ") for parts in ([one.zh for one in called], [one.en for one in called]))
    return cells.words(Text(zh, en))


def _fact(value: object) -> Cell:
    if isinstance(value, Estimate):
        return cells.estimate(value, RATIO)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return cells.words(Text("", ""))
    if isinstance(value, str) and ":" in value and " " not in value:
        return cells.digest(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        items = value if isinstance(value, list | tuple) else [value]
        return cells.plain(", ".join(map(str, items)))
    return cells.plain(f"{value:,}" if isinstance(value, int) else f"{value:,.4g}")
