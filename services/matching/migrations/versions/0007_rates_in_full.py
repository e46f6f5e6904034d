"""What the rates still lacked: equity links, whose changes are counted.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Equity links decide what is excluded as related, so that their changes count too."""
    op.execute("INSERT INTO mirror_change (kind, changes) VALUES ('relation', 0)")
    op.execute(
        "CREATE TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mirror_relation "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_mirror_change('relation')"
    )
