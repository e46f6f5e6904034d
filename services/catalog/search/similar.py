"""Enterprises whose names are alike: one firm under two credit codes, or two that must not be taken for each other."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.history import service as history
from services.catalog.imports import service as imports
from services.catalog.search.names import ALIKE, Firm, names
from services.catalog.search.schemas import Newcomer, Similar, SimilarPair
from shared.security.actor import Actor

_SHOWN = 5


def similar(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Similar]]:
    """For each of these enterprises those with a name like its own, the most alike first; who has none is absent.

    To be asked after the commit that wrote them.
    """
    known, found = names(session), {}
    for firm in map(known.firm, ids):
        if firm and (alike := [_named(other, score) for other, score in known.alike(firm, ALIKE)]):
            found[firm.id] = sorted(alike, key=lambda each: (-each.score, each.name, str(each.id)))[:_SHOWN]
    return found


def similar_to(session: Session, actor: Actor, id: UUID) -> list[Similar]:
    """The enterprises with a name like one's own; 404 for one that is not there."""
    enterprises.get(session, actor, id)
    return similar(session, [id]).get(id, [])


def newcomers(session: Session, actor: Actor, import_id: UUID) -> list[Newcomer]:
    """The enterprises that an import created whose names are like others', in their order; 404 for an unseen import."""
    imports.get(session, actor, import_id)
    created = history.created_by(session, import_id, "enterprise")
    found, known = similar(session, created), names(session)
    firms = [firm for firm in map(known.firm, found) if firm]
    return [Newcomer(**_named(firm, 0).model_dump(exclude={"score"}), similar=found[firm.id]) for firm in firms]


def pairs(session: Session, limit: int) -> tuple[list[SimilarPair], bool]:
    """Pairs of enterprises with names alike, the most alike first, and whether there are more than `limit`."""
    known = names(session)
    found = [
        SimilarPair(score=score, one=_named(firm, score), other=_named(other, score))
        for firm in known.all()
        for other, score in known.alike(firm, ALIKE)
        if firm.id < other.id
    ]
    found.sort(key=lambda pair: (-pair.score, pair.one.name, str(pair.one.id)))
    return found[:limit], len(found) > limit


def _named(firm: Firm, score: int) -> Similar:
    return Similar(id=firm.id, name=firm.name, credit_code=firm.credit_code, score=score)
