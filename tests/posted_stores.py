"""Stores of the service with decisions and outcomes in them, written as the service writes them."""

import datetime as dt
import json

from serving.database import Database
from serving.keys import Caller
from serving.store import Draft, Said, Store
from sources.codes import placeholder_code

AS_OF = dt.date(2026, 10, 1)
CALLER = Caller("k-1", "haidian", "platform", None)
ROWS = {
    "registry": {
        "legal_form": "limited_company",
        "status": "active",
        "established_on": "2015-03-02",
        "industry": "C3525",
        "district": "110108",
        "employees": 25,
        "known_on": "2025-01-10",
    },
    "loans": {
        "loan": "l-1",
        "lender": "ccb",
        "lender_kind": "bank",
        "kind": "working_capital",
        "granted_on": "2026-01-05",
        "amount_fen": 50_000_000,
        "matures_on": "2027-01-05",
        "balance_fen": 50_000_000,
        "known_on": "2026-01-20",
    },
}


def code(place):
    """The code of an invented enterprise."""
    return placeholder_code("XP", place, registrar_area="110108")


def rows_of(tables):
    """One row a table, as a request carries it."""
    return {name: [dict(ROWS[name])] for name in tables}


class Poster:
    """A store below a folder, and what comes to it."""

    def __init__(self, root):
        self.url = f"sqlite:///{root}/store.db"
        self._database = Database(self.url)
        self._database.migrate()
        self._store = Store(self._database)

    def close(self):
        self._database.close()

    def decide(self, enterprise, *, rows=None, as_of=AS_OF, amount_fen=None, products=("ccb-yunshuidai",), **said):
        """The id of a match about an enterprise; `approval` and `fit` (digest) say what its model of fit said."""
        request = {
            "enterprise_id": enterprise,
            "as_of": str(as_of),
            "records": rows or rows_of(("registry",)),
            "request": {"amount_fen": amount_fen} if amount_fen else None,
        }
        approval = said.get("approval", (0.5,) * len(products))
        answer = {
            "enterprise_id": enterprise,
            "as_of": str(as_of),
            "unclipped_score": 640.5,
            "grade": "B",
            "probability_of_default": {"value": said.get("pd", 0.02)},
            "policy_version": "2026-11-01",
            "catalogue_version": "2026-11-01",
            "considered": len(products),
            "not_eligible": [],
            "model": {"name": "creditworthiness", "version": "7", "digest": said.get("model", "sha256:seven")},
            "products": [
                {
                    "rank": place,
                    "product_id": product,
                    "bank": {"id": product.split("-")[0]},
                    "approval_probability": chance,
                    "fit": 0.8,
                    "expected_value_fen": 1000,
                }
                for place, (product, chance) in enumerate(zip(products, approval, strict=True), 1)
            ],
            "fit_model": {"name": "product_fit", "version": "3", "digest": said.get("fit", "sha256:three")},
        }
        draft = Draft("match", enterprise, json.dumps(request).encode(), answer)
        return json.loads(self._store.record_decision(CALLER, draft))["decision_id"]

    def report(self, decision_id, product_id, *, decision, on, **told):
        """An outcome."""
        nothing = dict.fromkeys(("refusal_codes", "limit_fen", "rate", "drawn_fen", "days_past_due"))
        ids = {"decision_id": decision_id, "product_id": product_id, "decision": decision, "on": on}
        self._store.record_outcome(CALLER, {**nothing, **ids, **told})

    def shadow(self, decision_id, *, approval, digest="sha256:four", pd=0.03, model="sha256:seven", milliseconds=20):
        """What a challenger said: approval by product, in the order that it would have shown."""
        lines = [
            {"product_id": product, "approval_probability": chance, "fit": 0.8, "expected_value_fen": 1000}
            for product, chance in approval.items()
        ]
        said = {"score": 640, "unclipped_score": 640.5, "probability_of_default": {"value": pd}}
        answer = {**said, "products": lines, "shown": sorted(lines, key=lambda line: line["product_id"])}
        self._store.record_shadow(Said(decision_id, ("7", model), ("4", digest), milliseconds, answer))
