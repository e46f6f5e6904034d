"""Alembic's environment of the matching service."""

from services.matching.tables import metadata
from shared.db.alembic_env import run

run(metadata)
