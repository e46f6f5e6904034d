"""Accounts, sign-ins and machine clients.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the tables of identity."""
    _accounts()
    _sign_ins()
    _links()
    _machine_clients()
    op.create_table(
        "sign_in_throttles",
        sa.Column("key", sa.String(), primary_key=True),
        _needed("failures", sa.Integer()),
        _time("last_at"),
        _time("blocked_until"),
    )


def _needed(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), **options)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _now(name: str) -> sa.Column[Any]:
    return _needed(name, sa.DateTime(timezone=True), server_default=sa.text("now()"))


def _to(table: str, name: str, *, nullable: bool = False, index: bool = True, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=nullable, index=index, primary_key=key)


def _record(name: str, *columns: Any) -> None:
    """Create an entity's table: the columns that every entity has, then its own."""
    kept = (sa.Column("id", sa.Uuid(), primary_key=True), _needed("version", sa.Integer()))
    op.create_table(name, *kept, _now("created_at"), _now("updated_at"), *columns)


def _accounts() -> None:
    _record(
        "accounts",
        _needed("email", sa.String(), unique=True),
        _needed("name", sa.String()),
        _text("password_hash"),
        _text("totp_secret"),
        _needed("totp_confirmed", sa.Boolean()),
        sa.Column("totp_step", sa.BigInteger()),
        _needed("status", sa.String()),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="status"),
    )
    _record(
        "memberships",
        _to("accounts", "account_id"),
        _needed("kind", sa.String()),
        _to("enterprises", "enterprise_id", nullable=True),
        sa.Column("cluster_id", sa.Uuid()),
        _needed("level", sa.String()),
        sa.UniqueConstraint("account_id", "kind", "enterprise_id", "cluster_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("(kind = 'enterprise') = (enterprise_id IS NOT NULL)", name="of_enterprise"),
        sa.CheckConstraint("(kind = 'cluster_organisation') = (cluster_id IS NOT NULL)", name="of_cluster"),
    )
    op.create_table(
        "recovery_codes",
        _to("accounts", "account_id", index=False, key=True),
        sa.Column("digest", sa.String(), primary_key=True),
    )
    op.create_table(
        "external_identities",
        sa.Column("issuer", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        _to("accounts", "account_id"),
        _now("linked_at"),
    )


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _to("accounts", "account_id"),
        _needed("carrier", sa.String()),
        _needed("stage", sa.String()),
        _needed("role", sa.String()),
        _to("enterprises", "enterprise_id", nullable=True),
        _text("secret_digest", unique=True),
        _needed("device", sa.String()),
        _needed("address", sa.String()),
        _time("began_at"),
        _time("seen_at"),
        _time("ends_at"),
        _time("ended_at", nullable=True),
        _text("ended_because"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.String(), primary_key=True),
        _to("sign_ins", "sign_in_id"),
        _time("issued_at"),
        _time("used_at", nullable=True),
    )


def _links() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _needed("digest", sa.String(), unique=True),
        _needed("purpose", sa.String()),
        _needed("email", sa.String(), index=True),
        _text("kind"),
        _to("enterprises", "enterprise_id", nullable=True),
        _needed("cluster_ids", sa.ARRAY(sa.String())),
        _needed("level", sa.String()),
        _text("invited_by"),
        _time("created_at"),
        _time("expires_at"),
        _time("used_at", nullable=True),
        _time("withdrawn_at", nullable=True),
    )


def _machine_clients() -> None:
    _record(
        "machine_clients",
        _needed("client_id", sa.String(), unique=True),
        _needed("secret_digest", sa.String()),
        _needed("name", sa.String()),
        _to("enterprises", "enterprise_id"),
        _needed("role", sa.String()),
        _needed("scopes", sa.ARRAY(sa.String())),
        _needed("created_by", sa.String()),
        _time("revoked_at", nullable=True),
    )
