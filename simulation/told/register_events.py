"""What happens in the register: changes, annual reports, lists, rest and end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtr

from simulation.assumed import register as a
from simulation.chance import Days, Flags, Numbers, Whole, picked
from simulation.firms import NEVER, SHELL
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.founding import EPOCH
from simulation.told.lines import NOT_YET, SURE_DAYS, drawn_days, first_day, later, month_of, shown_strain

if TYPE_CHECKING:
    from simulation.community import Community

JUNE, DAYS_OF_A_YEAR = 6, 365
FUNDED = ("raised", "shareholder")
"""Changes that new money brings to technology firms."""
SILENT_WATCHED = 36
"""Months after its end in which a silent firm may be found unreachable."""
OPEN_END = np.datetime64("2200-01-01", "D")
WOUND_UP = 15
"""Days before it is struck off in which a firm is off every list."""


@dataclass(frozen=True)
class Happenings:
    """What the register is told and does, in the order of firms.

    Attributes:
        changes: `firm`, `kind`, `on`, `known_on`; `factor` and `paid` of a new capital; `flight` of an owner who hides.
        reports: `firm`, `year`, `on`, `known_on`, `staff` of the annual reports that were filed.
        listings: `firm`, `begins`, `ends` (null = lasts), `repaired_on`, `serious_on` of abnormal operations.
        revoked_on, struck_off_on: by firm; NOT_YET = never.
    """

    changes: pl.DataFrame
    reports: pl.DataFrame
    listings: pl.DataFrame
    revoked_on: Days
    struck_off_on: Days


def happenings(community: "Community") -> Happenings:
    """All that happens in the register to the firms of a community."""
    struck_off_on = _struck_off(community)
    year, filed_on, due = _filings(community, struck_off_on)
    listings = _listings(community, _missed(community, year, filed_on, due), struck_off_on)
    revoked_on = _revoked(community, listings)
    firm, place = np.nonzero(due & ~np.isnat(filed_on) & ~(filed_on >= revoked_on[:, None]))
    luck, on = community.random("registry", "reports known").random(len(firm)), filed_on[firm, place]
    reports = pl.DataFrame(
        {
            "firm": firm,
            "year": year[place],
            "on": on,
            "known_on": later(on, a.REPORT_KNOWN, luck),
            "staff": _staff_told(community, firm, year[place]),
        }
    )
    return Happenings(changes(community), reports, listings, revoked_on, struck_off_on)


def silent_from(community: "Community") -> Whole:
    """Month from which nobody answers for a firm that ended without being struck off; NEVER = somebody does."""
    lives = community.lives
    silent: Whole = np.where(lives.cancelled == NEVER, lives.closed, NEVER)
    return silent


def _struck_off(community: "Community") -> Days:
    luck, month = community.random("registry", "struck off").random(len(community.firms)), community.lives.cancelled
    day = first_day(community.calendar, np.where(month == NEVER, 0, month)) + (SURE_DAYS * luck).astype(np.int64)
    struck_off: Days = np.where(month == NEVER, NOT_YET, day)
    return struck_off


def changes(community: "Community") -> pl.DataFrame:
    """Of representatives, addresses, holders and capital; moves from before the first month too. See `Happenings`."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    random, months = community.random("registry", "changes"), np.arange(calendar.months)
    flees = random.random(len(firms)) < a.FLEES * np.exp(a.FLEES_CARELESS * firms.conduct)
    tight = flees[:, None] & (lives.strain >= a.FLEES_AT) & (lives.overdue > 0)
    answers = (months >= firms.born[:, None]) & (months < lives.closed[:, None])
    strained = shown_strain(community) ** 2
    parts = [_old_moves(community, random)]
    for name, change in a.CHANGES.items():
        rates = _usual_rates(community, name, change) + change.strained * strained + change.fleeing * tight
        firm, on = drawn_days(rates * answers, calendar, random.random(rates.shape))
        parts.append(_named(name, firm, on, flight=tight[firm, month_of(calendar, on)]))
    told = _with_capital(pl.concat(parts), random)
    before_end = told["on"] < pl.Series(_struck_off(community)[told["firm"].to_numpy()])
    once = told.filter(before_end.fill_null(value=True)).unique(("firm", "kind", "on"), keep="first")
    luck = community.random("registry", "changes known").random(once.height)
    ordered = once.sort("firm", "on", "kind")
    return ordered.with_columns(known_on=later(ordered["on"].to_numpy(), a.CHANGE_KNOWN, luck))


