"""Use cases of status: verify in batches, suspend, reinstate, retire; the history keeps who, when and why."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.enterprises.access import visible
from services.catalog.enterprises.models import Enterprise
from services.catalog.enterprises.rules import STATUS_NAMES, TRANSITIONS, Decision, Status, refusal
from services.catalog.enterprises.schemas import Refusal, VerificationRequest, VerificationResult
from services.catalog.feed import service as feed
from services.catalog.history.service import course_of, sign
from services.catalog.identity.ending import end_for_enterprises
from shared.clock import utc_now
from shared.contracts.v1 import EnterpriseV1
from shared.db.upserts import Row, among, sql_table
from shared.http.problems import conflict, not_found, precondition_failed
from shared.security.actor import Actor

_TABLE = sql_table(Enterprise)


def verify(session: Session, actor: Actor, request: VerificationRequest) -> VerificationResult:
    """Verify the enterprises named, or all submitted ones; those already verified stay as they are. Commits."""
    feed.take_turn(session)
    sign(session, actor)
    found = _asked_for(session, request)
    refused = _unknown(request.ids, found)
    for row in found:
        if reason := refusal(Status(row.status), row.credit_code):
            refused.append(Refusal(id=row.id, name=row.name, reason=reason))
    out = {each.id for each in refused}
    ids = [row.id for row in found if row.status == Status.SUBMITTED and row.id not in out]
    changed = _move(session, ids, Status.VERIFIED)
    session.commit()
    return VerificationResult(verified=len(changed), refused=refused)


def decide(session: Session, actor: Actor, id: UUID, decision: Decision, reason: str, version: int) -> Row:
    """Take a decision about one enterprise as it was at `version`; the enterprise after it. Commits.

    412 when somebody changed it since, 409 naming the status in which this decision cannot be taken.
    """
    feed.take_turn(session)
    sign(session, actor, reason=reason)
    row = session.execute(select(_TABLE).where(_TABLE.c.id == id, visible(actor, _TABLE.c.id))).first()
    if row is None:
        raise not_found("企业", id)
    if row.version != version:
        raise precondition_failed()
    allowed, after = TRANSITIONS[decision]
    if row.status not in allowed:
        raise conflict("当前状态不允许此操作", f"企业现为“{STATUS_NAMES[Status(row.status)]}”。", "wrong-state")
    changed = _move(session, [id], after)
    session.commit()
    return changed[0]


def admit(session: Session, id: UUID) -> Row:
    """Let an enterprise be verified whose registration was, also one that was retired; it then. The caller commits.

    409 for a suspended one: who suspended it reinstates it.
    """
    row = session.execute(select(_TABLE).where(_TABLE.c.id == id)).mappings().one()
    if row["status"] == Status.SUSPENDED:
        detail = f"企业“{row['name']}”已暂停，请先恢复它，再决定这份申请。"
        raise conflict("企业已暂停", detail, "enterprise-inactive")
    return dict(row) if row["status"] == Status.VERIFIED else _move(session, [id], Status.VERIFIED)[0]


def end(session: Session, id: UUID) -> Row:
    """Retire an enterprise whose record was merged into another one; it then. The caller commits."""
    return _move(session, [id], Status.RETIRED)[0]


def status_changes(session: Session, actor: Actor, id: UUID) -> list[Row]:
    """What became of an enterprise's status, oldest first; 404 where the actor does not see it fully."""
    seen = select(_TABLE.c.id).where(_TABLE.c.id == id, visible(actor, _TABLE.c.id))
    if session.execute(seen).first() is None:
        raise not_found("企业", id)
    return course_of(session, "enterprise", _TABLE, id, "status")


def _asked_for(session: Session, request: VerificationRequest) -> Sequence[Found[Any]]:
    columns = (_TABLE.c.id, _TABLE.c.name, _TABLE.c.status, _TABLE.c.credit_code)
    submitted = _TABLE.c.status == Status.SUBMITTED.value
    wanted = submitted if request.all_submitted else among(_TABLE.c.id, request.ids)
    return session.execute(select(*columns).where(wanted).order_by(_TABLE.c.id)).all()


def _unknown(ids: Sequence[UUID], found: Sequence[Found[Any]]) -> list[Refusal]:
    known = {row.id for row in found}
    missing = dict.fromkeys(id for id in ids if id not in known)
    return [Refusal(id=id, name=None, reason="没有这家企业") for id in missing]


def _move(session: Session, ids: Sequence[UUID], after: Status) -> list[Row]:
    """Give enterprises another status, tell the feed, and end what acts for them; the rows as they are then."""
    if not ids:
        return []
    change = update(_TABLE).where(among(_TABLE.c.id, ids))
    change = change.values(status=after.value, version=_TABLE.c.version + 1, updated_at=func.now())
    rows = [dict(row) for row in session.execute(change.returning(_TABLE)).mappings()]
    feed.record(session, map(EnterpriseV1.model_validate, rows))
    if after in (Status.SUSPENDED, Status.RETIRED):
        end_for_enterprises(session, ids, utc_now())
    return rows
