"""The register, courts and lists, rights and certificates."""

import numpy as np
import polars as pl

from simulation.drawn.lot import Columns, Lot, named, only_if, picked, skewed, whole

LEGAL_FORMS = {"limited_company": 80, "sole_proprietorship": 6, "joint_stock": 5, "individual_household": 9}
INDUSTRIES = {"C26": 8, "C35": 10, "E50": 8, "F51": 18, "F52": 12, "H62": 8, "I65": 16, "L72": 10, "M73": 10}
DISTRICTS = {"110108": 25, "110105": 25, "110106": 12, "110112": 10, "110115": 14, "110114": 14}
PREMISES = {"leased": 75, "owned": 12, "provided": 10, "online": 3}
CHANGES = {
    "annual_report": 45, "address": 12, "capital": 10, "shareholder": 12, "legal_rep": 10, "abnormal_in": 5,
    "abnormal_out": 5, "serious_in": 1,
}  # fmt: skip
PARTIES = {"shareholder": 50, "subsidiary": 20, "same_legal_rep": 15, "same_address": 10, "same_phone": 5}
LEGAL_KINDS = {
    "plaintiff": 25, "defendant": 30, "penalty": 10, "enforcement": 9, "consumption_limit": 3, "dishonest_list": 2,
    "terminated_enforcement": 2, "account_freeze": 3, "environment_penalty": 3, "tax_abnormal": 3,
    "tax_arrears_notice": 4, "tax_violation_list": 1, "wage_arrears": 2, "safety_penalty": 3,
}  # fmt: skip
CAUSES = {"sales_contract": 40, "loan": 15, "labour": 20, "lease": 10, "construction": 5, "other": 10}
IP_KINDS = {"software": 35, "utility_model": 25, "invention": 20, "trademark": 15, "design": 5}
QUALIFICATIONS = {"tech_sme": 30, "innovative": 20, "hnte": 20, "srdi": 10, "quality_system": 15, "little_giant": 5}
MOST_VERSIONS = 4


