"""Small simulated cities whose enterprises have a register entry and invoices."""

import datetime as dt

import polars as pl

from simulation.plan import City
from simulation.tables import TELLERS, tables_in_memory
from sources.records import Records

UNTIL = dt.date(2026, 10, 31)
TOLD = ("registry", "vat_invoices")
GOOD_FOR_EACH_BAD = 7
"""More defaults than in life, so that a small cohort has enough."""


def invoice_records(enterprises: int, *, months: int, seed: int = 1) -> Records:
    """Records of the first enterprises of a city."""
    city = City(enterprises=enterprises, months=months, seed=seed, until=UNTIL)
    told = tables_in_memory(city, tellers={name: TELLERS[name] for name in TOLD})
    return Records.of(told)


def labelled_city(enterprises: int, *, months: int, seed: int = 1) -> tuple[Records, pl.DataFrame]:
    """Records and labels of all borrowers that defaulted in the last judged year, and of some that did not."""
    city = City(enterprises=enterprises, months=months, seed=seed, until=UNTIL)
    told = tables_in_memory(city, tellers={name: TELLERS[name] for name in (*TOLD, "labels")})
    invoiced = told["vat_invoices"]["enterprise_id"].unique().implode()
    judged = told["labels"].filter(pl.col("as_of") == pl.col("as_of").max(), pl.col("enterprise_id").is_in(invoiced))
    bad, good = judged.filter("defaulted"), judged.filter(~pl.col("defaulted"))
    labels = pl.concat([bad, good.head(GOOD_FOR_EACH_BAD * bad.height)]).sort("enterprise_id")
    return Records.of({name: told[name] for name in TOLD}).only(labels["enterprise_id"]), labels


LENT = ("registry", "tax_filings", "tax_ratings", "loans", "repayments", "applications")
"""Few tables, among them what banks answered: enough to learn product fit from."""


def lending_city(enterprises: int, *, months: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Tables by name of a city whose enterprises asked banks for loans."""
    city = City(enterprises=enterprises, months=months, seed=seed, until=UNTIL)
    return tables_in_memory(city, tellers={name: TELLERS[name] for name in LENT})
