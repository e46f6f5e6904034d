"""Use cases of the mirror: apply a page of the feed once, tell how far it is, read what it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Session

from services.matching.mirror.models import (
    TABLES,
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
from shared.contracts.v1 import ENTITIES, FeedEventV1, FeedPageV1, Kind

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
    "catalogue",
    "counts",
    "position",
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


def apply_page(session: Session, page: FeedPageV1, read_after: str | None, now: datetime) -> Position:
    """Apply a page that was read after the cursor `read_after`, and commit it together with the new cursor.

    The cursor's row is locked, so that two followers take turns; a page that another one has applied meanwhile is
    left alone. A page of another epoch starts the rebuild: the next page is to be read from the beginning.
    """
    cursor = session.execute(select(FeedCursor).with_for_update()).scalar_one()
    if cursor.cursor == read_after:
        if page.epoch == cursor.epoch or read_after is None:
            _apply(session, cursor, page, now)
        else:
            _start_again(cursor, page.epoch)
    session.commit()
    return _position(cursor)


def _apply(session: Session, cursor: FeedCursor, page: FeedPageV1, now: datetime) -> None:
    cursor.epoch, cursor.cursor = page.epoch, page.cursor
    for kind, events in _latest_by_kind(page.events).items():
        _upsert(session, kind, page.epoch, [event for event in events if event.op == "upsert"])
        _delete(session, kind, page.epoch, [event for event in events if event.op == "delete"])
    if page.events:
        cursor.last_change_at = page.events[-1].at
    if page.caught_up:
        cursor.caught_up_at = now
        _finish_rebuild(session, cursor)


def _start_again(cursor: FeedCursor, epoch: str) -> None:
    """Begin a new life of the feed; the rows of the old one stay readable until the new ones are complete."""
    cursor.epoch, cursor.cursor, cursor.rebuilding = epoch, None, True


def _finish_rebuild(session: Session, cursor: FeedCursor) -> None:
    if cursor.rebuilding:
        for table in TABLES.values():
            session.execute(delete(table).where(table.epoch != cursor.epoch))  # type: ignore[arg-type]
        cursor.rebuilding = False


def _latest_by_kind(events: Iterable[FeedEventV1]) -> dict[Kind, list[FeedEventV1]]:
    """Only the last event of each entity counts: events carry whole entities."""
    latest = {(event.kind, event.id): event for event in events}
    kinds: dict[Kind, list[FeedEventV1]] = {}
    for event in latest.values():
        kinds.setdefault(event.kind, []).append(event)
    return kinds


def _upsert(session: Session, kind: Kind, epoch: str, events: list[FeedEventV1]) -> None:
    """Write entities; an older version never replaces a newer one of the same epoch."""
    if not events:
        return
    table = TABLES[kind].__table__  # type: ignore[attr-defined]
    statement = insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={column.name: statement.excluded[column.name] for column in table.c if column.name != "id"},
        where=or_(table.c.version < statement.excluded.version, table.c.epoch != statement.excluded.epoch),
    )
    session.execute(statement, [_values(table, kind, epoch, event) for event in events])


def _values(table: Any, kind: Kind, epoch: str, event: FeedEventV1) -> dict[str, Any]:
    """An entity as a row: JSONB columns take their JSON form, the others Python values."""
    entity = ENTITIES[kind].model_validate(event.data)
    python, json = entity.model_dump(), entity.model_dump(mode="json")
    values = {
        column.name: (json if isinstance(column.type, JSONB) else python)[column.name]
        for column in table.c
        if column.name != "epoch"
    }
    return {**values, "epoch": epoch}


def _delete(session: Session, kind: Kind, epoch: str, events: list[FeedEventV1]) -> None:
    table = TABLES[kind]
    for event in events:
        older = or_(table.version <= event.version, table.epoch != epoch)  # type: ignore[arg-type]
        session.execute(delete(table).where(table.id == event.id, older))  # type: ignore[arg-type]


def _all(session: Session, table: type[Row]) -> list[Row]:
    return list(session.execute(select(table)).scalars())


def _position(cursor: FeedCursor) -> Position:
    return Position(
        epoch=cursor.epoch,
        cursor=cursor.cursor,
        rebuilding=cursor.rebuilding,
        caught_up_at=cursor.caught_up_at,
        last_change_at=cursor.last_change_at,
    )
