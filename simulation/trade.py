"""The invoices of one firm in one direction: how many in a month, on which day, with whom, for how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation import assumptions as a
from simulation.economy import Firms, Lives
from simulation.seasons import Calendar, Integers, Numbers

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Flow:
    """One direction of one firm's trade, month by month.

    Attributes:
        firm: index of the firm.
        direction: `issued` or `received`.
        value: net amount, yuan.
        expected: mean number of invoices.
        strain: 0 to 1, how much stress shows.
        circular: share of invoices within the firm's circle.
        cancelled: share of invoices voided or reversed.
        rates: VAT rates and how often each is charged.
    """

    firm: int
    direction: str
    value: Numbers
    expected: Numbers
    strain: Numbers
    circular: Numbers
    cancelled: Numbers
    rates: Mapping[float, float]


def flows(firms: Firms, lives: Lives, *, firm: int, random: np.random.Generator) -> tuple[Flow, Flow]:
    """Sales and purchases of a firm. What a circle buys it sells back, so it moves invoices and no cash."""
    stress = lives.stress[firm]
    strain = firms.openness[firm] * stress
    circular = firms.dishonest[firm] * (a.CIRCULAR + a.CIRCULAR_UNDER_STRESS * stress)
    sold = lives.sales[firm] / (1 - circular)
    stock = random.lognormal(0, a.PURCHASE_NOISE, len(stress)) * (1 + a.PURCHASES_UNDER_STRESS * strain)
    bought = (1 - firms.margin[firm]) * lives.sales[firm] * stock + circular * sold
    usual = a.ISSUED_A_MONTH * random.lognormal(0, a.INVOICES_SPREAD)
    busy = usual * np.sqrt(sold / firms.sales[firm]) * (1 + a.INVOICES_UNDER_STRESS * strain)
    careless = np.exp(a.CONDUCT_OF_QUALITY * firms.quality[firm]) * (1 + a.CANCELLED_UNDER_STRESS * strain)
    sale_rates, purchase_rates = _vat_rates(firms, firm)
    back = circular * sold / np.maximum(bought, 1)
    return (
        Flow(firm, "issued", sold, busy, strain, circular, a.CANCELLED_SALES * careless, sale_rates),
        Flow(
            firm,
            "received",
            bought,
            a.RECEIVED_PER_ISSUED * busy,
            strain,
            back,
            np.full(len(stress), a.CANCELLED_PURCHASES),
            purchase_rates,
        ),
    )


def _vat_rates(firms: Firms, firm: int) -> tuple[Mapping[float, float], Mapping[float, float]]:
    """How often each rate stands on sales and on purchases; suppliers are mostly of the firm's own kind."""
    small = bool(firms.small_scale[firm])
    own = a.SMALL_SCALE_RATE if small else a.INDUSTRIES[firms.industry[firm]].vat_rate
    alike = a.SUPPLIERS_ALIKE_SMALL if small else a.SUPPLIERS_ALIKE
    sales = {own: 1 - a.SIMPLE_SHARE, a.SIMPLE_RATE: a.SIMPLE_SHARE}
    return sales, {rate: (1 - alike) * share + alike * (rate == own) for rate, share in a.SUPPLIER_RATES.items()}


def draw(flow: Flow, calendar: Calendar, *, random: np.random.Generator) -> Columns:
    """One line an invoice: each month's value split among a random number of them, which may be none."""
    month = np.repeat(np.arange(calendar.months), random.poisson(flow.expected))
    lines = len(month)
    weight = random.lognormal(0, a.AMOUNT_SPREAD[flow.direction], lines)
    amount = flow.value[month] * weight / np.bincount(month, weight, calendar.months)[month]
    return {
        "firm": np.full(lines, flow.firm),
        "direction": np.full(lines, flow.direction),
        "issued_on": calendar.pick_days(month, random.random(lines)),
        "partner": _partners(flow, month, random=random),
        "net_fen": np.ceil(100 * amount).astype(np.int64),
        "rate": random.choice(list(flow.rates), lines, p=list(flow.rates.values())),
        "cancelled": random.random(lines) < flow.cancelled[month],
        "late": random.random(lines) < a.REVERSED_ON_PAPER,
        "delay": random.random(lines),
        "part": np.where(random.random(lines) < a.PARTIAL_REVERSAL, random.uniform(0.1, 0.9, lines), 1.0),
    }


def _partners(flow: Flow, month: Integers, *, random: np.random.Generator) -> Integers:
    """The partner of each invoice: a place among the firm's partners, and how often that place has changed hands.

    Stress makes partners leave sooner and the rest weigh more. A circle has the same numbers in both directions.
    """
    places = np.arange(random.integers(*a.PARTNERS, endpoint=True))
    strain = flow.strain[:, None]
    exponent = random.uniform(*a.CONCENTRATION) * (1 + a.CONCENTRATION_UNDER_STRESS * strain)
    reached = np.cumsum((places + 1.0) ** -exponent, axis=1)
    changes = random.random((len(strain), len(places))) < a.CHURN * (1 + a.CHURN_UNDER_STRESS * strain)
    holder = np.cumsum(changes, axis=0)
    luck = random.random(len(month)) * reached[month, -1]
    place = (luck[:, None] >= reached[month]).sum(axis=1)
    ordinary = {"issued": 1, "received": 2}[flow.direction] * 10_000 + 100 * place + holder[month, place]
    in_circle = random.random(len(month)) < flow.circular[month]
    return np.where(in_circle, 10_000 + 100 * random.integers(a.CIRCLE, size=len(month)) + 99, ordinary)
