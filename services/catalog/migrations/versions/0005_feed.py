"""What the feed keeps of its followers.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """The life of the database is written down when the feed is next read."""
    op.add_column("feed_epoch", sa.Column("life", sa.String(), nullable=True))
    op.create_table(
        "feed_follower",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