def _named(name: str, firm: Whole, on: Days, *, flight: Flags) -> pl.DataFrame:
    return pl.DataFrame({"firm": firm, "on": on, "flight": flight}).with_columns(name=pl.lit(name))


def _old_moves(community: "Community", random: np.random.Generator) -> pl.DataFrame:
    """At most one move of each firm before the first month."""
    firms, start = community.firms, community.calendar.starts[0]
    luck = random.random((2, len(firms)))
    age = np.maximum((start - firms.established_on).astype(np.int64), 0)
    firm = np.flatnonzero(luck[0] < 1 - np.exp(-a.CHANGES["address"].base * age / DAYS_OF_A_YEAR))
    on = firms.established_on[firm] + 1 + (luck[1] * age)[firm].astype(np.int64)
    return _named("address", firm, on, flight=np.zeros(len(firm), bool))


def _usual_rates(community: "Community", name: str, change: a.Change) -> Numbers:
    """Rates of firms at ease: firm × month."""
    firms, starts = community.firms, community.calendar.starts[:-1]
    rates: Numbers = np.where(firms.role == SHELL, change.shell, change.base)
    if name == "raised":
        rates = rates * np.exp(a.GROWS * firms.quality)
    if name in FUNDED:
        rates = rates + a.FUNDED * firms.tech
    may = starts >= np.datetime64(a.REDUCE_FROM) if name == "reduced" else np.ones(len(starts), bool)
    usual: Numbers = rates[:, None] * may
    return usual


