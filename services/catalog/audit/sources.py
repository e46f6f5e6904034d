"""The history as a part of the audit."""

from shared.audit.tables import Source

HISTORY = Source(
    table="history",
    moment="at",
    order="id",
    columns=("id", "kind", "entity_id", "version", "op", "before", "actor", "reason", "import_id"),
    kind="kind",
    subject="entity_id::text",
    op="op",
    before="before",
    after=(
        "CASE WHEN c.op <> 'delete' THEN (SELECT n.before FROM history AS n WHERE n.entity_id = c.entity_id "
        "AND n.kind = c.kind AND n.id > c.id ORDER BY n.id LIMIT 1) END"
    ),
    concealed="'{}'::text[]",
    about="entity_id = CAST(:id AS uuid)",
    actor="actor",
    role="NULL::text",
    verb="CASE WHEN import_id IS NOT NULL THEN 'import' ELSE op END",
    reason="reason",
)
