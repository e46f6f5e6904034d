"""Processes and materials; what needs and clusters say since; members of clusters as rows of their own.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from services.catalog.migrations.tracking import track

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add what needs, capabilities and clusters may say; rows that are there say nothing of it yet."""
    for table in ("needs", "capabilities"):
        for name in ("processes", "materials"):
            _add_list(table, name)
    op.add_column("needs", sa.Column("dual_source_cap", sa.Numeric(5, 4)))
    op.create_check_constraint("cap_is_a_share", "needs", "dual_source_cap > 0 AND dual_source_cap <= 1")
    op.add_column("needs", sa.Column("needed_from", sa.Date()))
    op.add_column("clusters", sa.Column("next_review", sa.Date()))
    _make_members_rows()


def _add_list(table: str, name: str) -> None:
    """Add a list of texts, empty in the rows that are there; without a default afterwards, as all columns here."""
    empty = sa.text("'{}'")
    op.add_column(table, sa.Column(name, sa.ARRAY(sa.String()), nullable=False, server_default=empty))
    op.alter_column(table, name, server_default=None)


def _make_members_rows() -> None:
    """Give the members of clusters an id, a version and a history, as everything has that people write."""
    members = "cluster_members"
    new_id = sa.text("gen_random_uuid()")
    op.add_column(members, sa.Column("id", sa.Uuid(), nullable=False, server_default=new_id))
    op.add_column(members, sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")))
    for name in ("id", "version"):
        op.alter_column(members, name, server_default=None)
    for name in ("created_at", "updated_at"):
        now = sa.text("now()")
        op.add_column(members, sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=now))
    op.drop_constraint("pk_cluster_members", members, type_="primary")
    op.create_primary_key("pk_cluster_members", members, ["id"])
    op.create_unique_constraint("uq_cluster_members_cluster_id_enterprise_id", members, ["cluster_id", "enterprise_id"])
    track(members)
