"""Moving suggestions along their way: one by one, or a batch of which all move or none.

Everybody who moves a suggestion goes through `apply`: rows are locked in the order of their ids, checked against the
table of transitions and against what stands in the way, and each step is written to the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.suggestions import events
from services.matching.suggestions.access import visible
from services.matching.suggestions.capacity import Room
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.obstacles import Judged, obstacles
from services.matching.suggestions.rules import MAIN_WAY, STATE_ZH, State, Verb
from services.matching.suggestions.steps import Asked, allowed, changes
from services.matching.suggestions.turns import take_proposing_turn
from shared.db.acting import read_beyond
from shared.db.upserts import among, sql_table
from shared.http.problems import FieldError, Problem, conflict, not_found, precondition_failed
from shared.security.actor import Actor, Role

GROWING = frozenset({Verb.ACCEPT, Verb.AMEND})
"""Verbs after which a suggestion may take more room than before."""
FORWARD = frozenset({Verb.APPROVE, Verb.ACCEPT, Verb.CONSENT, Verb.CONTRACT})
"""Verbs that a suspended firm or a lapsed certificate stands in the way of."""


@dataclass(frozen=True)
class Item:
    """A suggestion of a batch as its reader saw it."""

    id: UUID
    version: int


def move(session: Session, actor: Actor, item: Item, asked: Asked, now: datetime) -> Suggestion:
    """Move one suggestion, if nobody has changed it since the actor read it. Commits.

    Raises Problems: 404 not there or not visible, 412 changed meanwhile, 409 wrong state, an obstacle or no room,
    403 wrong role, 422 a missing or wrong statement.
    """
    _take_turn(session, asked)
    row = take(session, actor, item)
    apply(session, actor, [row], asked, now)
    session.commit()
    return row


def decide_all(session: Session, actor: Actor, items: Sequence[Item], asked: Asked, now: datetime) -> list[Suggestion]:
    """Move all of these suggestions, or none of them. Commits.

    Raises a 409 Problem that names each one that cannot be moved, by its place in the batch, and why.
    """
    _take_turn(session, asked)
    rows, problems = take_each(session, actor, items)
    problems |= _advance(session, actor, rows, asked, now)
    if problems:
        session.rollback()
        raise batch_refused(items, problems)
    session.commit()
    return rows


def take_each(session: Session, actor: Actor, items: Sequence[Item]) -> tuple[list[Suggestion], dict[UUID, Problem]]:
    """The suggestions of a batch, locked, in its order; and by id what is wrong with the others."""
    found = _locked(session, actor, [item.id for item in items])
    checked = {item.id: _changed(found.get(item.id), item) for item in items}
    problems = {id: problem for id, problem in checked.items() if problem is not None}
    return [found[id] for id in checked if id not in problems], problems


def take(session: Session, actor: Actor, item: Item) -> Suggestion:
    """The suggestion, locked till the end of the transaction; a Problem if it is not there or not as it was read."""
    row = _locked(session, actor, [item.id]).get(item.id)
    problem = _changed(row, item)
    if problem or row is None:
        raise problem or not_found("配套建议", item.id)
    return row


def apply(session: Session, actor: Actor, rows: Sequence[Suggestion], asked: Asked, now: datetime) -> None:
    """Move locked suggestions and write their history, in the caller's transaction; raises the first Problem."""
    problems = _advance(session, actor, rows, asked, now)
    for row in rows:
        if row.id in problems:
            raise problems[row.id]


def batch_refused(items: Sequence[Item], problems: Mapping[UUID, Problem]) -> Problem:
    """The Problem of a batch: one error for each suggestion that cannot be moved."""
    errors = [
        FieldError(
            pointer=f"/items/{at}",
            detail=f"{item.id}：{problems[item.id].detail or problems[item.id].title}",
            code=problems[item.id].kind,
        )
        for at, item in enumerate(items)
        if item.id in problems
    ]
    detail = f"{len(items)} 条中有 {len(errors)} 条不能这样处理，因此一条也没有改动。"
    return Problem(409, "batch-refused", "整批未执行", detail, errors)


