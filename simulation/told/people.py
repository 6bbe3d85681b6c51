"""Social insurance, housing fund and utilities: what follows the people and the work, whatever the papers say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import expit

from simulation.assumed import people as a
from simulation.chance import Days, Flags, Numbers, Whole, picked
from simulation.firms import NEVER, PAPER_BAD, SHELL, ZERO_FILER
from simulation.told.lines import NOT_YET, SURE_DAYS, between, fen, first_day, lately, later, shown_strain, told_months

if TYPE_CHECKING:
    from simulation.community import Community

KINDS = np.array(["electricity", "water", "gas"])
METER, POWER, WATER, HAS_WATER, HAS_GAS, GAS = range(6)
"""Columns of `assumed.people.METERS`."""
MICRO_STAFF = 3
USUAL_STAFF = 10
YUAN_OF_INTENSITY = 10_000


@dataclass(frozen=True)
class Insured:
    """Who is insured: firm × month.

    Attributes:
        people: insured persons.
        base: contribution base of one person, whole yuan.
        told: months that are declared, some of them with nobody.
    """

    people: Whole
    base: Numbers
    told: Flags


@dataclass(frozen=True)
class Payments:
    """How bills were paid, one value a bill.

    Attributes:
        on: day of payment; NaT = never.
        share: part of the bill that was paid on that day.
    """

    on: Days
    share: Numbers


def social_insurance(community: "Community") -> pl.DataFrame:
    """One row a month of contributions of the firms that insure somebody, or declare that they insure nobody."""
    insured, calendar = who_is_insured(community), community.calendar
    random = community.random("social_insurance")
    firm, month = told_months(community, insured.told)
    people = insured.people[firm, month]
    base = fen(people * insured.base[firm, month])
    due = np.rint(base * _rates(community)[month]).astype(np.int64)
    luck = random.random((8, *insured.told.shape))[:, firm, month]
    declared_on = _declared(community, firm, month, luck[5:])
    payments = how_paid(community, firm, month + 1, declared_on, within=2, luck=luck)
    untold = random.random(len(community.firms)) < a.BASE_UNTOLD
    return pl.DataFrame(
        {
            "firm": firm,
            "month": first_day(calendar, month),
            "headcount": people,
            "base_fen": base,
            "due_fen": due,
            "declared_on": declared_on,
            "paid_on": payments.on,
            "paid_fen": np.rint(due * payments.share).astype(np.int64),
            "known_on": declared_on + a.INSURANCE_KNOWN,
            "untold": untold[firm],
        }
    ).select(pl.exclude("base_fen", "paid_fen", "untold"), _unless("untold", "base_fen"), _if_paid("paid_fen"))


def housing_fund(community: "Community") -> pl.DataFrame:
    """One row a month of housing fund contributions, of firms that have a fund."""
    insured, firms = who_is_insured(community), community.firms
    random = community.random("housing_fund")
    luck = random.random((4, len(firms)))
    logit = a.FUND + a.FUND_STAFF * np.log10(firms.staff) + a.FUND_CONDUCT * firms.conduct + a.FUND_TECH * firms.tech
    has_fund = (luck[0] < expit(logit)) & (firms.role != ZERO_FILER) & (firms.role != SHELL)
    covers = between(a.FUND_COVERS, luck[1])[:, None] * (1 - a.FUND_CUT * _lasting_strain(community))
    members = np.floor(covers * insured.people + luck[2][:, None]).astype(np.int64)
    members = np.minimum(members, insured.people)
    firm, month = told_months(community, has_fund[:, None] & (members > 0))
    rate = np.array(list(a.FUND_RATES))[picked(luck[3], a.FUND_RATES)][firm]
    base = fen(members[firm, month] * insured.base[firm, month])
    due = np.rint(base * rate / 10_000).astype(np.int64)
    luck = random.random((6, *members.shape))[:, firm, month]
    declared_on = later(first_day(community.calendar, month), a.FUND_DAYS, luck[5])
    declared_on = community.calendar.working_day(declared_on)
    payments = how_paid(community, firm, month, declared_on, within=2, luck=luck)
    return pl.DataFrame(
        {
            "firm": firm,
            "month": first_day(community.calendar, month),
            "headcount": members[firm, month],
            "base_fen": base,
            "rate_bp": rate,
            "due_fen": due,
            "declared_on": declared_on,
            "paid_on": payments.on,
            "paid_fen": np.rint(due * payments.share).astype(np.int64),
            "known_on": declared_on + a.FUND_KNOWN,
        }
    ).with_columns(_if_paid("paid_fen"))


def utilities(community: "Community") -> pl.DataFrame:
    """One row a month's bill; firms in shared rooms have no meter of their own."""
    calendar = community.calendar
    random = community.random("utilities")
    meters = _meters(community, random)
    standing = _standing(community)[:, calendar.first :]
    firm, month, kind = np.nonzero(meters[:, None, :] & standing[:, :, None])
    usage = _usage(community, random)[firm, month, kind]
    luck = random.random((6, *standing.shape, len(KINDS)))[:, firm, month, kind]
    month = month + calendar.first
    billed_on = later(first_day(calendar, month + 1), a.BILLED_DAYS, luck[5])
    payments = how_paid(community, firm, month + 1, billed_on, within=a.BILL_PAID, luck=luck)
    untold = random.random(len(community.firms)) < a.USE_UNTOLD
    return pl.DataFrame(
        {
            "firm": firm,
            "month": first_day(calendar, month),
            "kind": pl.Series(KINDS).gather(kind),
            "usage": usage,
            "billed_fen": fen(usage * np.array(a.TARIFFS)[kind]),
            "billed_on": billed_on,
            "paid_on": payments.on,
            "known_on": billed_on + a.UTILITY_KNOWN,
            "untold": untold[firm],
        }
    ).select(pl.exclude("usage", "untold"), _unless("untold", "usage"))


