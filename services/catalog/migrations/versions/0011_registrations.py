"""Registrations: applications of enterprises, their documents, claims and merges.

Revision ID: 0011
Revises: 0010
"""

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
