"""What identity knows of a person, and how it is forgotten."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from services.catalog.identity import throttle
from services.catalog.identity.codes import forget_recovery_codes
from services.catalog.identity.ending import end_all_of
from services.catalog.identity.models import Account, ExternalIdentity, Membership, OneTimeLink, RefreshToken, SignIn
from shared.clock import Clock
from shared.db.upserts import Row, sql_table

_ACCOUNTS, _LINKS, _SIGN_INS = sql_table(Account), sql_table(OneTimeLink), sql_table(SignIn)
_MEMBERSHIPS, _EXTERNAL, _TOKENS = sql_table(Membership), sql_table(ExternalIdentity), sql_table(RefreshToken)
_OF_ACCOUNT = {
    "memberships": (_MEMBERSHIPS, ("kind", "enterprise_id", "cluster_id", "level", "created_at")),
    "sign_ins": (
        _SIGN_INS,
        ("carrier", "role", "enterprise_id", "device", "address", "began_at", "seen_at", "ends_at", "ended_at"),
    ),
    "external_identities": (_EXTERNAL, ("issuer", "subject", "linked_at")),
}
_LINK = ("purpose", "kind", "enterprise_id", "level", "created_at", "expires_at", "used_at", "withdrawn_at")
ERASED_NAME = "已注销的用户"


def account_of(session: Session, id: UUID) -> Row | None:
    """The account, as far as it is about its bearer: of secrets only whether there are any. Locked."""
    shown = [_ACCOUNTS.c[name] for name in ("id", "version", "email", "name", "status", "created_at", "updated_at")]
    secrets = (_ACCOUNTS.c.password_hash.is_not(None).label("has_password"), _ACCOUNTS.c.totp_confirmed.label("totp"))
    found = session.execute(select(*shown, *secrets).where(_ACCOUNTS.c.id == id).with_for_update()).mappings().first()
    return dict(found) if found is not None else None


def known_of(session: Session, id: UUID, email: str) -> dict[str, list[Row]]:
    """What hangs on an account, by kind, oldest first; links are those that were sent to its address."""
    found: dict[str, list[Row]] = {}
    for kind, (table, names) in _OF_ACCOUNT.items():
        rows = session.execute(select(*(table.c[name] for name in names)).where(table.c.account_id == id))
        found[kind] = [dict(row) for row in rows.mappings()]
    links = select(*(_LINKS.c[name] for name in _LINK)).where(_LINKS.c.email == email).order_by(_LINKS.c.id)
    return {**found, "links": [dict(row) for row in session.execute(links).mappings()]}


def forget(session: Session, clock: Clock, id: UUID, email: str) -> None:
    """Leave of an account its id alone: nobody's name, no way in, no rights, no device. The caller commits."""
    end_all_of(session, id, clock(), "erased")
    session.execute(update(_SIGN_INS).where(_SIGN_INS.c.account_id == id).values(device="", address=""))
    theirs = select(_SIGN_INS.c.id).where(_SIGN_INS.c.account_id == id)
    session.execute(delete(_TOKENS).where(_TOKENS.c.sign_in_id.in_(theirs)))
    for table in (_MEMBERSHIPS, _EXTERNAL):
        session.execute(delete(table).where(table.c.account_id == id))
    forget_recovery_codes(session, session.get_one(Account, id))
    nobodys = f"{id}@erased.invalid"
    session.execute(_links_of(email, clock).values(email=nobodys))
    throttle.forgive(session, throttle.by_account(email))
    blank: dict[str, Any] = {"password_hash": None, "totp_secret": None, "totp_confirmed": False, "totp_step": None}
    change = update(_ACCOUNTS).where(_ACCOUNTS.c.id == id)
    session.execute(
        change.values(
            **blank,
            email=nobodys,
            name=ERASED_NAME,
            status="suspended",
            version=_ACCOUNTS.c.version + 1,
            updated_at=func.now(),
        )
    )


def _links_of(email: str, clock: Clock) -> Any:
    """The links to an address, all of them ended."""
    return (
        update(_LINKS).where(_LINKS.c.email == email).values(withdrawn_at=func.coalesce(_LINKS.c.withdrawn_at, clock()))
    )
