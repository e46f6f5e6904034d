"""What suppliers let leaders know of their capabilities; the audit is asked by kind.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from shared.db.row_policies import CLUSTERS, FIRM, LEADING, read_by

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

_MEMBERS = f"SELECT enterprise_id FROM cluster_members WHERE cluster_id = ANY ({CLUSTERS})"
_FULLY = f"supplier_id = {FIRM} OR supplier_id IN ({_MEMBERS})"
_FOUND = "SELECT id FROM enterprises WHERE is_supplier AND status = 'verified'"
_PUBLIC = f"{LEADING} AND disclosure = 'public' AND supplier_id IN ({_FOUND})"


def upgrade() -> None:
    """What is there is told as it was before: by suggestions. Databases that are new have the audit's index already."""
    told = sa.Column("disclosure", sa.String(), nullable=False, server_default="suggested")
    op.add_column("capabilities", told)
    read_by("capabilities", f"{_FULLY} OR {_PUBLIC}")
    op.create_index("ix_history_kind_xid_at", "history", ["kind", "xid", "at"])
    op.create_index("ix_audit_change_kind_xid_at", "audit_change", ["kind", "xid", "at"], if_not_exists=True)
