"""The mirror of the catalog, match runs with their immutable records, suggestions with their history.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
IMMUTABLE = ("run_snapshot", "run_record", "suggestion_event")


def upgrade() -> None:
    """Create all tables, the job queue, and the guards of what must never change."""
    _create_cursor()
    _create_mirror_parties()
    _create_mirror_demand()
    _create_mirror_supply()
    _create_runs()
    _create_suggestions()
    _create_job_queue()
    for table in IMMUTABLE:
        _make_immutable(table)


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _create_mirror_table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _column("version", sa.Integer()),
        _column("epoch", sa.Text()),
        *columns,
    )


def _create_cursor() -> None:
    op.create_table(
        "feed_cursor",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        _column("epoch", sa.Text(), nullable=True),
        _column("cursor", sa.Text(), nullable=True),
        _column("rebuilding", sa.Boolean()),
        _column("caught_up_at", MOMENT, nullable=True),
        _column("last_change_at", MOMENT, nullable=True),
    )
    op.execute("INSERT INTO feed_cursor (id, rebuilding) VALUES (1, true)")


def _create_mirror_parties() -> None:
    _create_mirror_table(
        "mirror_enterprise",
        _column("credit_code", sa.Text(), nullable=True),
        _column("source_key", sa.Text(), nullable=True),
        _column("name", sa.Text()),
        _column("short_name", sa.Text(), nullable=True),
        _column("is_chain_leader", sa.Boolean()),
        _column("is_supplier", sa.Boolean()),
        _column("region", sa.Text(), nullable=True),
        _column("class_code", sa.Text(), nullable=True),
        _column("staff", sa.Integer(), nullable=True),
        _column("revenue_wan", sa.Numeric(), nullable=True),
        _column("size", sa.Text(), nullable=True),
        _column("status", sa.Text()),
    )
    _create_mirror_table(
        "mirror_certificate",
        _column("enterprise_id", sa.Uuid()),
        _column("scheme", sa.Text()),
        _column("number", sa.Text()),
        _column("scope", sa.Text(), nullable=True),
        _column("issuer", sa.Text(), nullable=True),
        _column("valid_from", sa.Date(), nullable=True),
        _column("valid_until", sa.Date()),
        _column("trust", sa.Text()),
    )
    op.create_index("ix_mirror_certificate_enterprise_id", "mirror_certificate", ["enterprise_id"])
    _create_mirror_table(
        "mirror_cluster",
        _column("code", sa.Text()),
        _column("name", sa.Text()),
        _column("tier", sa.Text()),
        _column("target", sa.Numeric()),
        _column("cities", JSONB()),
        _column("member_ids", JSONB()),
    )


def _create_mirror_demand() -> None:
    _create_mirror_table(
        "mirror_product",
        _column("code", sa.Text()),
        _column("name", sa.Text()),
        _column("leader_id", sa.Uuid(), nullable=True),
        _column("cluster_id", sa.Uuid(), nullable=True),
        _column("class_code", sa.Text(), nullable=True),
        _column("annual_volume", sa.Numeric(), nullable=True),
        _column("unit", sa.Text(), nullable=True),
    )
    op.create_index("ix_mirror_product_leader_id", "mirror_product", ["leader_id"])
    op.create_index("ix_mirror_product_cluster_id", "mirror_product", ["cluster_id"])
    _create_mirror_table(
        "mirror_need",
        _column("product_id", sa.Uuid()),
        _column("leader_id", sa.Uuid(), nullable=True),
        _column("part_code", sa.Text()),
        _column("part_name", sa.Text()),
        _column("unit", sa.Text(), nullable=True),
        _column("annual_quantity", sa.Numeric(), nullable=True),
        _column("unit_price", sa.Numeric(), nullable=True),
        _column("class_code", sa.Text(), nullable=True),
        _column("text", sa.Text()),
        _column("certificates", JSONB()),
        _column("parameters", JSONB()),
        _column("lead_time_days", sa.Integer(), nullable=True),
        _column("max_moq", sa.Numeric(), nullable=True),
        _column("price_ceiling", sa.Numeric(), nullable=True),
        _column("distance_limit_km", sa.Integer(), nullable=True),
        _column("release_share", sa.Numeric()),
    )
    op.create_index("ix_mirror_need_product_id", "mirror_need", ["product_id"])
    op.create_index("ix_mirror_need_leader_id_part_code", "mirror_need", ["leader_id", "part_code"])
    _create_mirror_table(
        "mirror_purchase",
        _column("leader_id", sa.Uuid()),
        _column("part_code", sa.Text()),
        _column("supplier_id", sa.Uuid(), nullable=True),
        _column("supplier_name", sa.Text(), nullable=True),
        _column("supplier_region", sa.Text(), nullable=True),
        _column("period", sa.Text()),
        _column("quantity", sa.Numeric(), nullable=True),
        _column("amount", sa.Numeric()),
        _column("related_party", sa.Boolean()),
        _column("toll_processing", sa.Boolean()),
        _column("energy_water", sa.Boolean()),
    )
    op.create_index(
        "ix_mirror_purchase_leader_id_part_code_period",
        "mirror_purchase",
        ["leader_id", "part_code", "period"],
    )
    op.create_index("ix_mirror_purchase_period", "mirror_purchase", ["period"])
    op.create_index("ix_mirror_purchase_supplier_id", "mirror_purchase", ["supplier_id"])


def _create_mirror_supply() -> None:
    _create_mirror_table(
        "mirror_capability",
        _column("supplier_id", sa.Uuid()),
        _column("code", sa.Text()),
        _column("name", sa.Text()),
        _column("class_code", sa.Text(), nullable=True),
        _column("text", sa.Text()),
        _column("parameters", JSONB()),
        _column("spare_capacity", sa.Numeric(), nullable=True),
        _column("capacity_unit", sa.Text(), nullable=True),
        _column("unit_price", sa.Numeric(), nullable=True),
        _column("moq", sa.Numeric(), nullable=True),
        _column("lead_time_days", sa.Integer(), nullable=True),
    )
    op.create_index("ix_mirror_capability_supplier_id", "mirror_capability", ["supplier_id"])


def _create_runs() -> None:
    op.create_table(
        "match_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _column("status", sa.Text()),
        _column("progress", sa.Text()),
        _column("policy", JSONB()),
        _column("note", sa.Text()),
        _column("as_of", sa.Date()),
        _column("requested_by", sa.Text()),
        _column("idempotency_key", sa.Text(), nullable=True),
        _column("created_at", MOMENT),
        _column("started_at", MOMENT, nullable=True),
        _column("finished_at", MOMENT, nullable=True),
        _column("failure", sa.Text(), nullable=True),
        _column("attempts", sa.Integer()),
        sa.UniqueConstraint("requested_by", "idempotency_key", name="uq_match_run_idempotency"),
    )
    op.create_table(
        "run_snapshot",
        sa.Column("run_id", sa.Uuid(), sa.ForeignKey("match_run.id"), primary_key=True),
        _column("content", sa.LargeBinary()),
        _column("sha256", sa.Text()),
        _column("policy", JSONB()),
        _column("epoch", sa.Text()),
        _column("cursor", sa.Text()),
        _column("caught_up", sa.Boolean()),
        _column("sizes", JSONB()),
        _column("seconds", sa.JSON()),
        _column("frozen_at", MOMENT),
    )
    op.create_table(
        "run_record",
        sa.Column("run_id", sa.Uuid(), sa.ForeignKey("run_snapshot.run_id"), primary_key=True),
        _column("snapshot_sha256", sa.Text()),
        _column("policy", JSONB()),
        _column("plan", sa.LargeBinary()),
        _column("plan_sha256", sa.Text()),
        _column("objective", JSONB()),
        _column("bound", JSONB()),
        _column("greedy", JSONB()),
        _column("gap", sa.Float()),
        _column("sizes", JSONB()),
        _column("seconds", sa.JSON()),
        _column("engine_version", sa.Text()),
        _column("recorded_at", MOMENT),
    )


def _create_suggestions() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("run_id", sa.Uuid(), sa.ForeignKey("run_record.run_id"), nullable=False),
        _column("state", sa.Text()),
        _column("version", sa.Integer()),
        _column("basis", sa.Text()),
        _column("need_id", sa.Uuid()),
        _column("line_key", sa.Text()),
        _column("product_id", sa.Uuid()),
        _column("leader_id", sa.Uuid(), nullable=True),
        _column("leader_key", sa.Text(), nullable=True),
        _column("cluster_id", sa.Uuid(), nullable=True),
        _column("supplier_id", sa.Uuid()),
        _column("supplier_key", sa.Text()),
        _column("capability_id", sa.Uuid()),
        _column("capability_key", sa.Text()),
        _column("amount", sa.BigInteger()),
        _column("quantity", sa.Numeric(18, 3), nullable=True),
        _column("line_spend", sa.BigInteger()),
        _column("score", sa.Integer()),
        _column("merit", sa.BigInteger()),
        _column("labels", JSONB()),
        _column("score_parts", sa.JSON()),
        _column("evidence", JSONB()),
        _column("effect", JSONB()),
        _column("created_at", MOMENT),
        _column("decided_at", MOMENT, nullable=True),
        sa.UniqueConstraint("run_id", "line_key", "capability_key", name="uq_suggestion_run_pair"),
    )
    op.create_index("ix_suggestion_run_id_merit_id", "suggestion", ["run_id", "merit", "id"])
    op.create_index("ix_suggestion_state_id", "suggestion", ["state", "id"])
    op.create_index("ix_suggestion_leader_id_id", "suggestion", ["leader_id", "id"])
    op.create_index("ix_suggestion_supplier_id_id", "suggestion", ["supplier_id", "id"])
    op.create_index("ix_suggestion_product_id_id", "suggestion", ["product_id", "id"])
    op.create_table(
        "suggestion_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("suggestion_id", sa.Uuid(), sa.ForeignKey("suggestion.id"), nullable=False),
        _column("actor", sa.Text()),
        _column("actor_role", sa.Text()),
        _column("from_state", sa.Text(), nullable=True),
        _column("to_state", sa.Text()),
        _column("reason", sa.Text()),
        _column("at", MOMENT),
    )
    op.create_index("ix_suggestion_event_suggestion_id_id", "suggestion_event", ["suggestion_id", "id"])


def _create_job_queue() -> None:
    """Apply procrastinate's schema; a later version of it in the lock comes with a migration of its own.

    The driver's cursor runs it, because the script holds many statements and literal percent signs.
    """
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the job queue's schema needs a live connection")
    with driver.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())


def _make_immutable(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE twice: no right for any role but the owner, and a trigger for the owner."""
    op.execute(
        f"""
        DO $$ DECLARE grantee_name text; BEGIN
          FOR grantee_name IN
            SELECT DISTINCT grantee FROM information_schema.role_table_grants
            WHERE table_schema = current_schema() AND table_name = '{table}'
              AND grantee NOT IN (current_user, 'PUBLIC')
          LOOP
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', grantee_name);
          END LOOP;
        END $$
        """
    )
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")
    op.execute(
        """
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'rows of % are immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
