"""Imports from upload to undo: saved mappings, previews, progress.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON, JSONB

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add what an import is at, what its rows would change, who decided on a row, and the mappings that are kept."""
    _extend_imports()
    _extend_rows()
    op.create_table(
        "import_files",
        _needed("import_id", sa.Uuid(), sa.ForeignKey("imports.id"), primary_key=True),
        _needed("content", sa.LargeBinary()),
    )
    # what was packed once is not to be packed again
    op.execute("ALTER TABLE import_files ALTER content SET STORAGE EXTERNAL")
    op.create_table(
        "import_mappings",
        _needed("id", sa.Uuid(), primary_key=True),
        _needed("version", sa.Integer()),
        _needed("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        _needed("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        _needed("source", sa.String()),
        sa.Column("enterprise_id", sa.Uuid(), sa.ForeignKey("enterprises.id")),
        _needed("mapping", JSONB()),
        _needed("actor", sa.String()),
        sa.UniqueConstraint("source", "enterprise_id", postgresql_nulls_not_distinct=True),
    )


def _needed(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _extend_imports() -> None:
    op.add_column("imports", sa.Column("state", sa.String()))
    op.execute("UPDATE imports SET state = CASE WHEN applied THEN 'applied' ELSE 'previewed' END")
    op.alter_column("imports", "state", nullable=False)
    op.add_column("imports", _needed("version", sa.Integer(), server_default="1"))
    op.alter_column("imports", "version", server_default=None)
    op.add_column("imports", sa.Column("kind", sa.String()))
    op.add_column("imports", sa.Column("mapping", JSONB()))
    op.add_column("imports", sa.Column("progress", JSONB()))
    op.add_column("imports", _needed("cancelling", sa.Boolean(), server_default="false"))
    op.alter_column("imports", "cancelling", server_default=None)
    op.add_column("imports", _needed("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()")))


def _extend_rows() -> None:
    # they are read whole and never searched: to keep them as they were sent takes half as long
    for name in ("raw", "cleaned", "problems"):
        op.alter_column("import_rows", name, type_=JSON(), postgresql_using=f"{name}::json")
    op.drop_constraint("fk_import_rows_import_id_imports", "import_rows")
    op.add_column("import_rows", sa.Column("changes", JSON()))
    op.add_column("import_rows", sa.Column("decided_by", sa.String()))
    op.add_column("import_rows", sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.add_column("import_rows", sa.Column("reason", sa.String()))
    waiting = sa.text("outcome = 'to_be_looked_at'")
    op.create_index("ix_import_rows_waiting", "import_rows", ["id"], postgresql_where=waiting)
