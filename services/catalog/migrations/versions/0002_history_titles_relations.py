"""The history of every change; titles, relations, preferences; what certificates say of sites.

Revision ID: 0002
Revises: 0001
"""

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing yet."""
