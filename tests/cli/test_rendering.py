"""How an answer is printed."""

from io import StringIO

from rich.console import Console

from cli.rendering import show_answer

WORDS = {"zh": "话", "en": "words"}


def subsidy(code, state, words):
    return {"code": code, "state": state, "text": {"zh": words, "en": words}}


def product(rank, *subsidies, limit_fen=33_890_000, before=0.03525, after=0.03525):
    return {
        "rank": rank, "name": WORDS, "bank": {"name": WORDS}, "status": "reference", "limit_fen": limit_fen,
        "all_in_rate": {"before": before, "after": after}, "needs": [], "subsidies": list(subsidies),
        "why_above_next": None, "approval_probability": None, "fit": None, "reasons": [],
    }  # fmt: skip


def printed(*products, **changes):
    answer = {
        "enterprise_id": "Y1", "as_of": "2026-10-31", "rules_on": "2026-11-22", "score": 600, "grade": "C",
        "model": {"name": "creditworthiness", "version": "2"}, "policy_stops": [],
        "review": {"required": False, "why": []}, "probability_of_default": None, "suggested_limit_fen": None,
        "rate": None, "base_points": 600.0, "other_points": 0.0, "unclipped_score": 600.0, "reasons": [],
        "products": list(products), "not_eligible": [], "considered": len(products), "rejects": [], **changes,
    }  # fmt: skip
    out = StringIO()
    show_answer(answer, Console(file=out, width=200))
    return out.getvalue()


def test_amounts_and_rates_are_rounded_as_in_the_sentences_of_the_answer():
    text = printed(product(1))
    assert "limit 额度 33.9万元   all-in 综合成本 3.53%\n" in text  # 338,900 yuan is not 34万元; half up


def test_a_subsidised_rate_stands_beside_the_rate_before():
    assert "all-in 综合成本 3.02% (before subsidies 补贴前 4.02%)" in printed(product(1, before=0.0402, after=0.0302))


def test_a_subsidy_stands_at_its_product_and_an_ended_one_once():
    ended = subsidy("OLD", "ended_successor_unconfirmed", "over")
    text = printed(product(1, subsidy("NEW", "needs_application", "ask for it"), ended), product(2, ended))
    assert text.count("subsidy 补贴: ask for it") == 1
    assert text.count("subsidy ended 补贴已到期: over") == 1


def fitting(rank, *reasons):
    """A product of which a model says 71.3 % and 58 %."""
    return {**product(rank), "approval_probability": 0.713, "fit": 0.58, "reasons": list(reasons)}


def test_what_a_model_of_fit_says_stands_below_its_product():
    text = printed(fitting(1), product(2), fit_model={"name": "product_fit", "version": "7"})
    assert text.count("approval 获批概率 71%   drawn and repaid if approved 获批后用款并还清 58%") == 1
    assert "product_fit version 7" in text


def test_what_moved_the_chance_is_told_of_the_first_product_alone():
    moved = {"code": "PRICE", "direction": "against", "share": 0.214, "text": {"zh": "利率", "en": "rate"}}
    rule = {"code": "TAX_GRADE", "direction": "for", "share": None, "text": {"zh": "级别", "en": "grade"}}
    text = printed(fitting(1, moved, rule), fitting(2, moved))
    assert text.count("against 不利 21%  利率\n       rate") == 1
    assert "grade 等级 C" in text
    assert "级别" not in text


def test_why_a_person_must_look_is_printed():
    why = {"zh": "用途被禁止", "en": "a forbidden purpose"}
    text = printed(review={"required": True, "why": [why]})
    assert "REVIEW 须人工复核: 用途被禁止  a forbidden purpose" in text
