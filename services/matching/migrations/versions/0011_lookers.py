"""Who looks at which suggestion.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from shared.db.row_policies import ROLE, protect

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """One row for each reviewer: not worth a log, it is written anew three times a minute."""
    op.create_table(
        "suggestion_looker",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        prefixes=["UNLOGGED"],
    )
    organisations = f"{ROLE} = 'cluster_organisation'"
    protect("suggestion_looker", organisations, organisations)
