"""How the banks of the city look at a firm: what they see, and what each makes of it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from simulation.assumed import city
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole, generator
from simulation.firms import Firms
from simulation.lending.offers import VARIANT_SEED, Offers, offers
from simulation.state import State

GRADE_VIEW = np.array(a.GRADE_VIEW)
MONTHS_OF_A_YEAR = 12
MOOD_SCALE = float(1 / np.sqrt(1 + np.pi * a.MOOD**2 / 8))
"""A logit under normal noise, averaged: the usual approximation of the logistic-normal integral."""

CODES = np.array(
    [
        *("OVERDUE", "AGE_OF_FIRM", "TAX_GRADE", "TAX_AMOUNT", "REVENUE_MIN", "REVENUE_DROP", "DEBT_CAP"),
        *("LENDER_COUNT", "INDUSTRY", "TITLE", "IP", "EXPORT", "COLLATERAL", "EXCLUSIVITY", "LIMIT"),
    ]
)
"""Hard rules in the order in which a bank looks at them."""
SCORE = "SCORE"
"""Refused though no rule was broken."""


@dataclass(frozen=True)
class Banks:
    """The hidden policies: strictness per bank, and weights bank × what is seen."""

    strictness: Numbers
    weights: Numbers


@cache
def banks() -> Banks:
    """The policies of all banks: the same for every seed, as the catalogue is."""
    random = generator(VARIANT_SEED, "banks")
    many = len(offers().banks)
    mean, spread = np.array(list(a.SEES.values())).T
    strictness = a.STRICTNESS + a.STRICTNESS_SPREAD * random.standard_normal(many)
    return Banks(strictness, mean + spread * random.standard_normal((many, len(mean))))


def seen(state: State, firms: Firms, ages: Numbers) -> Numbers:
    """What any bank can see of each lane, in about standard deviations.

    Returns:
        Lane × names of `assumed.lending.SEES` but the last, which depends on the bank.
    """
    columns = (
        np.clip(np.log((state.recent + 0.1) / (state.year + 0.1)), -1.5, 1.0) / 0.35,
        np.minimum(8 * state.late, 3.0) + state.overdue,
        np.clip(state.debt / np.maximum(state.year / MONTHS_OF_A_YEAR, 0.05) - 1.0, -1.0, 4.0),
        np.log1p(np.maximum(ages, 0) / 24) - 1.2,
        GRADE_VIEW[state.grade],
        np.clip(np.log((state.cash + 0.05) / 0.6), -2.0, 1.5),
        np.log(firms.sales / city.MEDIAN_SALES) / city.SALES_SPREAD,
        firms.tech.astype(float),
        (firms.export_share > 0).astype(float),
    )
    return np.stack(columns, axis=1)


def logits(view: Numbers, bank: Whole, *, known: Flags) -> Numbers:
    """What each bank makes of each lane: logit of an approval before the officer's mood, lane × bank.

    Args:
        view: lane × what is seen.
        bank: lane × bank.
        known: lane × bank, whether the firm owes that bank.
    """
    policy = banks()
    weights = policy.weights[bank]
    made: Numbers = (
        policy.strictness[bank] + np.einsum("lbs,ls->lb", weights[:, :, :-1], view) + weights[:, :, -1] * known
    )
    return made


def averaged(logit: Numbers) -> Numbers:
    """Chance of a yes over all moods of an officer."""
    chance: Numbers = expit(logit * MOOD_SCALE)
    return chance


def limits(state: State, firms: Firms, book: Offers, offer: Whole) -> Numbers:
    """The most that each offer gives each lane, yuan: lane × offer."""
    sales, tax = firms.sales[:, None] * state.year[:, None], firms.sales[:, None] * state.taxed[:, None]
    by_tax = np.where(book.tax_multiple[offer] > 0, book.tax_multiple[offer] * tax, np.inf)
    by_sales = np.where(book.sales_share[offer] > 0, book.sales_share[offer] * sales, np.inf)
    debt = (firms.sales * state.debt)[:, None] * book.less_debt[offer]
    most: Numbers = np.minimum(np.minimum(by_tax, by_sales) - debt, book.cap[offer])
    return most


def broken(state: State, firms: Firms, ages: Numbers, offer: Whole) -> Flags:
    """Which hard rules each lane breaks at each offer: lane × offer × rule in the order of `CODES`."""
    book = offers()
    debt, growth = firms.sales * state.debt, state.recent / np.maximum(state.year, 0.01) - 1
    owed = (state.left > 0).sum(axis=1)
    sales, tax = firms.sales * state.year, firms.sales * state.taxed
    by_rule = (
        np.broadcast_to((state.overdue > 0)[:, None], offer.shape),
        ages[:, None] < book.min_age[offer],
        ~book.grades[offer, state.grade[:, None]],
        tax[:, None] < book.min_tax[offer],
        sales[:, None] < book.min_sales[offer],
        growth[:, None] < book.least_growth[offer],
        debt[:, None] > book.max_debt[offer],
        owed[:, None] > book.max_lenders[offer],
        ~book.industries[offer, firms.industry[:, None]],
        firms.title[:, None] < book.title[offer],
        book.patents[offer] & (firms.inventive < 1)[:, None],
        book.exporters[offer] & (firms.export_share <= 0)[:, None],
        book.property[offer] & ~firms.property[:, None],
        book.first_loan[offer] & (state.loans > 0)[:, None],
        limits(state, firms, book, offer) < a.LEAST_LOAN,
    )
    return np.stack(by_rule, axis=2)


def first_broken(rules: NDArray[np.bool_]) -> NDArray[np.str_]:
    """The code of the first rule broken in each row, empty where none is."""
    return np.where(rules.any(axis=-1), CODES[rules.argmax(axis=-1)], "")
