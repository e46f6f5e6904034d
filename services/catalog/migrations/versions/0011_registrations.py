"""Registrations: applications of enterprises, their documents and steps; aliases that merges keep.

Revision ID: 0011
Revises: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

_HELD = "NOT is_claim AND state IN ('submitted', 'in_review', 'returned')"


def upgrade() -> None:
    """Create the tables of registrations, and that of aliases."""
    _registrations()
    op.create_table(
        "registration_documents",
        *_part_of_a_registration(),
        _needed("kind", sa.String()),
        _needed("filename", sa.String()),
        _needed("media_type", sa.String()),
        _needed("size", sa.Integer()),
        _needed("sha256", sa.String(), index=True),
        _now("uploaded_at"),
    )
    op.create_table(
        "registration_steps",
        *_part_of_a_registration(),
        *(_needed(name, sa.String()) for name in ("verb", "before", "after", "actor", "reason")),
        _needed("fields", JSONB()),
        _now("at"),
    )
    op.create_table(
        "spent_proofs",
        sa.Column("digest", sa.String(), primary_key=True),
        _needed("expires_at", sa.DateTime(timezone=True), index=True),
    )
    _aliases()


def _needed(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), **options)


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _now(name: str) -> sa.Column[Any]:
    return _needed(name, sa.DateTime(timezone=True), server_default=sa.text("now()"))


def _enterprise(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("enterprises.id"), **options)


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _needed("version", sa.Integer()),
        _now("created_at"),
        _now("updated_at"),
        _needed("follow_digest", sa.String(), unique=True),
        _needed("state", sa.String(), index=True),
        _needed("is_claim", sa.Boolean()),
        _enterprise("claimed_id", index=True),
        _enterprise("enterprise_id", index=True),
        _text("brought_by"),
        _text("credit_code", index=True),
        *(_text(name) for name in ("name", "short_name")),
        _needed("former_names", sa.ARRAY(sa.String())),
        *(_text(name) for name in ("region", "class_code")),
        _needed("makes", sa.String()),
        sa.Column("staff", sa.Integer()),
        sa.Column("revenue_wan", sa.Numeric(18, 2)),
        *(_text(name) for name in ("contact_name", "contact_phone")),
        _text("contact_email", index=True),
        _needed("email_verified", sa.Boolean()),
        _text("email_digest"),
        _time("email_expires_at"),
        *(_needed(name, JSONB()) for name in ("capabilities", "certificates", "returned")),
        _needed("reason", sa.String()),
        _time("submitted_at"),
        _time("decided_at"),
        _needed("expires_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("is_claim OR claimed_id IS NULL", name="only_claims_claim"),
    )
    op.create_index(
        "uq_registrations_credit_code_held",
        "registrations",
        ["credit_code"],
        unique=True,
        postgresql_where=sa.text(_HELD),
    )


def _part_of_a_registration() -> tuple[sa.Column[Any], sa.Column[Any]]:
    whole = sa.ForeignKey("registrations.id", ondelete="CASCADE")
    return sa.Column("id", sa.Uuid(), primary_key=True), _needed("registration_id", sa.Uuid(), whole, index=True)


def _aliases() -> None:
    op.create_table(
        "enterprise_aliases",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _needed("enterprise_id", sa.Uuid(), sa.ForeignKey("enterprises.id", ondelete="CASCADE")),
        _needed("name", sa.String()),
        _text("credit_code"),
        _text("source_key"),
        _enterprise("merged_id", unique=True),
        _needed("recorded_by", sa.String()),
        _needed("reason", sa.String()),
        _now("recorded_at"),
        sa.UniqueConstraint("enterprise_id", "name", "merged_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("merged_id <> enterprise_id", name="of_two"),
    )
