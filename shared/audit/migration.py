"""What a service's migration creates for its audit: tables, the functions that write them, triggers.

The functions are their owner's (SECURITY DEFINER): the application may read the audit, and write it by them alone.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.audit.tables import CHANGES, Source, audit_tables, count_sql, digest_sql

#: Any constant will do: two workers do not seal at the same time.
_SEALING = 7_420_231_131
_OURS = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp"

_KEEP_CHANGE = f"""
CREATE FUNCTION keep_change() RETURNS trigger {_OURS} AS $$
-- arguments: the kind, the column of the row's id, columns told of without their values, columns not told of
DECLARE
    hidden text[] := string_to_array(TG_ARGV[2], ',');
    passed text[] := string_to_array(TG_ARGV[3], ',');
    -- a column of type json may hold U+0000, which jsonb refuses
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN replace(row_to_json(OLD)::text, '\\u0000', '\\ufffd')::jsonb END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN replace(row_to_json(NEW)::text, '\\u0000', '\\ufffd')::jsonb END;
    changed text[] := ARRAY(
        SELECT key FROM jsonb_each(coalesce(becomes, was))
        WHERE key <> ALL (passed) AND coalesce(was -> key, 'null') IS DISTINCT FROM coalesce(becomes -> key, 'null')
        ORDER BY key
    );
    shown text[] := ARRAY(SELECT name FROM unnest(changed) AS name WHERE name <> ALL (hidden));
BEGIN
    IF changed = '{{}}' THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_change (kind, subject, op, before, after, concealed, by_whom, by_role) VALUES (
        TG_ARGV[0], coalesce(becomes, was) ->> TG_ARGV[1], lower(TG_OP),
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(was) WHERE key = ANY (shown)),
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(becomes) WHERE key = ANY (shown)),
        ARRAY(SELECT name FROM unnest(changed) AS name WHERE name = ANY (hidden)),
        coalesce(nullif(current_setting('app.actor', true), ''), session_user),
        nullif(current_setting('app.role', true), '')
    );
    RETURN NULL;
END $$
"""

_NOTE_ACT = f"""
CREATE FUNCTION note_act(kind text, subject text, op text, told jsonb) RETURNS void {_OURS} AS $$
BEGIN
    INSERT INTO audit_change (kind, subject, op, after, concealed, by_whom, by_role) VALUES (
        kind, subject, op, told, '{{}}', coalesce(nullif(current_setting('app.actor', true), ''), session_user),
        nullif(current_setting('app.role', true), '')
    );
END $$
"""

_REFUSE = """
CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def create_audit(sources: Sequence[Source]) -> None:
    """Create the audit of a service whose histories are `sources`; they get the transaction's number, where it lacks.

    What the histories held before is of no entry: the audit begins now.
    """
    for table in audit_tables(MetaData()):
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            op.execute(CreateIndex(index))
    for source in sources:
        _number_transactions(source)
    every = (CHANGES, *sources)
    for statement in (_KEEP_CHANGE, _NOTE_ACT, _keep_act(every), _seal(every), _REFUSE):
        op.execute(statement)
    for name in ("audit_entry", "audit_change", "audit_seal"):
        _make_append_only(name)


def audit(
    table: str,
    kind: str,
    *,
    id: str = "id",
    hidden: str = "",
    passed: str = "",
    of: str = "",
    rows: str = "INSERT OR DELETE",
) -> None:
    """Keep the changes of a table from now on, under a kind.

    `hidden` are columns of which only is told that they changed (secrets, names, addresses), `passed` those that are
    not told of; `of` are the columns whose change counts at all (each by commas), `rows` what counts besides.
    """
    skipped = ",".join(filter(None, ("version,created_at,updated_at", passed)))
    seen = " OR ".join(filter(None, (rows, f"UPDATE OF {of}" if of else "UPDATE")))
    op.execute(
        f"CREATE TRIGGER keep_change AFTER {seen} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_change('{kind}', '{id}', '{hidden}', '{skipped}')"
    )


def _number_transactions(source: Source) -> None:
    """The rows that are there keep no number, so that none is written anew."""
    op.execute(f"ALTER TABLE {source.table} ADD COLUMN xid xid8")
    op.execute(f"ALTER TABLE {source.table} ALTER COLUMN xid SET DEFAULT pg_current_xact_id()")
    op.execute(f"CREATE INDEX ix_{source.table}_xid ON {source.table} (xid)")
    if source.moment == "written_at":
        op.execute(f"ALTER TABLE {source.table} ADD COLUMN written_at timestamptz")
        op.execute(f"ALTER TABLE {source.table} ALTER COLUMN written_at SET DEFAULT now()")


