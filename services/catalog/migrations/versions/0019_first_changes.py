"""The first changes of a transaction, for the audit's list.

Revision ID: 0019
Revises: 0018
"""

from services.catalog.audit.sources import HISTORY
from shared.audit.migration import order_changes

revision = "0019"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Each transaction's changes in their order."""
    order_changes((HISTORY,))
