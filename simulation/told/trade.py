"""Contracts with buyers, signed before the sales that they bring, and foreign trade."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import ndtri, pdtr

from simulation.assumed import city
from simulation.assumed import trade as a
from simulation.chance import Days, Flags, Numbers, Whole, picked
from simulation.firms import PAPER_BAD, SHELL, ZERO_FILER, Firms, contract_chance
from simulation.lifetimes import seasons
from simulation.partners import outside_names
from simulation.told.lines import NOT_YET, SURE_DAYS, between, fen, first_day, lately, later, shown_strain, told_months
from simulation.told.network import partners, scattered

if TYPE_CHECKING:
    from simulation.community import Community

KINDS = np.array([*a.BUYER_KINDS, "foreign"])
SAFE = np.flatnonzero(np.isin(KINDS, a.SAFE_KINDS))
KIND_KEY, UNTOLD_KEY, SAFE_KEY, FOREIGN_KEY = range(4)
MOST_A_MONTH = 12
QUANTITIES = 18
"""Uniform numbers of a contract: two for its size, ten for what is drawn once, the rest for the days of its reports."""
PARTS = 3
"""In how many steps a contract is reported before its end."""
YEAR, HALF_YEAR, QUARTER = 12, 6, 3
WHOLE_BP = 10_000


@dataclass(frozen=True)
class Contracts:
    """Contracts in the order of firms and months, one value a contract.

    Attributes:
        firm: place of the seller in its community.
        month, months: month of the signature, and how many months after it are planned for delivery.
        amount: yuan.
        planned: sales of the whole firm that were expected in those months, yuan.
        luck: uniform numbers for what is drawn of each: quantity × contract.
    """

    firm: Whole
    month: Whole
    months: Whole
    amount: Numbers
    planned: Numbers
    luck: Numbers


def orders(community: "Community") -> pl.DataFrame:
    """One row a version of a contract: as signed, then as far as it was delivered and paid."""
    firms, calendar = community.firms, community.calendar
    random = community.random("orders")
    contracts = _contracts(community, random)
    firm, luck = contracts.firm, contracts.luck
    signed_on = calendar.pick_days(contracts.month, luck[0])
    cancelled_on = _cancelled_on(community, contracts)
    lag = np.clip(np.rint(firms.receivable_months), 0, HALF_YEAR).astype(np.int64)[firm]
    at = _report_months(contracts, lag)
    delivered = _delivered(community, contracts, at)
    paid = _paid(contracts, _delivered(community, contracts, at - lag[:, None]))
    known_on = later(first_day(calendar, at), a.PROGRESS_KNOWN, luck[10:].T)
    known_on[:, 0] = later(signed_on, a.SIGNED_KNOWN, luck[1])
    whole = contracts.amount[:, None]
    told = (at >= calendar.first) & (at < np.minimum(community.lives.closed[firm], calendar.months)[:, None])
    told[:, 1:] &= (delivered[:, :-1] < whole) | (paid[:, :-1] < whole)
    told &= ~(known_on > cancelled_on[:, None])
    contract, version = np.nonzero(told)
    due_on = later(first_day(calendar, contracts.month + contracts.months), (0, SURE_DAYS), luck[2])
    due_on = np.where(luck[3] < a.OPEN_END, NOT_YET, due_on)
    return pl.DataFrame(
        {
            "firm": firm[contract],
            "order": _references(contracts, signed_on).gather(contract),
            **{column.name: column.gather(contract) for column in _buyers(community, contracts)},
            "signed_on": signed_on[contract],
            "amount_fen": fen(contracts.amount)[contract],
            "due_on": due_on[contract],
            "delivered_fen": fen(delivered)[contract, version],
            "paid_fen": fen(paid)[contract, version],
            "cancelled_on": cancelled_on[contract],
            "known_on": known_on[contract, version],
            "silent": (random.random(len(firms)) < a.SILENT)[firm[contract]],
        }
    ).select(pl.exclude("delivered_fen", "paid_fen", "silent"), _unless("silent", "delivered_fen", "paid_fen"))


def customs(community: "Community") -> pl.DataFrame:
    """One row a month with exports, imports or a refund."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    random = community.random("customs")
    luck = random.random((8, len(firms)))
    exports = _shipped(firms, firms.export_share[:, None] * lives.sales, random)
    imports = _shipped(firms, _import_share(firms, luck)[:, None] * lives.purchases, random)
    refund, pending = _refunds(firms, exports, luck)
    standing = np.arange(calendar.months) < lives.closed[:, None]
    firm, month = told_months(community, standing & (exports + imports + refund > 0))
    markets, largest = (table[firm, month] for table in _markets(firms, exports, luck, random))
    reported = random.random(exports.shape)[firm, month]
    declared_on = later(first_day(calendar, month + 1), a.REPORTED_DAYS, reported)
    declared_on = calendar.working_day(declared_on)
    return pl.DataFrame(
        {
            "firm": firm,
            "month": first_day(calendar, month),
            "exports_fen": fen(exports[firm, month]),
            "imports_fen": fen(imports[firm, month]),
            "largest_market_share_bp": largest,
            "markets": markets,
            "tax_refund_fen": fen(refund[firm, month]),
            "refund_pending_fen": fen(pending[firm, month]),
            "duty_fen": fen(a.DUTY * imports[firm, month]),
            "declared_on": declared_on,
            "known_on": declared_on + a.CUSTOMS_KNOWN,
            "silent": (luck[7] < a.MARKETS_UNTOLD)[firm],
        }
    ).select(
        pl.exclude("markets", "largest_market_share_bp", "silent"),
        _unless("silent", "markets"),
        pl.when(~pl.col("silent") & (pl.col("exports_fen") > 0)).then("largest_market_share_bp"),
    )


