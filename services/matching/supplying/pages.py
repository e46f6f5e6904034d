"""Pages of a supplier: its invitations, its word on each, and what stands between it and more orders."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field
from sqlmodel import Session

from services.matching.engine.plan import Verdict
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import State, Verb
from services.matching.suggestions.said import Decision
from services.matching.suggestions.service import Asked, Item
from services.matching.supplying import service
from shared.http.auth import require
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed
from shared.ui.screens import Screen, View, page_router

router = page_router("/matching")

Supplier = Annotated[Actor, Depends(require(Role.SUPPLIER))]
_TERMS: dict[str, Any] = {"State": State, "Verb": Verb, "Verdict": Verdict}


class Answer(Decision):
    """A supplier's word, and the version at which the invitation was read."""

    version: int = Field(ge=1)


@router.get("/invitations")
def show_invitations(view: Screen, session: DbSession, actor: Supplier) -> Response:
    """The supplier's invitations, those that wait for its word first."""
    return view.show("supplying/home", found=service.invitations(session, actor), **_TERMS)


@router.get("/obstacles")
def show_obstacles(view: Screen, session: DbSession, actor: Supplier) -> Response:
    """What stands between the supplier and more orders."""
    return view.show("supplying/obstacles", found=service.obstacles(session, actor))


@router.get("/invitations/{id}")
def show_invitation(view: Screen, session: DbSession, actor: Supplier, id: UUID) -> Response:
    """One invitation: what is asked, what fits and what does not."""
    return _invitation(view, session, actor, id)


@router.post("/invitations/{id}/consent")
def consent(view: Screen, session: DbSession, actor: Supplier, id: UUID, form: Form) -> Response:
    """Consent; from now on both sides see each other."""
    return _answered(view, session, actor, id, form, Verb.CONSENT)


@router.post("/invitations/{id}/refusal")
def decline(view: Screen, session: DbSession, actor: Supplier, id: UUID, form: Form) -> Response:
    """Decline, with a reason."""
    return _answered(view, session, actor, id, form, Verb.DECLINE)


def _answered(view: View, session: Session, actor: Actor, id: UUID, form: Typed, verb: Verb) -> Response:
    try:
        said = form.as_model(Answer)
        suggestions.move(session, actor, Item(id, said.version), Asked(verb, said.reason), datetime.now(UTC))
    except Problem as problem:
        session.rollback()
        return _invitation(view, session, actor, id, form, problem)
    return view.go(f"/matching/invitations/{id}", said=verb.value)


def _invitation(
    view: View, session: Session, actor: Actor, id: UUID, typed: Typed = UNTYPED, problem: Problem | None = None
) -> Response:
    found = service.invitation(session, actor, id)
    status = problem.status if problem else 200
    return view.show("supplying/invitation", status, found=found, problem=problem, typed=typed, **_TERMS)
