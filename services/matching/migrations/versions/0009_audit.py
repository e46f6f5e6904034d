"""The audit: who did what, append-only and chained by hashes.

Revision ID: 0009
Revises: 0008
"""

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