def registry(lot: Lot) -> Columns:
    """Versions from the day it was established, the later ones known at a half, two thirds … of its life."""
    established = lot.firms.established_on[lot.firm]
    life = (np.datetime64(lot.firms.until, "D") - established).astype(np.int64)
    capital = 100_000_000 * whole(1 + 9 * lot.of_firm(lot.firms.luck("capital")) ** 2)
    known_on = established + life * lot.number // (lot.number + 1)
    active = {"active": 96, "suspended": 1, "moved_out": 1, "revoked": 1, "cancelled": 1}
    return {
        "legal_form": picked(lot.of_firm(lot.firms.luck("form")), LEGAL_FORMS),
        "status": picked(lot.luck("status") * (lot.number > 0), active),
        "established_on": established,
        "industry": picked(lot.of_firm(lot.firms.luck("industry")), INDUSTRIES).cast(pl.String),
        "district": picked(lot.of_firm(lot.firms.luck("district")), DISTRICTS).cast(pl.String),
        "registered_capital_fen": capital * (1 + lot.number),
        "paid_in_capital_fen": whole(capital * lot.of_firm(lot.firms.luck("paid in"))),
        "employees": whole(lot.of_firm(lot.firms.headcount)),
        "taxpayer_kind": np.where(lot.firms.small_scale[lot.firm], "small_scale", "general").tolist(),
        "premises_kind": picked(lot.of_firm(lot.firms.luck("premises")), PREMISES),
        "premises_since": established + whole(0.8 * life * lot.luck("moved")) * (lot.number > 0),
        "legal_rep": named("rep", lot.firms.numbers[lot.firm], lot.number // 2),
        "legal_rep_birth_year": 1955 + whole(45 * lot.luck("birth")),
        "legal_rep_firms": 1 + whole(8 * lot.luck("rep firms") ** 4),
        "address_firms": 1 + whole(60 * lot.luck("address firms") ** 6),
        "phone_firms": 1 + whole(6 * lot.luck("phone firms") ** 5),
        "known_on": known_on,
    }


def registry_changes(lot: Lot) -> Columns:
    on = lot.distinct_days(150)
    kind = lot.pick("kind", CHANGES)
    listed = kind.is_in(["abnormal_in", "serious_in"]).to_numpy()
    year = pl.Series(on).dt.year().cast(pl.Int64) - 1
    report = pl.select(pl.when(kind == "annual_report").then(year)).to_series()
    return {
        "kind": kind,
        "on": on,
        "report_year": report,
        "repaired_on": only_if(listed & lot.happens("repaired", 0.4), on + 100),
        "known_on": on + whole(10 * lot.luck("known")),
    }


def related_parties(lot: Lot) -> Columns:
    since = lot.back(100 + whole(3_000 * lot.luck("since")))
    ended = lot.happens("ended", 0.15)
    return {
        "party": named("party", lot.firms.numbers[lot.firm], lot.number),
        "kind": lot.pick("kind", PARTIES),
        "share_bp": whole(10_000 * lot.luck("share")),
        "since": since,
        "until": only_if(ended, since + 1 + whole(800 * lot.luck("until"))),
        "adverse_on": only_if(lot.chance("adverse", 0.02, in_trouble=0.4), since + whole(900 * lot.luck("adverse on"))),
        "known_on": since,
    }


def legal_events(lot: Lot) -> Columns:
    opened_on = lot.back(whole(2_400 * lot.luck("opened")))
    kind_luck = np.minimum(lot.luck("kind") * (0.75 + 0.6 * lot.of_firm(lot.firms.trouble)), 0.999)
    closed = lot.happens("closed", 0.7)
    return {
        "case": named("case", lot.number),
        "kind": picked(kind_luck, LEGAL_KINDS),
        "cause": lot.pick("cause", CAUSES),
        "severity": lot.pick("severity", {"minor": 80, "major": 20}),
        "opened_on": opened_on,
        "closed_on": only_if(closed, opened_on + whole(500 * lot.luck("length"))),
        "repaired_on": only_if(lot.happens("repaired", 0.1), opened_on + 200),
        "amount_fen": whole(20_000_000 * skewed(lot.luck("amount"), 0.8)),
        "known_on": opened_on + whole(20 * lot.luck("known")),
    }


def ip_rights(lot: Lot) -> Columns:
    applied_on = lot.back(60 + whole(2_500 * lot.luck("applied")))
    granted = lot.happens("granted", 0.8)
    bought = lot.happens("bought", 0.2)
    pledged = lot.happens("pledged", 0.1)
    pledged_on = only_if(pledged, applied_on + 500)
    return {
        "right": named("right", lot.number),
        "kind": lot.pick("kind", IP_KINDS),
        "origin": np.where(bought, "bought", "own").tolist(),
        "applied_on": applied_on,
        "granted_on": only_if(granted, applied_on + 180 + whole(300 * lot.luck("examined"))),
        "acquired_on": only_if(bought, applied_on + whole(500 * lot.luck("acquired"))),
        "expires_on": applied_on + 3_650,
        "ceased_on": only_if(lot.happens("ceased", 0.1), applied_on + 700),
        "pledged_on": pledged_on,
        "released_on": only_if(pledged & lot.happens("released", 0.5), pledged_on + 365),
        "citations": whole(30 * lot.luck("cited") ** 5),
        "fee_paid_until": lot.back(whole(730 * lot.luck("fee")) - 365),
        "known_on": applied_on + whole(30 * lot.luck("known")),
    }


def qualifications(lot: Lot) -> Columns:
    valid_from = lot.back(whole(2_000 * lot.luck("from")))
    return {
        "certificate": named("certificate", lot.number),
        "kind": lot.pick("kind", QUALIFICATIONS),
        "valid_from": valid_from,
        "valid_to": valid_from + 1_095,
        "revoked_on": only_if(lot.happens("revoked", 0.04), valid_from + 400),
        "known_on": valid_from,
    }
