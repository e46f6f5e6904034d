"""What suppliers let leaders know of their capabilities; the audit is asked by kind.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from shared.db.row_policies import FIRM, LEADING, ROLE, read_by

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

_OURS = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp"
_AS_NOW = f"""
CREATE FUNCTION tell_as_disclosed() RETURNS trigger {_OURS} AS $$
BEGIN
    NEW.offer_disclosure := coalesce(
        (SELECT disclosure FROM mirror_capability WHERE id = NEW.capability_id), NEW.offer_disclosure
    );
    RETURN NEW;
END $$
"""
_FROM_NOW_ON = f"""
CREATE FUNCTION tell_suggestions_as_disclosed() RETURNS trigger {_OURS} AS $$
BEGIN
    UPDATE suggestion SET offer_disclosure = NEW.disclosure
    WHERE capability_id = NEW.id AND offer_disclosure <> NEW.disclosure;
    RETURN NULL;
END $$
"""
_SUGGESTED = "EXISTS (SELECT FROM suggestion AS s WHERE s.capability_id = mirror_capability.id"
_ACCEPTED = "s.stage IN ('accepted', 'contracted', 'invoiced')"


def upgrade() -> None:
    """A suggestion keeps what its supplier says now, whoever writes it; the mirror's word and it are one transaction.

    Leaders and organisations read the capabilities that are suggested to them: the first as far as they are disclosed.
    """
    for table, column in (("mirror_capability", "disclosure"), ("suggestion", "offer_disclosure")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default="suggested"))
    op.create_index("ix_suggestion_capability_id", "suggestion", ["capability_id"])
    op.create_index("ix_audit_change_kind_xid_at", "audit_change", ["kind", "xid", "at"], if_not_exists=True)
    _keep_in_step()
    leading = f"{LEADING} AND {_SUGGESTED} AND (mirror_capability.disclosure <> 'partners' OR {_ACCEPTED}))"
    serving = f"{ROLE} = 'cluster_organisation' AND {_SUGGESTED})"
    read_by("mirror_capability", f"supplier_id = {FIRM} OR {leading} OR {serving}")


def _keep_in_step() -> None:
    """One trigger for suggestions that come, one for what suppliers say after that; most changes say nothing of it."""
    op.execute(_AS_NOW)
    op.execute(_FROM_NOW_ON)
    op.execute(
        "CREATE TRIGGER tell_as_disclosed BEFORE INSERT ON suggestion FOR EACH ROW EXECUTE FUNCTION tell_as_disclosed()"
    )
    for verb, when in (("INSERT", "NEW.disclosure <> 'suggested'"), ("UPDATE", "NEW.disclosure <> OLD.disclosure")):
        op.execute(
            f"CREATE TRIGGER tell_suggestions_{verb.lower()} AFTER {verb} ON mirror_capability FOR EACH ROW "
            f"WHEN ({when}) EXECUTE FUNCTION tell_suggestions_as_disclosed()"
        )
