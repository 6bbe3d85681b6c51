"""Invoices and bookings: most of the rows."""

import numpy as np
import polars as pl

from simulation.drawn.lot import Columns, Days, Lot, Whole, named, only_if, picked, skewed, whole

INVOICE_REACH, BANK_REACH = 1096, 913
VAT_RATES = np.array([0.13, 0.09, 0.06, 0.03, 0.01, 0.0])
INVOICE_KINDS = {"digital_special": 50, "digital_ordinary": 35, "special": 8, "ordinary": 5, "electronic_ordinary": 2}
PAPER = ("special", "ordinary")
INVOICE_RISKS = {"normal": 970, "doubtful": 20, "abnormal": 10}
GOODS = {f"{10 + group}{line:02d}{'0' * 15}": 1.0 / (1 + group + line) for group in range(6) for line in range(1, 4)}
INCOMING = {
    "sales": 70, "qr": 10, "internal": 4, "loan_in": 2, "refund": 3, "cash": 3, "investment": 2, "other": 6,
}  # fmt: skip
OUTGOING = {
    "purchase": 55, "salary": 10, "tax": 5, "social_insurance": 4, "rent": 3, "utilities": 3, "loan_repayment": 4,
    "interest": 3, "internal": 4, "fee": 4, "cash": 2, "investment": 1, "other": 2,
}  # fmt: skip
MOST_COUNTERPARTIES = 40
DAYS_OF_A_MONTH = 30.4
ROUND_FEN = 1_000_000
DORMANT = 0.02
"""Share of months in which a usual firm does no business."""


def vat_invoices(lot: Lot) -> Columns:
    """In the order of the days; three in a hundred reverse the invoice before them."""
    reach = lot.reach(INVOICE_REACH)
    issued_on = _not_in_dormant_months(lot, lot.spread_out(reach), reach)
    is_sale = lot.happens("direction", 0.55)
    red = lot.happens("red", 0.03) & (lot.number > 0)
    kind = lot.pick("kind", INVOICE_KINDS)
    monthly_sales = lot.sales_in(issued_on.astype("M8[M]"))
    share = np.where(is_sale, 1.0, 0.75) * 2 * reach / DAYS_OF_A_MONTH / lot.count
    net = 1 + whole(np.minimum(monthly_sales * share * skewed(lot.luck("amount"), 0.7), 9e12))
    net = np.where(lot.happens("round", 0.08), (1 + net // ROUND_FEN) * ROUND_FEN, net)
    rate = VAT_RATES[whole(lot.luck("rate") ** 2 * len(VAT_RATES))]
    paper = kind.is_in(PAPER).to_numpy()
    voided = paper & ~red & lot.chance("void", 0.05, in_trouble=0.4)
    known_on = issued_on + np.where(lot.happens("delay", 0.9), 0, whole(10 * lot.luck("days late")))
    net = np.where(red, -net, net)
    numbers = pl.Series(10_000_000 + lot.number).cast(pl.String)
    return {
        "direction": picked(np.where(is_sale, 0.0, 0.99), {"issued": 1, "received": 1}),
        "number": numbers,
        "issued_on": issued_on,
        "counterparty": _counterparty(lot, is_sale),
        "net_fen": net,
        "vat_fen": np.trunc(net * rate).astype(np.int64),
        "voided_on": only_if(voided, issued_on + whole(15 * lot.luck("void day"))),
        "red_letter_of": pl.select(pl.when(pl.Series(red)).then(numbers.shift(1))).to_series(),
        "kind": kind,
        "goods_code": lot.pick("goods", GOODS),
        "risk": picked(lot.luck("risk") ** (1 + 3 * (1 - lot.of_firm(lot.firms.trouble))), INVOICE_RISKS),
        "deducted_on": only_if(~is_sale & lot.happens("deducted", 0.8), issued_on + 3 + whole(60 * lot.luck("wait"))),
        "known_on": known_on,
    }


def _not_in_dormant_months(lot: Lot, days: Days, reach: Whole) -> Days:
    """A month earlier where the firm rested in a month, unless it is too young for that."""
    month = days.astype("M8[M]").astype(np.int64)
    rests = lot.luck_of("dormant", month) < DORMANT * (1 + 5 * lot.of_firm(lot.firms.trouble))
    moved: Days = np.where(rests, np.maximum(days - 31, lot.back(reach)), days)
    return moved


def _counterparty(lot: Lot, is_sale: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    """Few big ones and many small ones; buyers and suppliers apart."""
    own_side = is_sale & ~lot.happens("circular", 0.01)
    many = 3 + whole(MOST_COUNTERPARTIES * lot.of_firm(lot.firms.luck("counterparties")))
    rank = whole(many * lot.luck("counterparty") ** 3)
    return named("cp", lot.firms.numbers[lot.firm], 2 * rank + own_side)


def bank_transactions(lot: Lot) -> Columns:
    """In the order of the days, on two accounts whose balances run on from booking to booking."""
    reach = lot.reach(BANK_REACH)
    booked_on = lot.spread_out(reach)
    incoming = lot.happens("direction", 0.5)
    account: Whole = lot.happens("account", 0.2).astype(np.int64)
    purpose_luck = lot.luck("purpose")
    purpose = pl.select(
        pl.when(pl.Series(incoming))
        .then(picked(purpose_luck, INCOMING).cast(pl.String))
        .otherwise(picked(purpose_luck, OUTGOING).cast(pl.String))
    ).to_series()
    monthly = lot.sales_in(booked_on.astype("M8[M]")) * 2 * reach / DAYS_OF_A_MONTH / lot.count
    margin = np.where(incoming, 1.0, 0.9 + 0.15 * lot.of_firm(lot.firms.trouble))
    amount = 1 + whole(np.minimum(monthly * margin * skewed(lot.luck("amount"), 0.5), 1e11))
    frame = pl.DataFrame(
        {
            "firm": lot.firm,
            "account": account,
            "booked_on": booked_on,
            "signed": np.where(incoming, amount, -amount),
            "start": whole(3 * lot.of_firm(lot.firms.sales)),
        }
    )
    running = frame.select(
        balance=pl.col("start") + pl.col("signed").cum_sum().over("firm", "account"),
        place=pl.int_range(pl.len()).over("firm", "account", "booked_on"),
    )
    bookings = pl.Series(lot.number).cast(pl.String)
    return {
        "account": named("acct", account),
        "booking": bookings,
        "booked_on": booked_on,
        "sequence": running["place"],
        "direction": picked(np.where(incoming, 0.0, 0.99), {"in": 1, "out": 1}),
        "amount_fen": amount,
        "balance_after_fen": running["balance"],
        "counterparty": _counterparty(lot, incoming),
        "purpose": purpose,
        "known_on": booked_on,
    }
