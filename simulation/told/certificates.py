"""Titles and certificates of a community: when each was first held, and how it was renewed."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtr

from simulation.assumed import city
from simulation.assumed import rights as a
from simulation.chance import Days, Whole
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.lines import NOT_YET, SURE_DAYS, first_day, later, longest_prefix, month_of, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

AUTUMN, AUTUMN_DAYS = 9, 85
"""High-technology certificates are dated from October on."""
KINDS = (*a.TITLES, *a.CERTIFICATES)
MONTHS = np.array(
    [*(title.months for title in a.TITLES.values()), *(MONTHS_OF_A_YEAR * one.years for one in a.CERTIFICATES.values())]
)
"""How long each kind is valid."""
CERTIFIED_YEARS, FOUR_YEARS = 10, 1_461
"""Years before the first month from which certificates are told; days over which the oldest are spread."""
MOST_TERMS = 18
"""More terms of one certificate are never told: those from before are long over."""


def qualifications(community: "Community") -> pl.DataFrame:
    """Every certificate with its own number; a renewal is a new one."""
    firm, kind, starts_on = _first_held(community)
    lives, calendar, firms = community.lives, community.calendar, community.firms
    random, shown = community.random("qualifications", "terms"), shown_strain(community)
    cheats = np.where(firms.dishonest, a.REVOKED_CHEATS, a.REVOKED)[firm]
    parts = []
    for term in range(MOST_TERMS):
        ends_on = months_after(starts_on, MONTHS[kind]) - 1
        luck = random.random((5, len(firm)))
        withdrawn_on = np.where(luck[0] < cheats, later(starts_on, a.REVOKED_AFTER, luck[1]), NOT_YET)
        withdrawn = withdrawn_on < ends_on
        parts.append(
            pl.DataFrame(
                {
                    "firm": firm,
                    "number": len(KINDS) * term + kind,
                    "valid_from": starts_on,
                    "valid_to": ends_on,
                    "revoked_on": np.where(withdrawn, withdrawn_on, NOT_YET),
                    "known_on": later(starts_on, a.KNOWN_AFTER, luck[2]),
                }
            ).with_columns(kind=pl.Series(np.array(KINDS)[kind]))
        )
        month = month_of(calendar, ends_on)
        strained = np.where(month >= 0, shown[firm, np.clip(month, 0, calendar.months - 1)], 0.0)
        rank = a.RENEWS + a.RENEWS_BY_QUALITY * firms.quality[firm] - a.RENEWS_STRAINED * strained
        renewed = (luck[3] < ndtr(rank)) & ~withdrawn & (month < np.minimum(lives.closed[firm], calendar.months))
        starts_on = later(ends_on + 1, a.RENEWED_AFTER, luck[4])[renewed]
        firm, kind, cheats = firm[renewed], kind[renewed], cheats[renewed]
    rows = pl.concat(parts).with_columns(certificate=pl.format("Q{}-{}", "firm", "number")).drop("number")
    return rows.sort("firm", "valid_from", "kind")


def first_titles(community: "Community") -> Days:
    """Days on which each title is first held if the firm lasts, NOT_YET = never: firm × kind of `TITLES`."""
    firms, random = community.firms, community.random("qualifications", "titles")
    luck = random.random((3, len(firms), len(a.TITLES)))
    titles = list(a.TITLES.values())
    held_by = np.array(list(a.HELD_BY.values())).T[firms.title]
    least, most = (np.array([getattr(title, name) for title in titles]) for name in ("least", "most"))
    age = (least + (most - least) * luck[1] ** 2).astype(np.int64)
    established = firms.established_on[:, None]
    starts_on = months_after(established, age) + (SURE_DAYS * luck[2]).astype(np.int64)
    autumn = months_after(starts_on.astype("M8[Y]").astype("M8[D]"), np.array([AUTUMN]))
    in_autumn = np.array([name == "hnte" for name in a.TITLES])
    starts_on = np.where(in_autumn, autumn + (AUTUMN_DAYS * luck[2]).astype(np.int64), starts_on)
    given_since = np.array([title.since for title in titles], "M8[D]")
    late = (luck[2] * MONTHS_OF_A_YEAR * SURE_DAYS).astype(np.int64)
    starts_on = np.where(starts_on < given_since, given_since + late, starts_on)
    first: Days = np.where(luck[0] < held_by, starts_on, NOT_YET)
    return first


def _first_held(community: "Community") -> tuple[Whole, Whole, Days]:
    """Firm, place in KINDS and first day of everything that a firm comes to hold."""
    titles, certificates = first_titles(community), _first_certificates(community)
    starts_on = np.concatenate([titles, certificates], axis=1)
    lasts = month_of(community.calendar, starts_on) < community.lives.closed[:, None]
    firm, kind = np.nonzero((starts_on < community.calendar.starts[-1]) & lasts)
    return firm, kind, starts_on[firm, kind]


def _first_certificates(community: "Community") -> Days:
    firms, calendar = community.firms, community.calendar
    random = community.random("qualifications", "certificates")
    luck = random.random((3, len(firms), len(a.CERTIFICATES)))
    shares = [
        np.array([*certificate.share.values(), 0.0])[longest_prefix(firms.division, certificate.share)]
        for certificate in a.CERTIFICATES.values()
    ]
    size = np.log(firms.sales / city.MEDIAN_SALES) / city.SALES_SPREAD
    chance = np.stack(shares, axis=1) * np.exp(a.CERTIFIED_BY_SIZE * size)[:, None]
    low, high = a.CERTIFIED_AGE
    starts_on = months_after(firms.established_on[:, None], (low + (high - low) * luck[1]).astype(np.int64))
    oldest = first_day(calendar, np.array([-MONTHS_OF_A_YEAR * CERTIFIED_YEARS]))
    starts_on = np.where(starts_on < oldest, oldest + (FOUR_YEARS * luck[2]).astype(np.int64), starts_on)
    first: Days = np.where(luck[0] < chance, starts_on, NOT_YET)
    return first


def months_after(day: Days, months: Whole) -> Days:
    """The same day of a later month, or as many days after its first."""
    month = day.astype("M8[M]")
    after: Days = (month + months).astype("M8[D]") + (day - month)
    return after
