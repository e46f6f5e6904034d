"""Merging two records of one enterprise: what belongs to the one goes to the other, which keeps its name and keys.

The record that goes stays in its table, retired, with its history; its keys mean the other one from now on.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Column, and_, func, select, update
from sqlmodel import Session

from services.catalog.enterprises import aliases, decisions
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.rules import STATUS_NAMES, Status
from services.catalog.enterprises.schemas import EnterpriseWrite
from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.history.retiring import seen
from services.catalog.history.reversal import remove
from services.catalog.identity.members import move_members
from services.catalog.kinds import KINDS, EntityKind
from services.catalog.products import bills
from services.catalog.registration.models import Registration
from services.catalog.registration.schemas import MergeRequest, MergeResult
from shared.db.upserts import Row, among, sql_table
from shared.http.problems import FieldError, Problem, conflict, precondition_failed
from shared.security.actor import Actor

_REGISTRATIONS = sql_table(Registration)
_ENTERPRISES, _PRODUCTS, _PURCHASES = (KINDS[name].table for name in ("enterprise", "product", "purchase"))
_TOLD = ("short_name", "region", "class_code", "staff", "revenue_wan")
_ENDED = (Status.SUSPENDED.value, Status.RETIRED.value)


def merge(session: Session, actor: Actor, id: UUID, version: int, asked: MergeRequest) -> MergeResult:
    """Merge a record into the enterprise `id` as it was at `version`; how many rows went over. Commits.

    Refused with 409, which says why: where one of them has ended, both lead products, one has bought from the other,
    or only the one that goes has a credit code. Of rows that are the same in both, the remaining enterprise's are kept.
    """
    feed.take_turn(session)
    history.sign(session, actor, reason=asked.reason)
    kind = KINDS["enterprise"]
    kept = seen(session, actor, kind, id)
    if kept["version"] != version:
        raise precondition_failed()
    merged = _other(session, actor, kept, asked.merged_id)
    _require_possible(session, kept, merged)
    result = MergeResult(enterprise_id=id, merged_id=merged["id"], moved={}, dropped={})
    for each, column in _belonging():
        _move(session, each, column, (merged["id"], id), result)
    _complete(session, actor, kept, merged)
    move_members(session, merged["id"], id)
    aliases.absorb(session, actor, merged, id, asked.reason)
    decisions.end(session, merged["id"])
    _follow(session, merged["id"], id)
    session.commit()
    return result


def _other(session: Session, actor: Actor, kept: Row, id: UUID) -> Row:
    if id == kept["id"]:
        sentence = "不能并入自己，请选择另一家企业。"
        error = FieldError(pointer="/merged_id", detail=sentence, code="same")
        raise Problem(422, "validation", "提交的内容有误", sentence, [error])
    return seen(session, actor, KINDS["enterprise"], id)


def _require_possible(session: Session, kept: Row, merged: Row) -> None:
    """409 saying in plain words why these two cannot become one."""
    for row in (kept, merged):
        if row["status"] in _ENDED:
            status = STATUS_NAMES[Status(row["status"])]
            raise _impossible(
                f"企业“{row['name']}”{status}，不能合并；请先恢复它，或选择另一家。", "enterprise-inactive"
            )
    if merged["credit_code"] and not kept["credit_code"]:
        raise _impossible("保留的企业没有统一社会信用代码，而并入的企业有：请反过来合并。", "wrong-direction")
    both = (kept["id"], merged["id"])
    if any(_have_both(session, table.c.leader_id, both) for table in (_PRODUCTS, _PURCHASES)):
        detail = "两家企业各有主导产品或采购台账，不能自动合并：请先把其中一家的删除，或改到另一家名下。"
        raise _impossible(detail, "both-lead")
    dealings = among(_PURCHASES.c.leader_id, both) & among(_PURCHASES.c.supplier_id, both)
    if session.execute(select(_PURCHASES.c.id).where(dealings).limit(1)).first() is not None:
        raise _impossible("两家企业之间有采购记录，看来不是同一家：若记录有误，请先删除。", "dealt-with-each-other")


def _have_both(session: Session, leader: Column[Any], both: tuple[UUID, UUID]) -> bool:
    leading = select(func.count(leader.distinct())).where(among(leader, both))
    return bool(session.execute(leading).scalar_one() > 1)


def _impossible(detail: str, kind: str) -> Problem:
    return conflict("两家企业不能合并", detail, kind)


def _belonging() -> Iterator[tuple[EntityKind, Column[Any]]]:
    """Every kind of rows that refers to enterprises, with each column that does."""
    for kind in KINDS.values():
        for column in kind.table.columns:
            if any(key.column.table is _ENTERPRISES for key in column.foreign_keys):
                yield kind, column


def _move(session: Session, kind: EntityKind, column: Column[Any], way: tuple[UUID, UUID], result: MergeResult) -> None:
    """Let the rows of one column mean the other enterprise, but for those that it has already; tell the feed."""
    before, after = way
    theirs = [dict(row) for row in session.execute(select(kind.table).where(column == before)).mappings()]
    if not theirs:
        return
    double = _double(session, kind, column, theirs, way)
    if gone := [row for row in theirs if row["id"] in double]:
        remove(session, kind, gone)
        _count(result.dropped, kind, len(gone))
    ids = [row["id"] for row in theirs if row["id"] not in double]
    change = update(kind.table).where(among(kind.table.c.id, ids)).values({column.name: after, **_next(kind)})
    moved = [dict(row) for row in session.execute(change.returning(kind.table)).mappings()]
    if kind.publish is not None:
        kind.publish(session, moved)
    if kind.settle is not None:
        kind.settle(session, moved)
    if kind.table is _PRODUCTS:
        bills.retell_needs(session, [row["id"] for row in moved])
    _count(result.moved, kind, len(moved))


def _next(kind: EntityKind) -> Row:
    return {"version": kind.table.c.version + 1, "updated_at": func.now()}


def _double(
    session: Session, kind: EntityKind, column: Column[Any], theirs: list[Row], way: tuple[UUID, UUID]
) -> set[UUID]:
    """The rows that would be there twice, or would link the enterprise to itself."""
    before, after = way
    of_both = {name for name in kind.key if name != column.name}
    looped = {
        row["id"] for row in theirs if kind.name in ("relation", "preference") and after in (row[n] for n in of_both)
    }
    if column.name not in kind.key:
        return looped
    mine, other = kind.table.alias("mine"), kind.table.alias("other")
    same = and_(*(mine.c[name].is_not_distinct_from(other.c[name]) for name in of_both))
    pairs = select(mine.c.id).join(other, same)
    found = pairs.where(mine.c[column.name] == before, other.c[column.name] == after)
    return looped | set(session.execute(found).scalars())


def _count(counts: dict[str, int], kind: EntityKind, rows: int) -> None:
    if rows:
        counts[kind.name] = counts.get(kind.name, 0) + rows


def _complete(session: Session, actor: Actor, kept: Row, merged: Row) -> None:
    """Who takes over what leads or supplies does so too; and what is not known of it, the other record may tell."""
    known = {name: kept[name] for name in ("credit_code", "source_key", "name")}
    roles = {name: kept[name] or merged[name] for name in ("is_chain_leader", "is_supplier")}
    told = {name: merged[name] for name in _TOLD if kept[name] is None and merged[name] is not None}
    enterprises.amend(session, actor, kept, EnterpriseWrite(**known, **roles, **told))


def _follow(session: Session, before: UUID, after: UUID) -> None:
    """Let registrations that speak of the record speak of where it went."""
    for column in (_REGISTRATIONS.c.claimed_id, _REGISTRATIONS.c.enterprise_id):
        change = update(_REGISTRATIONS).where(column == before)
        session.execute(change.values({column.name: after, "version": _REGISTRATIONS.c.version + 1}))
