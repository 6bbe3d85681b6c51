"""Hard features of several blocks a second time, in plain pandas: a yardstick for speed and a check on meaning.

Written from what each feature says: all of the invoice flow, and those of bank bookings, instalments and orders that
need days, counterparties or versions.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.pandas_features import pandas_profiles
from benchmarks.pandas_panels import KEY, YEAR
from features.profile import profiles
from features.sets import ALL, INVOICE_FLOW
from sources.records import Records

BANK = (
    "payer_hhi_12m", "top5_payer_share_12m", "same_party_share_12m", "quick_turn_share_12m",
    "bank_inflow_variation_12m", "longest_net_outflow_12m",
)  # fmt: skip
CREDIT = ("worst_days_past_due_24m", "late_share_12m", "seriously_late_24m", "debt_service_12m")
TRADE = ("order_backlog", "orders_growth_12m")
NAMES = (*(one.name for one in INVOICE_FLOW), *BANK, *CREDIT, *TRADE)
TABLES = ("vat_invoices", "bank_transactions", "repayments", "orders")

NOT_OPERATING = ("internal", "investment", "loan_in", "loan_repayment", "refund")
NO_PAYER = (*NOT_OPERATING, "cash", "qr", "interest")
SERIOUS, OVERDUE_DELIVERY, UNDATED = 30, 90, 24
FORGOTTEN_YEARS = 5
RELATIVE = 1e-9


@dataclass(frozen=True)
class Frames:
    """The same rows for pandas, with text as text."""

    tables: Mapping[str, pd.DataFrame]
    enterprises: list[str]


def pandas_frames(records: Records) -> Frames:
    """The tables that the hard features read."""
    given = dict(records.tables())
    return Frames({name: given[name].to_pandas() for name in TABLES}, records.enterprises.to_list())


def hard_profiles(frames: Frames, as_of: dt.date) -> pd.DataFrame:
    """One row an enterprise, indexed by its code; one column a hard feature, NaN = null."""
    firms, today = pd.Index(frames.enterprises, name=KEY), pd.Timestamp(as_of)
    tables = {name: table[table["known_on"] <= today] for name, table in frames.tables.items()}
    return pd.concat(
        [
            pandas_profiles(frames.tables["vat_invoices"], frames.enterprises, as_of),
            _bank(tables["bank_transactions"], firms, today),
            _credit(_newest(tables["repayments"], ["loan", "instalment"]), firms, today),
            _trade(_newest(tables["orders"], ["order"]), firms, today),
        ],
        axis=1,
    )[list(NAMES)]


def differences(records: Records, as_of: dt.date) -> list[str]:
    """For each hard feature on which the two disagree: its name, an enterprise and both values."""
    hard = tuple(one for one in ALL if one.name in NAMES)
    ours = profiles(records, hard, as_of).to_pandas().set_index(KEY)
    theirs = hard_profiles(pandas_frames(records), as_of).reindex(ours.index)
    found = []
    for name in NAMES:
        left, right = ours[name].astype(float), theirs[name].astype(float)
        apart = ~np.isclose(left, right, rtol=RELATIVE, atol=1e-12, equal_nan=True)
        if apart.any():
            where = ours.index[apart][0]
            found.append(f"{name}: {apart.sum()} differ, at {where} profiles {left[where]!r}, pandas {right[where]!r}")
    return found


def _newest(table: pd.DataFrame, thing: list[str]) -> pd.DataFrame:
    return table.sort_values("known_on", kind="stable").drop_duplicates([KEY, *thing], keep="last")


def _complete_months_ago(days: pd.Series, today: pd.Timestamp) -> pd.Series:
    """0 = the last complete calendar month."""
    return 12 * (today.year - days.dt.year) + today.month - days.dt.month - 1


def _months_since(days: pd.Series, today: pd.Timestamp) -> pd.Series:
    """Whole months to the day."""
    return 12 * (today.year - days.dt.year) + today.month - days.dt.month - (days.dt.day > today.day)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole).where(whole > 0)


def _bank(bookings: pd.DataFrame, firms: pd.Index, today: pd.Timestamp) -> pd.DataFrame:
    came, amount = bookings["direction"] == "in", bookings["amount_fen"]
    operating = amount.where(~bookings["purpose"].isin(NOT_OPERATING), 0)
    daily = (
        bookings.assign(
            gross_in=operating.where(came, 0),
            gross_out=operating.where(~came, 0),
            payer_in=amount.where(came & ~bookings["purpose"].isin(NO_PAYER), 0),
        )
        .groupby([KEY, "booked_on", "counterparty"], dropna=False)[["gross_in", "gross_out", "payer_in"]]
        .sum()
        .reset_index()
    )
    matched = daily[["gross_in", "gross_out"]].min(axis=1).where(daily["counterparty"].notna(), 0)
    daily["inflow"], daily["outflow"] = daily["gross_in"] - matched, daily["gross_out"] - matched
    daily["ago"] = _complete_months_ago(daily["booked_on"], today)
    return pd.concat([_payers(daily, firms), _turned(daily, firms), _monthly(daily, firms)], axis=1)


def _payers(daily: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    year = daily[daily["ago"].between(0, YEAR - 1)].copy()
    year["paid"] = year[["payer_in", "inflow"]].min(axis=1)
    by_party = year.groupby([KEY, "counterparty"])[["gross_in", "gross_out", "paid"]].sum()
    paid = by_party["paid"]
    whole = paid.groupby(KEY).sum()
    largest = paid.sort_values(ascending=False).groupby(KEY).head(5).groupby(KEY).sum()
    squares = (paid.astype(float) ** 2).groupby(KEY).sum()
    matched = by_party[["gross_in", "gross_out"]].min(axis=1).groupby(KEY).sum().reindex(firms, fill_value=0)
    return pd.DataFrame(
        {
            "payer_hhi_12m": _share(squares, whole.astype(float) ** 2),
            "top5_payer_share_12m": _share(largest, whole),
            "same_party_share_12m": _share(matched, year.groupby(KEY)["gross_in"].sum()),
        }
    ).reindex(firms)


def _turned(daily: pd.DataFrame, firms: pd.Index) -> pd.Series:
    days = daily.groupby([KEY, "booked_on"])[["inflow", "outflow"]].sum().reset_index()
    days["ago"] = daily.groupby([KEY, "booked_on"])["ago"].first().to_numpy()
    following = days[[KEY, "booked_on", "outflow"]].assign(booked_on=days["booked_on"] - pd.Timedelta(days=1))
    days = days.merge(following, on=[KEY, "booked_on"], how="left", suffixes=("", "_next"))
    out = days["outflow"] + days["outflow_next"].fillna(0)
    year = days.assign(turned=np.minimum(days["inflow"], out))[days["ago"].between(0, YEAR - 1)]
    sums = year.groupby(KEY)[["turned", "inflow"]].sum()
    return _share(sums["turned"], sums["inflow"]).reindex(firms).rename("quick_turn_share_12m")


def _monthly(daily: pd.DataFrame, firms: pd.Index) -> pd.DataFrame:
    complete = daily[daily["ago"] >= 0]
    monthly = complete.groupby([KEY, "ago"])[["inflow", "outflow"]].sum()
    observed = complete.groupby(KEY)["ago"].max() + 1
    year = [monthly[name].unstack(fill_value=0).reindex(columns=range(YEAR), fill_value=0) for name in monthly]
    inflow, outflow = (table.astype(float) for table in year)
    n = observed.clip(upper=YEAR)
    whole = inflow.sum(axis=1)
    spread = np.sqrt(n * (inflow**2).sum(axis=1) - whole**2)
    return pd.DataFrame(
        {
            "bank_inflow_variation_12m": _share(spread, whole),
            "longest_net_outflow_12m": (inflow < outflow).apply(_longest_run, axis=1),
        }
    ).reindex(firms)


def _longest_run(losing: pd.Series) -> int:
    longest = run = 0
    for lost in losing:
        run = run + 1 if lost else 0
        longest = max(longest, run)
    return longest


def _credit(instalments: pd.DataFrame, firms: pd.Index, today: pd.Timestamp) -> pd.DataFrame:
    paid = instalments["paid_on"].where(instalments["paid_on"] <= today)
    kept = ~(paid < today - pd.DateOffset(years=FORGOTTEN_YEARS))
    rows, paid = instalments[kept], paid[kept]
    ended = paid.fillna(today)
    late = (ended - rows["due_on"]).dt.days.clip(lower=0)
    due_lately = _months_since(rows["due_on"], today).between(0, YEAR - 1)
    unpaid_lately = _months_since(ended, today) < 2 * YEAR
    amounts = rows["due_fen"].where(_complete_months_ago(rows["due_on"], today).between(0, YEAR - 1), 0)
    code = rows[KEY]
    return pd.DataFrame(
        {
            "worst_days_past_due_24m": late.where(unpaid_lately, 0).groupby(code).max().reindex(firms, fill_value=0),
            "late_share_12m": _share((due_lately & (late > 0)).groupby(code).sum(), due_lately.groupby(code).sum()),
            "seriously_late_24m": ((late >= SERIOUS) & unpaid_lately).groupby(code).sum().reindex(firms, fill_value=0),
            "debt_service_12m": amounts.groupby(code).sum().reindex(firms, fill_value=0),
        },
        index=firms,
    )


def _trade(orders: pd.DataFrame, firms: pd.Index, today: pd.Timestamp) -> pd.DataFrame:
    cancelled = orders["cancelled_on"] <= today
    signed = _complete_months_ago(orders["signed_on"], today)
    overdue = (today - orders["due_on"]).dt.days
    at_hand = ~cancelled & (overdue <= OVERDUE_DELIVERY).where(orders["due_on"].notna(), signed < UNDATED)
    backlog = (orders["amount_fen"] - orders["delivered_fen"].fillna(0)).where(at_hand, 0)
    amount, code = orders["amount_fen"].where(~cancelled, 0), orders[KEY]
    now = amount.where(signed.between(0, YEAR - 1), 0).groupby(code).sum()
    then = amount.where(signed.between(YEAR, 2 * YEAR - 1), 0).groupby(code).sum()
    whole = signed.groupby(code).max() >= 2 * YEAR - 1
    return pd.DataFrame(
        {
            "order_backlog": backlog.groupby(code).sum().reindex(firms, fill_value=0),
            "orders_growth_12m": _share(now - then, then).where(whole),
        },
        index=firms,
    )
