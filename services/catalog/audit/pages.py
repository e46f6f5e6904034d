"""Pages of the catalog's audit."""

from services.catalog.audit.trail import TRAIL
from services.catalog.exports import VOCABULARY
from services.catalog.kinds import KINDS
from shared.audit.pages import audit_pages

TOLD = (
    *KINDS,
    *("registration", "registration_document", "enterprise_alias", "import", "import_row", "import_source"),
    *("account", "membership", "sign_in", "link", "client", "external_identity", "recovery_codes", "personal_data"),
    "list",
)
"""Kinds to choose from: rows with a history, those that `audit_change` tells of, and what is noted without a row."""
router = audit_pages("catalog", TRAIL, TOLD, VOCABULARY)
