"""People and premises, orders and foreign trade."""

import numpy as np

from simulation.drawn.lot import Columns, Lot, first_day, last_day, named, only_if, skewed, whole

WAGE_FEN = 900_000
BUYERS = {
    "small": 40, "large": 20, "state_owned": 12, "government": 10, "listed": 8, "person": 6, "foreign": 4,
}  # fmt: skip
FILED_AFTER = 8


def social_insurance(lot: Lot) -> Columns:
    months = lot.months_back(lot.number)
    people = lot.people_in(months)
    base = people * whole(WAGE_FEN * skewed(lot.luck("wage"), 0.1))
    due = whole(0.27 * base)
    declared_on = last_day(months) + FILED_AFTER
    paid_on = lot.paid(declared_on + 7)
    return {
        "month": first_day(months),
        "headcount": people,
        "base_fen": base,
        "due_fen": due,
        "declared_on": declared_on,
        "paid_on": paid_on,
        "paid_fen": due,
        "known_on": declared_on,
    }


def housing_fund(lot: Lot) -> Columns:
    months = lot.months_back(lot.number)
    people = whole(lot.people_in(months) * (0.4 + 0.6 * lot.of_firm(lot.firms.luck("covered"))))
    base = people * WAGE_FEN
    due = whole(0.12 * base)
    declared_on = last_day(months) + FILED_AFTER
    return {
        "month": first_day(months),
        "headcount": people,
        "base_fen": base,
        "rate_bp": 1_200,
        "due_fen": due,
        "declared_on": declared_on,
        "paid_on": lot.paid(declared_on + 5),
        "paid_fen": due,
        "known_on": declared_on,
    }


def utilities(lot: Lot) -> Columns:
    """Electricity, water and gas of one month after those of another."""
    months = lot.months_back(lot.number // 3)
    usage = whole(lot.sales_in(months) / 5e3 * skewed(lot.luck("usage"), 0.15))
    billed_on = last_day(months) + 3
    kinds = np.array(["electricity", "water", "gas"])
    return {
        "month": first_day(months),
        "kind": kinds[lot.number % 3].tolist(),
        "usage": usage,
        "billed_fen": 80 * usage,
        "billed_on": billed_on,
        "paid_on": lot.paid(billed_on + 20, before=15),
        "known_on": billed_on,
    }


def orders(lot: Lot) -> Columns:
    """Every second row is the newer version of the order before."""
    order, newer = lot.number // 2, lot.number % 2
    signed_on = lot.back(30 + whole(900 * lot.luck_of("order signed", order)))
    amount = 1 + whole(3 * lot.of_firm(lot.firms.sales) * skewed(lot.luck_of("order amount", order), 0.5))
    delivered = whole(amount * lot.luck_of("order delivered", order) * newer)
    cancelled = lot.happens_to("order cancelled", order, share=0.05) & (newer == 1)
    return {
        "order": named("order", order),
        "buyer": named("buyer", whole(8 * lot.luck_of("order buyer", order) ** 2)),
        "buyer_kind": lot.pick("buyer kind", BUYERS),
        "signed_on": signed_on,
        "amount_fen": amount,
        "due_on": signed_on + 60 + whole(300 * lot.luck_of("order due", order)),
        "delivered_fen": delivered,
        "paid_fen": whole(delivered * lot.luck("paid")),
        "cancelled_on": only_if(cancelled, signed_on + 20),
        "known_on": signed_on + newer * (1 + whole(29 * lot.luck("known"))),
    }


def customs(lot: Lot) -> Columns:
    months = lot.months_back(lot.number)
    share = lot.of_firm(lot.firms.luck("foreign share"))
    exports = whole(lot.sales_in(months) * share * lot.happens("ships", 0.8))
    declared_on = last_day(months) + 10
    return {
        "month": first_day(months),
        "exports_fen": exports,
        "imports_fen": whole(0.5 * exports * lot.luck("imports")),
        "largest_market_share_bp": 2_000 + whole(8_000 * lot.luck("market")),
        "markets": 1 + whole(9 * lot.luck("markets")),
        "tax_refund_fen": whole(0.09 * exports * lot.luck("refund")),
        "refund_pending_fen": whole(0.13 * exports * lot.luck("pending")),
        "duty_fen": whole(0.02 * exports * lot.luck("duty")),
        "declared_on": declared_on,
        "known_on": declared_on,
    }
