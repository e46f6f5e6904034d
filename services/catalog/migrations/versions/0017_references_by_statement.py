"""The references of what is imported by the hundred thousand are checked by statement.

Revision ID: 0017
Revises: 0016
"""

from shared.db.references import check_by_statement

revision = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Capabilities and purchases; enterprises are never deleted by the application, so that nobody waits for them."""
    check_by_statement("capabilities", "supplier_id", "enterprises")
    check_by_statement("purchases", "leader_id", "enterprises")
    check_by_statement("purchases", "supplier_id", "enterprises")
