"""What leaders let be known of their needs.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from shared.audit.migration import audit
from shared.db.row_policies import FIRM, LEADING, protect

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """A row for each need that a leader says something of, and one for all others; and what it comes to, in place."""
    op.create_table(
        "need_disclosure",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid()),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("leader_id", "need_id", postgresql_nulls_not_distinct=True),
    )
    own = f"{LEADING} AND leader_id = {FIRM}"
    protect("need_disclosure", own, own)
    audit("need_disclosure", "need_disclosure", passed="changed_by,changed_at")
    op.add_column("suggestion", sa.Column("disclosure", sa.Text(), nullable=False, server_default="requirements"))
