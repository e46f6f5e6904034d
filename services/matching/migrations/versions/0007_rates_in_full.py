"""What the rates still lacked: equity links, whose changes are counted.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


MOST = 1000
"""Statements that are remembered; and lines of one that are told."""

EVENTS = {
    "INSERT": ("NEW TABLE AS new_rows", "new_rows"),
    "UPDATE": ("OLD TABLE AS old_rows NEW TABLE AS new_rows", "old_rows UNION ALL SELECT {column} FROM new_rows"),
    "DELETE": ("OLD TABLE AS old_rows", "old_rows"),
}
"""What a trigger sees of each kind of statement, and where it looks for what was touched."""


def upgrade() -> None:
    """Equity links decide what is excluded as related, so that their changes count too; and whose purchases and which
    lines' suggestions a statement touched is noted, so that the rest need not be read again.
    """
    op.execute("INSERT INTO mirror_change (kind, changes) VALUES ('relation', 0)")
    op.execute(
        "CREATE TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mirror_relation "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_mirror_change('relation')"
    )
    _note_purchases()
    _note_suggestions()


def _note_purchases() -> None:
    op.create_table(
        "purchase_touched",
        sa.Column("change", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("leaders", sa.ARRAY(sa.Uuid()), nullable=True),
    )
    noted = f"""
        UPDATE mirror_change SET changes = changes + 1 WHERE kind = 'purchase' RETURNING changes INTO number;
        INSERT INTO purchase_touched (change, leaders) VALUES (number, touched);
        DELETE FROM purchase_touched WHERE change <= number - {MOST};
    """
    op.execute("DROP TRIGGER count_changes ON mirror_purchase")
    _on_each("mirror_purchase", "note_purchase_change", "leader_id", "uuid", noted)


def _note_suggestions() -> None:
    op.add_column("suggestion_change", sa.Column("lines", sa.ARRAY(sa.Text()), nullable=True))
    noted = f"""
        INSERT INTO suggestion_change (lines)
        VALUES (CASE WHEN coalesce(array_length(touched, 1), 0) <= {MOST} THEN touched END);
    """
    op.execute("DROP TRIGGER note_changes ON suggestion")
    op.execute("DROP FUNCTION note_suggestion_change()")
    _on_each("suggestion", "note_suggestion_change", "line_key", "text", noted)


def _on_each(table: str, function: str, column: str, kind: str, noted: str) -> None:
    """Triggers for each kind of statement; TRUNCATE tells nothing of what was there."""
    for event, (seen, source) in EVENTS.items():
        found = source.format(column=column)
        touched = (
            f"SELECT coalesce(array_agg(DISTINCT {column}), '{{}}') INTO touched FROM (SELECT {column} FROM {found}) t;"
        )
        _trigger(table, f"{function}_{event.lower()}", kind, touched + noted, event, f"REFERENCING {seen}")
    _trigger(table, f"{function}_truncate", kind, noted, "TRUNCATE", "")


def _trigger(table: str, function: str, kind: str, body: str, event: str, seen: str) -> None:
    op.execute(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            touched {kind}[];
            number int8;
        BEGIN
            {body}
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER note_{event.lower()} AFTER {event} ON {table} {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
