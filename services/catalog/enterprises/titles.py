"""Use cases of titles: write, list. They are seen with their enterprise, and written by reviewers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from services.catalog.enterprises.access import require_reviewer, visible
from services.catalog.enterprises.models import Enterprise, Title
from services.catalog.enterprises.schemas import TitleWrite
from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from shared.codes.titles import all_titles, usual_expiry
from shared.contracts.v1 import TitleV1
from shared.db.upserts import Outcome, Row, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor

_TABLE = sql_table(Title)
_ENTERPRISES = sql_table(Enterprise)
KEY = ("enterprise_id", "title", "level")


def visible_titles(actor: Actor) -> ColumnElement[bool]:
    """The titles of the enterprises that the actor sees fully."""
    return visible(actor, _TABLE.c.enterprise_id)


def upsert_titles(session: Session, actor: Actor, rows: Sequence[TitleWrite]) -> list[Outcome]:
    """Create or change titles, by enterprise, title and level; the caller commits."""
    require_reviewer(actor, "称号")
    feed.take_turn(session)
    sign(session, actor)
    written = upsert(session, Title, KEY, [row.model_dump(exclude_unset=True) for row in rows], _with_expiry)
    publish(session, written.rows)
    return written.outcomes


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of titles as they are now."""
    feed.record(session, map(TitleV1.model_validate, rows))


def page_titles(
    session: Session, actor: Actor, enterprise: UUID | None, title: str | None, after: str | None, limit: int
) -> Page:
    """A page of the titles that the actor sees, oldest first."""
    statement = _select(actor)
    if enterprise is not None:
        statement = statement.where(_TABLE.c.enterprise_id == enterprise)
    if title is not None:
        statement = statement.where(_TABLE.c.title == title)
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=_shown)


def get_title(session: Session, actor: Actor, id: UUID) -> Row:
    """One title; 404 where the actor may not see it."""
    row = session.execute(_select(actor).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("称号", id)
    return _shown(row)


def _with_expiry(row: Row) -> Row:
    """The last day that follows from the day of issue, where the source names none."""
    if row["expires"] is not None or row["issued"] is None:
        return {}
    return {"expires": usual_expiry(row["title"], row["issued"])}


def _shown(row: Any) -> Row:
    scheme = all_titles().get(row["title"])
    return {**row, "title_name": scheme.name if scheme else row["title"]}


def _select(actor: Actor) -> Select[Any]:
    owner = _TABLE.join(_ENTERPRISES, _ENTERPRISES.c.id == _TABLE.c.enterprise_id)
    name = _ENTERPRISES.c.name.label("enterprise_name")
    return select(_TABLE, name).select_from(owner).where(visible_titles(actor))
