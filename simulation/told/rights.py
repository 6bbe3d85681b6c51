"""Intellectual property of a community: applied for, granted, bought, kept alive by fees, pledged, given up."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from simulation.assumed import rights as a
from simulation.chance import Days, Numbers, Whole, picked
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.accounts import accounts
from simulation.told.certificates import first_titles, months_after, qualifications
from simulation.told.lines import NOT_YET, SURE_DAYS, first_day, later, longest_prefix, month_of, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

__all__ = ["ip_rights", "qualifications"]

KINDS = tuple(a.PATHS)
INVENTION, TRADEMARK = KINDS.index("invention"), KINDS.index("trademark")
IS_PATENT = np.isin(KINDS, a.PATENTS)
GRANTED, LEAST, MOST, CITED = np.array(list(a.PATHS.values())).T
DROPS = np.array([a.DROPS.get(kind, 0.0) for kind in KINDS])
TERMS = np.array([a.TERMS.get(kind, 0) for kind in KINDS])
LONGEST_TERM = 20
DAYS_OF_A_YEAR, YEAR_DAYS = 365, 365.25
OLD_FEES = 750
"""Days before the told months from which versions for fees are told; older ones say nothing of rights that stand."""
PLEDGE = "pledge_ip"


@dataclass(frozen=True)
class Rights:
    """One value a right.

    Attributes:
        kind: place in KINDS.
        bought_on: NOT_YET = the firm's own.
        granted_on, refused_on: one of them is NOT_YET.
        ceased_on: refused, or given up for want of a fee; NOT_YET = not.
        paid_on: when the fee for the year that begins was paid: right × anniversary of the application from the first.
        cited: citations a year.
        pledged_on, released_on: NOT_YET = not.
    """

    firm: Whole
    kind: Whole
    applied_on: Days
    bought_on: Days
    granted_on: Days
    refused_on: Days
    ceased_on: Days
    paid_on: Days
    cited: Numbers
    pledged_on: Days
    released_on: Days

    @property
    def held_from(self) -> Days:
        """When it became the firm's right."""
        held: Days = np.where(np.isnat(self.bought_on), self.granted_on, self.bought_on)
        return held


def ip_rights(community: "Community") -> pl.DataFrame:
    """A version of every right when it was first known of, when it was granted, and with every annual fee."""
    own, bought = _own(community), _bought(community)
    rights = _with_fees(_granted(own, bought, community), community)
    return _versions(_pledged(rights, community), community)


