"""Who is at the other side of a booking: the partners of the invoices, lenders, offices and persons."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.assumed import bank as a
from simulation.chance import Whole
from simulation.partners import inside_names, outside_names
from simulation.told.accounts import lender_names
from simulation.told.bank_seen import Seen
from simulation.told.network import Ties, inside_buyer, partners, ties

SIDES = {"sales": "buyer", "refund_out": "buyer", "purchase": "supplier", "refund_in": "supplier"}
FIXED = {
    "tax": "tax-bureau", "rent": "landlord", "invested": "wealth-products", "redeemed": "wealth-products",
    "interest_in": "house-bank", "fee": "house-bank",
}  # fmt: skip
OWNER, FIRST_LENDER, FIRST_PERSON = 0, 1, 1 + a.LENDING_PERSONS
LENDING = frozenset({"private_in", "private_out", "dress_in", "dress_out"})
OWNING = frozenset({"owner_in", "owner_out"})
NAMELESS = frozenset({"cash_in", "cash_out", "salary"})
"""Cash has no other side, and wages are paid in one sum to many."""


@dataclass(frozen=True)
class Names:
    """Pseudonyms of the other sides."""

    seen: Seen
    random: np.random.Generator

    def of(self, kind: str, firm: Whole, month: Whole) -> pl.Series:
        """One a booking, by the firm and the told month; null where there is none."""
        many = len(firm)
        if kind in NAMELESS:
            return pl.Series("name", [None], dtype=pl.String).new_from_index(0, many)
        if kind in SIDES:
            return self._partners(SIDES[kind], firm, month)
        if kind in {"repayment", "interest_out"}:
            return _named(lender_names("number"), number=self._lender[firm, month])
        if kind == "qr":
            acquirer = np.floor(a.ACQUIRERS * self.seen.fate("acquirer")).astype(np.int64)
            return _named(pl.format("acquirer-{}", "number"), number=acquirer[firm])
        if kind in FIXED:
            name = pl.Series("name", [FIXED[kind]]).new_from_index(0, many)
            return name if kind != "rent" else _named(pl.format("landlord-{}", "number"), number=self._number[firm])
        return self.person(firm, self._which(kind, firm))

    def person(self, firm: Whole, which: Whole) -> pl.Series:
        """Persons close to a firm, by their place among them."""
        return _named(pl.format("P{}-{}", "number", "place"), number=self._number[firm], place=which)

    def _which(self, kind: str, firm: Whole) -> Whole:
        luck = self.random.random(len(firm))
        if kind in OWNING:
            return np.full(len(firm), OWNER)
        if kind in LENDING:
            return FIRST_LENDER + (luck * a.LENDING_PERSONS).astype(np.int64)
        return FIRST_PERSON + (luck**2 * a.PERSONS).astype(np.int64)

    def _partners(self, side: str, firm: Whole, month: Whole) -> pl.Series:
        community = self.seen.community
        luck = self.random.random((2, len(firm)))
        place = month + community.calendar.first
        outside = partners(community, side).pick(firm, place, luck[0])
        known = self._buyers if side == "buyer" else self._sellers
        trading = community.lives.trading[np.maximum(known.buyer[firm], 0), place[:, None]]
        inside = inside_buyer(known, firm, luck[1], trading & (known.buyer[firm] >= 0))
        names = outside_names(side, community.firms, firm, outside)
        is_inside = pl.Series(inside >= 0)
        named = names.zip_with(~is_inside, inside_names(community.firms, np.maximum(inside, 0)))
        return named.alias("name")

    @cached_property
    def _number(self) -> Whole:
        return self.seen.community.firms.numbers

    @cached_property
    def _buyers(self) -> Ties:
        return ties(self.seen.community)

    @cached_property
    def _sellers(self) -> Ties:
        """The same trade seen from the buyers: each one's largest sellers inside and their shares of what it buys."""
        firms, sold = self.seen.community.firms, self._buyers
        n, most = sold.buyer.shape
        bought = np.zeros((n, n))
        seller, tie = np.nonzero(sold.buyer >= 0)
        bought[sold.buyer[seller, tie], seller] = (sold.share * firms.sales[:, None])[seller, tie]
        first = np.argsort(-bought, axis=1, kind="stable")[:, :most]
        spent = np.maximum(firms.sales * (1 - firms.margin), 1)[:, None]
        share = np.minimum(np.take_along_axis(bought, first, axis=1) / spent, 0.3)
        return Ties(np.where(share > 0, first, -1), share)

    @cached_property
    def _lender(self) -> Whole:
        """The bank that lent last: firm × told month."""
        credit, shape = self.seen.community.lives.credit, self.seen.exists.shape
        newest = np.full(shape, -1)
        month = np.clip(credit.month - self.seen.month[0], 0, None)
        inside = month < shape[1]
        np.maximum.at(newest, (credit.firm[inside], month[inside]), np.arange(len(credit.firm))[inside])
        newest = np.maximum.accumulate(newest, axis=1)
        bank: Whole = np.where(newest >= 0, credit.bank[newest], 0)
        return bank


def _named(expression: pl.Expr, **columns: Whole) -> pl.Series:
    return pl.DataFrame(columns).select(expression.alias("name")).to_series()
