"""Saved definitions of rates, their points over time, and how often each mirrored table has changed.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

COUNTED = ("enterprise", "cluster", "product", "need", "purchase")
"""The mirrored kinds that rates are computed from."""


def upgrade() -> None:
    """Runs of before are noted, and have no points: what was approved on their day is not known any more."""
    _count_changes()
    _create_definitions()
    _create_points()
    op.execute(
        "INSERT INTO rate_occasion (id, cause, cause_key, at) "
        "SELECT gen_random_uuid(), 'run', run_id::text, recorded_at FROM run_record"
    )


def _count_changes() -> None:
    """Triggers for each statement, so that no way of writing can forget to count.

    The mirror has one writer at a time, which may lock a counter. Suggestions have many: they add rows, which nobody
    waits for.
    """
    op.create_table(
        "mirror_change",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("changes", sa.BigInteger(), nullable=False),
    )
    op.execute(
        """
        CREATE FUNCTION count_mirror_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE mirror_change SET changes = changes + 1 WHERE kind = TG_ARGV[0];
            RETURN NULL;
        END $$
        """
    )
    op.create_table("suggestion_change", sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True))
    op.execute(
        """
        CREATE FUNCTION note_suggestion_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO suggestion_change DEFAULT VALUES;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER note_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON suggestion "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_suggestion_change()"
    )
    for kind in COUNTED:
        op.execute(f"INSERT INTO mirror_change (kind, changes) VALUES ('{kind}', 0)")
        op.execute(
            f"CREATE TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mirror_{kind} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION count_mirror_change('{kind}')"
        )


def _create_definitions() -> None:
    op.create_table(
        "rate_definition",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def _create_points() -> None:
    op.create_table(
        "rate_occasion",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("cause", "cause_key", name="uq_rate_occasion_cause"),
    )
    op.create_table(
        "rate_stated",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("occasion_id", sa.Uuid(), sa.ForeignKey("rate_occasion.id"), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
    )
    op.create_index("ix_rate_stated_series_occasion_id", "rate_stated", ["series", "occasion_id"])
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("numerator", sa.Numeric(), nullable=False),
        sa.Column("denominator", sa.Numeric(), nullable=False),
        sa.Column("unknown", sa.Numeric(), nullable=False),
        sa.Column("excluded", sa.Numeric(), nullable=False),
        sa.Column("target", sa.Numeric(), nullable=True),
    )
    op.create_table(
        "rate_point",
        sa.Column("stated_id", sa.Uuid(), sa.ForeignKey("rate_stated.id"), primary_key=True),
        sa.Column("by", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("cluster_id", sa.Uuid(), nullable=True),
        *columns,
    )
