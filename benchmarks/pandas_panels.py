"""What the pandas features are made of: the invoices known on a day, and tables of enterprise × month.

Months are counted back from the last complete one before `as_of` (0); the month that `as_of` is in is -1.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

KEY = "enterprise_id"
PARTNER = "counterparty"
YEAR, HISTORY = 12, 36
PERIODS = 6
"""Two-month periods in a year; January goes with February because the Spring Festival moves between them."""

LAST_DAY_OF_VOIDS = pd.Timestamp("2024-11-30")
"""From the day after, invoices are digital in the whole country, and a digital invoice cannot be voided."""

DIGITS_OF_DIGITAL = 20


@dataclass(frozen=True)
class Months:
    """Tables of enterprise × month 0 … 35: amounts and counts of valid invoices, 0 where there is none.

    Red letters lower the amounts and are not counted. `known` marks the months since the first invoice; only these
    count in means and spreads.
    """

    sales: pd.DataFrame
    purchases: pd.DataFrame
    output_vat: pd.DataFrame
    input_vat: pd.DataFrame
    sales_n: pd.DataFrame
    purchases_n: pd.DataFrame
    known: pd.DataFrame

    @property
    def observed(self) -> pd.Series:
        """Number of months since the first invoice, at most 36."""
        return self.known.sum(axis=1)


def known_invoices(invoices: pd.DataFrame, firms: pd.Index, as_of: dt.date) -> pd.DataFrame:
    """What could be known at the end of `as_of`, with the age of each invoice in months and days."""
    today = pd.Timestamp(as_of)
    known = invoices[(invoices["known_on"] <= today) & invoices[KEY].isin(firms)]
    issued_on = known["issued_on"]
    is_digital = known["number"].str.len() == DIGITS_OF_DIGITAL
    return pd.DataFrame(
        {
            KEY: known[KEY].astype(pd.CategoricalDtype(firms)),
            PARTNER: known[PARTNER].astype("category"),
            "issued": known["direction"] == "issued",
            "void": known["voided_on"] <= today,
            "voidable": ~is_digital & (issued_on <= LAST_DAY_OF_VOIDS),
            "net": known["net_fen"],
            "vat": known["vat_fen"],
            "ago": as_of.year * 12 + as_of.month - 1 - (issued_on.dt.year * 12 + issued_on.dt.month),
            "day": issued_on,
            "days_ago": (today - issued_on).dt.days,
        }
    )


def without_red(rows: pd.DataFrame) -> pd.DataFrame:
    """Invoices that show activity: a red letter takes back what was invoiced before."""
    return rows[rows["net"] >= 0]


def by_month(complete: pd.DataFrame, sold: pd.DataFrame, bought: pd.DataFrame, firms: pd.Index) -> Months:
    """The monthly tables of invoices of complete months: all of them, valid sales and valid purchases."""
    first = complete.groupby(KEY, observed=True)["ago"].max().reindex(firms, fill_value=-1)
    known = np.arange(HISTORY) <= first.to_numpy()[:, np.newaxis]
    sales, output_vat = _wide(sold, "net", firms), _wide(sold, "vat", firms)
    purchases, input_vat = _wide(bought, "net", firms), _wide(bought, "vat", firms)
    return Months(
        sales=sales,
        purchases=purchases,
        output_vat=output_vat,
        input_vat=input_vat,
        sales_n=_wide(without_red(sold).assign(n=1), "n", firms),
        purchases_n=_wide(without_red(bought).assign(n=1), "n", firms),
        known=pd.DataFrame(known, index=firms),
    )


def _wide(side: pd.DataFrame, column: str, firms: pd.Index) -> pd.DataFrame:
    """Sums of a column as a table of enterprise × month."""
    recent = side[side["ago"] < HISTORY].groupby([KEY, "ago"], observed=True)[column].sum()
    return recent.unstack(fill_value=0).reindex(index=firms, columns=range(HISTORY), fill_value=0)


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part / whole where the whole is positive."""
    return part / whole.where(whole > 0)


def growth(now: pd.Series, then: pd.Series, *, seen_then: pd.Series) -> pd.Series:
    """Growth from then to now where there was something then, and all of that window was seen."""
    return (ratio(now, then) - 1).where(seen_then)


def between(table: pd.DataFrame, start: int, months: int = YEAR) -> pd.Series:
    """Sum over `months` months of a table of enterprise × month, the newest of them `start`."""
    return table.iloc[:, start : start + months].sum(axis=1)


def count(rows: pd.DataFrame, firms: pd.Index) -> pd.Series:
    """Number of rows of each enterprise."""
    return rows.groupby(KEY, observed=True).size().reindex(firms, fill_value=0)