def who_is_insured(community: "Community") -> Insured:
    """The insured of every firm and month; every call gives the same."""
    firms, lives = community.firms, community.lives
    random = community.random("insured")
    luck, staff = random.random((8, len(firms))), lives.staff
    pay, base = _wages(community, luck[7], random.standard_normal(len(firms)))
    logit = a.COVERED + a.COVERED_STAFF * np.log10(firms.staff / USUAL_STAFF) + a.COVERED_CONDUCT * firms.conduct
    logit += a.COVERED_DISHONEST * firms.dishonest + a.COVERED_ROUGH * (firms.role == PAPER_BAD)
    covered = expit(logit + a.COVERED_SPREAD * 2 * (luck[0] - 0.5))
    covered *= luck[1] >= np.where(firms.staff <= MICRO_STAFF, a.UNINSURED_MICRO, a.UNINSURED)
    kept = np.minimum(covered[:, None] * (1 - a.CUT * _lasting_strain(community)), pay / base)
    people = np.floor(kept * staff + luck[2][:, None] * (covered > 0)[:, None]).astype(np.int64)
    insures_one = luck[3] < np.where(firms.role == SHELL, a.SHELL_INSURES, a.ZERO_FILER_INSURES)
    tiny = (firms.role == SHELL) | (firms.role == ZERO_FILER)
    people = np.where(tiny[:, None], insures_one[:, None], np.minimum(people, staff))
    standing = _standing(community)
    resting = standing & ~lives.trading & (luck[4] < a.PAUSED_INSURES)[:, None]
    month = np.arange(community.calendar.months)
    opened = month >= firms.born[:, None] + (a.STARTS_WITHIN * luck[5]).astype(np.int64)[:, None]
    people = np.where(resting, 1, people * lives.trading) * (standing & opened)
    files_zero = (luck[6] < a.TELLS_NOBODY)[:, None] & standing & opened
    return Insured(people, base, (people > 0) | files_zero)


def how_paid(
    community: "Community", firm: Whole, due: Whole, asked_on: Days, *, within: int, luck: Numbers
) -> Payments:
    """Bills are paid in time, forgotten for a while, or left open while a firm is strained.

    Args:
        community: whose bills they are.
        firm: who pays, one value a bill, as `due` and `asked_on`.
        due: month in which it should be paid.
        asked_on: day from which it can be paid.
        within: days in which an ordinary bill is paid.
        luck: uniform numbers, at least five a bill: quantity × bill.
    """
    firms, lives, months = community.firms, community.lives, community.calendar.months
    rough = np.where(firms.role == PAPER_BAD, a.CARELESS_ROUGH, 1.0)
    forgets = (a.CARELESS * np.exp(a.CARELESS_CONDUCT * firms.conduct) * rough)[firm]
    shown = shown_strain(community)[firm, np.minimum(due, months - 1)]
    chance = a.LATE_AT_STRAIN * np.clip((shown - a.LATE_FROM) / (1 - a.LATE_FROM), 0, 1)
    stays_open, forgotten = luck[0] < chance, luck[1] < forgets
    ordinary = np.where(forgotten, between(a.CARELESS_DAYS, luck[2]), (within + 1) * luck[2])
    eased = _next_ease(community)[firm, np.minimum(due + 1, months)]
    pressed = later(asked_on, a.PRESSED_DAYS, luck[2])
    eased_on = later(first_day(community.calendar, eased), (0, SURE_DAYS), luck[2])
    at_last = np.where(luck[3] < a.PRESSED, np.minimum(eased_on, pressed), eased_on)
    at_last = np.where((luck[3] < a.PRESSED) | (eased < NEVER), at_last, NOT_YET)
    on = np.where(stays_open, at_last, asked_on + ordinary.astype(np.int64))
    silent = (lives.default[firm] < NEVER) & (on >= first_day(community.calendar, lives.closed[firm]))
    part = stays_open & (luck[4] < a.PART)
    share = np.where(part, between(a.PART_SIZE, luck[4] / a.PART), 1.0)
    return Payments(np.where(silent, NOT_YET, on), share)


def _if_paid(column: str) -> pl.Expr:
    return pl.when(pl.col("paid_on").is_not_null()).then(column).alias(column)


