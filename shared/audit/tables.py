"""The tables of the audit, one set in each service's database, and what they are hashed by."""

from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, LargeBinary, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import UtcDateTime
from shared.db.xids import Xid8

_NOW, _NAMELESS, _NUMBER = text("now()"), text("''"), Identity(always=True)


@dataclass(frozen=True)
class Source:
    """A table that keeps changes of its own, whose rows are part of the audit's entries: named in SQL.

    `moment` is the column that holds the transaction's `now()`, `order` tells its rows apart and orders them, and
    `columns` are what is hashed of a row. The others are expressions: of what an `audit_change` tells, of the rows
    about one entity (`:entity`, or `:id` where it is an id), and of who did it, by which verb, and why, for entries
    that nobody else tells of.
    """

    table: str
    moment: str
    order: str
    columns: tuple[str, ...]
    kind: str
    subject: str
    op: str
    before: str
    after: str
    concealed: str
    about: str
    actor: str
    role: str
    verb: str
    reason: str


CHANGES = Source(
    table="audit_change",
    moment="at",
    order="id",
    columns=("id", "kind", "subject", "op", "before", "after", "concealed", "by_whom", "by_role"),
    kind="kind",
    subject="subject",
    op="op",
    before="before",
    after="after",
    concealed="concealed",
    about="subject = :entity",
    actor="by_whom",
    role="by_role",
    verb="op",
    reason="''",
)
"""The changes of all rows that have no history of their own."""


def audit_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Entries, changes and seals as a part of a service's metadata."""
    return _entries(metadata), _changes(metadata), _seals(metadata)


def _entries(metadata: MetaData) -> Table:
    return Table(
        "audit_entry",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("xid", Xid8, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        Column("actor", Text, nullable=False),
        Column("role", Text),
        Column("enterprise_id", Uuid),
        Column("verb", Text, nullable=False),
        Column("reason", Text, nullable=False, server_default=_NAMELESS),
        Column("address", Text),
        Column("request", Text),
        Column("agent", Text),
        Index("uq_audit_entry_xid_at", "xid", "at", unique=True),
        Index("ix_audit_entry_actor_id", "actor", "id"),
        Index("ix_audit_entry_verb_id", "verb", "id"),
    )


def _changes(metadata: MetaData) -> Table:
    return Table(
        "audit_change",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
        Column("at", UtcDateTime, nullable=False, server_default=_NOW),
        Column("kind", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("op", Text, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("concealed", ARRAY(Text), nullable=False),
        Column("by_whom", Text, nullable=False),
        Column("by_role", Text),
        Index("ix_audit_change_xid_at_id", "xid", "at", "id"),
        Index("ix_audit_change_kind_xid_at", "kind", "xid", "at"),
        Index("ix_audit_change_subject_id", "subject", "id"),
    )


def _seals(metadata: MetaData) -> Table:
    return Table(
        "audit_seal",
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("entry_id", BigInteger, nullable=False),
        Column("changes", BigInteger, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("horizon", Xid8, nullable=False),
        Column("sealed_at", UtcDateTime, nullable=False, server_default=_NOW),
        Index("uq_audit_seal_entry_id", "entry_id", unique=True),
    )


ENTRY, CHANGE, SEAL = audit_tables(MetaData())


def digest_sql(sources: tuple[Source, ...]) -> str:
    """SQL for the digest of an entry `e` with all its changes: SHA-256 over the SHA-256 of each in canonical JSON.

    JSONB's text is canonical: PostgreSQL orders keys and drops blanks; times are seconds, whatever the time zone.
    """
    entry = (
        "jsonb_build_array(e.id, e.xid::text, extract(epoch FROM e.at), e.actor, e.role, e.enterprise_id, e.verb, "
        "e.reason, e.address, e.request, e.agent)"
    )
    parts = "".join(f" || coalesce({_rows(source, f'string_agg({_row(source)}, NULL ORDER BY {source.order})')}, '')"
                    for source in sources)  # fmt: skip
    return f"sha256(sha256(convert_to({entry}::text, 'UTF8')){parts})"


def count_sql(sources: tuple[Source, ...]) -> str:
    """SQL for the number of changes of an entry `e`."""
    return " + ".join(_rows(source, "count(*)") for source in sources)


def _rows(source: Source, what: str) -> str:
    """An aggregate over the changes of an entry `e`; transaction numbers alone would mean two after a restore."""
    return f"(SELECT {what} FROM {source.table} AS c WHERE c.xid = e.xid AND c.{source.moment} = e.at)"


def _row(source: Source) -> str:
    columns = ", ".join(f"c.{name}" for name in source.columns)
    return f"sha256(convert_to(jsonb_build_array({columns}, extract(epoch FROM c.{source.moment}))::text, 'UTF8'))"
