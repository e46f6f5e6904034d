"""Pages of a chain leader: its products, one of them, and a line with its candidates, to take or to decline."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field
from sqlmodel import Session

from services.matching.engine.plan import Rule, Verdict
from services.matching.leading import service
from services.matching.rates.definition import Stage
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.offers import Use
from services.matching.suggestions.rules import State, Verb, may_propose
from services.matching.suggestions.said import Acceptance, Decision
from services.matching.suggestions.service import Asked, Item
from shared.http.auth import require
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed, refusals
from shared.ui.screens import Screen, View, page_router

router = page_router("/matching")

Leader = Annotated[Actor, Depends(require(Role.CHAIN_LEADER))]
Reader = Annotated[Actor, Depends(require(Role.CHAIN_LEADER, Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
_TERMS: dict[str, Any] = {"Stage": Stage, "State": State, "Rule": Rule, "Verdict": Verdict, "Verb": Verb, "Use": Use}


class Accepting(Acceptance):
    """An acceptance, and the version at which the suggestion was read."""

    version: int = Field(ge=1)


class Declining(Decision):
    """A refusal, and the version at which the suggestion was read."""

    version: int = Field(ge=1)


@router.get("/products")
def show_home(view: Screen, session: DbSession, actor: Leader) -> Response:
    """The leader's products as bars towards their targets, and what waits for its word."""
    return view.show("leading/home", home=service.home(session, actor), **_TERMS)


@router.get("/products/{product_id}")
def show_product(view: Screen, session: DbSession, actor: Reader, product_id: UUID) -> Response:
    """One product: from local now to the target, and its lines."""
    return view.show("leading/product", found=service.product(session, actor, product_id), **_TERMS)


@router.get("/products/{product_id}/coverage")
def show_coverage(view: Screen, session: DbSession, actor: Reader, product_id: UUID) -> Response:
    """What of each line is covered, for the bill of materials that the catalog shows."""
    return view.show("leading/coverage", lines=service.coverage(session, actor, product_id), **_TERMS)


@router.get("/lines/{need_id}")
def show_line(view: Screen, session: DbSession, actor: Reader, need_id: UUID) -> Response:
    """One line with its candidates side by side."""
    return _line(view, session, actor, need_id)


@router.post("/lines/{need_id}/candidates/{suggestion_id}/acceptance")
def accept(view: Screen, session: DbSession, actor: Leader, need_id: UUID, suggestion_id: UUID, form: Form) -> Response:
    """Accept a candidate, whole or in part."""
    try:
        said = form.as_model(Accepting)
        asked = Asked(Verb.ACCEPT, said.reason, said.amount, said.quantity)
        suggestions.move(session, actor, Item(suggestion_id, said.version), asked, datetime.now(UTC))
    except Problem as problem:
        return _refused(view, session, actor, need_id, suggestion_id, form, problem)
    return view.go(f"/matching/lines/{need_id}", said="accepted")


@router.post("/lines/{need_id}/candidates/{suggestion_id}/refusal")
def decline(
    view: Screen, session: DbSession, actor: Leader, need_id: UUID, suggestion_id: UUID, form: Form
) -> Response:
    """Decline a candidate, with a reason."""
    try:
        said = form.as_model(Declining)
        asked = Asked(Verb.DECLINE, said.reason)
        suggestions.move(session, actor, Item(suggestion_id, said.version), asked, datetime.now(UTC))
    except Problem as problem:
        return _refused(view, session, actor, need_id, suggestion_id, form, problem)
    return view.go(f"/matching/lines/{need_id}", said="declined")


def _refused(
    view: View, session: Session, actor: Actor, need_id: UUID, suggestion_id: UUID, form: Typed, problem: Problem
) -> Response:
    session.rollback()
    return _line(view, session, actor, need_id, suggestion_id, form, problem)


def _line(
    view: View,
    session: Session,
    actor: Actor,
    need_id: UUID,
    chosen: UUID | None = None,
    typed: Typed = UNTYPED,
    problem: Problem | None = None,
) -> Response:
    return view.show(
        "leading/line",
        problem.status if problem else 200,
        found=service.line(session, actor, need_id),
        problem=problem,
        wrong=refusals(problem),
        chosen=chosen,
        proposes=may_propose(actor),
        typed=typed,
        **_TERMS,
    )
