"""Suits, enforcement, penalties and adverse lists of a community."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy.special import ndtr

from simulation.assumed import city
from simulation.assumed import courts as a
from simulation.chance import Days, Flags, Numbers, Whole
from simulation.firms import NEVER, PAPER_BAD, PAPER_GOOD, SHELL
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.lines import NOT_YET, drawn_days, fen, first_day, later, longest_prefix, month_of

if TYPE_CHECKING:
    from simulation.community import Community

MONEY_CAUSES = ("sales_contract", "loan", "construction", "lease")
"""Suits in which a claimant has accounts frozen."""


@dataclass(frozen=True)
class Times:
    """What rates hang on, firm × month from some years before the told ones.

    Attributes:
        community: whose.
        before: months before the first of the calendar.
    """

    community: "Community"
    before: int

    @cached_property
    def months(self) -> Whole:
        return np.arange(-self.before, self.community.calendar.months)

    @cached_property
    def active(self) -> Flags:
        """Does business, lawful rest left aside."""
        firms, lives = self.community.firms, self.community.lives
        is_active: Flags = (self.months >= firms.born[:, None]) & (self.months < lives.closed[:, None])
        return is_active

    @cached_property
    def strained(self) -> Numbers:
        """What shows of the strain, squared."""
        firms, lives = self.community.firms, self.community.lives
        seen = a.SHOWN + (1 - a.SHOWN) * firms.openness
        shown: Numbers = np.pad((lives.strain * seen[:, None]) ** 2, ((0, 0), (self.before, 0)))
        return shown * self.clean

    @cached_property
    def failing(self) -> Flags:
        """Leaves bills unpaid, or is in default and its creditors have not given up."""
        lives = self.community.lives
        since_default = self.months - lives.default[:, None]
        unpaid = np.pad(lives.overdue > 0, ((0, 0), (self.before, 0)))
        since_end = self.months - np.minimum(lives.default, lives.closed)[:, None]
        is_failing: Flags = (unpaid | (since_default > 0)) & (since_end < a.CREDITORS_CARE)
        return is_failing & (self.months < lives.cancelled[:, None])

    @cached_property
    def pays_again(self) -> Whole:
        """Place of the first month, this one included, in which the firm is at work and pays its bills."""
        pays = self.active & ~self._in_default
        place = np.where(pays, np.arange(len(self.months)), NEVER)
        first: Whole = np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]
        return first

    @cached_property
    def _in_default(self) -> Flags:
        lives = self.community.lives
        is_in_default: Flags = self.failing | (self.months > lives.default[:, None])
        return is_in_default

    @cached_property
    def clean(self) -> Numbers:
        """Less than 1 for firms that keep their papers clean to the end, and for those that owe nobody anything."""
        firms, lives = self.community.firms, self.community.lives
        is_clean = (firms.role == PAPER_GOOD)[:, None] & (self.months < lives.default[:, None])
        of_role = np.where(firms.role == SHELL, a.WITHOUT_BUSINESS, 1.0)[:, None]
        return np.where(is_clean, a.CLEAN_ON_PAPER, of_role)

    @cached_property
    def alone(self) -> Numbers:
        """How much the world meets the firm, whatever its trouble: its size, its care, its rest."""
        firms = self.community.firms
        size = np.clip((firms.sales / city.MEDIAN_SALES) ** a.SIZE_POWER, *a.SIZE_BOUNDS)
        resting = (self.months >= firms.pause[:, None]) & (self.months < firms.resume[:, None])
        met: Numbers = (size * np.exp(-a.CARE * firms.conduct))[:, None] * self.clean
        return np.where(resting, a.WITHOUT_BUSINESS * met, met)

    def rates(self, rate: a.Rate, special: Numbers | float = 1.0) -> Numbers:
        """Rates a year, by `special` times the base rate for some firms."""
        by_firm = np.broadcast_to(special, len(self.community.firms))[:, None]
        rates: Numbers = self.active * rate.base * self.alone * by_firm
        if rate.strained:
            rates += rate.strained * self.strained
        if rate.failing:
            rates += rate.failing * self._of_failing
        return rates

    @cached_property
    def _of_failing(self) -> Numbers:
        seen = a.SHOWN + (1 - a.SHOWN) * self.community.firms.openness
        return self.failing * self.clean * seen[:, None]

    def is_failing(self, firm: Whole, day: Days) -> Flags:
        """Whether firms fail to pay on a day; after the last month, whether they do in that."""
        fails: Flags = self.failing[firm, self._place(day)]
        return fails

    def settled(self, firm: Whole, day: Days) -> Days:
        """The first day from `day` on on which firms can pay what they owe; NOT_YET where none comes."""
        place, first = self._place(day), self.pays_again[firm, self._place(day)]
        then = first_day(self.community.calendar, np.minimum(first, len(self.months)) - self.before)
        ever = np.where(first == NEVER, NOT_YET, then + (day - day.astype("M8[M]")))
        settled: Days = np.where(first == place, day, ever)
        return settled

    def _place(self, day: Days) -> Whole:
        return np.clip(month_of(self.community.calendar, day) + self.before, 0, len(self.months) - 1)

    def drawn(self, yearly: Numbers, random: np.random.Generator) -> tuple[Whole, Days]:
        """Firms and days of what happens at yearly rates."""
        return drawn_days(yearly, self.community.calendar, random.random(yearly.shape), before=self.before)


def legal_events(community: "Community") -> pl.DataFrame:
    """Cases, list entries and penalties, those of some years before the told months too.

    A case keeps its number from the suit to the list of dishonest debtors.
    """
    times = Times(community, max(MONTHS_OF_A_YEAR * a.HISTORY_YEARS - community.calendar.first, 0))
    suits = _suits(times)
    parts = [suits, _frozen(suits, times), _enforced(suits, times), _claims(times), _penalties(times)]
    return _told(pl.concat([*parts, _lists(times), _silences(times)], how="diagonal"), times)


def _cases(letter: str, kind: str, firm: Whole, opened_on: Days, **more: Any) -> pl.DataFrame:
    """Cases of one kind, each with a thread of its own."""
    frame = pl.DataFrame({"firm": firm, "opened_on": opened_on.astype("M8[D]"), **more})
    return frame.with_columns(kind=pl.lit(kind), thread=pl.format("{}{}", pl.lit(letter), pl.int_range(pl.len())))


def _steps(kind: str, cases: pl.DataFrame, rows: Flags, opened_on: Days, closed_on: Days) -> pl.DataFrame:
    """What follows in some of the cases, under their threads."""
    some = cases.select(
        "firm", "thread", "cause", "amount", kind=pl.lit(kind), opened_on=opened_on, closed_on=closed_on
    )
    return some.filter(rows)


def _suits(times: Times) -> pl.DataFrame:
    """Cases as defendant."""
    firms, random = times.community.firms, times.community.random("legal_events", "suits")
    drawn = [times.drawn(_suit_rates(times, cause, rate), random) for cause, rate in a.SUITS.items()]
    firm, opened_on = (np.concatenate(part) for part in zip(*drawn, strict=True))
    cause = np.repeat(np.array(list(a.SUITS)), [len(found) for found, _ in drawn])
    median, power = np.array([a.AMOUNTS[name] for name in cause]).reshape(-1, 2).T
    amount = median * (firms.sales[firm] / city.MEDIAN_SALES) ** power
    closed_on = later(opened_on, a.TRIAL, random.random(len(firm)))
    amount = amount * np.exp(a.AMOUNT_SPREAD * random.standard_normal(len(firm)))
    return _cases("S", "defendant", firm, opened_on, cause=cause, closed_on=closed_on, amount=amount)


def _suit_rates(times: Times, cause: str, rate: a.Rate) -> Numbers:
    firms, lives = times.community.firms, times.community.lives
    builds = (firms.goods == "build") & (cause == "construction")
    rates = times.rates(rate, np.where(builds, a.BUILDERS_SUITS, 1.0))
    if cause != "loan":
        return rates
    since = times.months - lives.default[:, None]
    return rates + a.LENDERS_SUE * ((since > 0) & (since < a.CREDITORS_CARE) & _owed_at_default(times)[:, None])


def _owed_at_default(times: Times) -> Flags:
    lives = times.community.lives
    month = np.minimum(lives.default, times.community.calendar.months - 1)
    owed: Flags = (lives.debt + lives.private_debt)[np.arange(len(month)), month] > 0
    return owed


def _frozen(suits: pl.DataFrame, times: Times) -> pl.DataFrame:
    """Accounts frozen while a suit goes on, until it ends or, where the firm cannot pay, for good."""
    firm, opened, judged = (suits[name].to_numpy() for name in ("firm", "opened_on", "closed_on"))
    luck = times.community.random("legal_events", "frozen").random((2, len(firm)))
    chance = _chance(a.FREEZE, times.is_failing(firm, opened)) * suits["cause"].is_in(MONEY_CAUSES).to_numpy()
    frozen_on = later(opened, a.FREEZE_AFTER, luck[1])
    released_on = times.settled(firm, np.maximum(judged, frozen_on))
    return _steps("account_freeze", suits, luck[0] < chance, frozen_on, released_on)


def _enforced(suits: pl.DataFrame, times: Times) -> pl.DataFrame:
    """Enforcement of what was judged and not paid, and the lists that debtors come on meanwhile."""
    firm, judged = suits["firm"].to_numpy(), suits["closed_on"].to_numpy()
    luck = times.community.random("legal_events", "enforced").random((9, len(firm)))
    enforced = luck[0] < _chance(a.ENFORCED, times.is_failing(firm, judged))
    begun = later(judged, a.ENFORCED_AFTER, luck[1])
    soon = later(begun, a.PAID_AFTER, luck[2])
    ended, owes = times.settled(firm, soon), times.is_failing(firm, soon)
    given_up = later(begun, a.TERMINATED_AFTER, luck[3])
    nothing_found = enforced & (luck[4] < a.TERMINATED) & ~(ended <= given_up)
    limited_on, listed_on = later(begun, a.LIMITED_AFTER, luck[5]), later(begun, a.DISHONEST_AFTER, luck[6])
    limited = enforced & (luck[7] < _chance(a.LIMITED, owes)) & ~(ended < limited_on)
    listed = enforced & (luck[8] < _chance(a.DISHONEST, owes)) & ~(ended < listed_on)
    return pl.concat(
        (
            _steps("enforcement", suits, enforced, begun, np.where(nothing_found, given_up, ended)),
            _steps("terminated_enforcement", suits, nothing_found, given_up, ended),
            _steps("consumption_limit", suits, limited, limited_on, ended),
            _steps("dishonest_list", suits, listed, listed_on, ended),
        )
    )


def _claims(times: Times) -> pl.DataFrame:
    """Cases as plaintiff: whose buyers pay late, and who can wait for a court, sues more often."""
    firms, random = times.community.firms, times.community.random("legal_events", "claims")
    slow = (firms.receivable_months / a.CLAIM_MONTHS) ** a.CLAIM_POWER
    firm, opened_on = times.drawn(
        times.rates(a.CLAIM, slow * np.where(firms.role == PAPER_BAD, a.PAPER_BAD_CLAIMS, 1.0)), random
    )
    luck, normal = random.random((2, len(firm))), random.standard_normal(len(firm))
    median, power = a.AMOUNTS["sales_contract"]
    amount = median * (firms.sales[firm] / city.MEDIAN_SALES) ** power * np.exp(a.AMOUNT_SPREAD * normal)
    cause = np.where((firms.goods[firm] == "build") & (luck[0] < a.BUILDERS_CLAIMS), "construction", "sales_contract")
    closed_on = later(opened_on, a.TRIAL, luck[1])
    return _cases("P", "plaintiff", firm, opened_on, cause=cause, closed_on=closed_on, amount=amount)


def _penalties(times: Times) -> pl.DataFrame:
    """Penalties by authorities; careful firms have them repaired as soon as that may be."""
    kinds = {
        "penalty": ("A", a.PENALTY, a.PENALTY_BY),
        "environment_penalty": ("E", a.ENVIRONMENT_PENALTY, a.ENVIRONMENT_BY),
        "safety_penalty": ("W", a.SAFETY_PENALTY, a.SAFETY_BY),
    }
    return pl.concat(_penalties_of(times, kind, *told) for kind, told in kinds.items())


def _penalties_of(times: Times, kind: str, letter: str, rate: a.Rate, by: Mapping[str, float]) -> pl.DataFrame:
    firms, random = times.community.firms, times.community.random("legal_events", kind)
    firm, opened_on = times.drawn(times.rates(rate, _by_division(times, by)), random)
    luck, normal, conduct = random.random((3, len(firm))), random.standard_normal(len(firm)), firms.conduct[firm]
    major = luck[0] < np.where(conduct < a.CARELESS, a.MAJOR_CARELESS, a.MAJOR)
    repaired_on = np.where(
        major, later(opened_on, a.MAJOR_REPAIRED_AFTER, luck[1]), later(opened_on, a.REPAIRED_AFTER, luck[1])
    )
    repairs = luck[2] < ndtr(conduct + np.where(major, a.REPAIR_MAJOR, a.REPAIR))
    alive = month_of(times.community.calendar, repaired_on) < times.community.lives.closed[firm]
    return _cases(
        letter,
        kind,
        firm,
        opened_on,
        severity=np.where(major, "major", "minor"),
        repaired_on=np.where(repairs & alive, repaired_on, NOT_YET),
        amount=np.where(major, a.MAJOR_FINE, a.FINE) * np.exp(a.FINE_SPREAD * normal),
    )


def _lists(times: Times) -> pl.DataFrame:
    """Arrears of wages and tax, forgotten returns, tax evasion: lists that firms leave when they have paid."""
    firms = times.community.firms
    pay, tax = firms.staff * a.MONTHLY_WAGE, firms.sales * a.TAX_SHARE
    careless = np.where(firms.conduct < a.CARELESS, 1.0, a.CAREFUL_FORGET)
    unknown, cheats = np.full(len(firms), np.nan), firms.dishonest.astype(float)
    lists = {
        "wage_arrears": ("R", times.rates(a.WAGE_ARREARS, _by_division(times, a.WAGE_BY)), a.SETTLED_AFTER, pay),
        "tax_arrears_notice": ("T", times.rates(a.TAX_ARREARS), a.SETTLED_AFTER, a.MONTHS_OF_ARREARS * tax),
        "tax_abnormal": ("F", times.rates(a.Rate(a.FORGOTTEN_RETURNS), careless), a.FOUND_AFTER, unknown),
        "tax_violation_list": ("U", times.rates(a.Rate(a.EVADES), cheats), a.STRUCK_OFF_AFTER, a.MONTHS_EVADED * tax),
    }
    return pl.concat(_list(times, kind, *told) for kind, told in lists.items())


def _list(times: Times, kind: str, letter: str, rates: Numbers, after: tuple[int, int], size: Numbers) -> pl.DataFrame:
    random = times.community.random("legal_events", kind)
    firm, opened_on = times.drawn(rates, random)
    luck, normal = random.random(len(firm)), random.standard_normal(len(firm))
    closed_on = times.settled(firm, later(opened_on, after, luck))
    amount = size[firm] * np.exp(a.AMOUNT_SPREAD * normal)
    return _cases(letter, kind, firm, opened_on, closed_on=closed_on, amount=amount)


def _silences(times: Times) -> pl.DataFrame:
    """Who stops without an orderly end files no returns any more; some shells are found to have sold invoices."""
    community = times.community
    firms, lives, calendar = community.firms, community.lives, community.calendar
    luck = community.random("legal_events", "silences").random((4, len(firms)))
    silent = (lives.closed < calendar.months) & (lives.cancelled == NEVER)
    since = first_day(calendar, np.where(silent, lives.closed, 0))
    abnormal = np.flatnonzero(silent & (luck[0] < a.SILENT_ABNORMAL))
    caught = np.flatnonzero(silent & (firms.role == SHELL) & (luck[2] < a.SHELL_CAUGHT))
    found, fined = (
        later(since[some], after, part[some])
        for some, after, part in ((abnormal, a.SILENT_AFTER, luck[1]), (caught, a.CAUGHT_AFTER, luck[3]))
    )
    evaded = a.SHELL_EVADED * firms.sales[caught]
    return pl.concat(
        [
            _cases("N", "tax_abnormal", abnormal, found),
            _cases("V", "tax_violation_list", caught, fined, amount=evaded),
        ],
        how="diagonal",
    )


def _by_division(times: Times, factors: Mapping[str, float]) -> Numbers:
    """The factor of the longest prefix of each firm's division; 1 where none fits."""
    place = longest_prefix(times.community.firms.division, factors)
    return np.array([*factors.values(), 1.0])[place]


