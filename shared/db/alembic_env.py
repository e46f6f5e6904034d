"""The migration environment of both services; each services/*/migrations/env.py calls `run` with its metadata."""

from typing import Any

from alembic import context
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.pool import NullPool

from shared.db.database import driver_url

#: Tables in our databases that a library owns: they have migrations of their own.
FOREIGN_TABLES = ("procrastinate_",)

#: Any constant will do: two processes that migrate at once take turns.
MIGRATION_LOCK = 7_420_231_111


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """False for what is in the database and is not ours, so that no comparison proposes to drop it."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", name)
    return not (reflected and compare_to is None and str(table).startswith(FOREIGN_TABLES))


def run(metadata: MetaData) -> None:
    """Run the migrations that alembic asks for, in one transaction, one process at a time."""
    engine = create_engine(driver_url(context.config.attributes["url"]), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(
            connection=connection, target_metadata=metadata, compare_type=True, include_object=include_object
        )
        with context.begin_transaction():
            context.run_migrations()
