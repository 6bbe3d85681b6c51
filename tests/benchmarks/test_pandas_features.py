"""The features and their second version in pandas say the same of any invoices."""

import datetime as dt
from functools import partial

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.features import REAL_DATA, differences, real_enterprises
from benchmarks.features import given as given_invoices
from features.sets import INVOICE_FLOW
from sources.codes import placeholder_code
from sources.contracts import VAT_INVOICES

FIRMS = [placeholder_code("TE", number, registrar_area="110108") for number in range(40)]
AMOUNTS = (0, 1, -1, 100_000, -100_000, 88_496, 123_457, 7_000_000, -123_457, 9_999_999_999)
VAT_OF = {88_496: 11_504, -123_457: -16_049, 123_457: 16_049, 9_999_999_999: 1_300_000_000}
CREDITS = tuple(amount for amount in AMOUNTS if amount < 0)
MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH = dt.date(2024, 2, 14), dt.date(2024, 3, 1), dt.date(2025, 1, 31)
OPEN_PERIOD = dt.date(2023, 10, 20)
LAST_VOIDABLE_DAY, AFTER_LAST_VOIDS = dt.date(2024, 11, 30), dt.date(2025, 1, 2)
SEEDED = 12
"""Firms of the seeded invoices."""

PAPER, DIGITAL = 8, 20
"""Digits of the number of an invoice."""


def as_table(rows):
    """Rows as a frame of the contract, numbered apart."""
    numbered = [{**row, "number": str(index).zfill(row["number"])} for index, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema=VAT_INVOICES.dtypes)


def invoice(*, on, later=(None, 0), digits=PAPER, **given):
    """One row; `later` are the days after issue on which it was voided, None for never, and became known."""
    it = {"firm": 0, "direction": "issued", "partner": 0, "net": 123_457} | given
    voided_after, known_after = later
    return {
        "enterprise_id": FIRMS[it["firm"]],
        "direction": it["direction"],
        "code": None,
        "number": digits,
        "issued_on": on,
        "counterparty": f"c-{it['partner']}",
        "net_fen": it["net"],
        "vat_fen": VAT_OF.get(it["net"], 0),
        "voided_on": None if voided_after is None else on + dt.timedelta(days=voided_after),
        "red_letter_of": None,
        "known_on": on + dt.timedelta(days=known_after),
    }


@st.composite
def few_invoices(draw):
    """Invoices of a few firms; each firm has its own stretch of days, and some had nothing but credit notes."""
    as_of = draw(st.sampled_from([MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH, OPEN_PERIOD, AFTER_LAST_VOIDS]))
    stretches = {
        "any": (draw(st.sampled_from([70, 430, 800, 1500])), -5),
        "14 months": (430, -5),
        "long ago": (1500, 1150),
        "around the last voidable day": ((as_of - LAST_VOIDABLE_DAY).days + 3, (as_of - LAST_VOIDABLE_DAY).days - 3),
    }

    def rows_of(firm):
        oldest, newest = stretches[draw(st.sampled_from(list(stretches)))]
        return st.lists(
            st.builds(
                invoice,
                firm=st.just(firm),
                direction=st.sampled_from(["issued", "received"]),
                on=st.dates(as_of - dt.timedelta(days=oldest), as_of - dt.timedelta(days=newest)),
                partner=st.integers(0, 3),
                net=st.sampled_from(draw(st.sampled_from([AMOUNTS, AMOUNTS, AMOUNTS, CREDITS]))),
                later=st.tuples(st.sampled_from([None, None, None, 0, 20]), st.sampled_from([0, 0, 0, 15])),
                digits=st.sampled_from([PAPER, PAPER, DIGITAL]),
            ),
            max_size=20,
        )

    return as_table([row for firm in range(4) for row in draw(rows_of(firm))]), as_of


