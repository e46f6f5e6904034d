"""The feed at speed.

Revision ID: 0008
Revises: 0007
"""

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
