"""What the invented firms are: traits that stay, most of them hidden from every source."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from simulation.assumed import city as a
from simulation.assumed import trade
from simulation.assumed.economy import LEAST_COST, TAX
from simulation.chance import Days, Flags, Numbers, Whole, generator, picked
from simulation.months import Calendar
from sources.codes import placeholder_code

PREFIXES = tuple(f"X{letter}" for letter in "PQRTUWY")
FIRMS_OF_A_PREFIX = 999_999
MOST_FIRMS = len(PREFIXES) * FIRMS_OF_A_PREFIX
ROLES = tuple(a.ROLES)
ORDINARY, SEASONAL, ZERO_FILER, SUSPENDED, PAPER_BAD, PAPER_GOOD, RING, SHELL, IDLE = range(len(ROLES))
NEVER = 100_000
"""Month of what does not come."""


@dataclass(frozen=True)
class Firms:
    """The firms of one community, one value a firm.

    Attributes:
        numbers: of the firm in the city, from 0.
        role: place in `ROLES`.
        industry: place in `assumed.city.INDUSTRIES`.
        division: GB/T 4754 division.
        district: GB/T 2260 code.
        legal_form: code of the contract `registry`.
        born: month of the calendar in which trade begins; negative = before its first month.
        established_on: in the month before `born`.
        sales: normal sales of a month at full size, yuan without VAT.
        small_scale: small-scale VAT taxpayer.
        staff: people at normal sales; a shell has them on paper only.
        quality: how well it is led, standard normal; better firms earn, grow and keep order.
        conduct: care with papers and payments, standard normal, correlated with quality.
        openness: 0 to 1, how much of its strain its papers show.
        dishonest: tells its bank and the tax bureau more sales than it has (bank) or fewer (tax).
        margin: sales less purchases with invoices, share of sales.
        profit: of normal sales, after all running cost and before interest.
        volatility: standard deviation of the monthly shocks to log demand.
        growth: of log demand, a month.
        receivable_months, payable_months: how long buyers and the firm itself take to pay, in months.
        buffer: cash that the owner likes to keep, in months of normal sales.
        owner: wealth that the owner would put in, in months of normal sales.
        hidden_debt: private debt outside every report, in months of normal sales.
        borrower: 0 to 1, how willingly it borrows.
        anchor: share of sales that hangs on one buyer.
        swing, peak: of the season, as a share of sales and by month 1 to 12.
        export_share: of sales; 0 = no exporter.
        tech: lives from technology.
        inventive: patents a year.
        title: 0 none, 1 tech SME or innovative, 2 HNTE, 3 SRDI, 4 little giant.
        property: owns real estate.
        ring: number of the ring in the community that the firm trades in; -1 = none.
        stopped: month from which the firm neither trades nor answers (idle firms, spent shells); NEVER = not.
        pause, resume: months of a lawful suspension; NEVER = none.
    """

    seed: int
    community: int
    numbers: Whole
    role: Whole
    industry: Whole
    division: NDArray[np.str_]
    district: NDArray[np.str_]
    legal_form: NDArray[np.str_]
    born: Whole
    established_on: Days
    sales: Numbers
    small_scale: Flags
    staff: Numbers
    quality: Numbers
    conduct: Numbers
    openness: Numbers
    dishonest: Flags
    margin: Numbers
    profit: Numbers
    volatility: Numbers
    growth: Numbers
    receivable_months: Numbers
    payable_months: Numbers
    buffer: Numbers
    owner: Numbers
    hidden_debt: Numbers
    borrower: Numbers
    anchor: Numbers
    swing: Numbers
    peak: Whole
    export_share: Numbers
    tech: Flags
    inventive: Numbers
    title: Whole
    property: Flags
    ring: Whole
    stopped: Whole
    pause: Whole
    resume: Whole

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def codes(self) -> pl.Series:
        """Unified social credit codes."""
        known = zip(self.numbers.tolist(), self.district.tolist(), strict=True)
        return pl.Series("enterprise_id", [code(number, district) for number, district in known], dtype=pl.String)

    @cached_property
    def pseudonyms(self) -> pl.Series:
        """The names under which other firms' sources know these firms."""
        return pl.Series("pseudonym", [f"E{number:07d}" for number in self.numbers.tolist()], dtype=pl.String)

    def random(self, *path: str | int) -> np.random.Generator:
        """The stream of random numbers of one part of this community."""
        return generator(self.seed, self.community, *path)

    def trait(self, name: str) -> Numbers:
        """A trait of `assumed.city.Industry`, by the firm's industry."""
        return np.array([getattr(industry, name) for industry in a.INDUSTRIES])[self.industry]

    @cached_property
    def goods(self) -> NDArray[np.str_]:
        """What kind of thing is sold, which decides the VAT rate: goods, serve, build or carry."""
        return np.array([industry.goods for industry in a.INDUSTRIES])[self.industry]

    def take(self, places: Whole) -> Self:
        """The same traits for some firms, in any order and as often as named."""
        picked_traits: dict[str, Any] = {
            field.name: getattr(self, field.name)[places] for field in fields(self)
            if field.name not in {"seed", "community"}
        }  # fmt: skip
        return type(self)(seed=self.seed, community=self.community, **picked_traits)


