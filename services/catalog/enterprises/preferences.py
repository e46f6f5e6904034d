"""Use cases of what leaders say about suppliers: blacklisted, preferred. The leader and reviewers alone know of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true
from sqlmodel import Session

from services.catalog.enterprises.access import require_own
from services.catalog.enterprises.models import Preference
from services.catalog.enterprises.names import NAMES
from services.catalog.enterprises.rules import Stance
from services.catalog.enterprises.schemas import PreferenceWrite
from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from shared.contracts.v1 import PreferenceV1
from shared.db.upserts import Outcome, Row, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor, Role

_TABLE = sql_table(Preference)
_LEADERS = NAMES.alias("leaders")
_SUPPLIERS = NAMES.alias("suppliers")
KEY = ("leader_id", "supplier_id", "part_code")


def visible_preferences(actor: Actor) -> ColumnElement[bool]:
    """A leader's own, as long as it acts as a leader; the supplier that is meant never learns of it here."""
    if actor.sees_everything:
        return true()
    if actor.role is not Role.CHAIN_LEADER or actor.enterprise_id is None:
        return false()
    return _TABLE.c.leader_id == actor.enterprise_id


def upsert_preferences(session: Session, actor: Actor, rows: Sequence[PreferenceWrite]) -> list[Outcome]:
    """Create or change what leaders say, by leader, supplier and part; the caller commits."""
    require_own(actor, Role.CHAIN_LEADER, (row.leader_id for row in rows))
    feed.take_turn(session)
    sign(session, actor)
    values = [{"part_code": row.part_code, **row.model_dump(exclude_unset=True)} for row in rows]
    written = upsert(session, Preference, KEY, values)
    publish(session, written.rows)
    return written.outcomes


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of what leaders say now."""
    feed.record(session, [PreferenceV1.model_validate(_shown(row)) for row in rows])


def page_preferences(
    session: Session,
    actor: Actor,
    leader: UUID | None,
    supplier: UUID | None,
    stance: Stance | None,
    after: str | None,
    limit: int,
) -> Page:
    """A page of what leaders say, as far as the actor sees it, oldest first."""
    wanted = {_TABLE.c.leader_id: leader, _TABLE.c.supplier_id: supplier, _TABLE.c.stance: stance}
    statement = _select(actor).where(*(column == value for column, value in wanted.items() if value is not None))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=_shown)


def get_preference(session: Session, actor: Actor, id: UUID) -> Row:
    """What one leader says about one supplier; 404 where the actor may not see it."""
    row = session.execute(_select(actor).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("黑名单或优先记录", id)
    return _shown(row)


def _shown(row: Any) -> Row:
    """The row as it travels: no part is none, not an empty text."""
    return {**row, "part_code": row["part_code"] or None}


def _select(actor: Actor) -> Select[Any]:
    both = _TABLE.join(_LEADERS, _LEADERS.c.id == _TABLE.c.leader_id)
    both = both.join(_SUPPLIERS, _SUPPLIERS.c.id == _TABLE.c.supplier_id)
    names = (_LEADERS.c.name.label("leader_name"), _SUPPLIERS.c.name.label("supplier_name"))
    return select(_TABLE, *names).select_from(both).where(visible_preferences(actor))
