"""Routes of the catalog's audit."""

from services.catalog.audit.trail import TRAIL
from shared.audit.routes import audit_router

router = audit_router("catalog", TRAIL)
