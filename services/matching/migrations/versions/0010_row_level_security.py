"""Row-level security on what belongs to an enterprise.

Revision ID: 0010
Revises: 0009
"""

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
