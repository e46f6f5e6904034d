"""Use cases of saved definitions: reviewers save, change and retire them, whoever reads rates may use them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from services.matching.rates import service
from services.matching.rates.definition import Terms
from services.matching.rates.models import RateDefinition
from services.matching.rates.schemas import SavedIn, SavedOut, TermsIn
from services.matching.rates.shelf import read_at_one_moment
from shared.http.problems import conflict, not_found, precondition_failed
from shared.security.actor import Actor

NAME_TAKEN = "name-taken"


def list_saved(session: Session) -> list[SavedOut]:
    """The saved definitions in the order of their names."""
    found = session.execute(select(RateDefinition).order_by(col(RateDefinition.name))).scalars()
    usual = service.usual_period(session)
    return [SavedOut.of(row, service.definition_in(_terms(row), usual)) for row in found]


def get(session: Session, definition_id: UUID) -> SavedOut:
    """One of them; a 404 Problem where there is none."""
    return _shown(session, _found(session, definition_id))


def terms_of(session: Session, definition_id: UUID) -> Terms:
    """What a saved definition asks for; a 404 Problem where there is none. What is read next is of the same moment."""
    read_at_one_moment(session)
    return _terms(_found(session, definition_id))


def save(session: Session, actor: Actor, wanted: SavedIn, now: datetime) -> SavedOut:
    """Save a definition with a name; a 409 Problem where the name is taken."""
    row = RateDefinition(
        name=wanted.name.strip(), terms=_stored(wanted.terms), created_by=actor.subject, created_at=now
    )
    session.add(row)
    _commit(session, row.name)
    return _shown(session, row)


def change(session: Session, definition_id: UUID, wanted: SavedIn, version: int) -> SavedOut:
    """Give it another name or other terms; points that the old ones left stay theirs. 404, 409 and 412 Problems."""
    row = _current(session, definition_id, version)
    row.name, row.terms, row.version = wanted.name.strip(), _stored(wanted.terms), row.version + 1
    _commit(session, row.name)
    return _shown(session, row)


def retire(session: Session, definition_id: UUID, version: int) -> None:
    """Forget the name; the points that were left stay. 404 and 412 Problems."""
    session.delete(_current(session, definition_id, version))
    session.commit()


def _found(session: Session, definition_id: UUID) -> RateDefinition:
    row = session.get(RateDefinition, definition_id)
    if row is None:
        raise not_found("已保存的口径", definition_id)
    return row


def _current(session: Session, definition_id: UUID, version: int) -> RateDefinition:
    statement = select(RateDefinition).where(col(RateDefinition.id) == definition_id).with_for_update()
    row: RateDefinition | None = session.execute(statement).scalar_one_or_none()
    if row is None:
        raise not_found("已保存的口径", definition_id)
    if row.version != version:
        raise precondition_failed(f"口径“{row.name}”已被修改，请重新读取后再提交。")
    return row


def _commit(session: Session, name: str) -> None:
    try:
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise conflict("名称已被使用", f"已有名为“{name}”的口径，请换一个名称。", NAME_TAKEN) from error


def _stored(terms: TermsIn) -> dict[str, object]:
    return terms.model_dump(mode="json")


def _shown(session: Session, row: RateDefinition) -> SavedOut:
    return SavedOut.of(row, service.definition_today(session, _terms(row)))


def _terms(row: RateDefinition) -> Terms:
    return TermsIn.model_validate(row.terms).terms()
