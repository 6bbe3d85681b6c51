"""Applications of the invented city with what became of each, and what would have become of it, lent to or not."""

import datetime as dt
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.definition import Feature
from features.profile import profiles
from features.sets import FEATURES
from simulation.assumed.lending import LEAST_LOAN
from simulation.community import Community, draw_community
from simulation.futures import default_probability
from simulation.lending.asking import limits, usual_rate
from simulation.lending.offers import offers
from simulation.lives import Applications
from simulation.months import calendar
from simulation.state import State
from simulation.tables import TELLERS, Teller, tables
from simulation.weather import weather
from sources.contracts import TABLES
from sources.records import Records
from training.outcomes import outcomes

UNTIL = dt.date(2026, 10, 31)
MONTHS, AHEAD, BRANCHES = 54, 12, 64
FIRMS_OF_A_COMMUNITY = 200
Whole = NDArray[np.int64]

NAMES = (
    *("age_months", "registered_capital", "premises_owned", "on_abnormal_list", "missing_annual_reports"),
    *("declared_sales_12m", "declared_sales_growth_12m", "missing_vat_months_24m", "tax_paid_12m", "tax_growth_12m"),
    *("late_filings_share_24m", "late_tax_payments_24m", "tax_arrears_now", "tax_grade_level"),
    *("statement_net_margin", "statement_debt_share", "statement_current_ratio"),
    *("sales_12m", "sales_growth_6m_yoy", "active_months_12m", "sales_variation_12m", "top1_buyer_share_12m"),
    *("margin_12m", "bank_inflow_growth_12m", "bank_net_flow_ratio_12m", "balance_mean_3m", "balance_lowest_12m"),
    *("cash_days_12m", "headcount_growth_12m", "insurance_unpaid_months_12m", "late_utility_bills_12m"),
    *("adverse_events_36m", "loan_balance", "lenders_now", "maturing_share_90d", "days_past_due_now"),
    *("worst_days_past_due_24m", "late_months_24m", "enquiring_lenders_6m", "debt_to_sales_12m"),
)
"""What the models see: some of every block, fixed before anything was measured."""

SEEN: tuple[Feature, ...] = tuple(FEATURES[name] for name in NAMES)
TOLD = tuple(name for name in TABLES if any(name in one.sources for one in SEEN) or name in {"loans", "repayments"})


def city(seed: int, communities: int, keep: Path) -> pl.DataFrame:
    """All applications of a city; communities that were drawn before are taken from the folder."""
    parts = []
    for number in range(communities):
        path = keep / f"seed-{seed}" / f"community-{number:03d}.parquet"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".unfinished")
            drawn(seed, number).write_parquet(beside)
            beside.replace(path)
        parts.append(pl.read_parquet(path))
    return pl.concat(parts)


def drawn(seed: int, number: int) -> pl.DataFrame:
    """The applications of one community that have a year of records before them and of outcomes after them.

    Left out are firms in default by the end of the month of their application, and grants that were never drawn.

    Returns:
        `enterprise_id`, `community`, `month`, `bank`, `accepted` (granted and drawn), `code` of what stood against it,
        `chance` of a grant, `defaulted` within 12 months after the month of the application, `pd_lent` and `pd_left`:
        its true probability of that with the loan, and for the refused without it, `told`: the outcome that loans and
        instalments tell, null where nobody lent, `owes_others`: has a loan other than this one, the features of SEEN.
    """
    months = calendar(MONTHS, UNTIL)
    community = draw_community(number, months, weather(months, seed=seed), seed=seed)
    told = tables(community, keep=range(len(community.firms)), tellers=_tellers())
    evidence = {name: told[name] for name in TOLD} | {"consents": told["consents"]}
    records = Records.of(evidence, enterprises=community.firms.codes)
    rows = []
    for month in range(months.first + AHEAD, months.months - AHEAD - 1):
        applied = _applied(community, month)
        if not len(applied):
            continue
        day = months.starts[month].item()
        seen = profiles(records.only(applied["enterprise_id"]), SEEN, day)
        what = outcomes(told["loans"], told["repayments"], [months.starts[month + 1].item()], known_until=UNTIL)
        judged = what.select("enterprise_id", told=_as_number(pl.col("outcome")))
        with_truth = applied.join(judged, on="enterprise_id", how="left", maintain_order="left")
        rows.append(with_truth.join(seen, on="enterprise_id", how="left", maintain_order="left"))
    return pl.concat(rows).with_columns(community=pl.lit(number))


