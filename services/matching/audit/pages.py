"""Pages of matching's audit."""

from services.matching.audit.trail import TRAIL
from services.matching.exports import VOCABULARY
from shared.audit.pages import audit_pages

_KINDS = (
    *("suggestion", "run", "cooperation", "rate_definition", "change_set_aside", "need_disclosure", "run_snapshot"),
    "list",
)
router = audit_pages("matching", TRAIL, _KINDS, VOCABULARY)