def code(number: int, district: str) -> str:
    """Unified social credit code of the invented firm with this number."""
    prefix, rest = divmod(number, FIRMS_OF_A_PREFIX)
    return placeholder_code(PREFIXES[prefix], rest + 1, registrar_area=district)


def contract_chance(firms: Firms) -> Numbers:
    """Chance that a firm works by contracts that a source tells of."""
    size = np.log10(firms.sales / a.MEDIAN_SALES)
    share = np.array([share for share, _ in trade.CONTRACTS])[firms.industry]
    share = share * np.clip(1 + trade.LARGER * size, *trade.LARGER_BOUNDS)
    share = share + trade.ANCHORED * (firms.anchor > trade.ANCHORED_FROM)
    chance: Numbers = np.where((firms.role == SHELL) | (firms.role == ZERO_FILER), 0.0, share)
    return chance


def draw_firms(community: int, calendar: Calendar, *, seed: int) -> Firms:
    """All firms of a community: the same, whatever else is drawn."""
    random = generator(seed, community, "firms")
    n = a.COMMUNITY
    role, district = _roles(random, n), np.array(list(a.DISTRICTS))[picked(random.random(n), a.DISTRICTS)]
    if community == 0:
        district[0], role[0] = a.FIRST_DISTRICT, ORDINARY
    industry = picked(random.random(n), dict(enumerate(trade.share for trade in a.INDUSTRIES)))
    trades = tuple(a.INDUSTRIES[place] for place in industry)
    hidden = _Hidden(role, industry, trades, random.standard_normal((16, n)), random.random((16, n)))
    ages = _ages(role, hidden.normal[2])
    if community == 0:
        ages[0] = a.FIRST_AGE
    born = calendar.months - ages
    luck = random.random((6, n))
    return Firms(
        seed=seed,
        community=community,
        numbers=community * n + np.arange(n),
        role=role,
        industry=industry,
        division=_divisions(trades, luck[0]),
        district=district,
        legal_form=_legal_forms(luck[1], industry),
        born=born,
        established_on=_established(born, calendar, luck=luck[2]),
        ring=_rings(role),
        stopped=_stopped(role, born, calendar, luck=luck[3:5]),
        **_pauses(role, born, calendar, luck=luck[4:6]),
        **_business(hidden),
        **_character(hidden),
        **_technology(hidden, district, ages),
    )


@dataclass(frozen=True)
class _Hidden:
    """What traits are made from: trait × firm of normal and uniform numbers.

    Attributes:
        normal: rows 0 quality, 1 size, 2 age, others free.
    """

    role: Whole
    industry: Whole
    trades: tuple[a.Industry, ...]
    normal: Numbers
    uniform: Numbers

    @cached_property
    def sales(self) -> Numbers:
        usual = a.MEDIAN_SALES * self.of_trade("scale")
        sales = np.clip(usual * np.exp(a.SALES_SPREAD * self.normal[1]), *a.SALES_BOUNDS)
        tiny = a.ZERO_FILER_SALES * np.exp(a.ZERO_FILER_SPREAD * self.normal[1])
        drawn: Numbers = np.where(self.role == ZERO_FILER, np.minimum(sales, tiny), sales)
        return drawn

    @property
    def size(self) -> Numbers:
        """Log sales against the median firm, in standard deviations."""
        relative: Numbers = np.log(self.sales / a.MEDIAN_SALES) / a.SALES_SPREAD
        return relative

    def of_trade(self, name: str) -> Numbers:
        return np.array([getattr(trade, name) for trade in self.trades])

    def spread(self, row: int, spread: float) -> Numbers:
        """Positive numbers whose logarithm has this standard deviation, median 1."""
        around: Numbers = np.exp(spread * self.normal[row])
        return around


