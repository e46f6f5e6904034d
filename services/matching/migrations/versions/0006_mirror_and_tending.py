"""The mirror and the tending of suggestions.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """What was deleted lately; how often the mirror was built; keys of one length for changes set aside."""
    op.create_table(
        "mirror_gone",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("feed_cursor", sa.Column("rebuilds", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE change_set_aside SET key = encode(sha256(convert_to(key, 'UTF8')), 'hex')")
