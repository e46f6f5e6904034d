"""Use cases of equity links: write, list. Reviewers write them; who sees one of both firms fully sees the link."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlmodel import Session

from services.catalog.enterprises.access import require_reviewer, visible
from services.catalog.enterprises.models import Relation
from services.catalog.enterprises.names import NAMES
from services.catalog.enterprises.schemas import RelationWrite
from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from shared.contracts.v1 import RelationV1
from shared.db.upserts import Outcome, Row, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor

_TABLE = sql_table(Relation)
_OWNERS = NAMES.alias("owners")
_OWNED = NAMES.alias("owned")
KEY = ("owner_id", "owned_id")


def visible_relations(actor: Actor) -> ColumnElement[bool]:
    """The links of which the actor sees one of both enterprises fully."""
    return or_(visible(actor, _TABLE.c.owner_id), visible(actor, _TABLE.c.owned_id))


def upsert_relations(session: Session, actor: Actor, rows: Sequence[RelationWrite]) -> list[Outcome]:
    """Create or change links, by both enterprises; the caller commits."""
    require_reviewer(actor, "股权关系")
    feed.take_turn(session)
    sign(session, actor)
    written = upsert(session, Relation, KEY, [row.model_dump(exclude_unset=True) for row in rows])
    publish(session, written.rows)
    return written.outcomes


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of links as they are now."""
    feed.record(session, map(RelationV1.model_validate, rows))


def page_relations(session: Session, actor: Actor, enterprise: UUID | None, after: str | None, limit: int) -> Page:
    """A page of the links that the actor sees, of all or of one enterprise on either side, oldest first."""
    statement = _select(actor)
    if enterprise is not None:
        statement = statement.where(or_(_TABLE.c.owner_id == enterprise, _TABLE.c.owned_id == enterprise))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=dict)


def get_relation(session: Session, actor: Actor, id: UUID) -> Row:
    """One link; 404 where the actor may not see it."""
    row = session.execute(_select(actor).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("股权关系", id)
    return dict(row)


def _select(actor: Actor) -> Select[Any]:
    both = _TABLE.join(_OWNERS, _OWNERS.c.id == _TABLE.c.owner_id).join(_OWNED, _OWNED.c.id == _TABLE.c.owned_id)
    names = (_OWNERS.c.name.label("owner_name"), _OWNED.c.name.label("owned_name"))
    return select(_TABLE, *names).select_from(both).where(visible_relations(actor))
