"""Rows of imports in packs; what is kept for the next step alone is not compressed.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.row_policies import FIRM, protect

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

_SENT_IN = f"import_id IN (SELECT id FROM imports WHERE enterprise_id = {FIRM})"
#: To compress them takes longer than to write them: PostgreSQL's own way sees few hundred MB a second.
_PLAIN = (("import_packs", "content"), ("import_files", "content"), ("import_parcels", "content"))


def upgrade() -> None:
    """Rows that are there stay as they are, each by itself: both are read."""
    op.create_table(
        "import_packs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Uuid(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outcomes", JSONB(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_packs"),
    )
    op.create_index("ix_import_packs_import_id", "import_packs", ["import_id", "id"])
    protect("import_packs", _SENT_IN, _SENT_IN)
    for table, column in _PLAIN:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
