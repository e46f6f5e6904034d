"""How a plan's mode and its newcomer floor ended, kept with the run's record.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Records of earlier runs have neither: their policy could not ask for them."""
    op.add_column("run_record", sa.Column("mode", JSONB, nullable=True))
    op.add_column("run_record", sa.Column("newcomers", JSONB, nullable=True))
