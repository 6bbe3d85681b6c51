"""Decisions as plain dictionaries, ready for JSON, in the shapes of the HTTP contract.

Texts for people are {"zh", "en"}; where the contract has a plain string (`need`, `needs`, `documents`, `limit_basis`)
both languages stand on one line. What is not built yet is None or an empty list.
"""

from dataclasses import asdict
from typing import Any

from decisions.catalogue_files import Catalogue, Entry
from decisions.comparison import why_above
from decisions.eligibility import Verdict
from decisions.fact_definitions import Value, documents
from decisions.grades import PolicyStop, Standing
from decisions.limit import basis_text
from decisions.matching import Matched, NotEligible
from decisions.products import Product, RateBand
from decisions.reasons import Explanation, Reason
from scoring.explained import Scored

Json = dict[str, Any]

MOST_PRODUCT_REASONS = 4


def score_part(scored: Scored, standing: Standing, explanation: Explanation) -> Json:
    """The fields of POST /v1/score that follow from a score: from `score` to `review`."""
    return {
        "score": scored.score,
        "unclipped_score": scored.unclipped_score,
        "grade": standing.grade,
        "probability_of_default": asdict(scored.pd) if scored.pd else None,
        "suggested_limit_fen": standing.suggested_limit_fen,
        "rate": None,
        "base_points": explanation.base_points,
        "other_points": explanation.other_points,
        "reasons": [_reason(reason) for reason in explanation.reasons],
        "policy_stops": [_policy_stop(found) for found in standing.policy_stops],
        "review": {"required": bool(standing.review_why), "why": [text.as_dict() for text in standing.review_why]},
    }


def match_part(matched: Matched, *, top: int) -> Json:
    """The fields that POST /v1/match adds, with the best `top` products."""
    return {
        "products": [_ranked(place, matched) for place in range(min(top, len(matched.products)))],
        "not_eligible": [_not_eligible(row) for row in matched.not_eligible],
        "considered": matched.considered,
        "catalogue_version": matched.catalogue_version,
    }


def catalogue_part(catalogue: Catalogue) -> list[Json]:
    """Every product of a catalogue with its terms, conditions, source and notes."""
    return [_listed(entry) for entry in catalogue.entries]


def _reason(reason: Reason) -> Json:
    features = [
        {"name": f.name, "value": f.value, "unit": f.unit, "peer_low": f.peer_low, "peer_high": f.peer_high}
        for f in reason.features
    ]
    return {
        "code": reason.code,
        "direction": reason.direction,
        "points": reason.points,
        "text": reason.text.as_dict(),
        "features": features,
        "as_of": reason.as_of.isoformat(),
        "source": reason.source,
    }


def _policy_stop(found: PolicyStop) -> Json:
    return {
        "code": found.stop.code,
        "text": found.stop.text.as_dict(),
        "since": found.since.isoformat() if found.since else None,
        "how_it_clears": found.stop.how_it_clears.as_dict(),
    }


def _ranked(place: int, matched: Matched) -> Json:
    row = matched.products[place]
    following = matched.products[place + 1] if place + 1 < len(matched.products) else None
    product, limit = row.candidate.entry.product, row.candidate.limit
    needs = [found.need for found in row.candidate.verdicts if found.need] + list(limit.needs)
    return {
        "rank": place + 1,
        **_identity(row.candidate.entry),
        "approval_probability": row.fit.approval_probability,
        "fit": row.fit.fit,
        "expected_value_fen": row.worth.fen,
        "limit_fen": limit.fen,
        "limit_basis": limit.basis.both(),
        "term_months": product.term_months,
        "rate": _rate(product.rate),
        "all_in_rate": {"before": row.all_in.before, "after": row.all_in.after} if row.all_in else None,
        "subsidies": [],
        "verdicts": [_verdict(found) for found in row.candidate.verdicts],
        "needs": list(dict.fromkeys(need.both() for need in needs)),
        "documents": _documents(product),
        "decision_days": product.decision_days,
        "contact": None,
        "reasons": _product_reasons(row.candidate.verdicts),
        "why_above_next": why_above(row, following).as_dict() if following else None,
    }


def _product_reasons(verdicts: tuple[Verdict, ...]) -> list[Json]:
    """The first conditions that a known fact meets; without a model of fit they have no share of anything."""
    met = [found for found in verdicts if found.verdict == "pass" and found.value is not None and not found.is_open]
    return [
        {"code": found.rule.upper(), "direction": "for", "share": None, "text": found.text.as_dict()}
        for found in met[:MOST_PRODUCT_REASONS]
    ]


def _identity(entry: Entry) -> Json:
    return {
        "product_id": entry.product.id,
        "status": entry.product.status,
        "bank": {"id": entry.bank.id, "name": entry.bank.name.as_dict()},
        "name": entry.product.name.as_dict(),
    }


def _rate(rate: RateBand | None) -> Json | None:
    return {"low": rate.low, "high": rate.high} if rate else None


def _documents(product: Product) -> list[str]:
    return [documents()[code].both() for code in product.documents]


def _verdict(found: Verdict) -> Json:
    row = {"rule": found.rule, "verdict": found.verdict, "value": _plain(found.value), "threshold": found.threshold}
    return row | ({"need": found.need.both()} if found.need else {})


def _plain(value: Value | None) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _not_eligible(row: NotEligible) -> Json:
    return {
        "product_id": row.entry.product.id,
        "failed": [
            {
                "rule": found.rule,
                "value": _plain(found.value),
                "threshold": found.threshold,
                "text": found.text.as_dict(),
            }
            for found in row.failed
        ],
        "what_would_change_it": [
            {"rule": found.rule, "needs": found.nearest, "actionable": found.actionable} for found in row.failed
        ],
    }


def _listed(entry: Entry) -> Json:
    product = entry.product
    return {
        **_identity(entry),
        "category": product.category,
        "guarantee_mode": product.guarantee_mode,
        "from": product.from_day.isoformat(),
        "until": product.until.isoformat() if product.until else None,
        "source": product.source,
        "notes": [note.as_dict() for note in product.notes],
        "districts": list(product.districts),
        "cap_fen": product.cap_fen,
        "limit_basis": basis_text(product).both(),
        "rate": _rate(product.rate),
        "term_months": product.term_months,
        "repayment": product.repayment,
        "documents": _documents(product),
        "decision_days": product.decision_days,
        "first_loan_friendly": product.first_loan_friendly,
        "renewal_without_principal": product.renewal_without_principal,
        "foreign_trade": product.foreign_trade,
        "rules": [{"rule": rule.fact, "threshold": rule.threshold} for rule in product.rules],
    }
