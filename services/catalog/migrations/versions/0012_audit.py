"""The audit: who did what, append-only and chained by hashes.

Revision ID: 0012
Revises: 0011
"""

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
