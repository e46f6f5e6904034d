"""The mappings that are kept, one per source: how its files are read next time as well.

A mapping belongs to the enterprise that kept it, or to all reviewers together.
"""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlmodel import Session

from services.catalog.imports.checking.ownership import require_importer
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.headings.mapping import Mapping, mapped_layouts
from services.catalog.imports.models import ImportMapping
from services.catalog.imports.schemas import SourceOut
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.http.problems import not_found
from shared.security.actor import Actor

_TABLE = sql_table(ImportMapping)


def keep(session: Session, actor: Actor, source: str, mapping: Mapping) -> SourceOut:
    """Keep a mapping under a source's name, in place of the one that was there. Commits."""
    require_importer(actor)
    found = session.execute(select(_TABLE).where(_own(actor), _TABLE.c.source == source)).first()
    content = {"mapping": mapping.model_dump(mode="json", by_alias=True), "actor": actor.subject}
    if found is None:
        owner = {"id": new_id(), "version": 1, "source": source, "enterprise_id": actor.enterprise_id}
        session.execute(insert(_TABLE).values(**owner, **content))
    else:
        session.execute(
            update(_TABLE)
            .where(_TABLE.c.id == found.id)
            .values(**content, version=found.version + 1, updated_at=func.now())
        )
    session.commit()
    return read(session, actor, source)


def listed(session: Session, actor: Actor) -> list[SourceOut]:
    """The sources that the actor may use, by name."""
    require_importer(actor)
    rows = session.execute(select(_TABLE).where(_own(actor)).order_by(_TABLE.c.source)).mappings()
    return [SourceOut.model_validate(dict(row)) for row in rows]


def read(session: Session, actor: Actor, source: str) -> SourceOut:
    """A source with its mapping; 404 where the actor has none of this name."""
    require_importer(actor)
    row = session.execute(select(_TABLE).where(_own(actor), _TABLE.c.source == source)).mappings().first()
    if row is None:
        raise not_found("来源", source)
    return SourceOut.model_validate(dict(row))


def forget(session: Session, actor: Actor, source: str) -> None:
    """Delete a source's mapping; imports that used it stay as they are. Commits."""
    read(session, actor, source)
    session.execute(delete(_TABLE).where(_own(actor), _TABLE.c.source == source))
    session.commit()


def fitting(session: Session, actor: Actor, filename: str, sheets: list[RawSheet]) -> Mapping | None:
    """The kept mapping that reads a sheet of the file without a fault, if there is one; the latest kept first."""
    rows = session.execute(select(_TABLE.c.mapping).where(_own(actor)).order_by(_TABLE.c.updated_at.desc()))
    for (stored,) in rows:
        mapping = anywhere(Mapping.model_validate(stored))
        layouts = [layout for sheet in sheets for layout in mapped_layouts(mapping, filename, sheet)]
        if any(not layout.refused for layout in layouts):
            return mapping
    return None


def anywhere(mapping: Mapping) -> Mapping:
    """A mapping without the names of files: next month's file is called otherwise."""
    sheets = tuple(sheet.model_copy(update={"file": "*"}) for sheet in mapping.sheets)
    return mapping.model_copy(update={"sheets": sheets})


def _own(actor: Actor) -> ColumnElement[bool]:
    owner: Any = _TABLE.c.enterprise_id
    if actor.enterprise_id is None:
        return owner.is_(None)  # type: ignore[no-any-return]
    return owner == actor.enterprise_id  # type: ignore[no-any-return]