def _chance(of: tuple[float, float], fails: Flags) -> Numbers:
    """The chance for firms that pay, or that fail to."""
    return np.where(fails, of[1], of[0])


def _told(cases: pl.DataFrame, times: Times) -> pl.DataFrame:
    """Cases as rows of the contract: when they come to be known, by their kind, and under which number."""
    firms = times.community.firms
    luck = times.community.random("legal_events", "known").random(cases.height)
    low, high = (
        cases["kind"].replace_strict({k: v[end] for k, v in a.KNOWN_AFTER.items()}).to_numpy() for end in (0, 1)
    )
    known_on = cases["opened_on"].to_numpy() + (low + (high - low) * luck).astype(np.int64)
    amount = cases["amount"].to_numpy()
    told = cases.select(
        "firm",
        "kind",
        "cause",
        "severity",
        "opened_on",
        "closed_on",
        "repaired_on",
        case=pl.format("{}-{}", "thread", pl.Series(firms.numbers[cases["firm"].to_numpy()])),
        amount_fen=pl.Series(fen(np.nan_to_num(np.round(amount)))),
        known_on=pl.Series(known_on),
    )
    unknown = pl.Series(np.isnan(amount))
    told = told.with_columns(amount_fen=pl.when(~unknown).then("amount_fen"))
    established = pl.Series(firms.established_on[cases["firm"].to_numpy()])
    struck_off = pl.Series(times.community.lives.cancelled[cases["firm"].to_numpy()])
    month = pl.Series(month_of(times.community.calendar, cases["opened_on"].to_numpy()))
    stood = (cases["opened_on"] >= established) & (month < struck_off)
    return told.filter(stood).sort("firm", "opened_on", "case", "kind")