def _unless(silent: str, *columns: str) -> pl.Expr:
    return pl.when(~pl.col(silent)).then(pl.col(columns))


def _contracts(community: "Community", random: np.random.Generator) -> Contracts:
    """All contracts of all months: their number and size follow the sales of the months before."""
    firms, lives, calendar = community.firms, community.lives, community.calendar
    n, months = len(firms), calendar.months
    luck, normal = random.random((3, n)), random.standard_normal((2, n))
    works = luck[0] < contract_chance(firms)
    season = seasons(firms, calendar)
    level = lately(lives.sales / (firms.sales[:, None] * season), QUARTER)
    level = np.pad(level, ((0, 0), (1, 0)))[:, :months]
    a_month = np.clip(a.A_MONTH * np.exp(a.A_MONTH_SPREAD * normal[0]), *a.A_MONTH_BOUNDS)
    mean = a_month[:, None] * np.sqrt(level) * lives.trading
    firm, month, number = _signed(works, mean, random.random((n, months)))
    own = scattered(int(random.integers(2**62)), firm, month, number, np.arange(QUANTITIES)[:, None])
    usual = np.array([length for _, length in a.CONTRACTS])[firms.industry]
    length = usual[firm] * np.exp(a.MONTHS_SPREAD * _normal(own[0]))
    length = np.clip(np.rint(length), 1, a.MOST_MONTHS).astype(np.int64)
    # The months after the last one are expected to be like those of the last year.
    ahead = np.concatenate([season, *[season[:, -YEAR:]] * 2], axis=1)
    expected = _between_months(ahead, firm, month + 1, month + 1 + length) * firms.sales[firm]
    weight = np.exp(a.WEIGHT_SPREAD * _normal(own[1]) - a.WEIGHT_SPREAD**2 / 2)
    share = between(a.SHARE, luck[1])[firm] * weight / np.maximum(a_month * usual, 1)[firm]
    planned = expected * level[firm, month]
    amount = np.round(np.minimum(share, 1) * expected * np.sqrt(level[firm, month]), -2) + 100
    return Contracts(firm, month, length, amount, np.maximum(planned, 1), own[2:])


def _signed(works: Flags, mean: Numbers, luck: Numbers) -> tuple[Whole, Whole, Whole]:
    """Firm, month and number in the month of each contract: Poisson numbers, by one uniform number a month."""
    sellers = np.flatnonzero(works)
    fewer = pdtr(np.arange(MOST_A_MONTH, dtype=float), mean[sellers, :, None])
    seller, month, number = np.nonzero(luck[sellers, :, None] >= fewer)
    return sellers[seller], month, number


