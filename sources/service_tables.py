"""Tables of the service's store: `serving` makes and writes them, `training` learns from what they hold."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

METADATA = MetaData()

ID = String(40)
DIGEST = String(64)
MOMENT = String(32)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", ID, primary_key=True),
    Column("secret_sha256", DIGEST, nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("bank_id", String(64)),
    Column("created_at", MOMENT, nullable=False),
    Column("revoked_at", MOMENT),
)

INPUTS = Table(
    "inputs",
    METADATA,
    Column("digest", DIGEST, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("compressed", LargeBinary, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""Request bodies as they came, each kept once."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("decision_id", ID, nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("key_id", ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("enterprise_id", String(18), nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("input_digest", DIGEST, ForeignKey("inputs.digest"), nullable=False),
    Column("answer_digest", DIGEST, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("previous_hash", DIGEST, nullable=False),
    Column("hash", DIGEST, nullable=False, unique=True),
    Index("decisions_of_enterprise", "tenant", "enterprise_id", "place"),
)
"""Append-only and hash-chained; `place` counts from 1 without gaps."""

OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("outcome_id", ID, primary_key=True),
    Column("decision_id", ID, ForeignKey("decisions.decision_id"), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("key_id", ID, nullable=False),
    Column("product_id", String(64), nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Index("outcomes_of_decision", "decision_id"),
)
"""Append-only: what became of a decision, as often as it is reported."""

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("idempotency_key", String(255), primary_key=True),
    Column("request_digest", DIGEST, nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
)
"""Which decision or outcome a key of the caller already made."""

SHADOW_SCORES = Table(
    "shadow_scores",
    METADATA,
    Column("decision_id", ID, ForeignKey("decisions.decision_id"), primary_key=True),
    Column("recorded_at", MOMENT, nullable=False),
    Column("model_version", String(16), nullable=False),
    Column("model_digest", String(80), nullable=False),
    Column("fit_version", String(16)),
    Column("fit_digest", String(80)),
    Column("milliseconds", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
)
"""Append-only: what challengers would have answered to a request that the champions answered.

`answer` is JSON: `score`, `unclipped_score`, `probability_of_default`, and for a match `products`, the order they would
have shown, and `shown`, what they say of the products that were shown; each with `product_id`,
`approval_probability`, `fit` and `expected_value_fen`.
"""
