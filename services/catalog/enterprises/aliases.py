"""Names that enterprises went by: kept when a name changes, an applicant tells one, or two records are merged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from services.catalog.enterprises.access import visible
from services.catalog.enterprises.models import Alias, Enterprise
from shared.db.acting import beyond
from shared.db.ids import new_id
from shared.db.upserts import Row, Written, sql_table
from shared.http.problems import not_found
from shared.security.actor import Actor

_TABLE, _FIRMS = sql_table(Alias), sql_table(Enterprise)
#: Rows of one statement: each takes a handful of the 65,535 parameters that one may have.
_CHUNK = 1000
_SHOWN = ("id", "name", "credit_code", "source_key", "merged_id", "reason", "recorded_at")


class FormerName(NamedTuple):
    """A name that an enterprise went by, beside what it is called now."""

    id: UUID
    known_as: str
    name: str
    credit_code: str | None


def remember(session: Session, actor: Actor, enterprise_id: UUID, names: Iterable[str], reason: str = "") -> None:
    """Keep former names of an enterprise, each once; the caller commits."""
    signed = {"recorded_by": actor.subject, "reason": reason}
    _keep(session, [{"enterprise_id": enterprise_id, "name": name, **signed} for name in dict.fromkeys(names)])


def remember_renamed(session: Session, actor: Actor, existing: Sequence[Row | None], written: Written) -> None:
    """Keep the names of enterprises that got others just now; the caller commits. Where it only compared, none did."""
    now = {row["id"]: row["name"] for row in written.rows}
    renamed = [row for row in existing if row is not None and now.get(row["id"], row["name"]) != row["name"]]
    signed = {"recorded_by": actor.subject, "reason": ""}
    _keep(session, [{"enterprise_id": row["id"], "name": row["name"], **signed} for row in renamed])


def absorb(session: Session, actor: Actor, merged: Mapping[str, Any], into: UUID, reason: str) -> None:
    """Keep what a record was known by that goes into another one, and what it had absorbed itself; the caller commits.

    From now on its keys mean the other one.
    """
    earlier = update(_TABLE).where(_TABLE.c.enterprise_id == merged["id"], _TABLE.c.merged_id.is_not(None))
    session.execute(earlier.values(enterprise_id=into))
    keys = {name: merged[name] for name in ("name", "credit_code", "source_key")}
    told = {"enterprise_id": into, "merged_id": merged["id"], "recorded_by": actor.subject, "reason": reason}
    _keep(session, [{**keys, **told}])
    theirs = select(_TABLE.c.name).where(_TABLE.c.enterprise_id == merged["id"])
    remember(session, actor, into, session.execute(theirs).scalars().all())


def of_enterprise(session: Session, actor: Actor, enterprise_id: UUID) -> list[Row]:
    """The aliases of an enterprise, the oldest first; 404 where the actor does not see all of it."""
    seen = select(_FIRMS.c.id).where(_FIRMS.c.id == enterprise_id, visible(actor, _FIRMS.c.id))
    if session.execute(seen).first() is None:
        raise not_found("企业", enterprise_id)
    own = select(*(_TABLE.c[name] for name in _SHOWN)).where(_TABLE.c.enterprise_id == enterprise_id)
    with beyond(session):
        return [dict(row) for row in session.execute(own.order_by(_TABLE.c.id)).mappings()]


def former_names(session: Session) -> list[FormerName]:
    """Every former name with whose it was."""
    columns = (_TABLE.c.enterprise_id, _TABLE.c.name, _FIRMS.c.name.label("now"), _FIRMS.c.credit_code)
    rows = session.execute(select(*columns).join_from(_TABLE, _FIRMS, _FIRMS.c.id == _TABLE.c.enterprise_id))
    return [FormerName(row.enterprise_id, row.name, row.now, row.credit_code) for row in rows]


def into_whom(session: Session, id: UUID) -> UUID | None:
    """The enterprise that a record was merged into; None for one that was not."""
    found = select(_TABLE.c.enterprise_id).where(_TABLE.c.merged_id == id)
    return session.execute(found).scalar_one_or_none()


def _keep(session: Session, rows: Sequence[Row]) -> None:
    """Write rows that have the same fields; who is there already stays."""
    for start in range(0, len(rows), _CHUNK):
        made = [{"id": new_id(), **row} for row in rows[start : start + _CHUNK]]
        session.execute(insert(_TABLE).values(made).on_conflict_do_nothing())
