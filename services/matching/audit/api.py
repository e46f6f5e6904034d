"""Routes of matching's audit."""

from services.matching.audit.trail import TRAIL
from shared.audit.routes import audit_router

router = audit_router("matching", TRAIL)
