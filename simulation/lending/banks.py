"""How the banks of the city look at a firm: what they see, and what each makes of it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit

from simulation.assumed import city
from simulation.assumed import lending as a
from simulation.chance import Flags, Numbers, Whole, generator
from simulation.firms import Firms
from simulation.lending.conditions import CODES as FACT_CODES
from simulation.lending.conditions import DISTRICT, FACTS
from simulation.lending.known import Known
from simulation.lending.offers import CATALOGUE_SEED, offers
from simulation.state import WORST_GRADE, State

GRADE_VIEW = np.array(a.GRADE_VIEW)
MONTHS_OF_A_YEAR = 12
MOOD_SCALE = float(1 / np.sqrt(1 + np.pi * a.MOOD**2 / 8))
"""A logit under normal noise, averaged: the usual approximation of the logistic-normal integral."""

EVERYWHERE = ("OVERDUE", "TAX_GRADE")
CODES = np.array([*EVERYWHERE, *(FACT_CODES[name] for name in FACTS), "LIMIT"])
"""Hard rules in the order in which a bank looks at them."""
REGION = len(EVERYWHERE) + FACTS.index(DISTRICT)
TOO_LITTLE = len(CODES) - 1
"""Places of the two that nobody overlooks: a bank does not lend where it has no office, nor next to nothing."""
STATED = slice(len(EVERYWHERE), TOO_LITTLE)
"""Places of those that the catalogue states."""
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
    random = generator(CATALOGUE_SEED, "banks")
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


def broken(state: State, known: Known) -> Flags:
    """Which hard rules each lane breaks at each offer: lane × offer × rule in the order of `CODES`.

    Unpaid bills and the worst tax grade are refused everywhere; the rest are the rules of the catalogue.
    """
    book = offers()
    shape = (len(state.overdue), len(book), 1)
    everywhere = [(state.overdue > 0), state.grade == WORST_GRADE]
    whole = [np.broadcast_to(one[:, None, None], shape) for one in everywhere]
    little = book.ceilings.limits(known)[:, :, None] < a.LEAST_LOAN
    return np.concatenate([*whole, book.conditions.broken(known), little], axis=2)
