"""Accounts as reviewers see to them: who there is, suspend, reinstate."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.identity.context import Identity
from services.catalog.identity.ending import end_all_of
from services.catalog.identity.links import set_password
from services.catalog.identity.models import Account
from services.catalog.identity.second_factor import require_password
from services.catalog.identity.sign_ins import Present
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import conflict, not_found, precondition_failed
from shared.security.actor import Actor

_TABLE = sql_table(Account)
_SHOWN = [_TABLE.c[name] for name in ("id", "version", "email", "name", "status", "totp_confirmed", "created_at")]


def page(session: Session, email: str | None, after: str | None, limit: int) -> Page:
    """A page of accounts, oldest first; all, or the one of an address."""
    statement = select(*_SHOWN) if email is None else select(*_SHOWN).where(_TABLE.c.email == email)
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, lambda row: [row["id"]], dict)


def get(session: Session, id: UUID) -> Row:
    """One account."""
    row = session.execute(select(*_SHOWN).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("账号", id)
    return dict(row)


def set_status(session: Session, identity: Identity, actor: Actor, id: UUID, status: str, version: int) -> Row:
    """Suspend an account, which ends its sign-ins, or reinstate it. Commits.

    412 when somebody changed it since, 409 when it is so already, or is the actor's own.
    """
    session.execute(select(_TABLE.c.id).where(_TABLE.c.id == id).with_for_update())
    row = get(session, id)
    if row["version"] != version:
        raise precondition_failed()
    if id == actor.account_id:
        raise conflict("不能停用自己的账号", "请由另一位审核员操作。", "own-account")
    if row["status"] == status:
        told = "已停用" if status == "suspended" else "没有停用"
        raise conflict("当前状态不允许此操作", f"账号{told}。", "wrong-state")
    change = update(_TABLE).where(_TABLE.c.id == id)
    session.execute(change.values(status=status, version=_TABLE.c.version + 1, updated_at=func.now()))
    if status == "suspended":
        end_all_of(session, id, identity.clock(), "suspended")
    changed = get(session, id)
    session.commit()
    return changed


def change_password(session: Session, identity: Identity, present: Present, old: str | None, new: str) -> None:
    """Give the account another password; its other sign-ins end. Commits."""
    require_password(session, identity, present.account, old)
    set_password(identity, present.account, new, "/new_password")
    end_all_of(session, present.account.id, identity.clock(), "password", but=present.sign_in.id)
    session.add(present.account)
    session.commit()
