"""The steps of an enterprise's status are told by its history alone.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """The history has kept every change of every enterprise since it began, with actor, reason and time."""
    op.drop_table("enterprise_status_changes")
