"""The page on which a pair is proposed: an offer is found, judged as of today, and proposed in part."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import Session

from services.matching.engine.policy import Basis
from services.matching.proposing import service
from services.matching.proposing.schemas import ProposalIn
from services.matching.proposing.service import AlreadyProposed, Prospect
from services.matching.suggestions.rules import PROPOSING, may_propose
from shared.http.auth import require
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor
from shared.ui.forms import UNTYPED, Form, Typed, refusals
from shared.ui.screens import Screen, View, page_router

router = page_router("/matching/lines")

Proposing = Annotated[Actor, Depends(require(*sorted(PROPOSING)))]
Chosen = Annotated[UUID | None, Query()]
Words = Annotated[str, Query(max_length=100)]


@router.get("/{need_id}/proposal")
def show_proposal(
    view: Screen, session: DbSession, actor: Proposing, need_id: UUID, capability: Chosen = None, q: Words = ""
) -> Response:
    """The offers that may be chosen from, and the chosen one as it is judged today."""
    return _page(view, session, actor, need_id, capability, q.strip())


@router.post("/{need_id}/proposal")
def propose(view: Screen, session: DbSession, actor: Proposing, need_id: UUID, form: Form) -> Response:
    """Propose the pair, and go to the suggestion; refused, the page as it is now, with what was typed."""
    try:
        said = form.as_model(ProposalIn, need_id=need_id)
        row = service.propose(session, actor, said, datetime.now(UTC))
    except Problem as problem:
        if problem.status == 404:
            raise
        session.rollback()
        return _page(view, session, actor, need_id, _chosen(form), "", problem, form)
    return view.go(f"/matching/suggestions/{row.id}", said="propose")


def _page(
    view: View,
    session: Session,
    actor: Actor,
    need_id: UUID,
    capability: UUID | None,
    words: str,
    problem: Problem | None = None,
    typed: Typed = UNTYPED,
) -> Response:
    asked = service.asked_for(session, actor, need_id)
    found = [] if capability else service.offers(session, actor, asked.need, words)
    prospect = service.consider(session, asked, capability, datetime.now(UTC)) if capability else None
    return view.show(
        "proposing/proposal",
        problem.status if problem else 200,
        asked=asked,
        found=found,
        words=words,
        prospect=prospect,
        capability=capability,
        in_lines=_in_lines(prospect),
        standing=problem.suggestion_id if isinstance(problem, AlreadyProposed) else None,
        proposes=may_propose(actor),
        problem=problem,
        wrong=refusals(problem),
        typed=typed,
    )


def _chosen(form: Typed) -> UUID | None:
    """The offer that a refused form speaks of; None where it names none."""
    try:
        return UUID(form["capability_id"])
    except ValueError:
        return None


def _in_lines(prospect: Prospect | None) -> bool:
    """Whether lines are counted, and no money."""
    return prospect is not None and prospect.facts.policy.basis is Basis.LINES
