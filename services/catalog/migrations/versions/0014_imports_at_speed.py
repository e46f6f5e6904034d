"""A place in the chain: imports at speed needed nothing of the tables.

Revision ID: 0014
Revises: 0013
"""

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing."""
