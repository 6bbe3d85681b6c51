"""The sales that firms declare for VAT: what they invoiced, now and then late or not at all, and some of the rest."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.assumed import invoices
from simulation.assumed import tax as a
from simulation.chance import Numbers
from simulation.firms import RING, SHELL
from simulation.told.lines import lately, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

FEN = 100


@dataclass(frozen=True)
class Declared:
    """Firm × month of the calendar, fen; months before the first that is told are made from real sales.

    Attributes:
        invoiced, vat: declared sales that come with invoices and the VAT on them; less red letters.
        uninvoiced: declared sales without invoice, net of VAT.
        bought_vat: VAT on the purchases' invoices.
        rate: VAT rate of the firm's own kind of sales, of general taxpayers.
        purchases: real purchases, those that go round in a ring included, yuan.
        booked: declared sales of about the last year against real sales.
    """

    invoiced: Numbers
    vat: Numbers
    uninvoiced: Numbers
    bought_vat: Numbers
    rate: Numbers
    purchases: Numbers
    booked: Numbers

    @property
    def sales(self) -> Numbers:
        total: Numbers = self.invoiced + self.uninvoiced
        return total


def declared(community: "Community") -> Declared:
    """What the firms of a community declare."""
    firms, lives, books = community.firms, community.lives, community.books
    told = np.arange(community.calendar.months) >= community.calendar.first
    rate = vat_rates(community)
    before = FEN * a.BEFORE_INVOICES * lives.sales
    owes_vat = ~firms.small_scale[:, None]
    issued = np.where(told, books.issued_net, before)
    vat = np.where(told, books.issued_vat, before * rate * owes_vat)
    bought_vat = np.where(told, books.received_vat, FEN * lives.purchases * rate)
    stays, slips = _declared_parts(community)
    kept, came = stays - slips, np.pad(slips, ((0, 0), (1, 0)))[:, :-1]
    invoiced = issued * kept + _month_before(issued) * came
    uninvoiced = np.rint(_uninvoiced(community, issued))
    return Declared(
        invoiced=np.rint(invoiced),
        vat=np.rint(vat * kept + _month_before(vat) * came),
        uninvoiced=uninvoiced,
        bought_vat=bought_vat,
        rate=rate,
        purchases=_purchases(invoiced, community),
        booked=_booked(invoiced + uninvoiced, community),
    )


def vat_rates(community: "Community") -> Numbers:
    """VAT rate of the firm's own kind of sales, were it a general taxpayer: firm × month."""
    column = np.searchsorted(np.array(invoices.RATE_DAYS, "M8[D]"), community.calendar.starts[:-1], side="right")
    kinds = sorted(set(community.firms.goods.tolist()))
    table = np.array([invoices.RATES[kind] for kind in kinds])
    rate: Numbers = table[np.searchsorted(kinds, community.firms.goods)[:, None], column]
    return rate


def _declared_parts(community: "Community") -> tuple[Numbers, Numbers]:
    """Of each month's invoices: the part that is declared at all, and of it what slips into the next month's return."""
    firms = community.firms
    luck = community.random("tax", "declared").random((4, len(firms), community.calendar.months))
    strain = shown_strain(community)
    slips = luck[0] < a.SLIPPED * np.exp(a.SLIPPED_CONDUCT * firms.conduct[:, None]) + a.SLIPPED_STRAIN * strain
    hides = (luck[1] < a.HIDDEN) & (firms.dishonest & (firms.role != RING))[:, None]
    part = a.SLIPPED_PART[0] + (a.SLIPPED_PART[1] - a.SLIPPED_PART[0]) * luck[2]
    hidden = a.HIDDEN_PART[0] + (a.HIDDEN_PART[1] - a.HIDDEN_PART[0]) * luck[3]
    stays = 1 - hides * hidden
    return stays, slips * part * stays


def _uninvoiced(community: "Community", issued: Numbers) -> Numbers:
    """Declared sales without invoice, fen: part of what real sales of the last months exceed the invoices by."""
    firms, lives = community.firms, community.lives
    normal = community.random("tax", "uninvoiced").standard_normal(len(firms))
    told = a.UNINVOICED_TOLD + a.UNINVOICED_CONDUCT * firms.conduct + a.UNINVOICED_SPREAD * normal
    told = np.clip(told, a.UNINVOICED_LEAST, 1) * np.where(firms.dishonest, a.UNINVOICED_DISHONEST, 1.0)
    real = FEN * lately(lives.sales, a.UNINVOICED_MONTHS)
    gap = np.maximum(real * (1 - a.UNINVOICED_NOISE) - lately(issued, a.UNINVOICED_MONTHS), 0)
    declared_too: Numbers = gap * told[:, None] * lives.trading
    return declared_too


def _purchases(invoiced: Numbers, community: "Community") -> Numbers:
    """Real purchases, yuan; a ring buys what it sells in the circle, so that only its real sales bring it a margin."""
    firms, lives = community.firms, community.lives
    circular = np.maximum(invoiced / FEN - firms.margin[:, None] * lives.sales, 0)
    purchases: Numbers = np.where((firms.role == RING)[:, None], circular, lives.purchases)
    return purchases


def _booked(sales: Numbers, community: "Community") -> Numbers:
    """Declared against real sales of about the last year; shells and rings have no real ones to speak of."""
    real = FEN * lately(community.lives.sales, a.BOOKED_MONTHS)
    booked = np.divide(lately(sales, a.BOOKED_MONTHS), real, out=np.ones_like(real), where=real > 0)
    paper = np.isin(community.firms.role, (RING, SHELL))[:, None]
    share: Numbers = np.where(paper, 1.0, np.clip(booked, 0, a.BOOKED_MOST))
    return share


def _month_before(values: Numbers) -> Numbers:
    before: Numbers = np.pad(values, ((0, 0), (1, 0)))[:, :-1]
    return before
