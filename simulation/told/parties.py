"""Who stands behind the firms of a community, and what they hold: persons, other firms, each other."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.assumed import city
from simulation.assumed import register as a
from simulation.chance import Days, Numbers, Whole, picked
from simulation.firms import NEVER, SHELL, ZERO_FILER
from simulation.partners import inside_names, outside_names
from simulation.told.exposure import circle_mates
from simulation.told.founding import Founding, founding
from simulation.told.lines import NOT_YET, first_day, later
from simulation.told.register_events import DAYS_OF_A_YEAR, changes

if TYPE_CHECKING:
    from simulation.community import Community

WHOLE_BP = 10_000
ANCHOR = 0
"""Number of the buyer that stays as long as the firm; see `told.network`."""


def related_parties(community: "Community") -> pl.DataFrame:
    """Holders, firms held, other firms of the legal representative, and ties within rings and circles."""
    founded = founding(community)
    parts = [
        _holders(community, founded),
        _subsidiaries(community),
        _of_representatives(community, founded),
        _of_rings(community, founded),
        _of_one_owner(community),
    ]
    rows = pl.concat(parts, how="diagonal_relaxed").unique(("firm", "party", "kind", "since"), keep="first")
    ended = pl.Series(first_day(community.calendar, community.lives.closed))
    rows = rows.filter(rows["since"] < ended.gather(rows["firm"])).sort("firm", "since", "party", "kind")
    luck = community.random("related_parties", "known").random(rows.height)
    return rows.with_columns(known_on=later(rows["since"].to_numpy(), a.PARTY_KNOWN, luck))


def _rows(kind: str | NDArray[np.str_], firm: Whole, party: pl.Series, since: Days, **more: Any) -> pl.DataFrame:
    frame = pl.DataFrame({"firm": firm, "party": party, "since": since.astype("M8[D]"), **more})
    return frame.with_columns(kind=pl.lit(kind) if isinstance(kind, str) else pl.Series(kind))


def _named(letter: str | NDArray[np.str_], community: "Community", firm: Whole, number: Whole) -> pl.Series:
    """Pseudonyms of persons and firms outside the city that nobody trades with; R names a legal representative."""
    letters = pl.lit(letter) if isinstance(letter, str) else pl.Series(letter)
    told = pl.DataFrame({"firm": community.firms.numbers[firm], "number": number})
    return told.select(pl.format("{}{}-{}", letters, "firm", "number").alias("party")).to_series()


def _holders(community: "Community", founded: Founding) -> pl.DataFrame:
    """Persons and firms that hold the firm, the legal representative first; who sells goes, and another comes."""
    firms, random = community.firms, community.random("related_parties", "holders")
    luck, normal = random.random((4, len(firms))), random.standard_normal((len(firms), len(a.HOLDERS)))
    count = np.where(np.isin(firms.legal_form, a.LIMITED_HOLDERS), 1 + picked(luck[0], a.HOLDERS), 1)
    there = np.arange(len(a.HOLDERS)) < count[:, None]
    weight = np.exp(-np.sort(-normal, axis=1)) * there
    share = (WHOLE_BP * weight / weight.sum(axis=1, keepdims=True)).astype(np.int64)
    firm, slot = np.nonzero(there)
    last = (slot > 0) & (slot == count[firm] - 1)
    letter = np.select([slot == 0, last & (luck[1] < a.CORPORATE_HOLDER)[firm]], ["R", "H"], "P")
    party = _named(letter, community, np.where(slot == 0, founded.controller[firm], firm), slot)
    by_anchor = last & ((firms.anchor > a.ANCHORED) & (luck[2] < a.ANCHOR_HOLDS))[firm]
    anchor = outside_names("buyer", firms, firm, np.full(len(firm), ANCHOR))
    since = firms.established_on[firm]
    falls = np.where(slot == 0, _owner_falls(community, luck[3])[firm], NOT_YET)
    sold, until = _sold(community, count), np.full(there.shape, NOT_YET)
    until[sold["firm"].to_numpy(), sold["slot"].to_numpy()] = sold["on"].to_numpy()
    first = _rows(
        "shareholder",
        firm,
        party.zip_with(pl.Series(~by_anchor), anchor),
        since,
        share_bp=share[firm, slot],
        until=until[firm, slot],
        adverse_on=np.fmin(falls, _adverse_outside(community, since, random.random(len(firm)))),
    )
    buyers = sold["firm"].to_numpy(), sold["slot"].to_numpy()
    names = _named("N", community, *buyers)
    return pl.concat(
        [first, _rows("shareholder", buyers[0], names, sold["on"].to_numpy(), share_bp=share[buyers])], how="diagonal"
    )


def _sold(community: "Community", count: Whole) -> pl.DataFrame:
    """Places of holders who sold, and when: the last first, each once."""
    told = changes(community).filter(pl.col("kind") == "shareholder")
    held = pl.Series(count[told["firm"].to_numpy()])
    sold = told.select("firm", "on", slot=held - 1 - pl.int_range(pl.len()).over("firm"))
    return sold.filter(pl.col("slot") >= 0, pl.col("on") <= community.calendar.until)


def _subsidiaries(community: "Community") -> pl.DataFrame:
    """Firms that larger firms founded."""
    firms, random = community.firms, community.random("related_parties", "subsidiaries")
    luck = random.random(len(firms))
    size = np.log(firms.sales / city.MEDIAN_SALES) / city.SALES_SPREAD
    has = (luck < a.SUBSIDIARIES + a.SUBSIDIARIES_BY_SIZE * size) & (firms.role != SHELL) & (firms.role != ZERO_FILER)
    some = np.flatnonzero(has)
    firm, number = _repeated(some, random.integers(1, a.MOST_SUBSIDIARIES, len(some), endpoint=True))
    since, share = _some_day(community, firm, random.random(len(firm))), random.random(len(firm))
    share_bp = np.rint(WHOLE_BP * (a.LEAST_HELD + (1 - a.LEAST_HELD) * share)).astype(np.int64)
    adverse_on = _adverse_outside(community, since, random.random(len(firm)))
    party = _named("I", community, firm, number)
    return _rows("subsidiary", firm, party, since, share_bp=share_bp, adverse_on=adverse_on)


def _of_representatives(community: "Community", founded: Founding) -> pl.DataFrame:
    """Some of the other firms of the first legal representative."""
    random = community.random("related_parties", "representatives")
    others = np.minimum(founded.rep_firms - 1, a.TOLD_REP_MOST)
    others = others * (random.random(len(others)) < a.TOLD_REP_FIRMS)
    firm, number = _repeated(np.arange(len(others)), others)
    since = _some_day(community, firm, random.random(len(firm)))
    adverse_on = _adverse_outside(community, since, random.random(len(firm)))
    return _rows("same_legal_rep", firm, _named("L", community, firm, number), since, adverse_on=adverse_on)


def _of_rings(community: "Community", founded: Founding) -> pl.DataFrame:
    """Pairs of firms of a ring, as far as the register can tell that they belong together."""
    firms, random = community.firms, community.random("related_parties", "rings")
    luck = random.random((2, len(firms), len(firms)))
    same = (firms.ring[:, None] == firms.ring) & (firms.ring >= 0)
    one, other = np.nonzero(np.triu(same, 1) & (luck[0] < a.RING_TOLD))
    tie = np.array(a.RING_TIES)[(len(a.RING_TIES) * luck[1, one, other]).astype(np.int64)]
    kind = np.where(founded.controller[one] == founded.controller[other], "same_legal_rep", tie)
    return _pairs(community, (one, kind), (other, kind))


def _of_one_owner(community: "Community") -> pl.DataFrame:
    """Firms that guarantee a firm of theirs: holder and held."""
    mate = circle_mates(community)
    luck = community.random("related_parties", "circles").random(len(mate))
    held = np.flatnonzero((mate >= 0) & (luck < a.CIRCLE_ONE_OWNER))
    return _pairs(community, (held, np.full(len(held), "shareholder")), (mate[held], np.full(len(held), "subsidiary")))


def _pairs(
    community: "Community", one: tuple[Whole, NDArray[np.str_]], other: tuple[Whole, NDArray[np.str_]]
) -> pl.DataFrame:
    """Each of two firms of the city as the party of the other, by the kind that stands beside it."""
    firms = community.firms
    firm, party = np.concatenate([one[0], other[0]]), np.concatenate([other[0], one[0]])
    since = np.maximum(firms.established_on[firm], firms.established_on[party])
    luck = community.random("related_parties", "falls inside").random((2, len(firms)))
    default = community.lives.default
    listed_on = later(
        first_day(community.calendar, np.where(default == NEVER, 0, default) + 1), a.ADVERSE_AFTER, luck[0]
    )
    adverse_on = np.where((default < NEVER) & (luck[1] < a.ADVERSE_LISTED), listed_on, NOT_YET)
    kind = np.concatenate([one[1], other[1]])
    return _rows(kind, firm, inside_names(firms, party), since, adverse_on=adverse_on[party])


def _repeated(firm: Whole, times: Whole) -> tuple[Whole, Whole]:
    """Each firm so many times, and a number from 0 within the firm."""
    begins = np.repeat(np.cumsum(times) - times, times)
    return np.repeat(firm, times), np.arange(times.sum()) - begins


def _some_day(community: "Community", firm: Whole, luck: Numbers) -> Days:
    """A day between the founding of a firm and the end of the city."""
    founded, end = community.firms.established_on[firm], community.calendar.starts[-1]
    day: Days = founded + (luck * (end - founded).astype(np.int64)).astype(np.int64)
    return day


def _adverse_outside(community: "Community", since: Days, luck: Numbers) -> Days:
    """Day on which a party outside the city fails, after some years at the usual rate; far ahead for most."""
    begins = np.maximum(since, community.calendar.starts[0])
    years = -np.log1p(-luck) / a.ADVERSE
    day: Days = begins + np.minimum(DAYS_OF_A_YEAR * years, DAYS_OF_A_YEAR * a.ADVERSE_YEARS).astype(np.int64)
    return day


def _owner_falls(community: "Community", luck: Numbers) -> Days:
    """Day on which the owner comes on the list of dishonest debtors after the default of the firm."""
    default = community.lives.default
    after = later(
        first_day(community.calendar, np.where(default == NEVER, 0, default) + 1),
        a.OWNER_FALLS_AFTER,
        luck / a.OWNER_FALLS % 1,
    )
    day: Days = np.where((default < NEVER) & (luck < a.OWNER_FALLS), after, NOT_YET)
    return day
