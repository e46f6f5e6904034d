"""Accounts, sessions and clients.

Revision ID: 0006
Revises: 0005
"""

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
