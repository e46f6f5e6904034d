"""Use cases of disclosure: leaders say what others are told of their needs; everybody reads demand at large."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from services.matching.disclosure.models import NeedDisclosure
from services.matching.disclosure.rules import USUAL, Crowd, Demand, Level, crowds, quarter_of
from services.matching.mirror.service import MirrorEnterprise, MirrorNeed
from services.matching.suggestions.models import Suggestion
from shared.clock import utc_now
from shared.codes.regions import city_of
from shared.db.acting import beyond
from shared.db.upserts import among, sql_table
from shared.http.paging import keyset
from shared.http.problems import not_found, precondition_failed
from shared.security.actor import Actor

__all__ = ["Crowd", "Level", "NeedDisclosure", "choose", "demand", "forget", "get", "levels", "list_choices"]


def list_choices(session: Session, actor: Actor, after: str | None, limit: int) -> list[NeedDisclosure]:
    """What a leader said, oldest first; one more than `limit`, if there are more."""
    statement = select(NeedDisclosure).where(col(NeedDisclosure.leader_id) == actor.enterprise_id)
    return list(session.execute(keyset(statement, [col(NeedDisclosure.id)], after, limit)).scalars())


def get(session: Session, actor: Actor, need_id: UUID | None) -> NeedDisclosure:
    """What a leader said of a need (None: of all others); of version 0, as usual, where it said nothing.

    A 404 Problem for a need that is not its own.
    """
    found = _found(session, actor, need_id)
    if found is not None:
        return found
    _check_own(session, actor, need_id)
    unsaid = {"version": 0, "leader_id": actor.enterprise_id, "need_id": need_id, "level": _else(session, actor)}
    return NeedDisclosure.model_validate(unsaid | {"changed_by": "", "changed_at": utc_now()})


def choose(
    session: Session, actor: Actor, need_id: UUID | None, version: int, level: Level, reason: str, now: datetime
) -> NeedDisclosure:
    """Say what is told of a need, or of all others. Commits.

    Suggestions that wait for the leader are told by it from now on. 404 and 412 Problems.
    """
    _check_own(session, actor, need_id)
    row = _found(session, actor, need_id)
    if (row.version if row else 0) != version:
        raise precondition_failed()
    said = {"level": level.value, "reason": reason, "changed_by": actor.subject, "changed_at": now}
    if row is None:
        row = NeedDisclosure.model_validate({"leader_id": actor.enterprise_id, "need_id": need_id, **said})
        session.add(row)
    else:
        for name, value in said.items():
            setattr(row, name, value)
        row.version += 1
    session.flush()
    _tell_suggestions(session, actor)
    session.commit()
    return row


def forget(session: Session, actor: Actor, need_id: UUID, version: int) -> None:
    """Say nothing of a need any more: it is as all others. Commits. 404 and 412 Problems."""
    row = _found(session, actor, need_id)
    if row is None:
        raise not_found("该需求的公开设置", need_id)
    if row.version != version:
        raise precondition_failed()
    session.delete(row)
    session.flush()
    _tell_suggestions(session, actor)
    session.commit()


def levels(session: Session, needs: Mapping[UUID, UUID | None]) -> dict[UUID, Level]:
    """The level of each need (by its leader), for suggestions that are new; one query."""
    leaders = {leader for leader in needs.values() if leader is not None}
    statement = select(NeedDisclosure).where(among(sql_table(NeedDisclosure).c.leader_id, leaders))
    said = {(row.leader_id, row.need_id): Level(row.level) for row in session.execute(statement).scalars()}
    return {
        need: said.get((leader, need)) or said.get((leader, None)) or USUAL
        for need, leader in ((need, leader or need) for need, leader in needs.items())
    }


def demand(session: Session, class_code: str | None, city: str | None) -> Sequence[Crowd]:
    """Demand at large, as far as enough leaders are behind it; needs that their leaders show nobody do not count."""
    with beyond(session):
        rows = session.execute(_demand(class_code)).all()
        hidden = levels(session, {row.id: row.leader_id for row in rows})
    found = (
        Demand(row.class_code, place, quarter_of(row.needed_from), row.leader_id, _spend(row))
        for row in rows
        if (place := city_of(row.region)) is not None and hidden[row.id] is not Level.INVISIBLE
    )
    return [crowd for crowd in crowds(found) if city is None or crowd.city == city]


def _demand(class_code: str | None) -> Any:
    need, leader = sql_table(MirrorNeed).c, sql_table(MirrorEnterprise).c
    columns = (need.id, need.class_code, need.needed_from, need.leader_id, leader.region)
    amounts = (need.annual_quantity, need.unit_price)
    statement = select(*columns, *amounts).join(MirrorEnterprise, leader.id == need.leader_id)
    statement = statement.where(need.class_code.is_not(None), leader.region.is_not(None))
    return statement if class_code is None else statement.where(need.class_code.startswith(class_code, autoescape=True))


def _spend(row: Any) -> Decimal | None:
    known = row.annual_quantity is not None and row.unit_price is not None
    return row.annual_quantity * row.unit_price if known else None


def _found(session: Session, actor: Actor, need_id: UUID | None) -> NeedDisclosure | None:
    own = col(NeedDisclosure.leader_id) == actor.enterprise_id
    of_need = col(NeedDisclosure.need_id).is_not_distinct_from(need_id)
    found: NeedDisclosure | None = session.execute(
        select(NeedDisclosure).where(own, of_need).with_for_update()
    ).scalar_one_or_none()
    return found


def _else(session: Session, actor: Actor) -> Level:
    row = _found(session, actor, None)
    return USUAL if row is None else Level(row.level)


def _check_own(session: Session, actor: Actor, need_id: UUID | None) -> None:
    if need_id is None:
        return
    own = select(col(MirrorNeed.id)).where(
        col(MirrorNeed.id) == need_id, col(MirrorNeed.leader_id) == actor.enterprise_id
    )
    if session.execute(own).first() is None:
        raise not_found("需求", need_id)


def _tell_suggestions(session: Session, actor: Actor) -> None:
    """Let the leader's suggestions be told as it says now."""
    table, said = sql_table(Suggestion).c, sql_table(NeedDisclosure).c
    own = said.leader_id == actor.enterprise_id
    of_need = select(said.level).where(own, said.need_id == table.need_id).scalar_subquery()
    of_others = select(said.level).where(own, said.need_id.is_(None)).scalar_subquery()
    level = func.coalesce(of_need, of_others, USUAL.value)
    of_leader = update(Suggestion).where(table.leader_id == actor.enterprise_id, table.disclosure != level)
    with beyond(session):
        session.execute(of_leader.values(disclosure=level).execution_options(synchronize_session=False))