def batch_refusals(problem: Problem) -> dict[str, str]:
    """Out of such a Problem, why each suggestion cannot be moved, by its id; nothing out of any other."""
    if problem.kind != "batch-refused":
        return {}
    told = (error.detail.partition("：") for error in problem.errors)
    return {id: sentence for id, _, sentence in told}


def proposed_anew(session: Session, rows: Sequence[Suggestion]) -> set[UUID]:
    """Those of `rows` whose pair of line and supplier a later suggestion proposes, defers, or has brought further."""
    statement = select(col(Suggestion.line_key), col(Suggestion.supplier_key), col(Suggestion.id)).where(
        among(sql_table(Suggestion).c.line_key, {row.line_key for row in rows}),
        col(Suggestion.state).in_((*MAIN_WAY, State.DEFERRED)),
    )
    newest: dict[tuple[str, str], UUID] = {}
    for line, firm, id in session.execute(statement):
        newest[line, firm] = max(id, newest.get((line, firm), id))
    return {row.id for row in rows if newest.get((row.line_key, row.supplier_key), row.id) > row.id}


def _take_turn(session: Session, asked: Asked) -> None:
    if asked.verb is Verb.RESTORE:
        take_proposing_turn(session)


def _locked(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Suggestion]:
    """The visible ones of these suggestions as they are now, locked in the order of their ids.

    What they are checked against next is others' too: what is reserved, who was suspended, what was proposed anew.
    """
    statement = (
        select(Suggestion)
        .where(among(sql_table(Suggestion).c.id, ids), visible(actor))
        .order_by(col(Suggestion.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in session.execute(statement).scalars()}
    read_beyond(session)
    return found


def _changed(row: Suggestion | None, item: Item) -> Problem | None:
    if row is None:
        return not_found("配套建议", item.id)
    if row.version != item.version:
        return precondition_failed(f"该建议{STATE_ZH[State(row.state)]}，请重新读取后再提交。")
    return None


def _advance(
    session: Session, actor: Actor, rows: Sequence[Suggestion], asked: Asked, now: datetime
) -> dict[UUID, Problem]:
    """Move what can be moved; by suggestion, the Problems of the others. The caller rolls back where there are any."""
    today = now.astimezone(CHINA).date()
    against = obstacles(session, [Judged.of(row) for row in rows], today) if asked.verb in FORWARD else {}
    by_hand = asked.verb is Verb.RESTORE and actor.role is not Role.SERVICE
    newer = proposed_anew(session, rows) if by_hand else set()
    room = Room(session, rows) if asked.verb in GROWING else None
    problems: dict[UUID, Problem] = {}
    steps = []
    for row in rows:
        before = State(row.state)
        try:
            after = allowed(before, asked, actor)
            _refuse_obstacle(row, against, newer)
            reserved = 0 if asked.verb is Verb.ACCEPT else row.placed_amount
            _change(row, after, changes(row, asked, today), now)
            if room and row.placed_amount > reserved:
                room.take(row)
        except Problem as problem:
            problems[row.id] = problem
            continue
        steps.append(events.Step(row.id, before, after, row.agreed_amount if asked.verb is Verb.ACCEPT else asked.told))
    events.record(session, steps, asked.verb, actor, asked.reason.strip(), now)
    return problems


def _change(row: Suggestion, after: State, values: Mapping[str, Any], now: datetime) -> None:
    """Put a locked suggestion into a state, with what else changes."""
    row.state, row.version, row.decided_at = after, row.version + 1, now
    if after in MAIN_WAY:
        row.stage = after
    for name, value in values.items():
        setattr(row, name, value)


def _refuse_obstacle(row: Suggestion, against: Mapping[UUID, str], newer: set[UUID]) -> None:
    if row.id in against:
        raise conflict("目前不能继续", against[row.id], "obstacle")
    if row.id in newer:
        detail = "较新的匹配任务已就这条需求与该供应商提出建议，请处理较新的一条。"
        raise conflict("已有较新的建议", detail, "proposed-anew")
