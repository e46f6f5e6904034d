"""Candidates side by side: what each offers, how it meets what is asked, what its score is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.engine.plan import Rule
from services.matching.mirror.service import MirrorCapability, MirrorEnterprise, MirrorProduct
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import State, Verb, verbs_for
from services.matching.suggestions.schemas import CapacityOut, EvidenceOut, SuggestionOut, untold_to
from services.matching.suggestions.service import Stock, Suggestion
from shared.codes.regions import distance_km
from shared.db.acting import beyond
from shared.security.actor import Actor


@dataclass(frozen=True)
class Offer:
    """What a supplier says today: 元 a piece, least order, days; kilometres between it and the leader.

    `told` is false where the supplier keeps all of it back, until both have accepted.
    """

    price: Decimal | None
    moq: Decimal | None
    days: int | None
    kilometres: float | None
    told: bool = True


@dataclass(frozen=True)
class Candidate:
    """A suggestion with its offer, its evidence by rule, what is left of the capacity, and what may be done with it."""

    suggestion: SuggestionOut
    offer: Offer
    evidence: dict[Rule, EvidenceOut]
    capacity: CapacityOut
    verbs: Sequence[Verb]


def candidates(session: Session, actor: Actor, product: MirrorProduct, need_id: UUID) -> list[Candidate]:
    """The suggestions of a need that the actor sees, the best first, with what their suppliers offer today.

    They were disclosed, and so is what they say, unless their suppliers keep it back; what newer runs have superseded
    is left out.
    """
    found = _suggested(session, actor, need_id)
    offers = suggestions.offers_of(session, found)
    stocks = {} if not found else suggestions.stocks_of(session, found, found[0].leader_key)
    with beyond(session):
        leader = None if product.leader_id is None else session.get(MirrorEnterprise, product.leader_id)
    here = None if leader is None else leader.region
    return [
        _candidate(row, actor, _offer(offers.get(row.capability_id), here, row, actor), stocks.get(row.capability_key))
        for row in found
    ]


def _suggested(session: Session, actor: Actor, need_id: UUID) -> list[Suggestion]:
    statement = (
        select(Suggestion)
        .where(col(Suggestion.need_id) == need_id, suggestions.visible(actor))
        .where(col(Suggestion.state) != State.SUPERSEDED)
        .order_by(col(Suggestion.score).desc(), col(Suggestion.id))
    )
    return list(session.execute(statement).scalars())


def _candidate(row: Suggestion, actor: Actor, offer: Offer, stock: Stock | None) -> Candidate:
    shown = SuggestionOut.of(row, actor)
    evidence = {each.rule: each for each in shown.evidence}
    return Candidate(shown, offer, evidence, CapacityOut.of(row, stock, actor), verbs_for(shown.state, actor.role))


def _offer(capability: MirrorCapability | None, here: str | None, row: Suggestion, actor: Actor) -> Offer:
    there = row.labels.get("supplier_region")
    kilometres = distance_km(here, there) if here and there else None
    if capability is None or untold_to(actor, row):
        return Offer(None, None, None, kilometres, told=not untold_to(actor, row))
    return Offer(capability.unit_price, capability.moq, capability.lead_time_days, kilometres)