def _business(hidden: _Hidden) -> dict[str, Any]:
    """What the firm sells, what it leaves, how it is paid."""
    uniform, size, role = hidden.uniform, hidden.size, hidden.role
    margin = hidden.of_trade("margin") * hidden.spread(4, a.MARGIN_SPREAD) * np.exp(-(a.MARGIN_SPREAD**2) / 2)
    margin = np.clip(margin, *a.MARGIN_BOUNDS)
    of_margin, of_quality, of_size, noise = a.PROFIT_PARTS
    profit = a.PROFIT + of_margin * (margin - a.MEAN_MARGIN) + of_quality * hidden.normal[0] + of_size * size
    seasonal, low, high = role == SEASONAL, *a.SEASON_SWINGS
    small = (12 * hidden.sales <= a.SMALL_SCALE_LIMIT) & ((uniform[7] < a.SMALL_SCALE_SHARE) | (role == ZERO_FILER))
    wages = hidden.of_trade("wages") * np.maximum(margin - profit - TAX, LEAST_COST)
    exports = a.EXPORT_SHARES[0] + (a.EXPORT_SHARES[1] - a.EXPORT_SHARES[0]) * uniform[15]
    return {
        "sales": hidden.sales,
        "small_scale": small,
        "staff": 1 + hidden.sales * wages / a.PAY * hidden.spread(5, a.EMPLOYEE_SPREAD),
        "margin": margin,
        "profit": profit + noise * hidden.normal[6],
        "volatility": a.VOLATILITY_MEDIAN * hidden.spread(7, a.VOLATILITY_SPREAD) * np.exp(a.VOLATILITY_OF_SIZE * size),
        "growth": (a.GROWTH[0] + a.GROWTH[1] * hidden.normal[0] + a.GROWTH[2] * hidden.normal[8]) / 12,
        "receivable_months": np.clip(
            hidden.of_trade("receivable_months") * hidden.spread(9, a.CYCLE_SPREAD), *a.RECEIVABLE_BOUNDS
        ),
        "payable_months": np.clip(a.PAYABLE_MEDIAN * hidden.spread(10, a.PAYABLE_SPREAD), *a.PAYABLE_BOUNDS),
        "swing": np.where(
            seasonal, low + (high - low) * uniform[13], hidden.of_trade("swing") * (0.4 + 1.2 * uniform[13])
        ),
        "peak": np.where(seasonal, 1 + (12 * uniform[14]).astype(np.int64), hidden.of_trade("peak_month")).astype(
            np.int64
        ),
        "export_share": np.where(uniform[3] < hidden.of_trade("exports"), exports, 0),
    }


def _character(hidden: _Hidden) -> dict[str, Any]:
    """How the firm is led, what it hides, who stands behind it."""
    normal, uniform, role = hidden.normal, hidden.uniform, hidden.role
    conduct = a.CONDUCT_OF_QUALITY * normal[0] + np.sqrt(1 - a.CONDUCT_OF_QUALITY**2) * normal[3]
    owner = np.clip(a.OWNER_MEDIAN * hidden.spread(12, a.OWNER_SPREAD) * np.exp(-0.15 * hidden.size), *a.OWNER_BOUNDS)
    low, high = a.HIDDEN_DEBT_BEHIND_GOOD_PAPERS
    some = np.where(uniform[11] < a.HIDDEN_DEBT_SHARE, a.HIDDEN_DEBT_MOST * uniform[10] ** 2, 0.0)
    anchored, (least, most) = (role == PAPER_GOOD) | (role == PAPER_BAD), a.ANCHORS
    return {
        "quality": normal[0],
        "conduct": conduct,
        "openness": a.OPENNESS[0] + (a.OPENNESS[1] - a.OPENNESS[0]) * uniform[8],
        "dishonest": (uniform[9] < a.DISHONEST * np.exp(a.DISHONEST_OF_CONDUCT * conduct)) | (role == RING),
        "buffer": np.clip(
            a.BUFFER_MEDIAN * hidden.spread(11, a.BUFFER_SPREAD) * np.exp(0.25 * normal[0]), *a.BUFFER_BOUNDS
        ),
        "owner": np.where(role == PAPER_BAD, a.OWNER_BOUNDS[1], owner),
        "hidden_debt": np.where(role == PAPER_GOOD, low + (high - low) * uniform[10], some),
        "borrower": ndtr(a.BORROWER_SPREAD * normal[13] + a.BORROWER_OF_SIZE * hidden.size),
        "anchor": np.where(anchored, least + (most - least) * uniform[12], a.ANCHOR_MOST * uniform[12] ** 3),
        "property": uniform[6] < a.PROPERTY + a.PROPERTY_OF_SIZE * np.clip(hidden.size, -1, 2),
    }