def _own(community: "Community") -> tuple[Whole, Whole, Days]:
    """Firm, kind and day of what the firms themselves applied for, refused or not."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    random, everyone = community.random("ip_rights", "own"), np.arange(len(firms))
    begins = np.maximum(firms.born, calendar.months - MONTHS_OF_A_YEAR * a.LONGEST_HISTORY)
    span = np.maximum(np.minimum(lives.closed, calendar.months) - begins, 0)
    marks = np.array([*a.TRADEMARKS_BY.values(), 1.0])[longest_prefix(firms.division, a.TRADEMARKS_BY)]
    rates = np.minimum(firms.inventive, a.MOST_A_YEAR), a.TRADEMARKS * marks
    counts = [random.poisson(rate * span / MONTHS_OF_A_YEAR) for rate in rates]
    firm = np.concatenate([np.repeat(everyone, count) for count in counts])
    luck = random.random((4, len(firm)))
    month = begins[firm] + (luck[0] * span[firm]).astype(np.int64)
    strain = np.where(month >= 0, lives.strain[firm, np.clip(month, 0, calendar.months - 1)], 0.0)
    ramp = np.clip((month - firms.born[firm] + 1) / a.YOUNG_RAMP, 0, 1)
    kept = luck[1] < ramp * (1 - a.CUT_BY_STRAIN * strain)
    kind = np.where(np.arange(len(firm)) < counts[0].sum(), _kinds(firms.division[firm], luck[2]), TRADEMARK)
    applied_on = first_day(calendar, month) + (SURE_DAYS * luck[3]).astype(np.int64)
    return firm[kept], kind[kept], applied_on[kept]


def _kinds(division: NDArray[np.str_], luck: Numbers) -> Whole:
    """What firms of a division apply for."""
    mixes = np.array([[mix.get(kind, 0.0) for kind in KINDS] for mix in a.MIXES.values()])
    reached = np.cumsum(mixes, axis=1)[longest_prefix(division, a.MIXES)]
    kind: Whole = (luck[:, None] * reached[:, -1:] >= reached).sum(axis=1)
    return kind


def _bought(community: "Community") -> tuple[Whole, Whole, Days, Days]:
    """Firm, kind, day of application and of purchase of what weak firms buy on their way to a title."""
    firms, random = community.firms, community.random("ip_rights", "bought")
    title_on = np.fmin.reduce(first_titles(community), axis=1)
    seeks = random.random(len(firms)) < ndtr(a.BUYS + a.BUYS_BY_QUALITY * firms.quality)
    some = np.flatnonzero(seeks & (firms.title > 0) & ~np.isnat(title_on))
    firm = np.repeat(some, random.integers(*a.BOUGHT, len(some), endpoint=True))
    luck = random.random((3, len(firm)))
    low, high = a.BOUGHT_BEFORE
    bought_on = title_on[firm] - (low + (high - low) * luck[0]).astype(np.int64)
    bought_on = np.maximum(bought_on, firms.established_on[firm] + low)
    least, most = a.BOUGHT_AGE
    applied_on = bought_on - (least + (most - least) * luck[1]).astype(np.int64)
    places = np.array([KINDS.index(kind) for kind in a.BOUGHT_KINDS])
    kind, there = (
        places[picked(luck[2], a.BOUGHT_KINDS)],
        month_of(community.calendar, bought_on) < community.lives.closed[firm],
    )
    return firm[there], kind[there], applied_on[there], bought_on[there]


def _granted(own: tuple[Whole, Whole, Days], bought: tuple[Whole, Whole, Days, Days], community: "Community") -> Rights:
    """What became of the applications; what was bought had been granted before."""
    firm, kind, applied_on = (np.concatenate([mine, theirs]) for mine, theirs in zip(own, bought[:3], strict=True))
    bought_on = np.concatenate([np.full(len(own[0]), NOT_YET), bought[3]])
    is_own, random = np.isnat(bought_on), community.random("ip_rights", "granted")
    luck, normal = random.random((2, len(firm))), random.standard_normal(len(firm))
    examined = LEAST[kind] + (MOST - LEAST)[kind] * luck[0]
    decided_on = np.fmin(applied_on + examined.astype(np.int64), bought_on - SURE_DAYS)
    ended = month_of(community.calendar, decided_on) >= community.lives.closed[firm]
    is_granted = ~is_own | ((luck[1] < GRANTED[kind]) & ~ended)
    cited = CITED[kind] * np.exp(a.CITED_SPREAD * normal - a.CITED_SPREAD**2 / 2)
    nothing = np.full(len(firm), NOT_YET)
    return Rights(
        firm=firm,
        kind=kind,
        applied_on=applied_on,
        bought_on=bought_on,
        granted_on=np.where(is_granted, decided_on, NOT_YET),
        refused_on=np.where(is_granted, NOT_YET, applied_on + (a.REFUSED_AFTER * examined).astype(np.int64)),
        ceased_on=nothing,
        paid_on=np.full((len(firm), LONGEST_TERM), NOT_YET),
        cited=cited,
        pledged_on=nothing,
        released_on=nothing,
    )


def _with_fees(rights: Rights, community: "Community") -> Rights:
    """Annual fees of patents: not paid when a right is not worth it, when money is short, by firms that are gone."""
    lives, calendar = community.lives, community.calendar
    random = community.random("ip_rights", "fees")
    luck, grace = random.random((2, *rights.paid_on.shape)), random.random(len(rights.firm))
    due_on = _anniversaries(rights.applied_on)
    paid_on = due_on - (a.PAID_BEFORE[0] + (a.PAID_BEFORE[1] - a.PAID_BEFORE[0]) * luck[0]).astype(np.int64)
    month = month_of(calendar, paid_on)
    firm = rights.firm[:, None]
    shown = np.where(month >= 0, shown_strain(community)[firm, np.clip(month, 0, calendar.months - 1)], 0.0)
    often = np.where(np.isnat(rights.bought_on), 1.0, a.BOUGHT_DROPS)
    drops = (DROPS[rights.kind] * often)[:, None] + a.DROPS_STRAINED * shown**2
    wanted = (
        (due_on > rights.held_from[:, None]) & (due_on < _expiry(rights)[:, None]) & IS_PATENT[rights.kind][:, None]
    )
    fails = wanted & ((luck[1] < drops) | (month >= lives.closed[firm]))
    before = np.cumsum(fails, axis=1) == 0
    lapsed = np.where(fails.any(axis=1), due_on[np.arange(len(fails)), fails.argmax(axis=1)], NOT_YET)
    return replace(
        rights,
        paid_on=np.where(wanted & before, paid_on, NOT_YET),
        ceased_on=np.where(np.isnat(rights.refused_on), later(lapsed, a.CEASES_AFTER, grace), rights.refused_on),
    )


def _anniversaries(applied_on: Days) -> Days:
    """Right × year from the first to the last that any patent lasts."""
    years = np.arange(1, LONGEST_TERM + 1)
    days: Days = applied_on[:, None] + np.rint(years * YEAR_DAYS).astype(np.int64)
    return days


def _expiry(rights: Rights) -> Days:
    """Last day of a right's term; NOT_YET = no term is told."""
    old = (np.array(KINDS)[rights.kind] == "design") & (rights.applied_on < np.datetime64(a.NEW_DESIGN_FROM))
    years = np.where(old, a.OLD_DESIGN_TERM, TERMS[rights.kind])
    expiry: Days = np.where(years > 0, months_after(rights.applied_on, MONTHS_OF_A_YEAR * years), NOT_YET)
    return expiry


