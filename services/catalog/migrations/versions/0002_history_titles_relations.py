"""The history of every change; titles, relations, preferences; what certificates say of sites.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.migrations.tracking import create_history_function, let_only_read, track

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

#: The tables that there are, by the kind that their history goes by.
TRACKED = {
    "enterprises": "enterprise",
    "certificates": "certificate",
    "titles": "title",
    "relations": "relation",
    "preferences": "preference",
    "clusters": "cluster",
    "products": "product",
    "bom_lines": None,
    "needs": "need",
    "purchases": "purchase",
    "capabilities": "capability",
}


def upgrade() -> None:
    """Add what enterprises may say of themselves and of each other, then keep the history of all."""
    _extend_certificates()
    _create_titles()
    _create_relations()
    _create_preferences()
    _create_history()
    for table, kind in TRACKED.items():
        track(table, kind)


def _needed(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _now(name: str) -> sa.Column[Any]:
    return _needed(name, sa.DateTime(timezone=True), server_default=sa.text("now()"))


def _enterprise(name: str) -> sa.Column[Any]:
    return _needed(name, sa.Uuid(), sa.ForeignKey("enterprises.id"))


def _record(name: str, *columns: Any) -> None:
    """Create an entity's table: the columns that every entity has, then its own."""
    common = [_needed("id", sa.Uuid(), primary_key=True), _needed("version", sa.Integer())]
    op.create_table(name, *common, _now("created_at"), _now("updated_at"), *columns)


def _extend_certificates() -> None:
    """Add the sites, none in the rows that are there, and the day of suspension."""
    everywhere = sa.text("'{}'")
    op.add_column("certificates", _needed("sites", sa.ARRAY(sa.String()), server_default=everywhere))
    op.alter_column("certificates", "sites", server_default=None)
    op.add_column("certificates", sa.Column("suspended_on", sa.Date()))


def _create_titles() -> None:
    _record(
        "titles",
        _enterprise("enterprise_id"),
        _needed("title", sa.String()),
        _needed("level", sa.String()),
        sa.Column("number", sa.String()),
        sa.Column("issued", sa.Date()),
        sa.Column("expires", sa.Date()),
        sa.UniqueConstraint("enterprise_id", "title", "level"),
    )


def _create_relations() -> None:
    _record(
        "relations",
        _enterprise("owner_id"),
        _enterprise("owned_id"),
        sa.Column("share", sa.Numeric(5, 4)),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.UniqueConstraint("owner_id", "owned_id"),
        sa.CheckConstraint("owner_id <> owned_id", name="of_two"),
        sa.CheckConstraint("share >= 0 AND share <= 1", name="share_is_a_share"),
    )
    op.create_index("ix_relations_owned_id", "relations", ["owned_id"])


def _create_preferences() -> None:
    _record(
        "preferences",
        _enterprise("leader_id"),
        _enterprise("supplier_id"),
        _needed("part_code", sa.String()),
        _needed("stance", sa.String()),
        _needed("reason", sa.String()),
        sa.Column("valid_until", sa.Date()),
        sa.UniqueConstraint("leader_id", "supplier_id", "part_code"),
        sa.CheckConstraint("leader_id <> supplier_id", name="of_two"),
    )
    op.create_index("ix_preferences_supplier_id", "preferences", ["supplier_id"])


def _create_history() -> None:
    op.create_table(
        "history",
        _needed("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        _needed("kind", sa.String()),
        _needed("entity_id", sa.Uuid()),
        _needed("version", sa.Integer()),
        _needed("op", sa.String()),
        sa.Column("before", JSONB()),
        _needed("actor", sa.String()),
        _needed("reason", sa.String()),
        sa.Column("import_id", sa.Uuid()),
        _now("at"),
    )
    op.create_index("ix_history_entity_id", "history", ["entity_id", "id"])
    of_an_import = sa.text("import_id IS NOT NULL")
    op.create_index("ix_history_import_id", "history", ["import_id", "id"], postgresql_where=of_an_import)
    let_only_read("history")
    create_history_function()
