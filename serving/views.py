"""Stored decisions as they are shown."""

import json
from collections.abc import Callable
from typing import Any

from serving.store import Decision

Json = dict[str, Any]


def record_of(decision: Decision) -> Json:
    """A decision with its answer, its place in the chain and the outcomes reported since."""
    return {
        "decision_id": decision.decision_id,
        "kind": decision.kind,
        "enterprise_id": decision.enterprise_id,
        "recorded_at": decision.recorded_at,
        "input_digest": decision.input_digest,
        "answer": json.loads(decision.answer),
        "outcomes": [json.loads(outcome) for outcome in decision.outcomes],
        "place": decision.place,
        "previous_hash": decision.previous_hash,
        "hash": decision.hash,
    }


def seen_by_bank(record: Json, bank_id: str, bank_of_product: Callable[[str], str | None]) -> Json:
    """The same record without other banks' products, what was said in comparison with them, and their outcomes."""

    def own(lines: list[Json]) -> list[Json]:
        return [line for line in lines if bank_of_product(line["product_id"]) == bank_id]

    answer = dict(record["answer"])
    if "products" in answer:
        answer["products"] = [{**product, "why_above_next": None} for product in own(answer["products"])]
        answer["not_eligible"] = own(answer["not_eligible"])
    return {**record, "answer": answer, "outcomes": own(record["outcomes"])}
