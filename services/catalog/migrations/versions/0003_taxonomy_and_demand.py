"""Processes and materials; what needs and clusters say since.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

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


def _add_list(table: str, name: str) -> None:
    """Add a list of texts, empty in the rows that are there; without a default afterwards, as all columns here."""
    empty = sa.text("'{}'")
    op.add_column(table, sa.Column(name, sa.ARRAY(sa.String()), nullable=False, server_default=empty))
    op.alter_column(table, name, server_default=None)
