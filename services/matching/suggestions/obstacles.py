"""What stands against a suggestion by what the catalog says today: a suspended firm, a certificate that has lapsed.

The same words refuse a step forward and reopen what is not yet contracted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.engine.judgement.term_rules import is_valid
from services.matching.engine.snapshot import Certificate
from services.matching.mirror.service import MirrorCertificate, MirrorEnterprise, MirrorNeed
from services.matching.runs.freeze.supply import certificates
from services.matching.suggestions.models import Suggestion
from shared.codes.certificates import satisfies
from shared.contracts.v1 import CertificateRequirement
from shared.db.upserts import among, sql_table

_OUT = {"suspended": "已被暂停", "retired": "已注销"}


@dataclass(frozen=True)
class Judged:
    """What of a suggestion the catalog may have something against."""

    id: UUID
    supplier_id: UUID
    leader_id: UUID | None
    need_id: UUID

    @classmethod
    def of(cls, row: Suggestion) -> Self:
        """Of a suggestion that is at hand."""
        return cls(row.id, row.supplier_id, row.leader_id, row.need_id)


COLUMNS = (col(Suggestion.id), col(Suggestion.supplier_id), col(Suggestion.leader_id), col(Suggestion.need_id))
"""The columns of a `Judged`, for whoever looks through many."""


def obstacles(session: Session, rows: Sequence[Judged], today: date) -> dict[UUID, str]:
    """By suggestion, what stands against it at `today`; nothing where the mirror does not know the firm or need."""
    firms = _firms_out(session, {row.supplier_id for row in rows} | {row.leader_id for row in rows if row.leader_id})
    lapsed = _lapsed(session, rows, today)
    found = {row.id: _firm_out(row, firms) or lapsed.get(row.id, "") for row in rows}
    return {id: sentence for id, sentence in found.items() if sentence}


def _firms_out(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    statement = select(col(MirrorEnterprise.id), col(MirrorEnterprise.status)).where(
        among(sql_table(MirrorEnterprise).c.id, ids), col(MirrorEnterprise.status).in_(_OUT)
    )
    return {id: _OUT[status] for id, status in session.execute(statement)}


def _firm_out(row: Judged, firms: Mapping[UUID, str]) -> str:
    if row.supplier_id in firms:
        return f"供应商{firms[row.supplier_id]}。"
    leader = None if row.leader_id is None else firms.get(row.leader_id)
    return f"链主企业{leader}。" if leader else ""


def _lapsed(session: Session, rows: Sequence[Judged], today: date) -> dict[UUID, str]:
    """The first certificate that the need asks for and its supplier no longer has."""
    asked = _asked(session, {row.need_id for row in rows})
    concerned = [row for row in rows if asked.get(row.need_id)]
    held = _held(session, {row.supplier_id for row in concerned})
    found = {}
    for row in concerned:
        missing = [
            each.scheme for each in asked[row.need_id] if not _is_held(each, held.get(row.supplier_id, []), today)
        ]
        if missing:
            found[row.id] = f"供应商的 {'、'.join(missing)} 证书已失效。"
    return found


def _asked(session: Session, needs: set[UUID]) -> dict[UUID, list[CertificateRequirement]]:
    """What the needs ask for; without a day of its own a certificate is asked for on the first day of delivery."""
    columns = (col(MirrorNeed.id), col(MirrorNeed.certificates), col(MirrorNeed.needed_from))
    statement = select(*columns).where(among(sql_table(MirrorNeed).c.id, needs))
    return {
        id: [
            CertificateRequirement.model_validate({**item, "on_date": item.get("on_date") or begins}) for item in items
        ]
        for id, items, begins in session.execute(statement)
    }


def _held(session: Session, suppliers: set[UUID]) -> dict[UUID, list[Certificate]]:
    """The suppliers' certificates as a run would see them."""
    statement = select(MirrorCertificate).where(among(sql_table(MirrorCertificate).c.enterprise_id, suppliers))
    ids = sorted(suppliers)
    position = {id: at for at, id in enumerate(ids)}
    found: dict[UUID, list[Certificate]] = defaultdict(list)
    for row in certificates(list(session.execute(statement).scalars()), position):
        found[ids[row.supplier]].append(row)
    return found


def _is_held(asked: CertificateRequirement, held: Sequence[Certificate], today: date) -> bool:
    """Whether one of the certificates shows what is asked, at the day asked for or today, whichever is later."""
    day = max(asked.on_date or today, today)
    return any(satisfies(row.scheme, asked.scheme) and is_valid(row, day) for row in held)
