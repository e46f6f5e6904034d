"""What is seen of registrations: one's own, the list, one as organisations see it, one with all evidence."""

from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session

from services.catalog.enterprises import aliases
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.rules import region_prefix
from services.catalog.identity import members
from services.catalog.registration import documents
from services.catalog.registration.access import visible
from services.catalog.registration.models import Registration, RegistrationStep
from services.catalog.registration.moving import for_review
from services.catalog.registration.proposing import region_of_code
from services.catalog.registration.rules import Party, State, verbs_for
from services.catalog.registration.schemas import (
    Filters,
    KnownEnterprise,
    OwnRegistration,
    RegistrationCard,
    RegistrationOut,
    RegistrationSeen,
    SeenStep,
    SimilarName,
)
from services.catalog.search.names import ALIKE, Firm, names
from shared.db.upserts import Row, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor
from shared.text.normalise import company_core

_TABLE, _STEPS = sql_table(Registration), sql_table(RegistrationStep)
_CARD = tuple(RegistrationCard.model_fields)
_SIMILAR = 10


def own_view(session: Session, registration: Registration) -> Row:
    """A registration as its applicant sees it: who reviews it is not told."""
    row = _said(session, registration, OwnRegistration.model_fields)
    steps = [{name: value for name, value in step.items() if name != "actor"} for step in _steps(session, registration)]
    return {**row, "steps": steps, "allowed": _allowed(registration, Party.APPLICANT)}


def page(session: Session, actor: Actor, filters: Filters, after: str | None, limit: int) -> Page:
    """A page of the registrations that the actor sees, oldest first."""
    columns = [_TABLE.c[name] for name in _CARD]
    statement = select(*columns).where(visible(actor), *conditions(filters))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=dict)


def for_organisation(session: Session, actor: Actor, id: UUID) -> Row:
    """One registration as an organisation of a cluster that it concerns sees it; 404.

    Whom to reach, papers, and what reviewers wrote are not read at all.
    """
    columns = [_TABLE.c[name] for name in RegistrationSeen.model_fields if name != "steps"]
    row = session.execute(select(*columns).where(_TABLE.c.id == id, visible(actor))).mappings().one_or_none()
    if row is None:
        raise not_found("企业登记申请", id)
    steps = select(*(_STEPS.c[name] for name in SeenStep.model_fields)).where(_STEPS.c.registration_id == id)
    return {**row, "steps": [dict(each) for each in session.execute(steps.order_by(_STEPS.c.id)).mappings()]}


def for_reviewer(session: Session, id: UUID) -> Row:
    """One registration with the evidence; 404."""
    return evidence(session, for_review(session, id))


def evidence(session: Session, registration: Registration) -> Row:
    """A registration with what a reviewer needs: who has the code, who else wants it, who is called so, and the way."""
    return {
        **_said(session, registration, RegistrationOut.model_fields),
        "steps": _steps(session, registration),
        "allowed": _allowed(registration, Party.REVIEWER),
        "known": _known(session, registration),
        "rivals": _rivals(session, registration),
        "similar": similar(session, registration),
        "code_region": region_of_code(registration.credit_code) if registration.credit_code else None,
    }


def similar(session: Session, registration: Registration) -> list[SimilarName]:
    """Enterprises that are, or were, called nearly as the applicant is, or says that it was; the most alike first."""
    told = [name for name in (registration.name, *registration.former_names) if name]
    found: dict[tuple[UUID, str], SimilarName] = {}
    for name in told:
        for each in (*_called_so(session, name), *_once_called_so(session, name)):
            key = (each.id, each.known_as)
            if each.id != registration.enterprise_id and (key not in found or each.score > found[key].score):
                found[key] = each
    return sorted(found.values(), key=lambda each: (-each.score, each.name, str(each.id)))[:_SIMILAR]


def _called_so(session: Session, name: str) -> list[SimilarName]:
    """By what they are called now."""
    stranger = Firm(uuid4(), name, None, None, company_core(name))
    return [
        SimilarName(
            id=firm.id, name=firm.name, known_as=firm.name, former=False, credit_code=firm.credit_code, score=score
        )
        for firm, score in names(session).alike(stranger, ALIKE)
    ]


def _once_called_so(session: Session, name: str) -> list[SimilarName]:
    """By what they were called; these names are far fewer than those of today."""
    core = company_core(name)
    scored = ((each, fuzz.ratio(core, _core(each.known_as))) for each in aliases.former_names(session))
    return [
        SimilarName(
            id=each.id,
            name=each.name,
            known_as=each.known_as,
            former=True,
            credit_code=each.credit_code,
            score=round(score),
        )
        for each, score in scored
        if score >= ALIKE
    ]


_core = lru_cache(1 << 16)(company_core)


def _said(session: Session, registration: Registration, fields: Any) -> Row:
    row = registration.model_dump(include=set(fields))
    return {**row, "documents": documents.of(session, [registration.id])[registration.id]}


def _steps(session: Session, registration: Registration) -> list[Row]:
    names_of = ("verb", "before", "after", "actor", "reason", "fields", "at")
    own = select(*(_STEPS.c[name] for name in names_of)).where(_STEPS.c.registration_id == registration.id)
    return [dict(row) for row in session.execute(own.order_by(_STEPS.c.id)).mappings()]


def _allowed(registration: Registration, party: Party) -> list[str]:
    return list(verbs_for(State(registration.state), party, is_claim=registration.is_claim))


def _known(session: Session, registration: Registration) -> KnownEnterprise | None:
    """The enterprise that has the code already, or that was claimed."""
    code = registration.credit_code or ""
    id = enterprises.by_keys(session, [code]).get(code)
    if id is None:
        return None
    standing = enterprises.standings(session, [id])[id]
    return KnownEnterprise(
        id=id, name=standing.name, status=standing.status, has_owner=bool(members.owners_of(session, id))
    )


def _rivals(session: Session, registration: Registration) -> list[Row]:
    """The other registrations of the code, drafts aside."""
    columns = (_TABLE.c[name] for name in ("id", "state", "is_claim", "name", "submitted_at"))
    others = (_TABLE.c.credit_code == registration.credit_code) & (_TABLE.c.id != registration.id)
    statement = select(*columns).where(others, _TABLE.c.submitted_at.is_not(None)).order_by(_TABLE.c.id).limit(100)
    return [dict(row) for row in session.execute(statement).mappings()]


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters say, of the table of registrations."""
    table, found = _TABLE.c, []
    if filters.state is not None:
        found.append(table.state == filters.state.value)
    if filters.claim is not None:
        found.append(table.is_claim == filters.claim)
    if filters.credit_code is not None:
        found.append(table.credit_code == filters.credit_code)
    if filters.region is not None:
        found.append(table.region.startswith(region_prefix(filters.region), autoescape=True))
    if filters.q:
        parts = (table.name, table.short_name)
        found.append(or_(*(part.icontains(filters.q, autoescape=True) for part in parts)))
    return found
