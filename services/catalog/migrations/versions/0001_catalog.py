"""Enterprises, clusters, products with their bills, needs, purchases, capabilities; the outbox; imports.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.xids import Xid8

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

QUANTITY = sa.Numeric(18, 3)
PRICE = sa.Numeric(18, 4)
MONEY = sa.Numeric(18, 2)
SHARE = sa.Numeric(5, 4)


def upgrade() -> None:
    """Create all tables, and begin the first epoch of the feed."""
    _create_enterprises()
    _create_clusters()
    _create_products()
    _create_demand()
    _create_capabilities()
    _create_feed()
    _create_imports()


def _needed(name: str, kind: Any, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _text(*names: str) -> list[sa.Column[Any]]:
    return [_needed(name, sa.String()) for name in names]


def _optional_text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=True) for name in names]


def _id() -> sa.Column[Any]:
    return _needed("id", sa.Uuid(), primary_key=True)


def _refers(name: str, table: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=nullable, primary_key=primary_key)


def _now(name: str) -> sa.Column[Any]:
    return _needed(name, sa.DateTime(timezone=True), server_default=sa.text("now()"))


def _record(name: str, *columns: Any) -> None:
    """Create an entity's table: the columns that every entity has, then its own."""
    common = [_id(), _needed("version", sa.Integer()), _now("created_at"), _now("updated_at")]
    op.create_table(name, *common, *columns)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _create_enterprises() -> None:
    _record(
        "enterprises",
        *_optional_text("credit_code", "source_key"),
        *_text("name"),
        *_optional_text("short_name"),
        _needed("is_chain_leader", sa.Boolean()),
        _needed("is_supplier", sa.Boolean()),
        *_optional_text("region", "class_code"),
        sa.Column("staff", sa.Integer()),
        sa.Column("revenue_wan", MONEY),
        *_optional_text("size"),
        *_text("status"),
        sa.UniqueConstraint("credit_code"),
        sa.UniqueConstraint("source_key"),
        sa.CheckConstraint("credit_code IS NOT NULL OR source_key IS NOT NULL", name="is_named"),
        sa.CheckConstraint("is_chain_leader OR is_supplier", name="has_a_role"),
    )
    _index("enterprises", "region")
    _index("enterprises", "status")
    _create_status_changes()
    _create_certificates()


def _create_status_changes() -> None:
    op.create_table(
        "enterprise_status_changes",
        _id(),
        _refers("enterprise_id", "enterprises"),
        *_text("before", "after", "actor", "reason"),
        _now("at"),
    )
    _index("enterprise_status_changes", "enterprise_id")


def _create_certificates() -> None:
    _record(
        "certificates",
        _refers("enterprise_id", "enterprises"),
        *_text("scheme", "number"),
        *_optional_text("scope", "issuer"),
        sa.Column("valid_from", sa.Date()),
        _needed("valid_until", sa.Date()),
        *_text("trust"),
        sa.UniqueConstraint("enterprise_id", "scheme", "number"),
    )


def _create_clusters() -> None:
    _record(
        "clusters",
        *_text("code", "name", "tier"),
        _needed("target", SHARE),
        _needed("cities", sa.ARRAY(sa.String())),
        sa.UniqueConstraint("code"),
        sa.CheckConstraint("target >= 0 AND target <= 1", name="target_is_a_share"),
    )
    op.create_table(
        "cluster_members",
        _refers("cluster_id", "clusters", primary_key=True),
        _refers("enterprise_id", "enterprises", primary_key=True),
    )
    _index("cluster_members", "enterprise_id")


def _create_products() -> None:
    _record(
        "products",
        *_text("code", "name"),
        _refers("leader_id", "enterprises", nullable=True),
        _refers("cluster_id", "clusters", nullable=True),
        *_optional_text("class_code"),
        sa.Column("annual_volume", QUANTITY),
        *_optional_text("unit"),
        sa.UniqueConstraint("code"),
    )
    _index("products", "cluster_id")
    _index("products", "leader_id")
    _record(
        "bom_lines",
        _refers("product_id", "products"),
        *_text("parent", "part_code", "part_name"),
        _needed("quantity", sa.Numeric(18, 6)),
        *_optional_text("unit"),
        sa.Column("bought", sa.Boolean()),
        sa.UniqueConstraint("product_id", "parent", "part_code"),
        sa.CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )


