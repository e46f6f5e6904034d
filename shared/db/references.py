"""What a migration says to have a foreign key checked once per statement, for tables that are written in bulk.

PostgreSQL looks up every row's reference by itself, and locks what it refers to: ten microseconds a row. Here the key
is declared and not enforced (PostgreSQL 18), and triggers enforce it: one look at all rows of a statement, and one at
those that refer to what is deleted (ids never change). The errors are those that the key itself would raise.
"""

from alembic import op

_OURS = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp"


def check_by_statement(table: str, column: str, referred: str) -> None:
    """Check the foreign key of a column to the ids of another table by statement from now on.

    The functions are their owner's: they see all rows, whoever writes. What is deleted waits for those who write rows
    that could refer to it, and they for it, so that neither passes the other by.
    """
    key, name = f"fk_{table}_{column}_{referred}", f"{table}_{column}"
    failing = f"USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', CONSTRAINT = '{key}'"
    op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {key} NOT ENFORCED")
    _function(
        f"require_{name}",
        f"""
        IF EXISTS (SELECT FROM new_rows WHERE {column} IS NOT NULL
            AND NOT EXISTS (SELECT FROM {referred} WHERE {referred}.id = new_rows.{column})) THEN
            RAISE EXCEPTION 'a row of {table} refers by {column} to what is not there' {failing};
        END IF;
        """,
    )
    _function(
        f"keep_{name}",
        f"""
        LOCK TABLE {table} IN SHARE MODE;
        IF EXISTS (SELECT FROM old_rows JOIN {table} ON {table}.{column} = old_rows.id
            WHERE NOT EXISTS (SELECT FROM {referred} WHERE {referred}.id = old_rows.id)) THEN
            RAISE EXCEPTION 'rows of {table} still refer by {column} to what was in {referred}' {failing};
        END IF;
        """,
    )
    for verb in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER require_{column}_of_{verb.lower()} AFTER {verb} ON {table} "
            f"REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION require_{name}()"
        )
    op.execute(
        f"CREATE TRIGGER keep_{name} AFTER DELETE ON {referred} "
        f"REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_{name}()"
    )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() {_OURS} AS $$ BEGIN {body} RETURN NULL; END $$")
    op.execute(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC")
