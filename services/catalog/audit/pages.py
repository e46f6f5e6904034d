"""Pages of the catalog's audit."""

from services.catalog.audit.trail import TRAIL
from services.catalog.exports import VOCABULARY
from services.catalog.kinds import KINDS
from shared.audit.pages import audit_pages

#: Rows that are told of by `audit_change`, and what is noted where no row changes.
_BESIDE = (
    *("registration", "registration_document", "enterprise_alias", "import", "import_row", "import_source"),
    *("account", "membership", "sign_in", "link", "client", "external_identity", "recovery_codes", "personal_data"),
    "list",
)
router = audit_pages("catalog", TRAIL, (*KINDS, *_BESIDE), VOCABULARY)
