"""New kinds and fields of the feed; changes set aside.

Revision ID: 0003
Revises: 0002
"""

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
