"""Alembic's environment of the catalog."""

from services.catalog.tables import metadata
from shared.db.alembic_env import run

run(metadata)