def _pledged(rights: Rights, community: "Community") -> Rights:
    """Rights pledged for loans: those held, inventions first, each for one loan and its renewals."""
    if PLEDGE not in community.lives.credit.mode:
        return rights
    book, random = accounts(community), community.random("ip_rights", "pledged")
    pledged_on, released_on = rights.pledged_on.copy(), rights.released_on.copy()
    loans = np.flatnonzero(book.mode == PLEDGE)
    for loan in loans[np.argsort(book.granted_on[loans], kind="stable")]:
        on, luck = book.granted_on[loan], random.random(2)
        mine = rights.firm == book.firm[loan]
        renewed = mine & ~np.isnat(pledged_on) & ~(released_on < on)
        free = (
            mine & np.isnat(pledged_on) & (rights.held_from < on) & ~(rights.ceased_on <= on) & ~(_expiry(rights) <= on)
        )
        ranked = np.flatnonzero(free)[np.argsort(rights.kind[free] != INVENTION, kind="stable")][: a.PLEDGED]
        chosen = np.flatnonzero(renewed) if renewed.any() else ranked
        begins = np.maximum(later(on, a.PLEDGED_AFTER, luck[0]), rights.held_from[chosen])
        pledged_on[chosen] = np.fmin(pledged_on[chosen], begins)
        released_on[chosen] = later(book.closed_on[loan], a.RELEASED_AFTER, luck[1])
    return replace(rights, pledged_on=pledged_on, released_on=released_on)


def _versions(rights: Rights, community: "Community") -> pl.DataFrame:
    """When what was known of each right, and what it looked like then."""
    random, many = community.random("ip_rights", "known"), len(rights.firm)
    luck, everything = random.random((2, many)), np.arange(many)
    granted_known_on = later(rights.held_from, a.GAZETTE_AFTER, luck[0])
    due_on = _anniversaries(rights.applied_on)
    first_due = np.argmax(due_on > rights.held_from[:, None], axis=1)
    is_patent = IS_PATENT[rights.kind]
    oldest = community.calendar.starts[community.calendar.first] - OLD_FEES
    right, year = np.nonzero(rights.paid_on >= oldest)
    next_due = np.concatenate([due_on, due_on[:, -1:] + DAYS_OF_A_YEAR], axis=1)[right, year + 1]
    of_fees = np.maximum(rights.paid_on[right, year], granted_known_on[right] + 1)
    told = pl.DataFrame(
        {
            "right": np.concatenate([everything, everything, right]),
            "known_on": np.concatenate([_applications_known(rights, luck[1], community), granted_known_on, of_fees]),
            "fee_paid_until": np.concatenate(
                [np.full(many, NOT_YET), np.where(is_patent, due_on[everything, first_due], NOT_YET), next_due]
            ),
        }
    ).drop_nulls("known_on")
    return _with_right(told, rights).sort("firm", "applied_on", "right", "known_on")


def _applications_known(rights: Rights, luck: Numbers, community: "Community") -> Days:
    """When an application is known of before it is granted: told by the firm, or published; NOT_YET = not before."""
    tells = community.random("ip_rights", "tells").random(len(community.firms)) < a.TELLS_OF_APPLICATIONS
    own = np.where(tells[rights.firm], later(rights.applied_on, a.TOLD_AFTER, luck), NOT_YET)
    published = np.where(rights.kind == INVENTION, rights.applied_on + a.PUBLISHED_AFTER, NOT_YET)
    known = np.fmin(own, published)
    first: Days = np.where((known >= rights.granted_on) | ~np.isnat(rights.bought_on), NOT_YET, known)
    return first


def _with_right(told: pl.DataFrame, rights: Rights) -> pl.DataFrame:
    """All columns of the contract for versions of rights."""
    right, known_on = told["right"].to_numpy(), told["known_on"].to_numpy()
    age = np.maximum((known_on - rights.applied_on[right]).astype(np.int64), 0)
    citations = pl.Series((rights.cited[right] * age / YEAR_DAYS).astype(np.int64))
    return told.select(
        "known_on",
        "fee_paid_until",
        firm=rights.firm[right],
        right=pl.format("IP{}", "right"),
        kind=np.array(KINDS)[rights.kind[right]],
        origin=np.where(np.isnat(rights.bought_on[right]), "own", "bought"),
        applied_on=rights.applied_on[right],
        granted_on=rights.granted_on[right],
        acquired_on=rights.bought_on[right],
        expires_on=_expiry(rights)[right],
        ceased_on=rights.ceased_on[right],
        pledged_on=rights.pledged_on[right],
        released_on=rights.released_on[right],
        citations=pl.when(pl.Series(IS_PATENT[rights.kind[right]])).then(citations),
    )
