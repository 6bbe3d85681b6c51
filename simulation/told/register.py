"""The register of market entities: entries and their versions, and what happens in it."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.assumed import register as a
from simulation.chance import Flags, Whole
from simulation.firms import SEASONAL
from simulation.told.founding import Founding, birth_year, founding, labels, shared
from simulation.told.lines import SURE_DAYS, first_day, later
from simulation.told.parties import related_parties
from simulation.told.register_events import Happenings, happenings

if TYPE_CHECKING:
    from simulation.community import Community

__all__ = ["registry", "registry_changes", "related_parties"]

FEN_OF_TEN_THOUSAND = 1_000_000
TRAVEL = "L72"
KEPT = (
    *("status", "employees", "taxpayer_kind", "premises_since", "legal_rep_birth_year", "legal_rep_firms"),
    *("address_firms", "phone_firms", "paid"),
)
"""What a version has from the one before, unless it tells it anew."""
LISTS = {"abnormal_in": "begins", "abnormal_out": "ends", "serious_in": "serious_on"}
"""Kinds of the contract by the days of a listing."""


def registry(community: "Community") -> pl.DataFrame:
    """A version of each entry from the day it was founded on, and one whenever something of it became known."""
    told, founded = happenings(community), founding(community)
    news = [
        _entries(community, founded),
        _registered_for_vat(community),
        told.reports.select("firm", "known_on", employees="staff"),
        _changed(told.changes, community),
        _statuses(told, community),
    ]
    versions = _versions(pl.concat(news, how="diagonal_relaxed"))
    return _undisclosed(_with_traits(versions, founded, community), community)


def registry_changes(community: "Community") -> pl.DataFrame:
    """Changes, annual reports, and lists joined and left."""
    told = happenings(community)
    reports = told.reports.select("firm", "on", "known_on", kind=pl.lit("annual_report"), report_year="year")
    listed, luck = told.listings, community.random("registry", "lists known").random((3, told.listings.height))
    lists = [
        listed.select(
            "firm",
            on=on,
            kind=pl.lit(kind),
            repaired_on="repaired_on" if kind == "abnormal_in" else pl.lit(None, pl.Date),
            known_on=later(listed[on].to_numpy(), a.LIST_KNOWN, part),
        )
        for (kind, on), part in zip(LISTS.items(), luck, strict=True)
    ]
    rows = pl.concat([told.changes.select("firm", "kind", "on", "known_on"), reports, *lists], how="diagonal_relaxed")
    return rows.drop_nulls("on").sort("firm", "on", "kind", "report_year")


def _entries(community: "Community", founded: Founding) -> pl.DataFrame:
    firms = community.firms
    return pl.DataFrame(
        {
            "firm": np.arange(len(firms)),
            "known_on": firms.established_on,
            "status": ["active"] * len(firms),
            "employees": _first_staff(community),
            "taxpayer_kind": np.where(firms.small_scale | _waits_for_vat(community), "small_scale", "general"),
            "premises_since": firms.established_on,
            "legal_rep_birth_year": founded.birth_year,
            "legal_rep_firms": founded.rep_firms,
            "address_firms": founded.address_firms,
            "phone_firms": founded.phone_firms,
            "paid": founded.paid,
        }
    )


def _first_staff(community: "Community") -> Whole:
    luck = community.random("registry", "first staff").random(len(community.firms))
    staff: Whole = np.rint(community.firms.staff * a.FIRST_STAFF * luck).astype(np.int64)
    return staff


def _waits_for_vat(community: "Community") -> Flags:
    luck = community.random("registry", "general").random(len(community.firms))
    waits: Flags = ~community.firms.small_scale & (luck >= a.GENERAL_AT_ONCE)
    return waits


def _registered_for_vat(community: "Community") -> pl.DataFrame:
    """General VAT payers that were entered as small-scale ones for the month before they began to trade."""
    firm = np.flatnonzero(_waits_for_vat(community))
    known_on = first_day(community.calendar, community.firms.born[firm])
    return pl.DataFrame({"firm": firm, "known_on": known_on}).with_columns(taxpayer_kind=pl.lit("general"))


def _changed(changes: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """What changes bring: a representative with his own other firms, an address with its neighbours, a new capital."""
    firm, on, random = changes["firm"].to_numpy(), changes["on"].to_numpy(), community.random("registry", "changed")
    luck, normal = random.random((4, len(firm))), random.standard_normal(len(firm))
    label = np.where(changes["flight"].to_numpy(), "hidden", labels(community, newly_founded=False)[firm])
    of_rep, of_address = (pl.when(pl.col("kind") == kind) for kind in ("legal_rep", "address"))
    return changes.select(
        "firm",
        "known_on",
        "factor",
        "paid",
        new_rep=(pl.col("kind") == "legal_rep").cast(pl.Int64),
        legal_rep_firms=of_rep.then(pl.Series(shared(a.REP, label, luck[:2]))),
        legal_rep_birth_year=of_rep.then(pl.Series(birth_year(on, normal))),
        premises_since=of_address.then("on"),
        address_firms=of_address.then(pl.Series(shared(a.ADDRESS, label, luck[2:]))),
    )


def _statuses(told: Happenings, community: "Community") -> pl.DataFrame:
    """Lawful rest and the return from it, winding up, and the end."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    random = community.random("registry", "statuses")
    luck = random.random((3, len(firms)))
    day = (SURE_DAYS * luck[0]).astype(np.int64)
    winds_up = luck[1] < a.LIQUIDATED
    rests = np.flatnonzero(firms.pause < np.minimum(lives.closed, calendar.months))
    returns = np.flatnonzero(firms.resume < np.minimum(lives.closed, calendar.months))
    struck_off = np.flatnonzero(~np.isnat(told.struck_off_on))
    winding_up = struck_off[winds_up[struck_off]]
    revoked = np.flatnonzero(~np.isnat(told.revoked_on))
    days = {
        "suspended": (rests, first_day(calendar, firms.pause[rests]) + day[rests]),
        "active": (returns, first_day(calendar, firms.resume[returns]) + day[returns]),
        "in_liquidation": (winding_up, told.struck_off_on[winding_up] - a.LIQUIDATED_BEFORE),
        "cancelled": (struck_off, told.struck_off_on[struck_off]),
        "revoked": (revoked, told.revoked_on[revoked]),
    }
    return pl.concat(
        pl.DataFrame({"firm": firm, "known_on": later(on, a.STATUS_KNOWN, luck[2, firm])}).with_columns(
            status=pl.lit(status)
        )
        for status, (firm, on) in days.items()
    )


