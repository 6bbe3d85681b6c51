"""The credit report: loans in versions, their instalments, guarantees, enquiries, real estate."""

import numpy as np
import polars as pl

from simulation.drawn.lot import Columns, Days, Lot, Whole, named, only_if, picked, skewed, whole

LOANS_WITH_INSTALMENTS = 3
LENDERS = {"bank": 75, "microloan": 8, "leasing": 7, "factoring": 3, "consumer_finance": 3, "other": 4}
LOAN_KINDS = {
    "working_capital": 70, "fixed_asset": 8, "trade_finance": 6, "discount": 4, "acceptance": 6, "leasing": 6,
}  # fmt: skip
MODES = {"credit": 35, "mortgage": 25, "guarantee": 25, "combined": 8, "pledge": 4, "pledge_ip": 3}
CLASSES = {"normal": 92, "special_mention": 4, "substandard": 2, "doubtful": 1, "loss": 1}
REASONS = {"loan_approval": 50, "post_loan": 30, "guarantee_check": 8, "own": 8, "other": 4}
ESTATE = {"residential": 30, "office": 25, "commercial": 20, "industrial": 20, "land": 5}
TERM_DAYS = 365
RESTRUCTURED, WRITTEN_OFF = 0.2, 0.05
"""Shares of the loans in arrears."""


def _granted_on(lot: Lot, loan: Whole) -> Days:
    return lot.back(40 + whole(1_400 * lot.luck_of("loan granted", loan)))


def _loan_amount(lot: Lot, loan: Whole) -> Whole:
    return 1 + whole(2 * lot.of_firm(lot.firms.sales) * skewed(lot.luck_of("loan amount", loan), 0.5))


def loans(lot: Lot) -> Columns:
    """Every second row is the newer version of the loan before."""
    loan, newer = lot.number // 2, lot.number % 2
    granted_on, amount = _granted_on(lot, loan), _loan_amount(lot, loan)
    matures_on = granted_on + TERM_DAYS * (1 + whole(3 * lot.luck_of("loan term", loan)))
    over = (matures_on < lot.back(np.zeros_like(loan))) & lot.happens_to("loan closed", loan, share=0.9)
    quality = 1 - lot.luck_of("loan class", loan) * (1 - 0.5 * lot.of_firm(lot.firms.trouble))
    five_class = picked(np.where(newer == 1, np.clip(1.05 - quality, 0, 0.999), 0.0), CLASSES)
    overdue = (five_class != "normal").to_numpy()
    end = lot.luck_of("loan end", loan)
    return {
        "loan": named("loan", loan),
        "lender": named("lender", whole(12 * lot.luck_of("loan lender", loan))),
        "lender_kind": picked(lot.luck_of("loan lender kind", loan), LENDERS),
        "kind": picked(lot.luck_of("loan kind", loan), LOAN_KINDS),
        "guarantee_mode": picked(lot.luck_of("loan mode", loan), MODES),
        "granted_on": granted_on,
        "amount_fen": amount,
        "rate_bp": 300 + whole(900 * lot.luck_of("loan rate", loan) ** 2),
        "matures_on": matures_on,
        "balance_fen": np.where(over & (newer == 1), 0, whole(amount * (1 - 0.6 * lot.luck("repaid") * newer))),
        "five_class": five_class,
        "days_past_due": np.where(overdue, whole(200 * lot.luck("past due")), 0),
        "closed_on": only_if(over, matures_on - whole(20 * lot.luck_of("loan closed on", loan))),
        "restructured_on": only_if(overdue & (end < RESTRUCTURED), granted_on + 300),
        "written_off_on": only_if(overdue & (end > 1 - WRITTEN_OFF), granted_on + 600),
        "renewal_of": pl.select(
            pl.when(pl.Series((loan > 0) & lot.happens_to("loan renewal", loan, share=0.2))).then(
                named("loan", loan - 1)
            )
        ).to_series(),
        "known_on": granted_on + newer * (1 + whole(38 * lot.luck("reported"))),
    }


def repayments(lot: Lot) -> Columns:
    loan, instalment = lot.number % LOANS_WITH_INSTALMENTS, lot.number // LOANS_WITH_INSTALMENTS + 1
    due_on = _granted_on(lot, loan) + 30 * instalment
    due = whole(_loan_amount(lot, loan) / 12) + 1
    return {
        "loan": named("loan", loan),
        "instalment": instalment,
        "due_on": due_on,
        "due_fen": due,
        "paid_on": lot.paid(due_on),
        "paid_fen": due,
        "known_on": np.minimum(due_on, lot.back(np.zeros_like(loan))),
    }


