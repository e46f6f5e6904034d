"""What the feed keeps of its followers.

Revision ID: 0005
Revises: 0004
"""

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
