"""The audit: who did what, append-only and chained by hashes.

Revision ID: 0012
Revises: 0011
"""

from services.catalog.audit.sources import HISTORY
from shared.audit.migration import audit, create_audit

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the audit; keep the changes of what has no history: people and their rights, imports, registrations."""
    create_audit((HISTORY,))
    _keep_people()
    audit("imports", "import", passed="changed_at,progress,summary,problems,basis", of=_STEPS)
    audit("import_rows", "import_row", passed="raw,cleaned,changes,problems", of="decided_by", rows="")
    audit("import_mappings", "import_source")
    audit("registrations", "registration", hidden=_CONTACT, passed="email_expires_at,expires_at")
    audit("registration_documents", "registration_document", hidden="filename")
    audit("enterprise_aliases", "enterprise_alias")


_STEPS = "state, mapping, mode, job, cancelling"
#: Who applies is a person; secrets are nobody's.
_CONTACT = "contact_name,contact_phone,contact_email,follow_digest,email_digest"


def _keep_people() -> None:
    audit("accounts", "account", hidden="email,name,password_hash,totp_secret", passed="totp_step")
    audit("memberships", "membership")
    audit(
        "sign_ins",
        "sign_in",
        hidden="secret_digest,device,address",
        passed="seen_at",
        of="stage, role, enterprise_id, ended_at, ended_because",
    )
    audit("one_time_links", "link", hidden="digest,email")
    audit("machine_clients", "client", hidden="secret_digest")
    audit("external_identities", "external_identity", id="account_id", hidden="subject")