def order_changes(sources: Sequence[Source]) -> None:
    """Let the first changes of a transaction be read without the others: an import alone makes fifty thousand.

    Databases that are new have the index of `audit_change` already.
    """
    for source in (CHANGES, *sources):
        op.execute(f"DROP INDEX IF EXISTS ix_{source.table}_xid")
        names = ["xid", source.moment, source.order]
        op.create_index("_".join(("ix", source.table, *names)), source.table, names, if_not_exists=True)


def _keep_act(sources: Sequence[Source]) -> str:
    """The function by which a request tells, as it commits, who it was; nothing where it changed nothing of note."""
    anything = " OR ".join(f"EXISTS (SELECT FROM {source.table} WHERE xid = own)" for source in sources)
    return f"""
    CREATE FUNCTION keep_act(told jsonb) RETURNS void {_OURS} AS $$
    DECLARE
        own xid8 := pg_current_xact_id_if_assigned();
    BEGIN
        IF own IS NOT NULL AND ({anything}) THEN
            INSERT INTO audit_entry (xid, at, actor, role, enterprise_id, verb, reason, address, request, agent)
            VALUES (own, now(), told ->> 'actor', told ->> 'role', (told ->> 'enterprise_id')::uuid, told ->> 'verb',
                coalesce(nullif(told ->> 'reason', ''), current_setting('xieshou.reason', true), ''),
                told ->> 'address', told ->> 'request', told ->> 'agent')
            ON CONFLICT DO NOTHING;
        END IF;
    END $$
    """


def _seal(sources: Sequence[Source]) -> str:
    """The function that seals up to `most` entries; how many, and from which transaction on to look the next time.

    What is committed is sealed, in the order of transactions: entries that a later call finds were committed later.
    An entry is found by having no seal, and none is older than the oldest transaction that still ran at the call
    before; after a restore, transactions count anew, and all are looked at. Changes whose transaction told nothing of
    itself (workers, commands, psql) get an entry by what they themselves say.
    """
    unclaimed = " UNION ALL ".join(
        f"(SELECT DISTINCT ON (xid, {each.moment}) xid, {each.moment} AS at, {each.actor} AS actor, "
        f"{each.role} AS role, {each.verb} AS verb, {each.reason} AS reason FROM {each.table} AS c "
        "WHERE c.xid >= since AND NOT EXISTS "
        f"(SELECT FROM audit_entry AS e WHERE e.xid = c.xid AND e.at = c.{each.moment}) "
        f"ORDER BY xid, {each.moment}, {each.order})"
        for each in reversed(sources)
    )
    return f"""
    CREATE FUNCTION seal_audit(most integer, since xid8, OUT sealed integer, OUT following xid8) {_OURS} AS $$
    DECLARE
        oldest xid8;
        last audit_seal;
        due record;
    BEGIN
        PERFORM pg_advisory_xact_lock({_SEALING});
        oldest := pg_snapshot_xmin(pg_current_snapshot());
        IF since >= pg_snapshot_xmax(pg_current_snapshot()) THEN
            since := '0';
        END IF;
        INSERT INTO audit_entry (xid, at, actor, role, verb, reason)
        SELECT DISTINCT ON (xid, at) xid, at, actor, role, verb, reason FROM ({unclaimed}) AS unclaimed
        ORDER BY xid, at
        ON CONFLICT DO NOTHING;
        SELECT * INTO last FROM audit_seal ORDER BY number DESC LIMIT 1;
        sealed := 0;
        FOR due IN
            SELECT e.id, e.xid, {digest_sql(tuple(sources))} AS digest, {count_sql(tuple(sources))} AS changes
            FROM audit_entry AS e
            WHERE e.xid >= since AND NOT EXISTS (SELECT FROM audit_seal AS s WHERE s.entry_id = e.id)
            ORDER BY e.xid, e.id LIMIT most
        LOOP
            last.number := coalesce(last.number, 0) + 1;
            last.hash := sha256(coalesce(last.hash, '') || due.digest);
            INSERT INTO audit_seal (number, entry_id, changes, digest, hash, horizon)
            VALUES (last.number, due.id, due.changes, due.digest, last.hash, least(oldest, due.xid));
            sealed := sealed + 1;
        END LOOP;
        following := CASE WHEN sealed < most THEN oldest ELSE since END;
    END $$
    """


def _make_append_only(table: str) -> None:
    """Let the application read alone, and refuse changes even to the owner."""
    op.execute(
        f"""
        DO $$ DECLARE grantee_name text; BEGIN
          FOR grantee_name IN
            SELECT DISTINCT grantee FROM information_schema.role_table_grants
            WHERE table_schema = current_schema() AND table_name = '{table}' AND grantee <> current_user
          LOOP
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM %s',
              CASE grantee_name WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee_name) END);
          END LOOP;
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()"
    )