def _create_demand() -> None:
    _record(
        "needs",
        _refers("product_id", "products"),
        *_text("part_code", "part_name"),
        *_optional_text("unit"),
        sa.Column("stated_quantity", QUANTITY),
        sa.Column("annual_quantity", QUANTITY),
        sa.Column("unit_price", PRICE),
        *_optional_text("class_code"),
        *_text("text"),
        _needed("certificates", JSONB()),
        _needed("parameters", JSONB()),
        sa.Column("lead_time_days", sa.Integer()),
        sa.Column("max_moq", QUANTITY),
        sa.Column("price_ceiling", PRICE),
        sa.Column("distance_limit_km", sa.Integer()),
        _needed("release_share", SHARE),
        sa.UniqueConstraint("product_id", "part_code"),
        sa.CheckConstraint("release_share >= 0 AND release_share <= 1", name="release_is_a_share"),
    )
    _create_purchases()


def _create_purchases() -> None:
    _record(
        "purchases",
        _refers("leader_id", "enterprises"),
        *_text("document", "part_code"),
        _refers("supplier_id", "enterprises", nullable=True),
        *_optional_text("supplier_name", "supplier_region"),
        *_text("period"),
        sa.Column("quantity", QUANTITY),
        _needed("amount", MONEY),
        _needed("related_party", sa.Boolean()),
        _needed("toll_processing", sa.Boolean()),
        _needed("energy_water", sa.Boolean()),
        sa.UniqueConstraint("leader_id", "document"),
    )
    _index("purchases", "leader_id", "part_code")
    _index("purchases", "supplier_id")


def _create_capabilities() -> None:
    _record(
        "capabilities",
        _refers("supplier_id", "enterprises"),
        *_text("code", "name"),
        *_optional_text("class_code"),
        *_text("text"),
        _needed("parameters", JSONB()),
        sa.Column("spare_capacity", QUANTITY),
        *_optional_text("capacity_unit"),
        sa.Column("unit_price", PRICE),
        sa.Column("moq", QUANTITY),
        sa.Column("lead_time_days", sa.Integer()),
        sa.UniqueConstraint("supplier_id", "code"),
    )
    _index("capabilities", "class_code")


def _create_feed() -> None:
    op.create_table(
        "outbox",
        _needed("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        _needed("xid", Xid8(), server_default=sa.text("pg_current_xact_id()")),
        *_text("kind"),
        _needed("entity_id", sa.Uuid()),
        _needed("version", sa.Integer()),
        *_text("op"),
        sa.Column("data", JSONB()),
        _now("at"),
    )
    _index("outbox", "xid", "id")
    op.create_table(
        "feed_epoch",
        _needed("id", sa.Integer(), primary_key=True, autoincrement=False),
        _needed("epoch", sa.Uuid()),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.execute("INSERT INTO feed_epoch (id, epoch) VALUES (1, gen_random_uuid())")


def _create_imports() -> None:
    op.create_table(
        "imports",
        _id(),
        *_text("filename", "sha256", "mode"),
        _needed("applied", sa.Boolean()),
        *_text("actor"),
        _refers("enterprise_id", "enterprises", nullable=True),
        _needed("summary", JSONB()),
        _needed("problems", JSONB()),
        _now("created_at"),
    )
    _index("imports", "enterprise_id")
    _index("imports", "sha256")
    op.create_table(
        "import_rows",
        _id(),
        _refers("import_id", "imports"),
        *_text("sheet"),
        _needed("row", sa.Integer()),
        *_text("kind", "outcome"),
        _needed("raw", JSONB()),
        sa.Column("cleaned", JSONB()),
        _needed("problems", JSONB()),
    )
    _index("import_rows", "import_id", "outcome")
