"""The first changes of a transaction, for the audit's list.

Revision ID: 0016
Revises: 0015
"""

from services.matching.audit.trail import EVENTS
from shared.audit.migration import order_changes

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Each transaction's changes in their order."""
    order_changes((EVENTS,))
