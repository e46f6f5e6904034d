"""Who may act as what: invitations, members of enterprises, their levels.

Owners see to the people of their own enterprise, reviewers to everybody; auditors look.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, delete, false, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from services.catalog.identity.context import Identity
from services.catalog.identity.ending import end_all_of
from services.catalog.identity.models import Account, Membership, OneTimeLink
from services.catalog.identity.rules import Kind, Level, Purpose
from shared.db.ids import new_id
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import conflict, forbidden, not_found, precondition_failed
from shared.security.actor import Actor, Role

_ACCOUNTS = sql_table(Account)
_LINKS = sql_table(OneTimeLink)
_TABLE = sql_table(Membership)
_SHOWN = (
    *(_TABLE.c[name] for name in ("id", "version", "account_id", "kind", "enterprise_id", "cluster_id", "level")),
    *(_ACCOUNTS.c[name] for name in ("email", "name", "status")),
)


def of_people(actor: Actor, enterprise: ColumnElement[Any]) -> ColumnElement[bool]:
    """The rows about people that an actor sees: all, or those of its own enterprise; programs see none."""
    if actor.role in (Role.REVIEWER, Role.AUDITOR):
        return true()
    if actor.enterprise_id is None or actor.account_id is None:
        return false()
    return enterprise == actor.enterprise_id


def require_manager(session: Session, actor: Actor, enterprise_id: UUID | None) -> None:
    """403 unless the actor may say who acts for an enterprise (None: for anything else)."""
    if actor.role is Role.REVIEWER:
        return
    owns = (_TABLE.c.account_id == actor.account_id) & (_TABLE.c.level == Level.OWNER.value)
    own = enterprise_id is not None and actor.enterprise_id == enterprise_id
    if not own or not session.execute(select(owns & (_TABLE.c.enterprise_id == enterprise_id)).where(owns)).first():
        raise forbidden("只有审核员和本企业的负责人可以管理成员与程序。")


def owners_of(session: Session, enterprise_id: UUID) -> list[str]:
    """The e-mail addresses of those who own an enterprise, so that others act for it by invitation."""
    owning = (_TABLE.c.enterprise_id == enterprise_id) & (_TABLE.c.level == Level.OWNER.value)
    emails = select(_ACCOUNTS.c.email).join_from(_TABLE, _ACCOUNTS).where(owning).order_by(_ACCOUNTS.c.email)
    return list(session.execute(emails).scalars())


def page(session: Session, actor: Actor, enterprise: UUID | None, after: str | None, limit: int) -> Page:
    """A page of members, oldest first."""
    members = select(*_SHOWN).join_from(_TABLE, _ACCOUNTS)
    return page_of_people(session, actor, members, _TABLE, enterprise, after, limit)


def page_of_people(
    session: Session,
    actor: Actor,
    statement: Select[Any],
    table: Table,
    enterprise: UUID | None,
    after: str | None,
    limit: int,
) -> Page:
    """A page of the rows of a table about people that the actor sees, of one enterprise or of all, oldest first."""
    seen = statement.where(of_people(actor, table.c.enterprise_id))
    if enterprise is not None:
        seen = seen.where(table.c.enterprise_id == enterprise)
    rows = session.execute(keyset(seen, [table.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, lambda row: [row["id"]], dict)


def get(session: Session, actor: Actor, id: UUID) -> Row:
    """One member; 404 where the actor does not see it."""
    seen = (_TABLE.c.id == id) & of_people(actor, _TABLE.c.enterprise_id)
    row = session.execute(select(*_SHOWN).join_from(_TABLE, _ACCOUNTS).where(seen)).mappings().first()
    if row is None:
        raise not_found("成员", id)
    return dict(row)


def change_level(session: Session, actor: Actor, id: UUID, level: Level, version: int) -> Row:
    """Let a member do more or less from its next token on. Commits."""
    row = _to_change(session, actor, id, version)
    if level is Level.OWNER and row["kind"] != Kind.ENTERPRISE:
        raise conflict("不能设为负责人", "只有企业有负责人（owner）。", "no-owner")
    if level is not Level.OWNER:
        _keep_an_owner(session, actor, row)
    change = update(_TABLE).where(_TABLE.c.id == id)
    session.execute(change.values(level=level.value, version=_TABLE.c.version + 1, updated_at=func.now()))
    changed = get(session, actor, id)
    session.commit()
    return changed


def remove(session: Session, identity: Identity, actor: Actor, id: UUID, version: int) -> None:
    """Let somebody act no more; its sign-ins for this end. Commits."""
    row = _to_change(session, actor, id, version)
    if row["account_id"] == actor.account_id and actor.role is Role.REVIEWER:
        raise conflict("不能移除自己", "请由另一位审核员操作。", "own-account")
    _keep_an_owner(session, actor, row)
    session.execute(delete(_TABLE).where(_TABLE.c.id == id))
    end_all_of(session, row["account_id"], identity.clock(), "removed", firm=row["enterprise_id"])
    session.commit()


def move_members(session: Session, before: UUID, after: UUID) -> None:
    """Let the people of an enterprise act for another one, into which it was merged; the caller commits.

    Who acts for that one already stays what it is there.
    """
    there = select(_TABLE.c.account_id).where(_TABLE.c.enterprise_id == after)
    theirs = _TABLE.c.enterprise_id == before
    session.execute(delete(_TABLE).where(theirs, _TABLE.c.account_id.in_(there)))
    moved = {"enterprise_id": after, "version": _TABLE.c.version + 1, "updated_at": func.now()}
    session.execute(update(_TABLE).where(theirs).values(moved))
    invited = update(_LINKS).where(_LINKS.c.enterprise_id == before, _LINKS.c.used_at.is_(None))
    session.execute(invited.values(enterprise_id=after))


def join(session: Session, account: Account, link: OneTimeLink) -> None:
    """Give an account what it was invited to, once per cluster; the caller commits.

    Who is a member already gets the level of the invitation.
    """
    clusters: Sequence[str | None] = link.cluster_ids or [None]
    for cluster in clusters:
        row = {
            "id": new_id(),
            "version": 1,
            "account_id": account.id,
            "kind": link.kind,
            "enterprise_id": link.enterprise_id,
            "cluster_id": UUID(cluster) if cluster else None,
            "level": link.level,
        }
        again = insert(_TABLE).values(row)
        kept = {"level": link.level, "version": _TABLE.c.version + 1, "updated_at": func.now()}
        key = ["account_id", "kind", "enterprise_id", "cluster_id"]
        session.execute(again.on_conflict_do_update(index_elements=key, set_=kept))


def invitations(session: Session, identity: Identity, actor: Actor, after: str | None, limit: int) -> Page:
    """A page of the invitations that wait for an answer, oldest first."""
    names = ("id", "email", "kind", "enterprise_id", "cluster_ids", "level", "invited_by", "created_at", "expires_at")
    statement = select(*(_LINKS.c[name] for name in names)).where(_waiting(identity))
    return page_of_people(session, actor, statement, _LINKS, None, after, limit)


def withdraw(session: Session, identity: Identity, actor: Actor, id: UUID) -> None:
    """Make an invitation worthless; 404 where the actor sees none such that waits. Commits."""
    seen = (_LINKS.c.id == id) & _waiting(identity) & of_people(actor, _LINKS.c.enterprise_id)
    found = session.execute(select(_LINKS.c.enterprise_id).where(seen)).first()
    if found is None:
        raise not_found("邀请", id)
    require_manager(session, actor, found.enterprise_id)
    session.execute(update(_LINKS).where(_LINKS.c.id == id).values(withdrawn_at=identity.clock()))
    session.commit()


def _waiting(identity: Identity) -> ColumnElement[bool]:
    return (
        (_LINKS.c.purpose == Purpose.INVITATION.value)
        & _LINKS.c.used_at.is_(None)
        & _LINKS.c.withdrawn_at.is_(None)
        & (_LINKS.c.expires_at > identity.clock())
    )


def _to_change(session: Session, actor: Actor, id: UUID, version: int) -> Row:
    """The member as the actor saw it; nobody else changes the enterprise's members meanwhile."""
    row = get(session, actor, id)
    require_manager(session, actor, row["enterprise_id"])
    same_firm = _TABLE.c.enterprise_id.is_not_distinct_from(row["enterprise_id"]) & (_TABLE.c.kind == row["kind"])
    session.execute(select(_TABLE.c.id).where(same_firm).order_by(_TABLE.c.id).with_for_update())
    row = get(session, actor, id)
    if row["version"] != version:
        raise precondition_failed()
    return row


def _keep_an_owner(session: Session, actor: Actor, row: Row) -> None:
    """409 where an enterprise would be left without an owner, except by a reviewer, who can invite another."""
    if row["level"] != Level.OWNER or actor.role is Role.REVIEWER:
        return
    others = (_TABLE.c.enterprise_id == row["enterprise_id"]) & (_TABLE.c.level == Level.OWNER.value)
    if session.execute(select(_TABLE.c.id).where(others, _TABLE.c.id != row["id"])).first() is None:
        raise conflict("企业至少要有一位负责人", "请先把另一位成员设为负责人（owner）。", "last-owner")
