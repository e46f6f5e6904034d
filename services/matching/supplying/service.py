"""What the supplier's pages show: invitations by where they stand, one of them, and what keeps more away."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.matching.gaps.own import OwnObstacle, own_obstacles
from services.matching.rates import service as rates
from services.matching.rates.definition import By, Stage, Terms
from services.matching.rates.service import Question
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import State
from services.matching.suggestions.schemas import CapacityOut, InvitationOut, shown
from services.matching.suggestions.service import Query
from shared.http.problems import Problem
from shared.security.actor import Actor

MOST = 200
UNDER_WAY = frozenset({State.ACCEPTED, State.CONTRACTED, State.INVOICED})


@dataclass(frozen=True)
class Invitations:
    """A supplier's invitations: waiting for its word, for a leader's, cooperations, the rest."""

    waiting: Sequence[InvitationOut]
    announced: Sequence[InvitationOut]
    under_way: Sequence[InvitationOut]
    past: Sequence[InvitationOut]


@dataclass(frozen=True)
class Invitation:
    """One invitation, and what of the capability is still to spare."""

    row: InvitationOut
    capacity: CapacityOut


def invitations(session: Session, actor: Actor) -> Invitations:
    """The newest invitations of a supplier."""
    rows = suggestions.list_suggestions(session, actor, Query(), None, MOST)[:MOST]
    told = [
        InvitationOut.model_validate(shown(row, actor).model_dump()) for row in rows if row.state != State.SUPERSEDED
    ]
    groups = {each.id: _group(each.state) for each in told}
    return Invitations(*([each for each in told if groups[each.id] == at] for at in range(4)))


def _group(state: State) -> int:
    """In which of the four lists a state stands."""
    if state is State.LEADER_ACCEPTED:
        return 0
    if state is State.APPROVED:
        return 1
    return 2 if state in UNDER_WAY else 3


def invitation(session: Session, actor: Actor, suggestion_id: UUID) -> Invitation:
    """One invitation as its supplier may see it; a 404 Problem where there is none for it."""
    row = suggestions.get(session, actor, suggestion_id)
    told = shown(row, actor)
    if not isinstance(told, InvitationOut):
        raise TypeError(f"an invitation is shown to its supplier, not to {actor.role}")
    return Invitation(told, CapacityOut.of(row, suggestions.stock_of(session, row), actor))


def obstacles(session: Session, actor: Actor) -> list[OwnObstacle] | None:
    """What stands between the supplier and more orders, by the newest run; None before the first."""
    try:
        run = rates.define(session, Question(Terms(stage=Stage.SUGGESTED), By.PRODUCT))[0].run
    except Problem as problem:
        if problem.status != 422:
            raise
        return None
    return None if run is None else own_obstacles(session, actor, UUID(run))
