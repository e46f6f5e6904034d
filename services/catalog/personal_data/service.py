"""Use cases of a person's data: tell it, forget it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.identity import personal_data as identity
from services.catalog.registration import contacts
from shared.audit import acting
from shared.audit.tables import ENTRY
from shared.clock import Clock
from shared.db.acting import SERVICE, act_for
from shared.db.upserts import Row
from shared.http import kept_answers
from shared.http.problems import conflict, not_found, precondition_failed
from shared.security.actor import Actor

_ACTS = [ENTRY.c[name] for name in ("at", "verb", "role", "enterprise_id", "reason", "address", "agent")]
_MOST_ACTS = 1000


def tell(session: Session, id: UUID) -> dict[str, Any]:
    """All that is known of the bearer of an account, and its newest acts; that it was told is noted. Commits.

    404 where there is no such account.
    """
    account = _account(session, id)
    acts = select(*_ACTS).where(ENTRY.c.actor == f"account:{id}").order_by(ENTRY.c.id.desc()).limit(_MOST_ACTS)
    told = {
        "account": account,
        **identity.known_of(session, id, account["email"]),
        "registrations": contacts.contact_of(session, account["email"]),
        "acts": [dict(row) for row in session.execute(acts).mappings()],
    }
    acting.note(session, "read", "personal_data", str(id))
    session.commit()
    return told


def erase(session: Session, clock: Clock, actor: Actor, id: UUID, version: int, reason: str) -> None:
    """Forget who bears an account: names, addresses, devices, ways in, rights. Its id stays, and what it did. Commits.

    404 where there is no such account, 412 when somebody changed it since, 409 for one's own.
    """
    account = _account(session, id)
    if id == actor.account_id:
        raise conflict("不能注销自己", "请由另一位审核员操作。", "own-account")
    if account["version"] != version:
        raise precondition_failed()
    acting.because(session, reason)
    # a person's rows are everybody's: in answers that were kept, and in registrations of firms
    act_for(session, SERVICE)
    contacts.erase_contact(session, account["email"])
    kept_answers.forget(session, (account["email"], account["name"]))
    identity.forget(session, clock, id, account["email"])
    acting.note(session, "erase", "personal_data", str(id))
    session.commit()


def account(session: Session, id: UUID) -> Row:
    """The account of an id; 404 where there is none."""
    return _account(session, id)


def _account(session: Session, id: UUID) -> Row:
    found = identity.account_of(session, id)
    if found is None:
        raise not_found("账号", id)
    return found
