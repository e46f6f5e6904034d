"""Row-level security on what belongs to an enterprise.

Revision ID: 0013
Revises: 0012
"""

from shared.db.row_policies import CLUSTERS, FIRM, LEADING, protect, protect_kept_answers, show_names

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

_MEMBERS = f"SELECT enterprise_id FROM cluster_members WHERE cluster_id = ANY ({CLUSTERS})"
_LED = f"{LEADING} AND leader_id = {FIRM}"
_OF_LED = f"product_id IN (SELECT id FROM products WHERE {_LED})"
_SENT_IN = f"import_id IN (SELECT id FROM imports WHERE enterprise_id = {FIRM})"
_OWN = f"enterprise_id = {FIRM}"
_SIGNED_IN = f"sign_in_id IN (SELECT id FROM sign_ins WHERE {_OWN})"


def upgrade() -> None:
    """Say of every table whose rows are whose; the test of policies has the tables that everybody may read."""
    _entities()
    _imports()
    _people()
    # what changed is told to the feed by whoever changes it, and read by the feed alone
    protect("outbox", inserts="true")
    # of reviewers, auditors and the service itself: others are shown what is theirs by a use case, or nothing
    for table in ("history", "feed_epoch", "feed_follower", "audit_entry", "audit_change", "audit_seal"):
        protect(table)
    for table in ("registrations", "registration_documents", "registration_steps", "spent_proofs"):
        protect(table)
    protect("enterprise_aliases")
    protect_kept_answers()
    show_names("enterprise_names", "enterprises", "id, name, credit_code, region")
    show_names("cluster_names", "clusters", "id, code, name")


def _entities() -> None:
    """What the catalog keeps: an enterprise's own, and what a cluster's organisation sees of its members."""
    found = f"{LEADING} AND is_supplier AND status = 'verified'"
    protect("enterprises", f"id = {FIRM} OR {found} OR id IN ({_MEMBERS})")
    protect("certificates", _of_firm("enterprise_id"), _OWN)
    protect("titles", _of_firm("enterprise_id"))
    protect("capabilities", _of_firm("supplier_id"), f"supplier_id = {FIRM}")
    protect("relations", f"{_of_firm('owner_id')} OR {_of_firm('owned_id')}")
    protect("preferences", _LED, _LED)
    joined = f"SELECT cluster_id FROM cluster_members WHERE {_OWN}"
    protect("clusters", f"id = ANY ({CLUSTERS}) OR id IN ({joined})")
    protect("cluster_members", f"{_OWN} OR cluster_id = ANY ({CLUSTERS})")
    protect("products", f"{_LED} OR cluster_id = ANY ({CLUSTERS})", _LED)
    protect("bom_lines", "product_id IN (SELECT id FROM products)", _OF_LED)
    protect("needs", "product_id IN (SELECT id FROM products)", _OF_LED)
    # an organisation sees who sells its products' parts: those products and needs that it may see itself
    needed = "SELECT p.leader_id, n.part_code FROM needs AS n JOIN products AS p ON p.id = n.product_id"
    protect("purchases", f"{_LED} OR cardinality({CLUSTERS}) > 0 AND (leader_id, part_code) IN ({needed})", _LED)


def _of_firm(column: str) -> str:
    """Of the enterprise itself, or of a member of the clusters."""
    return f"{column} = {FIRM} OR {column} IN ({_MEMBERS})"


def _imports() -> None:
    """Files and what became of them belong to the enterprise that sent them in."""
    protect("imports", _OWN, _OWN)
    for table in ("import_files", "import_parcels", "import_rows"):
        protect(table, _SENT_IN, _SENT_IN)
    protect("import_mappings", _OWN, _OWN)


def _people() -> None:
    """Accounts are looked up by the service, as whom they act is not known before; owners see to their own people."""
    protect("accounts", f"id IN (SELECT account_id FROM memberships WHERE {_OWN})")
    for table in ("memberships", "one_time_links", "machine_clients", "sign_ins"):
        protect(table, _OWN, _OWN)
    protect("refresh_tokens", _SIGNED_IN, _SIGNED_IN)
    for table in ("recovery_codes", "external_identities", "sign_in_throttles"):
        protect(table)
