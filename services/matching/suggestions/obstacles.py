"""What stands against a suggestion by what the catalog says today: a suspended firm, a certificate that has lapsed.

The same words refuse a step forward and reopen what is not yet contracted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.engine.judgement.proof import passed_over
from services.matching.engine.judgement.term_rules import is_valid
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Certificate, Supplier
from services.matching.mirror.service import MirrorCertificate, MirrorEnterprise, MirrorNeed
from services.matching.runs.freeze.supply import certificates
from services.matching.runs.models import MatchRun
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
    run_id: UUID

    @classmethod
    def of(cls, row: Suggestion) -> Self:
        """Of a suggestion that is at hand."""
        return cls(row.id, row.supplier_id, row.leader_id, row.need_id, row.run_id)


COLUMNS = tuple(sql_table(Suggestion).c[each.name] for each in fields(Judged))
"""The columns of a `Judged`, for whoever looks through many."""


@dataclass(frozen=True)
class Held:
    """A supplier as a run would see it, as far as its certificates concern, and these."""

    holder: Supplier
    certificates: Sequence[Certificate]


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
    """The certificates that the need asks for and its supplier no longer has, or that no longer count for it."""
    asked = _asked(session, {row.need_id for row in rows})
    concerned = [row for row in rows if asked.get(row.need_id)]
    held = _held(session, {row.supplier_id for row in concerned})
    policies = _policies(session, {row.run_id for row in concerned})
    found = {}
    for row in concerned:
        paper = held[row.supplier_id]
        missing = {each.scheme: _against(each, paper, policies[row.run_id], today) for each in asked[row.need_id]}
        found[row.id] = _said({scheme: why for scheme, why in missing.items() if why is not None})
    return found


def _said(missing: Mapping[str, str]) -> str:
    """A sentence about each scheme that does not count any more, and one about all that have lapsed."""
    lapsed = [scheme for scheme, why in missing.items() if not why]
    told = [f"供应商的 {scheme} 证书{why}，不再算数。" for scheme, why in missing.items() if why]
    return "".join([f"供应商的 {'、'.join(lapsed)} 证书已失效。"] * bool(lapsed) + told)


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


def _policies(session: Session, runs: set[UUID]) -> dict[UUID, Policy]:
    """What each run asked of certificates."""
    table = sql_table(MatchRun)
    found = session.execute(select(table.c.id, table.c.policy).where(among(table.c.id, runs)))
    return {id: Policy.model_validate(policy) for id, policy in found}


def _held(session: Session, suppliers: set[UUID]) -> dict[UUID, Held]:
    """The suppliers' certificates as a run would see them, and where the suppliers are."""
    statement = select(MirrorCertificate).where(among(sql_table(MirrorCertificate).c.enterprise_id, suppliers))
    ids = sorted(suppliers)
    position = {id: at for at, id in enumerate(ids)}
    papers: dict[UUID, list[Certificate]] = defaultdict(list)
    for row in certificates(list(session.execute(statement).scalars()), position):
        papers[ids[row.supplier]].append(row)
    firms = sql_table(MirrorEnterprise)
    sites = session.execute(select(firms.c.id, firms.c.region).where(among(firms.c.id, suppliers)))
    regions: dict[UUID, str] = {id: region for id, region in sites}  # noqa: C416 - rows are no pairs to the types
    return {id: Held(Supplier("", str(id), "", regions.get(id), "", True), papers[id]) for id in ids}


def _against(asked: CertificateRequirement, held: Held, policy: Policy, today: date) -> str | None:
    """What is against all of the certificates, at the day asked for or today, whichever is later: "" where none is
    valid, else why a valid one does not count. None: one shows what is asked.
    """
    day = max(asked.on_date or today, today)
    valid = [row for row in held.certificates if satisfies(row.scheme, asked.scheme) and is_valid(row, day)]
    against = [passed_over(row, held.holder, policy) for row in valid]
    return None if "" in against else next(iter(against), "")