def _tellers() -> dict[str, Teller]:
    return {name: TELLERS[name] for name in (*TOLD, "consents")}


def _as_number(outcome: pl.Expr) -> pl.Expr:
    """1 for a default, 0 for sound or late by less than 90 days, null where it cannot be said."""
    name = outcome.cast(pl.String)
    return pl.when(name == "default").then(1.0).when(name.is_in(["sound", "indeterminate"])).then(0.0)


def _applied(community: Community, month: int) -> pl.DataFrame:
    """The applications of a month and the truth about them."""
    asked, lives = community.lives.applications, community.lives
    after = community.states[month + 1]
    of_month = (asked.month == month) & ~after.ended[asked.firm]
    rows = np.flatnonzero(of_month & (~asked.granted | (asked.loan >= 0)))
    firm, refused = asked.firm[rows], ~asked.granted[rows]
    chance = _chances(community, asked, rows, month)
    lent = np.where(refused, chance[1], chance[0])
    left = np.where(refused, chance[0], np.nan)
    owed = (after.left[firm] > 0).sum(axis=1) - ~refused
    return pl.DataFrame(
        {
            "enterprise_id": community.firms.codes.gather(pl.Series(firm, dtype=pl.UInt32)),
            "month": np.full(len(rows), month),
            "bank": np.array(offers().banks)[offers().bank[asked.offer[rows]]],
            "accepted": ~refused,
            "code": asked.code[rows],
            "chance": asked.chance[rows].astype(float),
            "defaulted": (lives.default[firm] > month) & (lives.default[firm] <= month + AHEAD),
            "pd_lent": lent,
            "pd_left": pl.Series(left).fill_nan(None),
            "owes_others": owed > 0,
        }
    )


def _chances(community: Community, asked: Applications, rows: Whole, month: int) -> NDArray[np.float64]:
    """True probability of default of some applicants as they are, and of those refused had they been lent to.

    The second row is NaN where the loan was granted: there the first tells of a firm with its loan.
    """
    firm, refused = asked.firm[rows], ~asked.granted[rows]
    who = np.concatenate([firm, firm[refused]])
    as_they_are, with_loans = community.states[month + 1].take(firm), _lent(community, asked, rows[refused], month)
    stands = State(
        **{
            one.name: np.concatenate([getattr(as_they_are, one.name), getattr(with_loans, one.name)])
            for one in fields(State)
        }
    )
    both = replace(community, firms=community.firms.take(who), states=(stands,) * (month + 2))
    found, _ = default_probability(both, np.arange(len(who)), month, branches=BRANCHES)
    lent = np.full(len(rows), np.nan)
    lent[refused] = found[len(rows) :]
    return np.stack([found[: len(rows)], lent])


def _lent(community: Community, asked: Applications, rows: Whole, month: int) -> State:
    """Where refused applicants of a month would stand at its end, had they been lent to.

    Each gets what the product would have given it of what it wanted, and at least the least that banks lend, at the
    bank's usual rate, drawn whole at the end of the month: cash in hand, and a loan to serve.
    """
    firm, offer, book = asked.firm[rows], asked.offer[rows], offers()
    before, after = community.states[month].take(firm), community.states[month + 1].take(firm)
    owners = community.firms.take(firm)
    ages = (month - owners.born).astype(float)
    limit = limits(before, owners, ages, offer[:, None])[:, 0]
    amount = np.maximum(np.minimum(limit, asked.wanted[rows]), LEAST_LOAN) / owners.sales
    terms = {
        "balance": amount,
        "left": book.term[offer],
        "rate": usual_rate(before, owners, ages, offer[:, None])[:, 0],
        "bullet": book.bullet[offer],
        "lender": book.bank[offer],
    }
    place, slot = np.arange(len(firm)), (after.left == 0).argmax(axis=1)
    changed = {name: getattr(after, name).copy() for name in terms}
    for name, values in terms.items():
        changed[name][place, slot] = values
    return replace(after, cash=after.cash + amount, loans=after.loans + 1, **changed)
