"""Small data for many tests: invoices that obey the contract, made by hypothesis."""

import datetime as dt

import polars as pl
from hypothesis import strategies as st

from sources.contracts import VAT_INVOICES
from sources.records import Records

ENTERPRISES = ("Y1110108XP000001X5", "Y1100000CM0000016U")
AS_OF = dt.date(2026, 3, 15)
TODAY = dt.date(2026, 11, 22)


@st.composite
def invoice(draw: st.DrawFn, *, newest: dt.date = AS_OF) -> dict[str, object]:
    """One row of vat_invoices that keeps every rule."""
    issued_on = draw(st.dates(dt.date(2023, 1, 1), newest))
    net = draw(st.integers(-5_000_000, 50_000_000))
    rate = draw(st.sampled_from([0, 1, 3, 6, 9, 13]))
    voided = draw(st.one_of(st.none(), st.integers(0, 20)))
    return {
        "enterprise_id": draw(st.sampled_from(ENTERPRISES)),
        "direction": draw(st.sampled_from(["issued", "received"])),
        "code": None,
        "number": str(draw(st.integers(1, 10**8))),
        "issued_on": issued_on,
        "counterparty": draw(st.sampled_from(["c-1", "c-2", "c-3", "c-4"])),
        "net_fen": net,
        "vat_fen": int(net * rate / 100),
        "voided_on": None if voided is None else issued_on + dt.timedelta(days=voided),
        "red_letter_of": None,
        "known_on": issued_on + dt.timedelta(days=draw(st.integers(0, 10))),
    }


def invoice_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a frame of the contract."""
    return pl.DataFrame(rows, schema=VAT_INVOICES.dtypes)


def records_of(rows: list[dict[str, object]]) -> Records:
    """Records of both enterprises, whether they have rows or not."""
    return Records.of({"vat_invoices": invoice_frame(rows)}, enterprises=pl.Series(ENTERPRISES))
