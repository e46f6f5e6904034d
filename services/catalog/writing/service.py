"""Use cases for one row of any kind: create it, change it, bring it back after it was deleted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.history.retiring import seen
from services.catalog.history.reversal import put_back
from services.catalog.kinds import EntityKind
from services.catalog.products.rules import BomCycle
from services.catalog.writing import checks
from services.catalog.writing.remarks import remarks
from shared.db.upserts import Change, Outcome, Row
from shared.http.problems import FieldError, Problem, conflict, database_problem, forbidden, precondition_failed
from shared.security.actor import Actor, Role


def create(session: Session, actor: Actor, kind: EntityKind, row: BaseModel) -> Row:
    """Create a row; it, as its route shows it, with what is worth saying about it. Commits.

    403 where the actor may not write it, 409 where there is one with its key, 422 for what it refers to and is not.
    """
    outcome = _write(session, actor, kind, row)
    if outcome.change is not Change.CREATED:
        raise conflict(f"已有同一{kind.label}", f"编号为 {outcome.id}；请修改它，而不是新建。", "exists")
    created = kind.read(session, actor, outcome.id)
    session.commit()
    return {**created, **remarks(session, kind, [outcome.id]).get(outcome.id, {})}


def change(
    session: Session,
    actor: Actor,
    kind: EntityKind,
    id: UUID,
    version: int,
    fields: Mapping[str, Any],
    reason: str = "",
) -> Row:
    """Change the fields given of a row as it was at `version`, and no others; it, as its route shows it. Commits.

    404 where the actor does not see it, 412 when somebody changed it since, 422 for fields that tell rows of the kind
    apart: they stay as they are, but an enterprise's keys, which reviewers may change.
    """
    feed.take_turn(session)
    history.sign(session, actor, reason=reason)
    before = seen(session, actor, kind, id)
    if before["version"] != version:
        raise precondition_failed()
    row = _changed(kind, before, fields)
    outcome = _write(session, actor, kind, row) if kind.amend is None else _amend(session, actor, kind, before, row)
    if outcome.id != id:
        raise conflict("内容与另一行重复", f"编号为 {outcome.id}。")
    after = kind.read(session, actor, id)
    session.commit()
    return after


def restore(session: Session, actor: Actor, kind: EntityKind, id: UUID, reason: str) -> Row:
    """Bring back a deleted row under its old id, as it was before; it, as its route shows it. Commits.

    404 where the actor would not see it, 403 where it may not write it, 409 where it is not deleted or its place taken.
    403 too where somebody else deleted it, but for reviewers: else a firm would bring back what a reviewer took away,
    a certificate as verified as it was. And whatever keeps the row from being created today keeps it from coming back.
    """
    feed.take_turn(session)
    history.sign(session, actor, reason=reason)
    entry = history.deletion(session, kind.name, id)
    if entry is None:
        seen(session, actor, kind, id)
        raise conflict(f"{kind.label}没有被删除", "无需恢复。", "wrong-state")
    with _undone(session):
        put_back(session, kind, [entry])
        row = seen(session, actor, kind, id)
        kind.require_write(session, actor, [row])
    if actor.role is not Role.REVIEWER and history.actor_of(session, entry) != actor.subject:
        raise forbidden(f"这条{kind.label}由他人删除，只有审核员可以恢复。")
    with _undone(session):
        model = kind.write.model_fields
        _write(session, actor, kind, checks.read(kind, {name: row[name] for name in model if name in row}))
    put_back(session, kind, [entry])
    back = kind.read(session, actor, id)
    session.commit()
    return back


def attempt(session: Session, actor: Actor, kind: EntityKind, rows: list[BaseModel]) -> list[Outcome]:
    """Write rows through their feature; whatever it refuses is a Problem, and leaves nothing written."""
    with _told(), session.begin_nested():
        return kind.upsert(session, actor, rows)


def _write(session: Session, actor: Actor, kind: EntityKind, row: BaseModel) -> Outcome:
    feed.take_turn(session)
    history.sign(session, actor)
    (problem,) = checks.dangling(session, kind, [row])
    if problem is not None:
        raise problem
    return attempt(session, actor, kind, [row])[0]


def _amend(session: Session, actor: Actor, kind: EntityKind, before: Row, row: BaseModel) -> Outcome:
    with _told():
        return kind.amend(session, actor, before, row)  # type: ignore[misc]


def _changed(kind: EntityKind, before: Row, fields: Mapping[str, Any]) -> BaseModel:
    """The row to write: what tells it apart and what it must have as they are, and the fields given."""
    model = kind.write.model_fields
    kept = {name: before[name] for name in model if name in kind.key or (model[name].is_required() and name in before)}
    row = checks.read(kind, {**kept, **fields})
    moved = [name for name in kind.key if getattr(row, name) != before[name]]
    if moved and kind.amend is None:
        detail = f"它用来识别{kind.label}，不能修改；请另行登记。"
        errors = [FieldError(pointer=f"/{name}", detail=detail, code="key") for name in moved]
        raise Problem(422, "validation", "提交的内容有误", detail, errors)
    return row


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    """Try something for what it refuses, and leave nothing of it."""
    tried = session.begin_nested()
    yield
    tried.rollback()


@contextmanager
def _told() -> Iterator[None]:
    """Say what a feature or the database refuses as a Problem."""
    try:
        yield
    except BomCycle as cycle:
        raise Problem(422, "bom-cycle", "物料清单成环", cycle.message) from cycle
    except (IntegrityError, DataError) as error:
        raise database_problem(error) from error
