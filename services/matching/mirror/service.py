"""Use cases of the mirror: apply a page of the feed once, tell how far it is, read what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select
from sqlmodel import Session

from services.matching.mirror import applying, set_aside
from services.matching.mirror.changes import FIELDS, Fault, Page, What, sort_out
from services.matching.mirror.models import (
    TABLES,
    ChangeSetAside,
    FeedCursor,
    MirrorCapability,
    MirrorCertificate,
    MirrorCluster,
    MirrorEnterprise,
    MirrorNeed,
    MirrorPreference,
    MirrorProduct,
    MirrorPurchase,
    MirrorRelation,
    MirrorRow,
    MirrorTitle,
)
from shared.contracts.v1 import Kind
from shared.db.upserts import sql_table
from shared.http.problems import not_found
from shared.processes.collector import collector_held
from shared.security.actor import Actor

__all__ = [
    "Catalogue",
    "MirrorCapability",
    "MirrorCertificate",
    "MirrorCluster",
    "MirrorEnterprise",
    "MirrorNeed",
    "MirrorPreference",
    "MirrorProduct",
    "MirrorPurchase",
    "MirrorRelation",
    "MirrorTitle",
    "Position",
    "apply_page",
    "begin_anew",
    "catalogue",
    "changes_set_aside",
    "counts",
    "position",
    "put_away",
    "set_aside_counts",
    "try_again",
]

Row = TypeVar("Row", bound=MirrorRow)


@dataclass(frozen=True)
class Position:
    """How far the mirror is: where to go on in the feed, and whether it is still being built from the beginning."""

    epoch: str | None
    cursor: str | None
    rebuilding: bool
    caught_up_at: datetime | None
    last_change_at: datetime | None
    last_applied_at: datetime | None


@dataclass(frozen=True)
class Catalogue:
    """All that the mirror holds, read in the session's one transaction."""

    enterprises: list[MirrorEnterprise]
    certificates: list[MirrorCertificate]
    titles: list[MirrorTitle]
    relations: list[MirrorRelation]
    preferences: list[MirrorPreference]
    clusters: list[MirrorCluster]
    products: list[MirrorProduct]
    needs: list[MirrorNeed]
    purchases: list[MirrorPurchase]
    capabilities: list[MirrorCapability]


def position(session: Session) -> Position:
    """Where the mirror stands in the feed."""
    return _position(session.execute(select(FeedCursor)).scalar_one())


def counts(session: Session) -> dict[Kind, int]:
    """Rows per kind."""
    return {
        kind: session.execute(select(func.count()).select_from(table)).scalar_one() for kind, table in TABLES.items()
    }


def set_aside_counts(session: Session) -> dict[What, int]:
    """How many changes are set aside, by what is wrong with them."""
    return set_aside.counts(session)


@collector_held()
def catalogue(session: Session) -> Catalogue:
    """Everything at once; for a consistent picture the session's transaction should be REPEATABLE READ."""
    return Catalogue(
        enterprises=_all(session, MirrorEnterprise),
        certificates=_all(session, MirrorCertificate),
        titles=_all(session, MirrorTitle),
        relations=_all(session, MirrorRelation),
        preferences=_all(session, MirrorPreference),
        clusters=_all(session, MirrorCluster),
        products=_all(session, MirrorProduct),
        needs=_all(session, MirrorNeed),
        purchases=_all(session, MirrorPurchase),
        capabilities=_all(session, MirrorCapability),
    )


def apply_page(session: Session, page: Page, read_after: str | None, now: datetime) -> Position:
    """Apply a page that was read after the cursor `read_after`, and commit it together with the new cursor.

    The cursor's row is locked, so that two followers take turns; a page that another one has applied meanwhile is
    left alone. A page of another epoch, or the first one that is read by a program that knows more of the contract,
    starts the rebuild: the next page is to be read from the beginning. What cannot be applied is set aside.
    """
    cursor = _locked(session)
    if cursor.cursor == read_after:
        if read_after is None or (page.epoch == cursor.epoch and cursor.fields >= FIELDS):
            _apply(session, cursor, page, now)
        else:
            _start_again(session, cursor, page.epoch)
    session.commit()
    return _position(cursor)