def _with_capital(told: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Changes by the kinds of the contract; of a new capital, `factor` against the old and the share that is `paid`."""
    luck = random.random((2, told.height))
    raised, reduced = (told["name"] == name for name in ("raised", "reduced"))
    factors = np.where(reduced, _values(a.REDUCED, luck[0]), _values(a.RAISED, luck[0]))
    return told.select(
        "firm",
        "on",
        "flight",
        kind=pl.when(raised | reduced).then(pl.lit("capital")).otherwise("name"),
        factor=pl.when(raised | reduced).then(pl.Series(factors)).otherwise(1.0),
        paid=pl.when(reduced).then(1.0).when(raised).then(pl.Series(_values(a.PAID, luck[1]))),
    )


def _values(shares: Mapping[float, float], luck: Numbers) -> Numbers:
    """Values that uniform numbers fall on."""
    values: Numbers = np.array(list(shares))[picked(luck, shares)]
    return values


def _filings(community: "Community", struck_off_on: Days) -> tuple[Whole, Days, Flags]:
    """Years, the day on which each firm files for each (NOT_YET = never), and whether it has to."""
    firms, calendar = community.firms, community.calendar
    year = np.arange(a.FIRST_REPORT_YEAR, calendar.until.year)
    new_year = (year + 1 - EPOCH).astype("M8[Y]").astype("M8[D]")
    deadline = _deadline(year)
    random = community.random("registry", "reports")
    luck, has_agent = random.random((4, len(firms), len(year))), random.random((len(firms), 1)) < a.FILED_BY_AGENT
    june = month_of(calendar, deadline)
    strained = np.where(june >= 0, shown_strain(community)[:, np.clip(june, 0, calendar.months - 1)], 0.0)
    is_late = luck[0] < ndtr(a.LATE - a.LATE_CARELESS * firms.conduct[:, None] + a.LATE_STRAINED * strained)
    power = a.REPORT_POWER * np.exp(a.HASTE * firms.conduct)[:, None]
    in_time = new_year + a.REPORT_FROM + (a.REPORT_DAYS * luck[1] ** power).astype(np.int64)
    at_last = np.where(luck[3] < a.NEVER_FILED, NOT_YET, later(deadline, a.LATE_DAYS, luck[2]))
    filed = np.where(is_late, at_last, in_time)
    by_agent = ~is_late & has_agent
    answered = (month_of(calendar, np.where(is_late, deadline, in_time)) < silent_from(community)[:, None]) | by_agent
    founded = firms.established_on.astype("M8[Y]").astype(np.int64) + EPOCH
    due = (founded[:, None] <= year) & ~(deadline >= struck_off_on[:, None])
    gone = filed >= struck_off_on[:, None]
    return year, np.where(answered & ~gone, filed, NOT_YET), due


def _deadline(year: Whole) -> Days:
    """30 June after each year."""
    last: Days = ((year + 1 - EPOCH).astype("M8[Y]").astype("M8[M]") + JUNE).astype("M8[D]") - 1
    return last


def _staff_told(community: "Community", firm: Whole, year: Whole) -> Whole:
    """People at the end of a year, as the firm counts them."""
    firms, calendar = community.firms, community.calendar
    month = MONTHS_OF_A_YEAR * (year - calendar.year[0]) + MONTHS_OF_A_YEAR - calendar.month_of_year[0]
    known = community.lives.staff[firm, np.clip(month, 0, calendar.months - 1)]
    staff = np.where(month >= 0, known, firms.staff[firm])
    normal = community.random("registry", "staff told").standard_normal(len(firm))
    told: Whole = np.rint(staff * np.exp(a.STAFF_TOLD * normal)).astype(np.int64)
    return told


def _missed(community: "Community", year: Whole, filed_on: Days, due: Flags) -> pl.DataFrame:
    """Times on the list for reports that were not there in time."""
    luck = community.random("registry", "missed").random((3, *due.shape))
    begins = later(_deadline(year), a.LISTED_AFTER, luck[0])
    listed = due & ~(filed_on <= begins) & (luck[1] < a.LISTED)
    firm, place = np.nonzero(listed)
    ends = later(filed_on[firm, place], a.RELEASED_AFTER, luck[2][firm, place])
    return pl.DataFrame({"firm": firm, "begins": begins[firm, place], "ends": ends})


def _unreachable(community: "Community") -> pl.DataFrame:
    """Times on the list for an address at which nobody was found."""
    firms, calendar = community.firms, community.calendar
    random, months = community.random("registry", "unreachable"), np.arange(calendar.months)
    silent = silent_from(community)[:, None]
    usual = np.where(firms.role == SHELL, a.UNREACHABLE_SHELL, a.UNREACHABLE)[:, None]
    answers = (months >= firms.born[:, None]) & (months < community.lives.closed[:, None])
    watched = (months >= silent) & (months < silent + SILENT_WATCHED)
    rates = answers * (usual + a.UNREACHABLE_STRAINED * shown_strain(community)) + a.UNREACHABLE_SILENT * watched
    firm, begins = drawn_days(rates, calendar, random.random(rates.shape))
    found = later(begins, a.FOUND_AFTER, random.random(len(firm)))
    is_found = month_of(calendar, found) < silent[firm, 0]
    return pl.DataFrame({"firm": firm, "begins": begins, "ends": np.where(is_found, found, NOT_YET)})


def _listings(community: "Community", missed: pl.DataFrame, struck_off_on: Days) -> pl.DataFrame:
    """All times on the list of abnormal operations; who is on it is not put on it again."""
    told = pl.concat([missed, _unreachable(community)]).sort("firm", "begins")
    last = pl.Series(struck_off_on[told["firm"].to_numpy()] - WOUND_UP)
    told = told.with_columns(ends=pl.min_horizontal("ends", last)).filter(
        (pl.col("ends") > pl.col("begins")).fill_null(value=True)
    )
    reach = pl.col("ends").fill_null(OPEN_END).cum_max().shift(1).over("firm")
    told = told.filter((pl.col("begins") > reach).fill_null(value=True))
    firm, begins, ends = (told[name].to_numpy() for name in ("firm", "begins", "ends"))
    luck = community.random("registry", "listings").random((4, len(firm)))
    mended_on = later(ends, a.MENDED_AFTER, luck[1])
    closed = first_day(community.calendar, np.minimum(community.lives.closed, community.calendar.months))[firm]
    mends = (luck[0] < ndtr(community.firms.conduct[firm] + a.MENDED)) & (mended_on < closed)
    serious_on = later(begins, a.SERIOUS_AFTER, luck[3])
    is_serious = (luck[2] < a.SERIOUS) & ~(ends <= serious_on)
    return told.with_columns(
        repaired_on=np.where(mends, mended_on, NOT_YET), serious_on=np.where(is_serious, serious_on, NOT_YET)
    )


def _revoked(community: "Community", listings: pl.DataFrame) -> Days:
    """Days on which the licences of silent firms are taken away, some years after they were found missing."""
    luck = community.random("registry", "revoked").random((2, len(community.firms)))
    since = np.full(len(luck[0]), NOT_YET)
    lasting = listings.filter(pl.col("ends").is_null()).unique("firm", keep="first", maintain_order=True)
    since[lasting["firm"].to_numpy()] = lasting["begins"].to_numpy()
    day = later(since, a.REVOKED_AFTER, luck[1])
    silent = month_of(community.calendar, day) >= silent_from(community)
    revoked: Days = np.where((luck[0] < a.REVOKED) & silent, day, NOT_YET)
    return revoked
