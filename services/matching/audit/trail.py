"""The events of suggestions as a part of the audit."""

from shared.audit.reading import Trail
from shared.audit.tables import Source

EVENTS = Source(
    table="suggestion_event",
    moment="written_at",
    order="id",
    columns=("id", "suggestion_id", "actor", "actor_role", "from_state", "to_state", "verb", "amount", "reason"),
    kind="'suggestion'",
    subject="suggestion_id::text",
    op="coalesce(verb, 'publish')",
    before="CASE WHEN from_state IS NOT NULL THEN jsonb_build_object('state', from_state) END",
    after="jsonb_build_object('state', to_state, 'amount', amount, 'reason', reason)",
    concealed="'{}'::text[]",
    about="suggestion_id = CAST(:id AS uuid)",
    actor="actor",
    role="actor_role",
    verb="coalesce(verb, 'publish')",
    reason="reason",
)
TRAIL = Trail((EVENTS,))