def credit_reports(lot: Lot) -> Columns:
    reported_on = lot.distinct_days(180)
    ever = 1 + whole(8 * lot.luck("institutions"))
    balance = whole(4 * lot.of_firm(lot.firms.sales) * lot.luck("balance"))
    bad = lot.chance("bad", 0.03, in_trouble=0.6)
    limit = whole(5 * lot.of_firm(lot.firms.sales) * (0.2 + lot.luck("limit")))
    return {
        "report": named("report", lot.number),
        "reported_on": reported_on,
        "first_credit_year": lot.firms.until.year - 1 - whole(15 * lot.of_firm(lot.firms.luck("first credit"))),
        "first_liability_year": lot.firms.until.year - whole(5 * lot.luck("first liability")),
        "institutions_ever": ever,
        "institutions_open": whole(ever * lot.luck("open")),
        "loan_balance_fen": balance,
        "recovered_balance_fen": whole(0.1 * balance * bad * lot.luck("recovered")),
        "special_mention_balance_fen": whole(0.3 * balance * bad * lot.luck("special mention")),
        "bad_balance_fen": whole(0.3 * balance * bad * lot.luck("bad balance")),
        "guarantee_balance_fen": whole(0.5 * balance * lot.luck("guarantees")),
        "guarantee_special_mention_fen": whole(0.05 * balance * bad),
        "guarantee_bad_fen": whole(0.02 * balance * bad),
        "short_term_loans": whole(12 * lot.luck("short")),
        "mid_long_term_loans": whole(4 * lot.luck("long")),
        "fixed_limit_fen": limit,
        "fixed_used_fen": whole(limit * lot.luck("used")),
        "revolving_limit_fen": limit,
        "revolving_used_fen": whole(limit * lot.luck("revolving")),
        "tax_arrears_records": whole(2 * bad * lot.luck("arrears")),
        "judgments": whole(3 * bad * lot.luck("judgments")),
        "enforcements": whole(2 * bad * lot.luck("enforcements")),
        "penalties": whole(2 * lot.luck("penalties") ** 3),
        "known_on": reported_on,
    }


def guarantees(lot: Lot) -> Columns:
    starts_on = lot.back(30 + whole(1_500 * lot.luck("starts")))
    return {
        "guarantee": named("guarantee", lot.number),
        "guaranteed": named("debtor", lot.firms.numbers[lot.firm], lot.number),
        "amount_fen": 1 + whole(2 * lot.of_firm(lot.firms.sales) * skewed(lot.luck("amount"), 0.5)),
        "starts_on": starts_on,
        "ends_on": starts_on + 1_095,
        "released_on": only_if(lot.happens("released", 0.4), starts_on + 700),
        "called_on": only_if(lot.chance("called", 0.01, in_trouble=0.3), starts_on + 400),
        "known_on": starts_on,
    }


def enquiries(lot: Lot) -> Columns:
    on = lot.distinct_days(45)
    return {
        "on": on,
        "lender": named("lender", whole(12 * lot.luck("lender"))),
        "reason": lot.pick("reason", REASONS),
        "known_on": on,
    }


def real_estate(lot: Lot) -> Columns:
    acquired_on = lot.back(400 + whole(3_000 * lot.luck("acquired")))
    mortgaged_on = only_if(lot.happens("mortgaged", 0.5), acquired_on + 200)
    seized_on = only_if(lot.chance("seized", 0.01, in_trouble=0.3), acquired_on + 350)
    return {
        "title": named("title", lot.number),
        "kind": lot.pick("kind", ESTATE),
        "area_m2": 50 + whole(900 * lot.luck("area") ** 2),
        "appraised_fen": whole(300_000_000 * skewed(lot.luck("value"), 0.5)),
        "acquired_on": acquired_on,
        "sold_on": only_if(lot.happens("sold", 0.1), acquired_on + 900),
        "mortgaged_on": mortgaged_on,
        "mortgage_released_on": only_if(lot.happens("mortgage released", 0.4), mortgaged_on + 700),
        "seized_on": seized_on,
        "seizure_lifted_on": only_if(lot.happens("lifted", 0.5), seized_on + 120),
        "known_on": acquired_on,
    }
