"""Decisions as plain dictionaries, ready for JSON, in the shapes of the HTTP contract.

Texts for people are {"zh", "en"}; where the contract has a plain string (`need`, `needs`, `documents`, `limit_basis`)
both languages stand on one line. What only a model of fit can say is None where none spoke.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from decisions.changes.answer import next_grade_part, verified, what_it_needs
from decisions.changes.case import Case
from decisions.changes.ways import ways_to, ways_up
from decisions.fact_definitions import Value, documents
from decisions.grades import PolicyStop, Standing
from decisions.match.comparison import why_above
from decisions.match.matching import Matched
from decisions.match.model_estimate import ExplainedEstimate, FitReason
from decisions.match.ranking import Ranked
from decisions.match.remarks import remarks
from decisions.money.subsidies import Subsidy
from decisions.need_profile import NeedProfile
from decisions.offered.catalogue import Catalogue, Entry
from decisions.offered.eligibility import Verdict
from decisions.offered.limit_words import basis_text
from decisions.offered.products import Contact, Product, RateBand
from decisions.reasons import Explanation, Reason
from scoring.explained import Scored

Json = dict[str, Any]

MOST_PRODUCT_REASONS = 4

EXPLAINED_PRODUCTS = 5
"""The first so many products are told with the reasons of the model of fit, where one spoke."""


def score_part(scored: Scored, standing: Standing, explanation: Explanation) -> Json:
    """The fields of POST /v1/score that follow from a score: from `score` to `review`."""
    return {
        "score": scored.score,
        "unclipped_score": scored.unclipped_score,
        "grade": standing.grade,
        "probability_of_default": asdict(scored.pd) if scored.pd else None,
        "suggested_limit_fen": standing.suggested_limit_fen,
        "rate": _rate(standing.rate),
        "base_points": explanation.base_points,
        "other_points": explanation.other_points,
        "reasons": [_reason(reason) for reason in explanation.reasons],
        "policy_stops": [_policy_stop(found) for found in standing.policy_stops],
        "review": {"required": bool(standing.review_why), "why": [text.as_dict() for text in standing.review_why]},
    }


def full_part(case: Case, standing: Standing, wish: NeedProfile) -> Json:
    """The fields that `explain: "full"` adds to a score: the limit's basis, the wish, ways to the next grade."""
    suggestion = standing.suggestion
    return {
        "suggestion": {
            "basis": suggestion.basis.as_dict(),
            "needs": [need.both() for need in suggestion.needs],
        },
        "need_profile": wish.as_dict(),
        "ways_to_next_grade": next_grade_part(ways_up(case)),
    }


def match_part(matched: Matched, *, top: int, case: Case | None = None, explained: int = EXPLAINED_PRODUCTS) -> Json:
    """The fields that POST /v1/match adds, with the best `top` products.

    Args:
        matched: what `match` found.
        top: most products told.
        case: looks for verified ways to what is not eligible; None = what the rules say is told unverified.
        explained: of how many of them to tell what moved a model of fit.
    """
    model_reasons = _model_reasons(matched, most=min(top, explained))
    places = range(min(top, len(matched.products)))
    return {
        "products": [_ranked(place, matched, model_reasons.get(place, ())) for place in places],
        "not_eligible": _not_eligible(matched, case),
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


def _model_reasons(matched: Matched, *, most: int) -> Mapping[int, tuple[FitReason, ...]]:
    """By place, why a model of fit gives the first products the chance that it gives them."""
    rows = matched.products[:most]
    if not rows or not isinstance(matched.estimate, ExplainedEstimate):
        return {}
    return dict(enumerate(matched.estimate.reasons([row.candidate for row in rows], rows[0].borrower)))


def _ranked(place: int, matched: Matched, model_reasons: Sequence[FitReason]) -> Json:
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
        "limit_basis": row.candidate.basis.both(),
        "term_months": product.term_months,
        "rate": _rate(product.rate),
        "all_in_rate": {"before": row.all_in.before, "after": row.all_in.after} if row.all_in else None,
        "subsidies": [_subsidy(one) for one in row.subsidies],
        "verdicts": [_verdict(found) for found in row.candidate.verdicts],
        "needs": list(dict.fromkeys(need.both() for need in needs)),
        "documents": _documents(product),
        "decision_days": product.decision_days,
        "contact": _contact(row.candidate.contact),
        "reasons": _product_reasons(row, model_reasons),
        "why_above_next": why_above(row, following).as_dict() if following else None,
    }


def _product_reasons(row: Ranked, model_reasons: Sequence[FitReason]) -> list[Json]:
    """What moved the model of fit, then the first conditions that a known fact meets, then where the wish is not met.

    Only what a model says is a share of something.
    """
    verdicts = row.candidate.verdicts
    met = [found for found in verdicts if found.verdict == "pass" and found.value is not None]
    telling = [found for found in met if not found.is_met_anywhere]
    by_model = [(one.code, one.direction, one.share, one.text) for one in model_reasons]
    by_rule = [(found.rule.upper(), "for", None, found.text) for found in telling[:MOST_PRODUCT_REASONS]]
    short = [(remark.code, "against", None, remark.text) for remark in remarks(row)]
    return [
        {"code": code, "direction": direction, "share": share, "text": text.as_dict()}
        for code, direction, share, text in (*by_model, *by_rule, *short)
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


def _subsidy(one: Subsidy) -> Json:
    return {
        "code": one.code,
        "amount_fen": one.amount_fen,
        "until": one.until.isoformat() if one.until else None,
        "state": one.state,
        "source": one.source,
        "is_counted": one.is_counted,
        "text": one.text.as_dict(),
        "needs": [need.both() for need in one.needs],
    }


def _contact(contact: Contact | None) -> Json | None:
    return {"district": contact.district, "text": contact.text.as_dict()} if contact else None


def _documents(product: Product) -> list[str]:
    return [documents()[code].both() for code in product.documents]


def _verdict(found: Verdict) -> Json:
    row = {"rule": found.rule, "verdict": found.verdict, "value": _plain(found.value), "threshold": found.threshold}
    return row | ({"need": found.need.both()} if found.need else {})


def _plain(value: Value | None) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _not_eligible(matched: Matched, case: Case | None) -> list[Json]:
    """Each product that is ruled out; a verdict that several products share is written once."""
    shared = {id(found): found for row in matched.not_eligible for found in row.failed}
    lines = {key: (_failed(found), what_it_needs(found)) for key, found in shared.items()}
    told = []
    for row in matched.not_eligible:
        both = [lines[id(found)] for found in row.failed]
        needs = [need for _, need in both]
        told.append(
            {
                "product_id": row.entry.product.id,
                "failed": [failed for failed, _ in both],
                "what_would_change_it": verified(needs, ways_to(case, row.entry)) if case else needs,
            }
        )
    return told


def _failed(found: Verdict) -> Json:
    return {
        "rule": found.rule,
        "value": _plain(found.value),
        "threshold": found.threshold,
        "text": found.text.as_dict(),
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
