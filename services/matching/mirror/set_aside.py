"""Changes that could not be applied: kept with the reason, told of, tried again, put away.

What is kept of an entity goes by itself when a later change of it is applied, and all of it when the mirror is built
anew.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from services.matching.mirror.changes import Fault, Sorted, What
from services.matching.mirror.models import ChangeSetAside
from shared.db.ids import new_id
from shared.http.paging import keyset

_OVERTAKEN = text(
    """
    DELETE FROM change_set_aside AS aside
    USING unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[])) AS applied(id, version)
    WHERE aside.entity_id = applied.id AND coalesce(aside.version, 0) <= applied.version
    """
)


def keep(session: Session, faults: Sequence[Fault], now: datetime) -> None:
    """Set changes aside; one of an entity, or with the same fields, that is there already is replaced and counted."""
    log = structlog.get_logger("mirror")
    for fault in faults:
        where = {"kind": fault.kind, "entity": None if fault.entity_id is None else str(fault.entity_id)}
        log.warning("change set aside", what=fault.what.value, reason=fault.reason, **where)
        values = {
            "id": new_id(),
            "key": _key(fault),
            "what": fault.what.value,
            "reason": fault.reason,
            "kind": fault.kind,
            "entity_id": fault.entity_id,
            "version": fault.version,
            "event": fault.event,
            "times": 1,
            "first_at": now,
            "last_at": now,
        }
        statement = insert(ChangeSetAside).values(values)
        renewed = {name: statement.excluded[name] for name in ("what", "reason", "version", "event", "last_at")}
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={**renewed, "times": col(ChangeSetAside.times) + 1}
            )
        )


def forget_overtaken(session: Session, applied: Sorted) -> None:
    """Remove what is kept of entities of which a change has been applied that is not older."""
    if session.execute(select(func.count()).select_from(ChangeSetAside)).scalar_one():
        told = [(each.entity.id, each.entity.version) for rows in applied.upserts.values() for each in rows]
        told += [each for rows in applied.deletes.values() for each in rows]
        session.execute(_OVERTAKEN, {"ids": [id_ for id_, _ in told], "versions": [version for _, version in told]})


def forget_all(session: Session) -> None:
    """Remove all: the mirror is built anew, and meets again what is still bad."""
    session.execute(delete(ChangeSetAside))


def counts(session: Session) -> dict[What, int]:
    """How many changes are set aside, by what is wrong with them."""
    what = col(ChangeSetAside.what)
    statement = select(what, func.count()).group_by(what)
    found = dict.fromkeys(What, 0)
    return found | {What(name): rows for name, rows in session.execute(statement)}


def page(session: Session, what: What | None, after: str | None, limit: int) -> Sequence[ChangeSetAside]:
    """The changes set aside, oldest first, one more than `limit`."""
    statement = select(ChangeSetAside)
    if what is not None:
        statement = statement.where(col(ChangeSetAside.what) == what.value)
    return session.execute(keyset(statement, [col(ChangeSetAside.id)], after, limit)).scalars().all()


def remove(session: Session, row_id: UUID) -> None:
    """Remove one."""
    session.execute(delete(ChangeSetAside).where(col(ChangeSetAside.id) == row_id))


def _key(fault: Fault) -> str:
    """What makes two faults the same: the entity; without one the reason, so that a flood of them is one row.

    As a digest: a kind and a reason may be longer than an index takes.
    """
    about = (fault.kind, str(fault.entity_id)) if fault.entity_id else (fault.what.value, fault.kind, fault.reason)
    return sha256("/".join(map(str, about)).encode("utf-8", "surrogatepass")).hexdigest()
