"""What a migration says to put a table under row-level security: whose rows are read, and whose are written.

Conditions are SQL over the table's columns and the settings of `shared.db.acting`. Each setting is read by a subquery,
which PostgreSQL works out once for a statement; called for each row it would double the time of a list. The owner of
the tables is not bound by policies: migrations, and the functions and views that it lends to the application.
"""

from alembic import op


def _setting(name: str, kind: str = "") -> str:
    """A setting as a condition asks for it; NULL where nothing was said."""
    return f"(SELECT nullif(current_setting('app.{name}', true), ''){kind})"


ROLE = _setting("role")
FIRM = _setting("enterprise", "::uuid")
CLUSTERS = f"{_setting('clusters', '::uuid[]')}::uuid[]"
"""The outer cast says that ANY is asked of an array, and not of rows."""
LEADING = f"{ROLE} = 'chain_leader'"
SUPPLYING = f"{ROLE} = 'supplier'"
_READS, _WRITES = _setting("reads"), _setting("writes")
NOBODY = "false"


def protect(table: str, reads: str = NOBODY, writes: str = NOBODY, inserts: str | None = None) -> None:
    """Let actors read and write rows of a table only as the conditions say, beside those who read or write all.

    `inserts` where new rows are written by others than change or delete them.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    written = _may_write(writes)
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({_may_read(reads)})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({_may_write(inserts or writes)})")
    op.execute(f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({written}) WITH CHECK ({written})")
    op.execute(f"CREATE POLICY {table}_delete ON {table} FOR DELETE USING ({written})")


def read_by(table: str, reads: str) -> None:
    """Let other actors than before read rows of a protected table; who writes them stays as it is."""
    op.execute(f"ALTER POLICY {table}_read ON {table} USING ({_may_read(reads)})")


def protect_kept_answers() -> None:
    """Let everybody read and write the answers that it was given itself, and sweep away those past their day."""
    mine = f"actor = {ROLE} || ':' || coalesce({_setting('enterprise')}, '') || ':' || {_setting('actor')}"
    swept = f"{mine} OR kept_at <= now() - interval '24 hours'"
    op.execute("ALTER TABLE kept_answer ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY kept_answer_own ON kept_answer USING ({swept}) WITH CHECK ({mine})")


def show_names(view: str, table: str, columns: str) -> None:
    """A view of what rows are called, for whoever sees a row that refers to them; to be read and nothing more."""
    op.execute(f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {columns} FROM {table}")
    op.execute(
        f"""
        DO $$
        DECLARE grantee_name text;
        BEGIN
          FOR grantee_name IN
            SELECT DISTINCT grantee FROM information_schema.role_table_grants
            WHERE table_schema = current_schema() AND table_name = '{view}' AND grantee <> current_user
          LOOP
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {view} FROM %I', grantee_name);
          END LOOP;
        END $$
        """
    )


def _may_read(own: str) -> str:
    return f"{_READS} = 'all' OR ({own})"


def _may_write(own: str) -> str:
    return f"{_WRITES} = 'all' OR {_WRITES} = 'own' AND ({own})"
