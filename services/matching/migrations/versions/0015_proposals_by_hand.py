"""Suggestions that people propose; which clusters a run concerns.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Who proposed a suggestion by hand; the matcher proposes a pair once in a run, people may do so again.

    Of runs that were frozen before nobody wrote the clusters down: they concern all.
    """
    op.add_column("run_snapshot", sa.Column("cluster_ids", sa.ARRAY(sa.Uuid())))
    op.add_column("suggestion", sa.Column("proposed_by", sa.Text()))
    op.drop_constraint("uq_suggestion_run_pair", "suggestion", type_="unique")
    op.create_index(
        "uq_suggestion_run_pair",
        "suggestion",
        ["run_id", "line_key", "capability_key"],
        unique=True,
        postgresql_where=sa.text("proposed_by IS NULL"),
    )