def many_invoices(seed, as_of):
    """Firms of very different ages and sizes; the first has one invoice, the last two have none."""
    random = np.random.default_rng(seed)

    def one_of(firm, age):
        odd, voided, late = random.random(3) < (0.2, 0.1, 0.1)
        return invoice(
            firm=firm,
            direction="issued" if random.random() < 0.6 else "received",
            on=as_of - dt.timedelta(days=int(random.integers(-3, age))),
            partner=int(random.zipf(1.6)) % 40,
            net=int(random.choice(AMOUNTS)) if odd else int(random.lognormal(13, 1.5)),
            later=(int(random.integers(0, 25)) if voided else None, int(random.integers(0, 10)) if late else 0),
            digits=DIGITAL if random.random() < 0.2 else PAPER,
        )

    sizes = [1, *random.integers(2, 220, size=SEEDED - 3)]
    ages = random.choice([25, 200, 400, 760, 1300], size=len(sizes))
    rows = [one_of(firm, age) for firm, (size, age) in enumerate(zip(sizes, ages, strict=True)) for _ in range(size)]
    return as_table(rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(few_invoices())
def test_equal_on_few_odd_invoices(drawn):
    invoices, as_of = drawn
    in_scope = pl.Series(FIRMS[:5])

    assert differences(given_invoices("drawn", invoices, as_of, enterprises=in_scope)) == []


def one_a_month(as_of, *, months, **given):
    """One invoice a month on the 5th, voided the same day every fourth time, up to the last complete month."""
    last = as_of.year * 12 + as_of.month - 2
    days = [dt.date((last - ago) // 12, (last - ago) % 12 + 1, 5) for ago in range(months)]
    amounts = [AMOUNTS[5 + ago % 3] for ago in range(months)]
    return [
        invoice(on=day, net=net, later=(0 if ago % 4 == 1 else None, 0), **given)
        for ago, (day, net) in enumerate(zip(days, amounts, strict=True))
    ]


def both_ways(as_of, **given):
    return [row for direction in ("issued", "received") for row in one_a_month(as_of, direction=direction, **given)]


def days_around(day, **given):
    return [
        invoice(on=day + dt.timedelta(days=step), later=(voided, 0), **given)
        for step in (-1, 0, 1, 2)
        for voided in (None, 0)
    ]


def ages(as_of, *days_ago, **given):
    return [invoice(on=as_of - dt.timedelta(days=age), **given) for age in days_ago]


ODD = {
    "only older than 36 months": lambda as_of: ages(as_of, 1200, 1290) + ages(as_of, 1250, later=(0, 0)),
    "credit notes only": lambda as_of: ages(as_of, 20, 100, 400, 800, net=CREDITS[0]) + ages(as_of, 50, net=CREDITS[1]),
    "voided only": lambda as_of: ages(as_of, 20, 300, 900, later=(0, 0)),
    "the first invoice was voided": lambda as_of: ages(as_of, 780, later=(0, 0)) + ages(as_of, 30, 600),
    "digital numbers": partial(both_ways, months=26, digits=DIGITAL),
    "around the last voidable day": lambda _as_of: days_around(LAST_VOIDABLE_DAY),
    "digital around the last voidable day": lambda _as_of: days_around(LAST_VOIDABLE_DAY, digits=DIGITAL),
    "sales ended before the year": lambda as_of: ages(as_of, 400, 430, 500),
    "first sale on the last complete day": lambda as_of: ages(as_of, as_of.day),
    "nothing": lambda _as_of: [],
}
SPANS = {f"{months} months": partial(both_ways, months=months) for months in (*range(1, 27), 35, 36, 37)}
EDGE_DAYS = [FIRST_OF_MONTH, LAST_OF_MONTH, OPEN_PERIOD, AFTER_LAST_VOIDS, dt.date(2025, 12, 1)]


@pytest.mark.parametrize("as_of", EDGE_DAYS)
def test_equal_at_the_edges_of_definitions(as_of):
    """Each edge is a firm of its own."""
    rows = [
        row | {"enterprise_id": firm}
        for firm, edge in zip(FIRMS, (SPANS | ODD).values(), strict=False)
        for row in edge(as_of)
    ]

    assert differences(given_invoices("edges", as_table(rows), as_of, enterprises=pl.Series(FIRMS))) == []


@pytest.mark.parametrize("edge", ODD)
def test_equal_where_there_is_nothing_but_the_edge(edge):
    invoices = as_table(ODD[edge](AFTER_LAST_VOIDS))

    assert differences(given_invoices(edge, invoices, AFTER_LAST_VOIDS, enterprises=pl.Series(FIRMS[:2]))) == []


@pytest.mark.parametrize("as_of", [MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH, OPEN_PERIOD])
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_on_many_invoices(seed, as_of):
    invoices = many_invoices(seed, as_of)

    assert differences(given_invoices("drawn", invoices, as_of, enterprises=pl.Series(FIRMS[:SEEDED]))) == []


def test_equal_for_part_of_the_enterprises():
    invoices = many_invoices(3, FIRST_OF_MONTH)

    assert differences(given_invoices("part", invoices, FIRST_OF_MONTH, enterprises=pl.Series(FIRMS[3:6]))) == []


def test_many_invoices_leave_no_feature_without_value():
    ours = given_invoices("drawn", many_invoices(1, MIDDLE_OF_MONTH), MIDDLE_OF_MONTH).by_polars()

    without = [f.name for f in INVOICE_FLOW if ours[f.name].drop_nulls().n_unique() < 2]

    assert without == []


def test_a_difference_is_found():
    case = given_invoices("drawn", many_invoices(1, FIRST_OF_MONTH), FIRST_OF_MONTH)
    case.invoices.loc[case.invoices["direction"] == "issued", "net_fen"] *= 2

    assert any(found.startswith("sales_12m: ") for found in differences(case))


def test_equal_on_real_enterprises():
    case = real_enterprises()
    if case is None:
        pytest.skip(f"the real data does not lie at {REAL_DATA}")

    assert case.records.enterprises.len() == 425
    assert differences(case) == []
