"""What goes wrong with invoices: wrong ones voided or reversed and written again, goods returned."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulation.assumed import calendar
from simulation.assumed import invoices as a
from simulation.chance import Days, Numbers, Whole
from simulation.firms import SHELL
from simulation.told.invoice_lines import Lines
from simulation.told.invoice_values import shown_strain
from simulation.told.network import contracts

if TYPE_CHECKING:
    from simulation.community import Community

BLUE = -1
NOT_VOID = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Papers:
    """Lines with those that were voided and those that reverse others.

    Attributes:
        lines: all of them.
        reverses: row of the blue invoice that this one reverses; -1 = this one is blue.
        voided: day; NaT = valid.
    """

    lines: Lines
    reverses: Whole
    voided: Days

    def __len__(self) -> int:
        return len(self.reverses)


def with_mistakes(lines: Lines, community: "Community", direction: str) -> Papers:
    """The lines, beside them the wrong ones that each replaced, voids and red letters; nothing after the last day."""
    random = community.random("mistakes", direction)
    wrong = _wrong(lines, community, direction, random)
    paper = wrong.day <= np.datetime64(calendar.LAST_PAPER_DAY)
    void = paper & (random.random(len(wrong.firm)) >= a.FOUND_LATE)
    left = (community.calendar.starts[wrong.month + 1] - wrong.day).astype(np.int64)
    voided = np.where(void, wrong.day + (left * random.random(len(left)) ** 3).astype(np.int64), NOT_VOID)
    blank = void & (random.random(len(wrong.firm)) < a.BLANK)
    wrong = replace(wrong, net=np.where(blank, 0, wrong.net), vat=np.where(blank, 0, wrong.vat))
    returned = _returned(lines, community, direction, random)
    blue = Lines.joined(lines, wrong)
    mistakes = len(lines.firm) + np.flatnonzero(~void)
    red = Lines.joined(
        _reversal(blue.take(mistakes), a.CORRECTION_DAYS, 0.0, random),
        _reversal(blue.take(returned), a.RETURN_DAYS, a.RETURN_PART, random),
    )
    reverses = np.concatenate([np.full(len(blue.firm), BLUE), mistakes, returned])
    days_void = np.concatenate([np.full(len(lines.firm), NOT_VOID), voided, np.full(len(red.firm), NOT_VOID)])
    every = Lines.joined(blue, red)
    return _by(Papers(every, reverses, days_void), last_days(community))


def last_days(community: "Community") -> Days:
    """The last day on which each firm writes or takes anything."""
    calendar_, closed = community.calendar, community.lives.closed
    return calendar_.starts[np.clip(closed, 1, calendar_.months)] - 1


def _wrong(lines: Lines, community: "Community", direction: str, random: np.random.Generator) -> Lines:
    """Copies of the lines that were wrong before they were right."""
    firms = community.firms
    level, spread = a.VOID[direction]
    size = np.log(firms.sales / a.REFERENCE_SALES)
    tilt = a.VOID_OF_CONDUCT * firms.conduct + a.VOID_OF_CONTRACTS * contracts(community) + a.VOID_OF_SIZE * size
    often = level * np.exp(spread * random.standard_normal(len(firms)) + tilt)
    monthly = np.exp(a.VOID_MONTHS * random.standard_normal(community.lives.strain.shape) - a.VOID_MONTHS**2 / 2)
    strained = 1 + a.CANCELLED_UNDER_STRAIN * shown_strain(community)
    share = np.minimum(often[:, None] * monthly * strained, a.VOID_MOST)
    if direction == "issued":
        share = np.where((firms.role == SHELL)[:, None], a.VOID_MOST / 3, share)
    chance = (share / (1 - share))[lines.firm, lines.month]
    digital = lines.day > np.datetime64(calendar.LAST_PAPER_DAY)
    chance = np.where(digital, a.DIGITAL_WRONG * chance, chance)
    return lines.take(_hit(chance, random))


def _hit(chance: Numbers, random: np.random.Generator) -> Whole:
    """Rows that are hit, once for each time that a chance above one allows."""
    times = np.floor(chance + random.random(len(chance))).astype(np.int64)
    return np.repeat(np.arange(len(chance)), times)


def _returned(lines: Lines, community: "Community", direction: str, random: np.random.Generator) -> Whole:
    level, spread = a.RETURNED[direction]
    n = len(community.firms)
    often = np.minimum(level * np.exp(spread * random.standard_normal(n)), a.RETURNED_MOST)
    often = np.where(random.random(n) < a.RETURN_NEVER, 0.0, often)
    strained = 1 + a.CANCELLED_UNDER_STRAIN * shown_strain(community)
    return np.flatnonzero(random.random(len(lines.firm)) < (often[:, None] * strained)[lines.firm, lines.month])


def _reversal(lines: Lines, days: int, partly: float, random: np.random.Generator) -> Lines:
    n = len(lines.firm)
    part = np.where(random.random(n) < partly, random.uniform(0.1, 0.9, n), 1.0)
    later = 1 + (days * random.random(n) ** 2).astype(np.int64)
    net, vat = (-np.ceil(part * amount).astype(np.int64) for amount in (lines.net, lines.vat))
    return replace(lines, day=lines.day + later, net=net, vat=vat)


def _by(papers: Papers, last: Days) -> Papers:
    """Only what was issued by the last day; red letters stand after all blue ones, so no row that is named moves."""
    kept = (papers.lines.day <= last[papers.lines.firm]) | (papers.reverses == BLUE)
    rows = np.flatnonzero(kept)
    return Papers(papers.lines.take(rows), papers.reverses[rows], papers.voided[rows])
