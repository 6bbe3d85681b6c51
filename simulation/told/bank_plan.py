"""What a firm's accounts take in and pay out in each told month, by kind, before it becomes bookings.

The hidden lives count money without VAT. Here receipts and payments carry it, and the difference of the two leaves as
tax and small expenses, so that the balance at a month's end is the hidden cash, but for what is put off to the next
quarter and what is borrowed for the last day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulation.assumed import bank as a
from simulation.assumed import economy, invoices
from simulation.chance import Flags, Numbers, Whole
from simulation.firms import PAPER_BAD, PAPER_GOOD
from simulation.months import MONTHS_OF_A_YEAR
from simulation.told.bank_seen import Given, Seen, normal_of
from simulation.told.lines import fen
from simulation.told.tax_sales import vat_rates

FEN = 100
QUARTER, TAX_MONTH = 3, 1
"""Taxes of a quarter are paid in January, April, July and October."""
INCOMING = frozenset(
    {"sales", "qr", "cash_in", "loan_in", "owner_in", "private_in", "refund_in", "interest_in", "redeemed", "dress_in"}
)
Money = dict[str, Numbers]
"""Yuan by kind of booking, firm × told month."""


@dataclass(frozen=True)
class Plan:
    """All money that moves through a community's accounts in the told months, fen.

    Attributes:
        totals: by kind of booking, firm × told month.
        counts: into how many bookings they are split at most; by kind of booking, firm × told month.
        opening: of all accounts before the first told month, by firm.
        closing: of all accounts at the end of a month, firm × told month.
    """

    totals: dict[str, Whole]
    counts: dict[str, Whole]
    opening: Whole
    closing: Whole


def plan(seen: Seen, given: Mapping[str, Given], random: np.random.Generator) -> Plan:
    """What the accounts show of the hidden lives, each month's end as these have it."""
    fixed = {kind: payments.totals(seen) for kind, payments in given.items()}
    known: Money = {kind: amount / FEN for kind, amount in fixed.items()}
    money = _operations(seen, known) | _owed_and_owned(seen, known["loan_in"])
    for more in (_refunds(seen, money, random), _placed(seen, random), _side_lines(seen, money, random)):
        money |= {kind: money.get(kind, 0.0) + amount for kind, amount in more.items()}
    paid, put_off = _by_the_quarter(seen, money)
    dressed = _dressed(seen)
    money |= paid | {"dress_in": dressed, "dress_out": _month_before(dressed)}
    totals = {kind: fen(amount * seen.exists) for kind, amount in money.items()} | fixed
    opening = fen(seen.before("cash")[:, 0])
    closing = _lasting(opening, fen(seen.of("cash") + put_off + dressed), seen.exists)
    missing = np.diff(closing, axis=1, prepend=opening[:, None]) - _net(totals)
    totals = _balanced(totals, missing, seen, random)
    return Plan(totals, _counts(totals, seen, random), opening, closing)


def _net(totals: dict[str, Whole]) -> Whole:
    net: Whole = np.sum([amount if kind in INCOMING else -amount for kind, amount in totals.items()], axis=0)
    return net


def _month_before(amount: Numbers) -> Numbers:
    moved: Numbers = np.pad(amount, ((0, 0), (1, 0)))[:, :-1]
    return moved


def _lasting(opening: Whole, closing: Whole, exists: Flags) -> Whole:
    """Balances that stay what they were in months in which there is no firm."""
    place = np.where(exists, np.arange(1, closing.shape[1] + 1), 0)
    newest = np.maximum.accumulate(place, axis=1)
    lasting: Whole = np.take_along_axis(np.column_stack([opening, closing]), newest, axis=1)
    return lasting


def _operations(seen: Seen, known: Money) -> Money:
    """What buyers pay, and what suppliers, staff, the tax bureau and the landlord get; VAT included."""
    firms = seen.community.firms
    receipts, suppliers = seen.of("receipts"), seen.of("suppliers_paid")
    usual_rate, small_rate = _vat_rates(seen)
    charged = receipts * np.where(firms.small_scale[:, None], small_rate, usual_rate)
    bought_with = np.minimum(suppliers * a.VAT_PAID * usual_rate, charged)
    owed, taxes = charged - bought_with, seen.of("taxes")
    qr = seen.qr_share[:, None]
    consumers = 1 + (seen.qr_share > 0)
    cash = np.minimum(-a.CASH_RECEIPTS * np.log1p(-seen.fate("cash")) * consumers, a.CASH_MOST)[:, None]
    running, pay = _usual(seen.of("rent")), _usual(seen.of("payroll"))
    sudden = seen.of("rent") + seen.of("payroll") - running - pay
    rent = running * a.RENT * ~firms.property[:, None]
    wages = np.maximum(pay - known["social"] - known["fund"], a.LEAST_WAGES * pay)
    by_bank = seen.pays_wages[:, None]
    expenses = np.maximum(running - rent - known["utilities"], 0) + np.minimum(taxes, owed) + sudden
    in_cash = (expenses - sudden) * np.clip(a.CASH_OUT + a.CASH_OUT_STRAINED * seen.shown, 0, 1)
    return {
        "sales": (receipts + charged) * (1 - qr) * (1 - cash),
        "qr": (receipts + charged) * qr * (1 - cash),
        "cash_in": (receipts + charged) * cash,
        "purchase": suppliers + bought_with,
        "salary": wages * by_bank,
        "tax": np.maximum(taxes, owed),
        "rent": rent,
        "cash_out": in_cash + wages * ~by_bank,
        "expenses": expenses - in_cash,
    }


