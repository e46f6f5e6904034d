"""What every use case of a registration shares: finding it, locked, and taking a step that its table allows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from services.catalog.identity import throttle
from services.catalog.registration.context import Office
from services.catalog.registration.models import Registration, RegistrationStep
from services.catalog.registration.rules import Party, RefusedTransition, State, Verb, transition
from shared.db.upserts import sql_table
from shared.http.problems import FieldError, Problem, conflict, not_found, precondition_failed
from shared.security.secrets import digest

_TABLE = sql_table(Registration)
APPLICANT = "applicant"
_TOO_OFTEN = "查询码输错次数过多，请在 {wait}后再试。"


def own(session: Session, office: Office, code: str, address: str, version: int | None = None) -> Registration:
    """The registration of a code, locked; the same 404 for every code that opens none, 429 for too many of them.

    412 when somebody changed it since `version`.
    """
    wanted = select(Registration).where(_TABLE.c.follow_digest == digest(code)).with_for_update()
    found: Registration | None = session.execute(wanted).scalar_one_or_none()
    now = office.identity.clock()
    if found is None or (found.state == State.DRAFT and found.expires_at <= now):
        session.rollback()
        throttle.count(session, [throttle.by_address(address, "registration code")], now, _TOO_OFTEN)
        raise Problem(404, "not-found", "没有这份申请", "查询码有误，或草稿已过期删除。")
    if version is not None and found.version != version:
        raise precondition_failed()
    return found


def for_review(session: Session, id: UUID, version: int | None = None) -> Registration:
    """A registration for a reviewer, locked where it is to be changed: that of a `version`. 404, 412.

    What was never submitted is nobody's but the applicant's.
    """
    wanted = select(Registration).where(_TABLE.c.id == id, _TABLE.c.submitted_at.is_not(None))
    locked = wanted if version is None else wanted.with_for_update()
    found: Registration | None = session.execute(locked).scalar_one_or_none()
    if found is None:
        raise not_found("企业登记申请", id)
    if version is not None and found.version != version:
        raise precondition_failed()
    return found


def move(
    session: Session,
    registration: Registration,
    verb: Verb,
    party: Party,
    actor: str,
    *,
    reason: str = "",
    fields: Sequence[dict[str, Any]] = (),
) -> None:
    """Take a step, and write it down; 409 where the table does not allow it, 422 without a reason that it needs.

    The caller commits.
    """
    before = State(registration.state)
    after = allowed(registration, verb, party, reason)
    registration.state, registration.reason = after, reason
    session.add(
        RegistrationStep(
            registration_id=registration.id,
            verb=verb,
            before=before,
            after=after,
            actor=actor,
            reason=reason,
            fields=list(fields),
        )
    )
    touch(session, registration)


def allowed(registration: Registration, verb: Verb, party: Party, reason: str = "") -> State:
    """The state that a verb leads to; Problem 409 where the table does not allow it, 422 without a reason it needs."""
    try:
        return transition(State(registration.state), verb, party, is_claim=registration.is_claim, reason=reason)
    except RefusedTransition as refused:
        raise _problem(refused) from refused


def touch(session: Session, registration: Registration) -> None:
    """Make the next version of a registration; the caller commits."""
    registration.version += 1
    session.add(registration)
    session.flush()
    session.execute(_TABLE.update().where(_TABLE.c.id == registration.id).values(updated_at=func.now()))


def _problem(refused: RefusedTransition) -> Problem:
    if refused.code == "reason_missing":
        error = FieldError(pointer="/reason", detail=refused.sentence, code="missing")
        return Problem(422, "validation", "提交的内容有误", refused.sentence, [error])
    return conflict("当前状态不允许此操作", refused.sentence, refused.code.replace("_", "-"))
