"""Who sees which suggestions, and may tell them apart by whom they come from."""

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col

from services.matching.disclosure.rules import Level
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import DISCLOSED_STAGES, PARTNER_STAGES, State
from shared.security.actor import Actor, Role


def visible(actor: Actor) -> ColumnElement[bool]:
    """The suggestions that `actor` may see.

    Reviewers all, a cluster organisation those of its clusters' products, a leader and a supplier their own from the
    reviewer's approval on, whatever became of them since; not while they are under review again.
    """
    disclosed = col(Suggestion.stage).in_(DISCLOSED_STAGES)
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return col(Suggestion.cluster_id).in_(actor.cluster_ids)
    if actor.enterprise_id is None:
        return false()
    own = {Role.CHAIN_LEADER: Suggestion.leader_id, Role.SUPPLIER: Suggestion.supplier_id}[actor.role]
    found = and_(col(own) == actor.enterprise_id, disclosed)
    return and_(found, _shown_to_supplier()) if actor.role is Role.SUPPLIER else found


def _shown_to_supplier() -> ColumnElement[bool]:
    """A need that its leader shows nobody is told by no invitation, until the leader has accepted."""
    return or_(col(Suggestion.disclosure) != Level.INVISIBLE, col(Suggestion.stage) != State.APPROVED)


def buyer_told(actor: Actor) -> ColumnElement[bool]:
    """The suggestions of which `actor` may know the buyer: asking for others by their buyer would tell who it is."""
    return col(Suggestion.stage).in_(PARTNER_STAGES) if actor.role is Role.SUPPLIER else true()


def assignee_told(actor: Actor) -> bool:
    """Whether `actor` may know who of the reviewers looks after a suggestion: the firms may not."""
    return actor.role not in (Role.CHAIN_LEADER, Role.SUPPLIER)
