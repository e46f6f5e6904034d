"""The whole way of a suggestion: reservations, contracts, invoices, the funnel.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Earlier suggestions stand where they stood, with the amount that they were published with."""
    _widen_suggestions()
    op.add_column("suggestion_event", sa.Column("verb", sa.Text(), nullable=True))
    op.add_column("suggestion_event", sa.Column("amount", sa.BigInteger(), nullable=True))
    _create_cooperations()


def _widen_suggestions() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("placed_amount", sa.BigInteger(), nullable=True),
        sa.Column("placed_quantity", sa.Numeric(18, 3), nullable=True),
        sa.Column("agreed_amount", sa.BigInteger(), nullable=True),
        sa.Column("contracted_amount", sa.BigInteger(), nullable=True),
        sa.Column("invoiced_amount", sa.BigInteger(), nullable=True),
        sa.Column("invoiced_by_year", JSONB(), nullable=True),
    )
    for column in columns:
        op.add_column("suggestion", column)
    op.execute(
        """
        UPDATE suggestion SET placed_amount = amount, placed_quantity = quantity, invoiced_amount = 0,
        invoiced_by_year = '{}',
        stage = CASE WHEN state = 'approved' THEN 'approved' ELSE 'proposed' END
        """
    )
    for name in ("stage", "placed_amount", "invoiced_amount", "invoiced_by_year"):
        op.alter_column("suggestion", name, nullable=False)
    op.create_index("ix_suggestion_assignee_id", "suggestion", ["assignee", "id"])
    op.create_index("ix_suggestion_capability_key_state", "suggestion", ["capability_key", "state"])
    op.create_index("ix_suggestion_line_key_state", "suggestion", ["line_key", "state"])


def _create_cooperations() -> None:
    op.create_table(
        "cooperation",
        sa.Column("suggestion_id", sa.Uuid(), sa.ForeignKey("suggestion.id"), primary_key=True),
        sa.Column("modes", JSONB(), nullable=False),
        sa.Column("contract_number", sa.Text(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("contracted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "counted_purchase",
        sa.Column("suggestion_id", sa.Uuid(), sa.ForeignKey("cooperation.suggestion_id"), primary_key=True),
        sa.Column("purchase_id", sa.Uuid(), primary_key=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
    )
    op.create_index("ix_counted_purchase_purchase_id", "counted_purchase", ["purchase_id"])
