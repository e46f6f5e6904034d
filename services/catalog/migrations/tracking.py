"""The history of a table's rows, kept by the database itself: no writer can forget it, COPY and psql neither."""

from alembic import op

#: What a writer signs with, see services/catalog/history/service.py; who has not signed is named by its database role.
#: A definer's function: the application may read the history, and neither write nor change it.
_FUNCTION = """
CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    by_whom varchar := coalesce(nullif(current_setting('xieshou.actor', true), ''), session_user);
    because varchar := coalesce(current_setting('xieshou.reason', true), '');
    of_import uuid := nullif(current_setting('xieshou.import_id', true), '')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO history (kind, entity_id, version, op, before, actor, reason, import_id)
        SELECT TG_ARGV[0], id, version, 'insert', NULL, by_whom, because, of_import FROM new_rows;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO history (kind, entity_id, version, op, before, actor, reason, import_id)
        SELECT TG_ARGV[0], old_rows.id, new_rows.version, 'update', to_jsonb(old_rows), by_whom, because, of_import
        FROM old_rows JOIN new_rows USING (id);
    ELSE
        INSERT INTO history (kind, entity_id, version, op, before, actor, reason, import_id)
        SELECT TG_ARGV[0], id, version + 1, 'delete', to_jsonb(old_rows), by_whom, because, of_import FROM old_rows;
    END IF;
    RETURN NULL;
END $$
"""

_SEEN = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def create_history_function() -> None:
    """Create the function that every tracked table's triggers call."""
    op.execute(_FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION keep_history() FROM PUBLIC")


def track(table: str, kind: str | None = None) -> None:
    """Keep the history of a table from now on, under a kind of the contract, or else the table's own name.

    The table has the columns of `services.catalog.base.Record` (id, version …). One trigger per statement, not per
    row: a bulk write costs one more INSERT … SELECT.
    """
    for verb, rows in _SEEN.items():
        op.execute(
            f"CREATE TRIGGER keep_history_of_{verb.lower()} AFTER {verb} ON {table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION keep_history('{kind or table}')"
        )


def let_only_read(table: str) -> None:
    """Take from everybody but the owner the rights to write a table."""
    op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")
    op.execute(
        f"""
        DO $$
        DECLARE grantee_name text;
        BEGIN
          FOR grantee_name IN
            SELECT DISTINCT grantee FROM information_schema.role_table_grants
            WHERE table_schema = current_schema() AND table_name = '{table}'
              AND grantee NOT IN (current_user, 'PUBLIC')
          LOOP
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM %I', grantee_name);
          END LOOP;
        END $$
        """
    )
