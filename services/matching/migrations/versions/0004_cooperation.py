"""The whole way of a suggestion: reservations, contracts, invoices, the funnel.

Revision ID: 0004
Revises: 0003
"""

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
