"""Machine clients: programs that act for an enterprise, within scopes."""

import secrets
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.identity.context import Identity
from services.catalog.identity.members import of_people, page_of_people, require_manager
from services.catalog.identity.models import MachineClient
from services.catalog.identity.rules import OF_AN_ENTERPRISE, ROLE_NAMES
from services.catalog.identity.schemas import ClientRequest
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page
from shared.http.problems import FieldError, Problem, conflict, not_found, precondition_failed
from shared.security.actor import Actor
from shared.security.secrets import digest, new_secret

_TABLE = sql_table(MachineClient)
_SHOWN = [column for column in _TABLE.c if column.name not in ("secret_digest", "updated_at")]


def page(session: Session, actor: Actor, enterprise: UUID | None, after: str | None, limit: int) -> Page:
    """A page of machine clients, oldest first; revoked ones too."""
    return page_of_people(session, actor, select(*_SHOWN), _TABLE, enterprise, after, limit)


def get(session: Session, actor: Actor, id: UUID) -> Row:
    """One client; 404 where the actor does not see it."""
    seen = (_TABLE.c.id == id) & of_people(actor, _TABLE.c.enterprise_id)
    row = session.execute(select(*_SHOWN).where(seen)).mappings().first()
    if row is None:
        raise not_found("程序", id)
    return dict(row)


def create(session: Session, actor: Actor, asked: ClientRequest) -> Row:
    """A new client with its secret, which is told this once. Commits.

    403 unless the actor sees to the enterprise, 404 where there is none, 422 for a role that it does not have.
    """
    require_manager(session, actor, asked.enterprise_id)
    standing = enterprises.standings(session, [asked.enterprise_id]).get(asked.enterprise_id)
    if standing is None:
        raise not_found("企业", asked.enterprise_id)
    if asked.role not in OF_AN_ENTERPRISE or asked.role not in standing.roles:
        sentence = f"企业“{standing.name}”现在不是{ROLE_NAMES[asked.role]}。"
        error = FieldError(pointer="/role", detail=sentence, code="role")
        raise Problem(422, "validation", "提交的内容有误", sentence, [error])
    secret = new_secret()
    client = MachineClient(
        **asked.model_dump(),
        client_id=f"xs-{secrets.token_hex(8)}",
        secret_digest=digest(secret),
        created_by=actor.subject,
    )
    session.add(client)
    session.flush()
    row = get(session, actor, client.id)
    session.commit()
    return {**row, "client_secret": secret}


def renew_secret(session: Session, actor: Actor, id: UUID, version: int) -> Row:
    """The client with a new secret, which is told this once; the old one counts no more. Commits."""
    _to_change(session, actor, id, version)
    secret = new_secret()
    return {**_change(session, actor, id, secret_digest=digest(secret)), "client_secret": secret}


def revoke(session: Session, identity: Identity, actor: Actor, id: UUID, version: int) -> Row:
    """Let a client get no more tokens; its last one is over within ten minutes. Commits."""
    _to_change(session, actor, id, version)
    return _change(session, actor, id, revoked_at=identity.clock())


def _to_change(session: Session, actor: Actor, id: UUID, version: int) -> None:
    row = get(session, actor, id)
    require_manager(session, actor, row["enterprise_id"])
    session.execute(select(_TABLE.c.id).where(_TABLE.c.id == id).with_for_update())
    row = get(session, actor, id)
    if row["version"] != version:
        raise precondition_failed()
    if row["revoked_at"] is not None:
        raise conflict("程序已注销", "请重新登记一个程序。", "client-revoked")


def _change(session: Session, actor: Actor, id: UUID, **values: object) -> Row:
    change = update(_TABLE).where(_TABLE.c.id == id)
    session.execute(change.values(**values, version=_TABLE.c.version + 1, updated_at=func.now()))
    row = get(session, actor, id)
    session.commit()
    return row