def _technology(hidden: _Hidden, district: NDArray[np.str_], ages: Whole) -> dict[str, Any]:
    odds = np.array([a.DISTRICT_TECH.get(place, a.OTHER_DISTRICT_TECH) for place in district])
    tech = hidden.uniform[2] < hidden.of_trade("tech") * odds
    rank = hidden.normal[0] + 0.7 * hidden.size + 0.8 * hidden.normal[15]
    level = np.digitize(rank, a.TITLE_RANKS)
    patents = hidden.spread(14, a.PATENTS_SPREAD) * np.where(
        tech, a.PATENTS_OF_TECH * np.exp(0.3 * hidden.normal[0]), a.PATENTS
    )
    return {
        "tech": tech,
        "inventive": patents,
        "title": np.where(tech & (ages > a.TITLE_AGE), level, 0).astype(np.int64),
    }


def _ages(role: Whole, normal: Numbers) -> Whole:
    ages = np.clip(a.MEDIAN_AGE * np.exp(a.AGE_SPREAD * normal), *a.AGES).astype(np.int64)
    older: Whole = ages + a.OLDER * ((role == IDLE) | (role == PAPER_BAD))
    return older


def _divisions(trades: tuple[a.Industry, ...], luck: Numbers) -> NDArray[np.str_]:
    return np.array(
        [list(t.divisions)[picked(np.array([u]), t.divisions)[0]] for t, u in zip(trades, luck, strict=True)]
    )


def _roles(random: np.random.Generator, n: int) -> Whole:
    """Roles by their shares; rings are whole groups of neighbours."""
    role = picked(random.random(n), a.ROLES)
    role[role == RING] = ORDINARY
    expected = a.ROLES["ring"] * n / np.mean(a.RING_SIZE)
    for _ in range(random.poisson(expected)):
        size = int(random.integers(*a.RING_SIZE, endpoint=True))
        start = int(random.integers(1, n - size))
        if (role[start - 1 : start + size + 1] != RING).all():
            role[start : start + size] = RING
    return role


def _rings(role: Whole) -> Whole:
    """Neighbours in a ring have one number."""
    inside = role == RING
    begins = inside & ~np.concatenate([[False], inside[:-1]])
    ring: Whole = np.where(inside, np.cumsum(begins) - 1, -1)
    return ring


def _legal_forms(luck: Numbers, industry: Whole) -> NDArray[np.str_]:
    forms = np.array(list(a.LEGAL_FORMS))[picked(luck, a.LEGAL_FORMS)]
    farming = len(a.INDUSTRIES) - 1
    return np.where((forms == "cooperative") & (industry != farming), "limited_company", forms)


def _established(born: Whole, calendar: Calendar, *, luck: Numbers) -> Days:
    month = calendar.starts[0].astype("M8[M]") + (born - 1)
    day: Days = month.astype("M8[D]") + (28 * luck).astype(np.int64)
    return day


def _stopped(role: Whole, born: Whole, calendar: Calendar, *, luck: Numbers) -> Whole:
    """Idle firms stopped before the told months; a shell goes silent some months after its first invoices."""
    low, high = a.SHELL_LIFE
    life = low + ((high - low) * luck[0]).astype(np.int64)
    latest = np.maximum(born, 0) + (luck[1] * np.maximum(calendar.months - np.maximum(born, 0), 1)).astype(np.int64)
    idle = np.minimum(calendar.first - 2 - (20 * luck[0]).astype(np.int64), calendar.months)
    stopped: Whole = np.where(role == SHELL, latest + life, np.where(role == IDLE, idle, NEVER))
    return stopped


def _pauses(role: Whole, born: Whole, calendar: Calendar, *, luck: Numbers) -> dict[str, Any]:
    low, high = a.SUSPENSION
    from_month = np.maximum(born + 12, 0)
    pause = from_month + (luck[0] * np.maximum(calendar.months - from_month, 1)).astype(np.int64)
    resume = pause + low + ((high - low) * luck[1]).astype(np.int64)
    suspended = role == SUSPENDED
    return {"pause": np.where(suspended, pause, NEVER), "resume": np.where(suspended, resume, NEVER)}
