"""What a preview found ready to be written, kept in words: written as it is where what it stands on has not changed.

A preview decides on every row; what it would write it packs. As long as the history has no later entry of a kind that
those decisions looked at, and the same sort of actor asks, deciding again could only come to the same. Where that does
not hold the parcels are left alone, and every row is decided anew.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, exists, func, insert, select
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history.models import HistoryEntry
from services.catalog.imports.models import ImportParcel
from services.catalog.imports.templates import ImportKind
from services.catalog.kinds import KINDS
from shared.contracts.v1 import Kind
from shared.db.copy import Parcel
from shared.db.upserts import among, sql_table
from shared.security.actor import Actor

_PARCELS, _HISTORY = sql_table(ImportParcel), sql_table(HistoryEntry)

LOOKED_AT: dict[ImportKind, tuple[str, ...]] = {ImportKind.CAPABILITIES: ("capability", "enterprise")}
"""The kinds whose previews are packed, and the kinds of the history that their decisions look at.

Whatever such a kind's feature writes it writes by upserts alone, and tells the feed of by `record_rows`.
"""

_KINDS = {kind.table.name: kind for kind in KINDS.values()}


def basis(session: Session, actor: Actor, kinds: Collection[ImportKind]) -> dict[str, Any]:
    """What the decisions of the session's transaction stand on; asked while other writers wait."""
    last = session.execute(select(func.coalesce(func.max(_HISTORY.c.id), 0))).scalar_one()
    looked_at = sorted({name for kind in kinds for name in LOOKED_AT[kind]})
    return {"history": last, "kinds": looked_at, "role": actor.role.value, "enterprise": _enterprise(actor)}


def still_holds(session: Session, actor: Actor, basis: dict[str, Any]) -> bool:
    """Tell whether the same would be decided now; asked while other writers wait."""
    if (basis["role"], basis["enterprise"]) != (actor.role.value, _enterprise(actor)):
        return False
    later = exists().where(_HISTORY.c.id > basis["history"], among(_HISTORY.c.kind, basis["kinds"]))
    return not session.execute(select(later)).scalar_one()


def keep(session: Session, import_id: UUID, parcels: Sequence[Parcel]) -> None:
    """Keep the parcels of an import in place of those that it had."""
    forget(session, import_id)
    for number, parcel in enumerate(parcels):
        told = {"target": parcel.table, "columns": list(parcel.columns), "replaces": parcel.replace}
        session.execute(insert(_PARCELS).values(import_id=import_id, number=number, content=parcel.content, **told))


def forget(session: Session, import_id: UUID) -> None:
    """Delete the parcels of an import."""
    session.execute(delete(_PARCELS).where(_PARCELS.c.import_id == import_id))


def kept(session: Session, import_id: UUID) -> Iterator[Parcel]:
    """The parcels of an import in their order, one at a time in memory."""
    of_import = _PARCELS.c.import_id == import_id
    numbers = session.execute(select(_PARCELS.c.number).where(of_import).order_by(_PARCELS.c.number)).scalars().all()
    for number in numbers:
        row = session.execute(select(_PARCELS).where(of_import, _PARCELS.c.number == number)).mappings().one()
        yield _parcel(row)


def count(session: Session, import_id: UUID) -> int:
    """How many parcels of an import there are."""
    return int(session.execute(select(func.count()).where(_PARCELS.c.import_id == import_id)).scalar_one())


def write(session: Session, parcel: Parcel) -> None:
    """Write the rows of a parcel, and tell the feed of them as they are then."""
    kind = _KINDS[parcel.table]
    feed.write_parcel(session, Kind(kind.name), kind.table, parcel)


def _parcel(row: RowMapping) -> Parcel:
    return Parcel(row["target"], tuple(row["columns"]), row["content"], row["replaces"])


def _enterprise(actor: Actor) -> str | None:
    return str(actor.enterprise_id) if actor.enterprise_id else None
