"""Run by Alembic: migrates over the connection that `serving.database` hands over, inside its transaction."""

from alembic import context

from sources.service_tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite can roll schema changes back when the driver does not interfere; a half-made schema would stop every start.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
