"""Imports: steps as jobs; what a preview found ready to be written is kept in words.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the step that a worker is asked for, the parcels of a preview, and what it was judged on."""
    op.add_column("imports", sa.Column("job", JSONB()))
    waiting = sa.text("job ->> 'state' = 'waiting'")
    op.create_index("ix_imports_waiting", "imports", ["changed_at"], postgresql_where=waiting)
    op.add_column("imports", sa.Column("basis", JSONB()))
    op.create_table(
        "import_parcels",
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("columns", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        prefixes=["UNLOGGED"],
    )
    # read once and whole: packing it would cost more than it saves
    op.execute("ALTER TABLE import_parcels ALTER content SET STORAGE EXTERNAL")
