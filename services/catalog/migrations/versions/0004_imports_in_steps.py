"""Imports from upload to undo: saved mappings, previews, progress.

Revision ID: 0004
Revises: 0003
"""

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
