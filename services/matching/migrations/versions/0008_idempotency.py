"""Answers kept for repeated requests.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """One row for each key of each actor, for a day; runs need no keys of their own any more."""
    op.create_table(
        "kept_answer",
        sa.Column("actor", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    # what is packed already is not to be packed again
    op.execute("ALTER TABLE kept_answer ALTER body SET STORAGE EXTERNAL")
    op.create_index("ix_kept_answer_kept_at", "kept_answer", ["kept_at"])
    op.drop_constraint("uq_match_run_idempotency", "match_run")
    op.drop_column("match_run", "idempotency_key")
