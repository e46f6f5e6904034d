"""Use cases of certificates: write, list. They are seen with their enterprise."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from services.catalog.enterprises.access import require_own, visible
from services.catalog.enterprises.models import Certificate, Enterprise
from services.catalog.enterprises.rules import Trust
from services.catalog.enterprises.schemas import CertificateWrite
from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from shared.contracts.v1 import CertificateV1
from shared.db.upserts import Outcome, Row, find, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor, Role

_TABLE = sql_table(Certificate)
_ENTERPRISES = sql_table(Enterprise)
KEY = ("enterprise_id", "scheme", "number")
_CONTENT = ("scope", "issuer", "valid_from", "valid_until", "sites", "suspended_on")


def visible_certificates(actor: Actor) -> ColumnElement[bool]:
    """The certificates of the enterprises that the actor sees fully."""
    return visible(actor, _TABLE.c.enterprise_id)


def upsert_certificates(session: Session, actor: Actor, rows: Sequence[CertificateWrite]) -> list[Outcome]:
    """Create or change certificates, by enterprise, scheme and number; the caller commits.

    How far a certificate has been checked is for reviewers to say: what its holder writes is self-declared, and one
    that was checked stays so only while its holder changes nothing about it.
    """
    require_own(actor, Role.SUPPLIER, (row.enterprise_id for row in rows))
    feed.take_turn(session)
    sign(session, actor)
    values = [row.model_dump(exclude_unset=True) for row in rows]
    derive = None if actor.role is Role.REVIEWER else _with_trust(session, rows)
    written = upsert(session, Certificate, KEY, values, derive)
    publish(session, written.rows)
    return written.outcomes


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of certificates as they are now."""
    feed.record(session, map(CertificateV1.model_validate, rows))


def page_certificates(
    session: Session, actor: Actor, enterprise: UUID | None, scheme: str | None, after: str | None, limit: int
) -> Page:
    """A page of the certificates that the actor sees, oldest first."""
    statement = _select(actor)
    if enterprise is not None:
        statement = statement.where(_TABLE.c.enterprise_id == enterprise)
    if scheme is not None:
        statement = statement.where(_TABLE.c.scheme == scheme)
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=dict)


def get_certificate(session: Session, actor: Actor, id: UUID) -> Row:
    """One certificate; 404 where the actor may not see it."""
    row = session.execute(_select(actor).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("证书", id)
    return dict(row)


def _with_trust(session: Session, rows: Sequence[CertificateWrite]) -> Callable[[Row], Row]:
    """A function that gives a row the trust that it has when its holder writes it."""
    stored = find(session, Certificate, KEY, [(row.enterprise_id, row.scheme, row.number) for row in rows])

    def trust(row: Row) -> Row:
        before = stored.get(tuple(row[name] for name in KEY))
        same = before is not None and all(row[name] == before[name] for name in _CONTENT)
        return {"trust": before["trust"] if before and same else Trust.SELF_DECLARED.value}

    return trust


def _select(actor: Actor) -> Select[Any]:
    owner = _TABLE.join(_ENTERPRISES, _ENTERPRISES.c.id == _TABLE.c.enterprise_id)
    name = _ENTERPRISES.c.name.label("enterprise_name")
    return select(_TABLE, name).select_from(owner).where(visible_certificates(actor))
