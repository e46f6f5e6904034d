"""Use cases of certificates: write in bulk, list. They are seen with their enterprise."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session

from services.catalog.enterprises.access import require_own, visible
from services.catalog.enterprises.models import Certificate, Enterprise
from services.catalog.enterprises.schemas import CertificateWrite
from services.catalog.feed import service as feed
from shared.contracts.v1 import CertificateV1
from shared.db.upserts import Outcome, Row, sql_table, upsert
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor, Role

_TABLE = sql_table(Certificate)
_ENTERPRISES = sql_table(Enterprise)


def upsert_certificates(session: Session, actor: Actor, rows: Sequence[CertificateWrite]) -> list[Outcome]:
    """Create or change certificates, by enterprise, scheme and number; the caller commits."""
    require_own(actor, Role.SUPPLIER, (row.enterprise_id for row in rows))
    feed.take_turn(session)
    values = [row.model_dump(exclude_unset=True) for row in rows]
    written = upsert(session, Certificate, ("enterprise_id", "scheme", "number"), values)
    feed.record(session, map(CertificateV1.model_validate, written.rows))
    return written.outcomes


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


def _select(actor: Actor) -> Select[Any]:
    owner = _TABLE.join(_ENTERPRISES, _ENTERPRISES.c.id == _TABLE.c.enterprise_id)
    name = _ENTERPRISES.c.name.label("enterprise_name")
    return select(_TABLE, name).select_from(owner).where(visible(actor, _TABLE.c.enterprise_id))
