"""New kinds and fields of the feed; changes set aside.

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What the catalog never told of is empty until it tells of it: the mirror is then built anew, from the feed."""
    op.add_column("feed_cursor", _column("last_applied_at", MOMENT, nullable=True))
    op.add_column("feed_cursor", sa.Column("fields", sa.Integer(), nullable=False, server_default="0"))
    _create_set_aside()
    _create_titles()
    _create_relations()
    _create_preferences()
    _grow()


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _create_mirror_table(name: str, *columns: sa.Column[Any], indexed: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _column("version", sa.Integer()),
        _column("epoch", sa.Text()),
        *columns,
    )
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _create_set_aside() -> None:
    op.create_table(
        "change_set_aside",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _column("key", sa.Text()),
        _column("what", sa.Text()),
        _column("reason", sa.Text()),
        _column("kind", sa.Text(), nullable=True),
        _column("entity_id", sa.Uuid(), nullable=True),
        _column("version", sa.BigInteger(), nullable=True),
        _column("event", sa.JSON()),
        _column("times", sa.Integer()),
        _column("first_at", MOMENT),
        _column("last_at", MOMENT),
        sa.UniqueConstraint("key", name="uq_change_set_aside_key"),
    )
    op.create_index("ix_change_set_aside_entity_id", "change_set_aside", ["entity_id"])


def _create_titles() -> None:
    _create_mirror_table(
        "mirror_title",
        _column("enterprise_id", sa.Uuid()),
        _column("title", sa.Text()),
        _column("level", sa.Text()),
        _column("number", sa.Text(), nullable=True),
        _column("issued", sa.Date(), nullable=True),
        _column("expires", sa.Date(), nullable=True),
        indexed=("enterprise_id",),
    )


def _create_relations() -> None:
    _create_mirror_table(
        "mirror_relation",
        _column("owner_id", sa.Uuid()),
        _column("owned_id", sa.Uuid()),
        _column("share", sa.Numeric(), nullable=True),
        _column("valid_from", sa.Date(), nullable=True),
        _column("valid_until", sa.Date(), nullable=True),
        indexed=("owner_id", "owned_id"),
    )


def _create_preferences() -> None:
    _create_mirror_table(
        "mirror_preference",
        _column("leader_id", sa.Uuid()),
        _column("supplier_id", sa.Uuid()),
        _column("part_code", sa.Text(), nullable=True),
        _column("stance", sa.Text()),
        _column("reason", sa.Text()),
        _column("valid_until", sa.Date(), nullable=True),
        indexed=("leader_id", "supplier_id"),
    )


def _grow() -> None:
    """The fields that the kinds of before have got since."""
    op.add_column("mirror_cluster", _column("next_review", sa.Date(), nullable=True))
    op.add_column("mirror_certificate", _codes("sites"))
    op.add_column("mirror_certificate", _column("suspended_on", sa.Date(), nullable=True))
    op.add_column("mirror_need", _column("dual_source_cap", sa.Numeric(), nullable=True))
    op.add_column("mirror_need", _column("needed_from", sa.Date(), nullable=True))
    for table in ("mirror_need", "mirror_capability"):
        op.add_column(table, _codes("processes"))
        op.add_column(table, _codes("materials"))


def _codes(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