def _versions(news: pl.DataFrame) -> pl.DataFrame:
    """Whole versions of what is news in each; the last of a day counts."""
    whole = news.sort("firm", "known_on", maintain_order=True).with_columns(
        pl.col(*KEPT).forward_fill().over("firm"),
        grown=pl.col("factor").fill_null(1.0).cum_prod().over("firm"),
        rep=pl.col("new_rep").fill_null(0).cum_sum().over("firm"),
    )
    return whole.unique(("firm", "known_on"), keep="last", maintain_order=True)


def _with_traits(versions: pl.DataFrame, founded: Founding, community: "Community") -> pl.DataFrame:
    """What never changes, and what follows from how much and how often something did."""
    firms, firm = community.firms, versions["firm"].to_numpy()
    capital = np.rint(founded.capital[firm] * versions["grown"].to_numpy())
    capital = np.maximum(capital, founded.capital[firm] > 0)
    holder = np.where(versions["rep"].to_numpy() == 0, founded.controller[firm], firm)
    registered = pl.when(pl.Series(capital > 0)).then(pl.Series((FEN_OF_TEN_THOUSAND * capital).astype(np.int64)))
    return versions.select(
        "firm",
        "known_on",
        *(name for name in KEPT if name != "paid"),
        legal_form=firms.legal_form[firm],
        established_on=firms.established_on[firm],
        industry=_industries(community)[firm],
        district=firms.district[firm],
        registered_capital_fen=registered,
        paid_in_capital_fen=(registered * pl.col("paid")).round().cast(pl.Int64),
        premises_kind=founded.premises[firm],
        legal_rep=pl.format("R{}-{}", pl.Series(firms.numbers[holder]), "rep"),
    )


def _industries(community: "Community") -> NDArray[np.str_]:
    """Classes of GB/T 4754: the division and two digits more."""
    firms, luck = community.firms, community.random("registry", "industry").random(len(community.firms))
    classes = [a.CLASSES.get(division, ("",)) for division in firms.division.tolist()]
    chosen = [some[int(share * len(some))] for some, share in zip(classes, luck.tolist(), strict=True)]
    travels = (firms.role == SEASONAL) & (firms.division == TRAVEL)
    return np.char.add(firms.division, np.where(travels, a.TRAVEL_AGENCY, chosen))


def _undisclosed(versions: pl.DataFrame, community: "Community") -> pl.DataFrame:
    """Without what some firms do not disclose, from the first version to the last."""
    luck = community.random("registry", "undisclosed").random((len(a.UNDISCLOSED), len(community.firms)))
    firm = versions["firm"].to_numpy()
    return versions.with_columns(
        pl.when(pl.Series(part[firm] >= share)).then(name).alias(name)
        for (name, share), part in zip(a.UNDISCLOSED.items(), luck, strict=True)
    )
