"""What challengers would have answered; it can only be added.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NAME = "shadow_scores"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("decision_id", sa.String(40), sa.ForeignKey("decisions.decision_id"), primary_key=True),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("model_version", sa.String(16), nullable=False),
        sa.Column("model_digest", sa.String(80), nullable=False),
        sa.Column("fit_version", sa.String(16)),
        sa.Column("fit_digest", sa.String(80)),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
    )
    _guard()


def _guard() -> None:
    """The database itself refuses to change or remove a row, whoever is connected."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {NAME}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{NAME} are append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {NAME}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {NAME} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {NAME}_append_only()"
        )
        return
    # INSERT OR REPLACE removes a row without firing the trigger on DELETE.
    replaces = f"WHEN EXISTS (SELECT 1 FROM {NAME} WHERE decision_id = NEW.decision_id)"  # noqa: S608 - our own name
    for change, condition in (("UPDATE", ""), ("DELETE", ""), ("INSERT", replaces)):
        op.execute(
            f"CREATE TRIGGER {NAME}_append_only_{change.lower()} BEFORE {change} ON {NAME} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{NAME} are append-only'); END"
        )
