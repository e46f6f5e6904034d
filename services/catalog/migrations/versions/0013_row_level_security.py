"""Row-level security on what belongs to an enterprise.

Revision ID: 0013
Revises: 0012
"""

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
