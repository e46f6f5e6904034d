"""The feed at speed, and compacted.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """JSON is kept as it was written, and read back without a word changed; one index in the order of the feed."""
    op.execute("ALTER TABLE outbox ALTER COLUMN data TYPE json USING data::json")
    op.drop_index("ix_outbox_xid_id", "outbox")
    op.drop_constraint("pk_outbox", "outbox")
    op.create_primary_key("pk_outbox", "outbox", ["xid", "id"])
    op.add_column("feed_epoch", sa.Column("horizon", sa.String(), nullable=True))
