"""The features and their second version in pandas say the same of any invoices."""

import datetime as dt

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

FIRMS = [placeholder_code("TE", number, registrar_area="110108") for number in range(12)]
AMOUNTS = (0, 1, -1, 100_000, -100_000, 88_496, 123_457, 7_000_000, -123_457, 9_999_999_999)
VAT_OF = {88_496: 11_504, -123_457: -16_049, 123_457: 16_049, 9_999_999_999: 1_300_000_000}
MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH = dt.date(2024, 2, 14), dt.date(2024, 3, 1), dt.date(2025, 1, 31)
OPEN_PERIOD = dt.date(2023, 10, 20)


def as_table(rows):
    filled = [row | {"number": str(index), "code": None, "red_letter_of": None} for index, row in enumerate(rows)]
    return pl.DataFrame(filled, schema=VAT_INVOICES.dtypes)


def invoice(*, firm, direction, on, partner, net, later):
    """One row; `later` are the days after issue on which it was voided, None for never, and became known."""
    voided_after, known_after = later
    return {
        "enterprise_id": FIRMS[firm],
        "direction": direction,
        "issued_on": on,
        "counterparty": f"c-{partner}",
        "net_fen": net,
        "vat_fen": VAT_OF.get(net, 0),
        "voided_on": None if voided_after is None else on + dt.timedelta(days=voided_after),
        "known_on": on + dt.timedelta(days=known_after),
    }


@st.composite
def few_invoices(draw):
    as_of = draw(st.sampled_from([MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH, OPEN_PERIOD]))
    days_back = draw(st.sampled_from([70, 430, 800, 1500]))
    days = st.dates(as_of - dt.timedelta(days=days_back), as_of + dt.timedelta(days=5))
    rows = st.builds(
        invoice,
        firm=st.integers(0, 3),
        direction=st.sampled_from(["issued", "received"]),
        on=days,
        partner=st.integers(0, 3),
        net=st.sampled_from(AMOUNTS),
        later=st.tuples(st.sampled_from([None, None, None, 0, 20]), st.sampled_from([0, 0, 0, 15])),
    )
    return as_table(draw(st.lists(rows, max_size=50))), as_of


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
        )

    sizes = [1, *random.integers(2, 220, size=len(FIRMS) - 3)]
    ages = random.choice([25, 200, 400, 760, 1300], size=len(sizes))
    rows = [one_of(firm, age) for firm, (size, age) in enumerate(zip(sizes, ages, strict=True)) for _ in range(size)]
    return as_table(rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(few_invoices())
def test_equal_on_few_odd_invoices(drawn):
    invoices, as_of = drawn
    in_scope = pl.Series(FIRMS[:5])

    assert differences(given_invoices("drawn", invoices, as_of, enterprises=in_scope)) == []


@pytest.mark.parametrize("as_of", [MIDDLE_OF_MONTH, FIRST_OF_MONTH, LAST_OF_MONTH, OPEN_PERIOD])
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_on_many_invoices(seed, as_of):
    invoices = many_invoices(seed, as_of)

    assert differences(given_invoices("drawn", invoices, as_of, enterprises=pl.Series(FIRMS))) == []


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
