"""The book of loans and applications of a community, written month by month while it lives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.chance import Flags, Whole
from simulation.firms import NEVER, Firms
from simulation.lending.asking import Asked
from simulation.lending.offers import offers
from simulation.lives import Applications, Credit
from simulation.state import State
from simulation.step import Renewed

UNKNOWN = -1
PRIOR_TERM = 12


class Ledger:
    """Loans and applications as they come; `credit` and `applications` give them as whole columns."""

    def __init__(self, firms: Firms, first: State) -> None:
        self._firms = firms
        self._open = np.full(first.left.shape, UNKNOWN)
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._ended: list[Whole] = []
        self._count = 0
        self._asked: list[tuple[int, Asked, Whole]] = []
        lane, slot = np.nonzero(first.left)
        self._grant(
            lane,
            slot,
            month=first.left[lane, slot] - PRIOR_TERM - 1,
            offer=np.full(len(lane), UNKNOWN),
            bank=first.lender[lane, slot],
            amount=first.balance[lane, slot] * firms.sales[lane],
            rate=first.rate[lane, slot],
            term=np.full(len(lane), PRIOR_TERM),
            bullet=np.ones(len(lane), bool),
            mode=np.full(len(lane), "credit"),
            renews=np.full(len(lane), UNKNOWN),
        )

    def note(self, month: int, asked: Asked, renewed: Renewed, *, before: State, after: State) -> None:
        """What a month brought."""
        over = (before.left == 1) & (self._open != UNKNOWN)
        over[renewed.lane, renewed.slot] = False
        self._end(over, month)
        self._renew(month, renewed)
        self._lend(month, asked, after)

    def _renew(self, month: int, renewed: Renewed) -> None:
        lane, slot = renewed.lane, renewed.slot
        old = self._open[lane, slot]
        book = self._columns()
        self._ended[0][old] = month
        self._grant(
            lane,
            slot,
            month=np.full(len(lane), month),
            offer=book["offer"][old],
            bank=renewed.bank,
            amount=renewed.amount * self._firms.sales[lane],
            rate=renewed.rate,
            term=np.full(len(lane), PRIOR_TERM),
            bullet=np.ones(len(lane), bool),
            mode=book["mode"][old],
            renews=old,
        )

    def _lend(self, month: int, asked: Asked, after: State) -> None:
        took = np.flatnonzero(asked.drawn > 0)
        lane, offer, book = asked.lane[took], asked.offer[took], offers()
        slot = ((after.left[lane] > 0) & (self._open[lane] == UNKNOWN)).argmax(axis=1)
        taken = np.full(len(asked.lane), UNKNOWN)
        taken[took] = self._count + np.arange(len(took))
        self._asked.append((month, asked, taken))
        self._grant(
            lane,
            slot,
            month=np.full(len(lane), month),
            offer=offer,
            bank=book.bank[offer],
            amount=asked.drawn[took],
            rate=asked.rate[took],
            term=book.term[offer],
            bullet=book.bullet[offer],
            mode=book.modes[offer],
            renews=np.full(len(lane), UNKNOWN),
        )

    def _grant(self, lane: Whole, slot: Whole, **columns: NDArray[Any]) -> None:
        self._open[lane, slot] = self._count + np.arange(len(lane))
        self._count += len(lane)
        self._parts.append({"firm": lane, **columns})
        self._ended.append(np.full(len(lane), NEVER))

    def _end(self, over: Flags, month: int) -> None:
        self._columns()
        self._ended[0][self._open[over]] = month
        self._open[over] = UNKNOWN

    def _columns(self) -> dict[str, NDArray[Any]]:
        """All loans so far; the parts become one."""
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        self._parts = [whole]
        self._ended = [np.concatenate(self._ended)]
        return whole

    def credit(self) -> Credit:
        """Every loan, by the month in which it was granted."""
        book = self._columns()
        number = self._numbers()
        renews = book.pop("renews")
        return Credit(
            number=number, renews=np.where(renews == UNKNOWN, UNKNOWN, number[renews]), ended=self._ended[0], **book
        )

    def _numbers(self) -> Whole:
        """Number of each loan within its firm."""
        firm = self._columns()["firm"]
        order = np.argsort(firm, kind="stable")
        ordered = firm[order]
        begins = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, bool)
        place = np.arange(len(ordered))
        number = np.empty(len(firm), np.int64)
        number[order] = place - np.maximum.accumulate(np.where(begins, place, 0))
        return number

    def applications(self) -> Applications:
        """Every application, by month."""
        number = np.append(self._numbers(), UNKNOWN)

        def column(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(asked, name) for _, asked, _ in self._asked])

        loan = np.concatenate([taken for _, _, taken in self._asked])
        month = np.concatenate([np.full(len(asked.lane), month) for month, asked, _ in self._asked])
        rest = ("offer", "position", "shown", "wanted", "chance", "granted", "code", "limit", "rate", "drawn")
        return Applications(
            firm=column("lane"), month=month, loan=number[loan], **{name: column(name) for name in rest}
        )
