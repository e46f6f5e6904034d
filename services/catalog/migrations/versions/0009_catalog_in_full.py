"""What the catalog still lacked.

Revision ID: 0009
Revises: 0008
"""

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