def begin_anew(session: Session, read_after: str | None) -> Position:
    """Read everything anew: the catalog has compacted what comes after the cursor `read_after`. Commits.

    What another follower has done meanwhile stays as it is.
    """
    cursor = _locked(session)
    if cursor.cursor == read_after:
        structlog.get_logger("mirror").warning("the feed was compacted beyond the mirror: it is built anew")
        _start_again(session, cursor, cursor.epoch)
    session.commit()
    return _position(cursor)


def changes_set_aside(session: Session, what: What | None, after: str | None, limit: int) -> Sequence[ChangeSetAside]:
    """The changes that could not be applied, oldest first; one more than `limit`, which tells if there are more."""
    return set_aside.page(session, what, after, limit)


def try_again(session: Session, row_id: UUID, now: datetime) -> Fault | None:
    """Try to apply a change that was set aside; what is still wrong, or None when it is done. 404 without the change.

    An entity that has changed since keeps its newer version: then nothing of the old change is left to be done.
    """
    cursor, row = _locked(session), _set_aside(session, row_id)
    changes = sort_out([row.event])
    faults = changes.faults + applying.write(session, changes, _life(cursor))
    if faults:
        set_aside.keep(session, faults, now)
    else:
        set_aside.remove(session, row_id)
    session.commit()
    return faults[0] if faults else None


def put_away(session: Session, row_id: UUID, actor: Actor) -> None:
    """Give a change up that was set aside; it stays in the log who did. 404 without the change."""
    row = _set_aside(session, row_id)
    said = {"what": row.what, "kind": row.kind, "entity": None if row.entity_id is None else str(row.entity_id)}
    structlog.get_logger("mirror").warning("change put away", by=actor.subject, event_=row.event, **said)
    set_aside.remove(session, row_id)
    session.commit()


def _locked(session: Session) -> FeedCursor:
    cursor: FeedCursor = session.execute(select(FeedCursor).with_for_update()).scalar_one()
    return cursor


def _set_aside(session: Session, row_id: UUID) -> ChangeSetAside:
    row = session.get(ChangeSetAside, row_id)
    if row is None:
        raise not_found("搁置的变更", row_id)
    return row


def _apply(session: Session, cursor: FeedCursor, page: Page, now: datetime) -> None:
    if cursor.cursor is None:
        cursor.fields = FIELDS
    cursor.epoch, cursor.cursor = page.epoch, page.cursor
    if page.events:
        changes = sort_out(page.events)
        faults = changes.faults + applying.write(session, changes, _life(cursor))
        set_aside.forget_overtaken(session, changes)
        set_aside.keep(session, faults, now)
        cursor.last_change_at, cursor.last_applied_at = changes.last_at or cursor.last_change_at, now
    if page.caught_up:
        cursor.caught_up_at = now
        _finish_rebuild(session, cursor)
        if page.events:
            applying.forget_gone(session, _life(cursor))


def _life(cursor: FeedCursor) -> str:
    """What rows carry as their epoch: rows of another life are replaced whatever their version is."""
    return f"{cursor.epoch}/{cursor.fields}" + (f"/{cursor.rebuilds}" if cursor.rebuilds else "")


def _start_again(session: Session, cursor: FeedCursor, epoch: str | None) -> None:
    """Begin a new life of the mirror; the rows of the old one stay readable until the new ones are complete."""
    cursor.epoch, cursor.cursor, cursor.rebuilding = epoch, None, True
    cursor.rebuilds += 1
    set_aside.forget_all(session)


def _finish_rebuild(session: Session, cursor: FeedCursor) -> None:
    if cursor.rebuilding:
        life = _life(cursor)
        for table in TABLES.values():
            session.execute(delete(table).where(table.epoch != life))  # type: ignore[arg-type]
        cursor.rebuilding = False


def _all(session: Session, table: type[Row]) -> list[Row]:
    """All rows of a table, to be read by its names: of a million, the table's own class would make a minute's work."""
    return cast("list[Row]", session.execute(select(*sql_table(table).c)).all())


def _position(cursor: FeedCursor) -> Position:
    return Position(
        epoch=cursor.epoch,
        cursor=cursor.cursor,
        rebuilding=cursor.rebuilding,
        caught_up_at=cursor.caught_up_at,
        last_change_at=cursor.last_change_at,
        last_applied_at=cursor.last_applied_at,
    )
