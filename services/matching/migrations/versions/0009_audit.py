"""The audit: who did what, append-only and chained by hashes.

Revision ID: 0009
Revises: 0008
"""

from services.matching.audit.trail import EVENTS
from shared.audit.migration import audit, create_audit

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the audit; keep the changes of what has no events: runs, contracts, definitions, changes set aside."""
    create_audit((EVENTS,))
    audit("match_run", "run", passed="progress,started_at,attempts", of="status, policy")
    audit("cooperation", "cooperation", id="suggestion_id")
    audit("rate_definition", "rate_definition")
    audit("change_set_aside", "change_set_aside", passed="event,key,first_at,last_at")