def _normal(luck: Numbers) -> Numbers:
    drawn: Numbers = ndtri(np.maximum(luck, 1e-12))
    return drawn


def _between_months(values: Numbers, firm: Whole, start: Whole, stop: Whole) -> Numbers:
    """Sum of a firm × month table over the months from `start` to the one before `stop`, those of the table."""
    reached = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
    last = values.shape[1]
    total: Numbers = reached[firm, np.minimum(stop, last)] - reached[firm, np.minimum(start, last)]
    return total


def _report_months(contracts: Contracts, lag: Whole) -> Whole:
    """Months in which a contract is reported: signed, in parts, when it should be done, when it should be paid."""
    every = -(-contracts.months // PARTS)
    steps = [part * every for part in range(PARTS + 1)]
    after = [steps[-1] + QUARTER, steps[-1] + 2 * QUARTER + lag]
    at: Whole = contracts.month[:, None] + np.stack([*steps, *after], axis=1)
    return at


def _delivered(community: "Community", contracts: Contracts, at: Whole) -> Numbers:
    """Yuan delivered before months began, as the firm's real sales allowed: contract × report."""
    start = (contracts.month + 1)[:, None]
    real = _between_months(community.lives.sales, contracts.firm[:, None], start, np.maximum(at, start))
    pace = a.PACE * np.exp(a.PACE_SPREAD * 2 * (contracts.luck[4] - 0.5))
    done: Numbers = np.minimum((pace / contracts.planned)[:, None] * real, 1)
    return contracts.amount[:, None] * done


def _paid(contracts: Contracts, delivered_before: Numbers) -> Numbers:
    """Yuan that the buyer paid: an advance, the rest some months after delivery, a few never in full."""
    advance = between(a.ADVANCE, contracts.luck[5])
    paid = (advance * contracts.amount)[:, None] + (1 - advance)[:, None] * delivered_before
    stops = contracts.luck[6] < a.NEVER_PAID_IN_FULL
    most = np.where(stops, between(a.PAID_PART, contracts.luck[6] / a.NEVER_PAID_IN_FULL), 1.0) * contracts.amount
    return np.minimum(paid, most[:, None])


def _cancelled_on(community: "Community", contracts: Contracts) -> Days:
    """Day on which the buyer called a contract off, NaT = never: more often when the seller is in trouble or silent."""
    lives, calendar, firms = community.lives, community.calendar, community.firms
    sales = lately(lives.sales / seasons(firms, calendar), QUARTER)
    before = np.pad(sales, ((0, 0), (HALF_YEAR, 0)))[:, : calendar.months]
    chance = a.CALLED_OFF + a.CALLED_OFF_STRAIN * shown_strain(community)
    chance += a.CALLED_OFF_FALL * (sales < a.FALL * before)
    chance = np.where(np.arange(calendar.months) >= lives.closed[:, None], a.CALLED_OFF_SILENCE, chance)
    reached = np.cumsum(chance, axis=1)
    firm, month = contracts.firm, contracts.month
    patience = reached[firm, month] - np.log1p(-contracts.luck[7])
    at = (reached[firm] <= patience[:, None]).sum(axis=1)
    open_then = _delivered(community, contracts, at[:, None])[:, 0] < contracts.amount
    in_time = at <= month + contracts.months + a.AFTER_DUE
    called_off = (at < calendar.months) & in_time & open_then
    return np.where(called_off, later(first_day(calendar, at), (0, SURE_DAYS), contracts.luck[8]), NOT_YET)


def _references(contracts: Contracts, signed_on: Days) -> pl.Series:
    """Numbers of contracts: the year, and the place among those of the firm."""
    place = np.arange(len(contracts.firm)) - np.searchsorted(contracts.firm, contracts.firm)
    parts = pl.DataFrame({"year": pl.Series(signed_on).dt.year(), "place": place + 1})
    return parts.select(pl.format("HT{}-{}", "year", pl.col("place").cast(pl.String).str.zfill(3))).to_series()


def _buyers(community: "Community", contracts: Contracts) -> tuple[pl.Series, pl.Series]:
    """Pseudonym and kind of each contract's buyer: the partners that the invoices name, big ones first."""
    firms, firm = community.firms, contracts.firm
    buyers = partners(community, "buyer")
    number = buyers.pick(firm, contracts.month, contracts.luck[9] ** a.CROWDING)
    kind = picked(scattered(buyers.key, firm, number, KIND_KEY), a.BUYER_KINDS)
    safe = (firms.role[firm] == PAPER_BAD) & (number == 0)
    of_safe = SAFE[(len(SAFE) * scattered(buyers.key, firm, number, SAFE_KEY)).astype(np.int64)]
    abroad = scattered(buyers.key, firm, number, FOREIGN_KEY) < firms.export_share[firm]
    kind = np.where(safe, of_safe, np.where(abroad, len(a.BUYER_KINDS), kind))
    untold = pl.Series(scattered(buyers.key, firm, number, UNTOLD_KEY) < a.KIND_UNTOLD)
    kinds = pl.Series("buyer_kind", KINDS).gather(kind)
    names = outside_names("buyer", firms, firm, number).alias("buyer")
    return names, kinds.zip_with(~untold, pl.Series("buyer_kind", [None], dtype=pl.String))


def _shipped(firms: Firms, made: Numbers, random: np.random.Generator) -> Numbers:
    """What is made for abroad leaves in shipments, not in every month: firm × month, the same in sum."""
    chance = a.SHIPS + a.SHIPS_LARGER * np.log10(firms.sales / city.MEDIAN_SALES)
    ships = random.random(made.shape) < chance[:, None]
    reached = np.cumsum(made, axis=1)
    gone = np.maximum.accumulate(np.where(ships, reached, 0.0), axis=1)
    shipped: Numbers = np.diff(gone, axis=1, prepend=0.0)
    return shipped


def _import_share(firms: Firms, luck: Numbers) -> Numbers:
    """Of purchases; only who deals in goods or exports buys abroad."""
    chance = np.where(firms.export_share > 0, a.IMPORTS_OF_EXPORTERS, a.IMPORTS * (firms.goods == "goods"))
    chance = np.where((firms.role == SHELL) | (firms.role == ZERO_FILER), 0.0, chance)
    share: Numbers = np.where(luck[0] < chance, between(a.IMPORT_SHARES, luck[1]), 0.0)
    return share


def _refunds(firms: Firms, exports: Numbers, luck: Numbers) -> tuple[Numbers, Numbers]:
    """Export tax refunds that came in a month, and those still to come at its end; small-scale payers have none."""
    careless = np.clip(-firms.conduct, 0, 1)
    lag = np.rint(between(a.REFUND_MONTHS, luck[2]) + a.REFUND_MONTHS_CARELESS * careless).astype(np.int64)
    value = np.where(firms.small_scale, 0.0, a.REFUND_RATE * (1 - firms.margin))
    owed = np.cumsum(exports * value[:, None], axis=1)
    month = np.arange(exports.shape[1])
    due = np.take_along_axis(owed, np.maximum(month - lag[:, None], 0), axis=1) * (month >= lag[:, None])
    return np.diff(due, axis=1, prepend=0.0), owed - due


def _markets(firms: Firms, exports: Numbers, luck: Numbers, random: np.random.Generator) -> tuple[Whole, Whole]:
    """Countries exported to in a month, and the share of the largest in basis points; 0 without exports."""
    size = np.log10(firms.sales / city.MEDIAN_SALES)
    usual = a.MARKETS * np.exp(a.MARKETS_SPREAD * 2 * (luck[3] - 0.5) + size)
    several = 1 + random.poisson(np.maximum(usual - 1, 0)[:, None], exports.shape)
    markets = np.minimum(several, a.MOST_MARKETS) * (exports > 0)
    share = between(a.LARGEST, luck[4])[:, None] + a.LARGEST_SWING * random.standard_normal(exports.shape)
    share = np.where(markets == 1, 1.0, np.clip(share, 1 / np.maximum(markets, 1), 0.99))
    return markets, np.rint(WHOLE_BP * share).astype(np.int64)
