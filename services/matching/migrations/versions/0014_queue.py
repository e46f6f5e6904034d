"""The order of the review queue.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """The best first, of one state and of all: read in order, where all of a state was read and sorted before."""
    op.create_index("ix_suggestion_state_merit_id", "suggestion", ["state", "merit", "id"])
    op.create_index("ix_suggestion_merit_id", "suggestion", ["merit", "id"])