def _unless(untold: str, column: str) -> pl.Expr:
    return pl.when(~pl.col(untold)).then(column).alias(column)


def _standing(community: "Community") -> Flags:
    """Months between a firm's beginning and its end, those of a lawful rest included."""
    month = np.arange(community.calendar.months)
    standing: Flags = (month >= community.firms.born[:, None]) & (month < community.lives.closed[:, None])
    return standing


def _lasting_strain(community: "Community") -> Numbers:
    return lately(shown_strain(community), a.CUT_MONTHS)


def _rates(community: "Community") -> Numbers:
    """Contributions of both sides as a share of the base, by month."""
    since = np.array([day for day, _ in a.RATES], dtype="M8[D]")
    rates: Numbers = np.array([rate for _, rate in a.RATES])
    return rates[np.searchsorted(since, community.calendar.starts[:-1], side="right") - 1]


def _declared(community: "Community", firm: Whole, month: Whole, luck: Numbers) -> Days:
    late = luck[0] < a.DECLARED_LATE * np.exp(a.CARELESS_CONDUCT * community.firms.conduct[firm])
    days = between(a.DECLARED_DAYS, luck[1]) + late * between(a.DECLARED_LATE_DAYS, luck[2])
    return community.calendar.working_day(first_day(community.calendar, month + 1) + days.astype(np.int64))


def _next_ease(community: "Community") -> Whole:
    """First month from each on in which the firm can pay what is open; NEVER = none: firm × month and one more."""
    lives, months = community.lives, community.calendar.months
    calm = lives.trading & (lives.strain < a.EASE)
    at = np.where(calm, np.arange(months), NEVER)
    following = np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1]
    return np.pad(following, ((0, 0), (0, 1)), constant_values=NEVER)


def _wages(community: "Community", luck: Numbers, normal: Numbers) -> tuple[Numbers, Numbers]:
    """Mean pay of all staff and the contribution base of an insured person: firm × month, yuan.

    The base is what full-time people earn within the bounds of the year, or the lowest base whatever they earn. The pay
    that counts is that of the calendar year before the July from which bases hold, or that of the months so far where
    nobody was paid in it.
    """
    firms, lives, calendar = community.firms, community.lives, community.calendar
    of_july = calendar.year - (calendar.month_of_year < a.NEW_BASES)
    lowest, highest = np.array([a.BASES[max(year, min(a.BASES))] for year in of_july.tolist()], dtype=float).T
    heads = lives.staff * (lives.payroll > 0)
    of_year = (calendar.year[:, None] == of_july - 1).astype(float)
    paid, many = lives.payroll @ of_year, heads @ of_year
    so_far = np.cumsum(lives.payroll, axis=1) / np.maximum(np.cumsum(heads, axis=1), 1)
    pay = np.where(many > 0, paid / np.maximum(many, 1), so_far)
    full_time = np.exp(a.FULL_TIME + a.FULL_TIME_SPREAD * normal)[:, None] * lowest
    told = np.clip(between(a.BASE_OF_PAY, luck)[:, None] * np.maximum(pay, full_time), lowest, highest)
    logit = a.LOWEST_BASE + a.LOWEST_BASE_CONDUCT * firms.conduct + a.LOWEST_BASE_DISHONEST * firms.dishonest
    return pay, np.rint(np.where((luck < expit(logit))[:, None], lowest, told))


def _meters(community: "Community", random: np.random.Generator) -> Flags:
    """Whether a firm has a meter of its own: firm × kind."""
    firms = community.firms
    luck = random.random((3, len(firms)))
    shares = np.array(a.METERS)[firms.industry]
    has = luck[0] < shares[:, METER] * np.where(firms.role == ZERO_FILER, a.METER_SMALL, 1.0)
    has &= firms.role != SHELL
    return np.stack([has, has & (luck[1] < shares[:, HAS_WATER]), has & (luck[2] < shares[:, HAS_GAS])], axis=1)


def _usage(community: "Community", random: np.random.Generator) -> Whole:
    """Use of a month in kWh and m³: firm × told month × kind."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    told = slice(calendar.first, None)
    spread = np.exp(a.USE_SPREAD * random.standard_normal((len(firms), len(KINDS))))
    intensity = np.array(a.METERS)[firms.industry][:, [POWER, WATER, GAS]]
    normal = (a.LEAST_USE + intensity * (firms.sales / YUAN_OF_INTENSITY)[:, None]) * spread
    busy = (lives.sales / firms.sales[:, None])[:, told] ** a.FOLLOWS
    load = np.where(lives.trading[:, told], a.FIXED + (1 - a.FIXED) * busy, a.ASLEEP)
    place = calendar.month_of_year[told] - 1
    season = np.stack([np.array(a.POWER_SEASON)[place], np.ones(len(place)), np.array(a.GAS_SEASON)[place]], axis=1)
    noise = np.exp(a.USE_NOISE * random.standard_normal((*load.shape, len(KINDS))))
    usage: Whole = np.rint(normal[:, None, :] * load[:, :, None] * season * noise).astype(np.int64)
    return usage
