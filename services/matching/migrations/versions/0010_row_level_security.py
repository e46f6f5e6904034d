"""Row-level security on what belongs to an enterprise.

Revision ID: 0010
Revises: 0009
"""

from shared.db.row_policies import CLUSTERS, FIRM, LEADING, ROLE, SUPPLYING, protect, protect_kept_answers

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

_PARTNER = f"{LEADING} AND leader_id = {FIRM} OR {SUPPLYING} AND supplier_id = {FIRM}"
_IN_CLUSTERS = f"cluster_id = ANY ({CLUSTERS})"
_LED = f"{LEADING} AND leader_id = {FIRM}"
_READERS = f"{ROLE} IN ('chain_leader', 'cluster_organisation')"
#: The states in which leader and supplier are shown a suggestion: from the reviewer's approval on.
_DISCLOSED = "'approved', 'leader_accepted', 'accepted', 'contracted', 'invoiced'"


def upgrade() -> None:
    """Say of every table whose rows are whose; the test of policies has the tables that everybody may read."""
    _mirror()
    _review()
    _rates()
    # a run holds everybody's parts lists: it is read for all at once, and reduced to what each may see
    protect("match_run", _READERS, inserts=_READERS)
    for table in ("run_snapshot", "run_record", "audit_entry", "audit_change", "audit_seal"):
        protect(table)
    protect_kept_answers()


def _mirror() -> None:
    """The mirror is written by the service alone, which follows the catalog."""
    for table in ("feed_cursor", "change_set_aside", "mirror_gone"):
        protect(table)
    protect("mirror_enterprise", f"id = {FIRM}")
    for table in ("mirror_certificate", "mirror_title"):
        protect(table, f"enterprise_id = {FIRM}")
    protect("mirror_relation", f"owner_id = {FIRM} OR owned_id = {FIRM}")
    protect("mirror_cluster", f"id = ANY ({CLUSTERS})")
    protect("mirror_product", f"{_LED} OR {_IN_CLUSTERS}")
    protect("mirror_need", f"{_LED} OR product_id IN (SELECT id FROM mirror_product WHERE {_IN_CLUSTERS})")
    for table in ("mirror_preference", "mirror_purchase"):
        protect(table, _LED)
    protect("mirror_capability", f"supplier_id = {FIRM}")


def _review() -> None:
    """A suggestion is its leader's, its supplier's and its cluster's; what hangs on it is seen and written with it."""
    own = f"{_IN_CLUSTERS} OR {_PARTNER}"
    protect("suggestion", f"{_IN_CLUSTERS} OR stage IN ({_DISCLOSED}) AND ({_PARTNER})", own)
    seen, written = (
        "suggestion_id IN (SELECT id FROM suggestion)",
        f"suggestion_id IN (SELECT id FROM suggestion WHERE {own})",
    )
    protect("suggestion_event", seen, inserts=written)
    protect("cooperation", seen, written)
    protect("counted_purchase", seen)


def _rates() -> None:
    """Definitions and occasions are of all who read rates; a point is of the leader or the cluster that it tells of."""
    for table in ("rate_definition", "rate_occasion", "rate_stated"):
        protect(table, _READERS)
    protect("rate_point", f"{_LED} OR {_IN_CLUSTERS}")