def _usual(cost: Numbers) -> Numbers:
    """Cost without what hits a firm all at once, such as repairs and claims."""
    months = np.maximum((cost > 0).sum(axis=1), 1)
    ranked = np.sort(cost, axis=1)
    middle = np.take_along_axis(ranked, (cost.shape[1] - (months + 1) // 2)[:, None], axis=1)
    usual: Numbers = np.minimum(cost, a.SUDDEN_FROM * middle)
    return usual


def _vat_rates(seen: Seen) -> tuple[Numbers, Numbers]:
    """Rate of the firm's kind of sales were it a general taxpayer, firm × told month; that of small-scale ones."""
    starts = seen.community.calendar.starts[seen.month]
    era = np.searchsorted(np.array(invoices.RATE_DAYS, "M8[D]"), starts, side="right")
    return vat_rates(seen.community)[:, seen.month], np.array(invoices.RATES["small"])[era]


def _owed_and_owned(seen: Seen, lent: Numbers) -> Money:
    """Loans, what is paid on them, private lenders, and the owner."""
    principal, interest = seen.of("principal"), seen.of("interest")
    to_banks = np.clip(seen.before("debt") + lent - seen.of("debt"), 0, principal)
    private = np.minimum(seen.before("private_debt") * economy.HIDDEN_RATE / MONTHS_OF_A_YEAR, interest)
    return {
        "private_in": np.maximum(seen.of("drawn") - lent, 0),
        "repayment": to_banks,
        "interest_out": interest - private,
        "private_out": principal - to_banks + private,
        "owner_in": seen.of("owner_in"),
        "owner_out": seen.of("owner_out"),
    }


def _refunds(seen: Seen, money: Money, random: np.random.Generator) -> Money:
    """Payments that come back, and receipts that are given back: both are booked twice."""
    shape = seen.exists.shape
    returned = random.poisson(a.RETURNED + a.RETURNED_STRAINED * seen.shown)
    careless = np.exp(-a.REFUNDED_CARELESS * seen.community.firms.conduct)[:, None]
    refunded = random.poisson(a.REFUNDED * careless, shape)
    part = np.minimum(a.REFUND * np.stack([returned, refunded]) * random.random((2, *shape)), 0.5)
    back, given_back = part[0] * money["purchase"], part[1] * money["sales"]
    return {"refund_in": back, "purchase": back, "refund_out": given_back, "sales": given_back}


def _placed(seen: Seen, random: np.random.Generator) -> Money:
    """Money that firms with more than they need place for some weeks of a month."""
    free = np.minimum(seen.before("cash"), seen.of("cash"))
    rich = free > a.INVESTS_FROM * seen.community.firms.sales[:, None]
    luck = random.random((2, *free.shape))
    places = seen.happens("invests", a.INVESTS)[:, None] & rich & (luck[0] < a.INVESTS_OFTEN)
    amount = np.floor(free * a.INVESTED * luck[1] / a.INVESTED_STEP) * a.INVESTED_STEP
    amount *= places & (amount >= a.LEAST_INVESTED)
    return {"invested": amount, "redeemed": amount}


def _side_lines(seen: Seen, money: Money, random: np.random.Generator) -> Money:
    """Fees, and interest on what lies on the accounts; expenses make up for both."""
    often = random.poisson(a.FEES * seen.of("trading") + a.FEES_STRAINED * seen.shown) + (money["sales"] > 0)
    fees = often * a.FEE * np.exp(a.FEE_SPREAD * random.standard_normal(often.shape))
    settled = seen.community.calendar.month_of_year[seen.month] % QUARTER == 0
    interest = seen.before("cash") * settled * a.DEPOSIT_RATE / 4
    return {"fee": fees, "interest_in": interest * (interest >= 1)}


def _by_the_quarter(seen: Seen, money: Money) -> tuple[Money, Numbers]:
    """Taxes and rent when they are paid, some by the quarter, and what then still lies on the accounts."""
    month = seen.community.calendar.month_of_year[seen.month] % QUARTER
    phase = np.floor(QUARTER * seen.fate("phase"))[:, None]
    small_scale, rents = seen.community.firms.small_scale, seen.happens("quarterly", a.QUARTERLY_RENT)
    payments, put_off = {}, np.zeros(seen.exists.shape)
    for kind, quarterly, pays in (("tax", small_scale, month == TAX_MONTH), ("rent", rents, month == phase)):
        due = money[kind] * seen.exists
        fallen = np.cumsum(due, axis=1) - due
        paid = np.maximum.accumulate(np.where(pays & seen.exists, fallen, 0.0), axis=1)
        payments[kind] = np.where(quarterly[:, None], np.diff(paid, axis=1, prepend=0.0), due)
        put_off += np.maximum(np.cumsum(due - payments[kind], axis=1), 0)
    return payments, put_off


def _dressed(seen: Seen) -> Numbers:
    """Money that firms with something to hide borrow over a month's end."""
    firms = seen.community.firms
    hides = (firms.dishonest | (firms.role == PAPER_GOOD))[:, None]
    strain = seen.of("strain")
    depth = a.DRESSED * strain * (1 - firms.openness[:, None]) * firms.sales[:, None]
    dressed: Numbers = np.where(hides & (strain > a.DRESSED_FROM), depth, 0.0)
    return dressed


def _balanced(totals: dict[str, Whole], missing: Whole, seen: Seen, random: np.random.Generator) -> dict[str, Whole]:
    """Each month ends as planned: in want bills are paid in part, else expenses and purchases take the rest."""
    want = (seen.of("unpaid") > 0) | (seen.before("unpaid") > 0)
    less, more = np.maximum(-missing, 0), np.maximum(missing, 0)
    bills = np.where(want, less, 0)
    balanced = totals | {kind: totals[kind] + amount for kind, amount in _arrears(bills, seen, random).items()}
    balanced["expenses"] = balanced["expenses"] + less - bills
    for kind in ("expenses", "cash_out", "purchase"):
        saved = np.minimum(more, balanced[kind])
        balanced[kind] = balanced[kind] - saved
        more = more - saved
    return balanced | {"owner_in": balanced["owner_in"] + more}


def _arrears(amount: Whole, seen: Seen, random: np.random.Generator) -> dict[str, Whole]:
    """Which bills a sum is paid on; expenses get what is left by rounding."""
    weights = {
        kind: weight * (random.random(amount.shape) < chance) * random.random(amount.shape)
        for kind, (weight, chance) in a.ARREARS.items()
    }
    weights["salary"] *= seen.pays_wages[:, None]
    weights["rent"] *= ~seen.community.firms.property[:, None]
    whole = np.maximum(np.sum(list(weights.values()), axis=0), 1e-9)
    parts = {kind: np.floor(amount * (weight / whole)).astype(np.int64) for kind, weight in weights.items()}
    parts["expenses"] += amount - np.sum(list(parts.values()), axis=0)
    return parts


def _counts(totals: dict[str, Whole], seen: Seen, random: np.random.Generator) -> dict[str, Whole]:
    """Into how many bookings the money of a month is split."""
    shape, shown = seen.exists.shape, seen.shown
    sales, purchases = (np.sqrt(totals[kind] / (FEN * a.USUAL)) for kind in ("sales", "purchase"))
    lumps = np.where(seen.community.firms.role == PAPER_BAD, a.LUMPY_BOOKINGS, 1.0)
    busy = (lumps * np.exp(a.BUSY_SPREAD * normal_of(seen.fate("busy"))))[:, None]
    days = np.array(list(a.SETTLES))[np.searchsorted(np.cumsum(list(a.SETTLES.values()))[:-1], seen.fate("settles"))]
    mean: dict[str, Numbers] = {
        "sales": np.minimum(a.SALES_BOOKINGS * sales * busy * (1 - a.FEWER * shown), a.MOST),
        "purchase": np.minimum(a.PURCHASE_BOOKINGS * purchases * busy, a.MOST),
        "qr": np.broadcast_to(a.DAYS_OF_A_MONTH / days[:, None], shape),
        "expenses": a.EXPENSES * (1 + purchases),
        "cash_out": a.CASHES + a.CASHES_STRAINED * shown,
        "fee": a.FEES + a.FEES_STRAINED * shown,
        "refund_in": a.RETURNED_STRAINED * shown,
        **{kind: np.full(shape, often) for kind, often in a.OFTEN.items()},
    }
    counts = {}
    for kind, amount in totals.items():
        many = random.poisson(mean[kind]) if kind in mean else 1
        most = 1 + amount // (FEN * a.LEAST_BOOKING)
        counts[kind] = np.minimum(np.maximum(many, 1), most) * (amount > 0)
    counts["salary"] = np.minimum(
        counts["salary"] + (random.random(shape) < a.PAID_TWICE + a.PAID_IN_PARTS * shown), 2 * (totals["salary"] > 0)
    )
    return counts
