"""Wire models of the review. What an actor is shown depends on who it is: a supplier sees a part, no buyer."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.matching.disclosure.rules import Level, untold
from services.matching.engine.plan import Rule, Verdict
from services.matching.mirror.service import MirrorCapability
from services.matching.rates.rules import ratio
from services.matching.suggestions.access import assignee_told
from services.matching.suggestions.bands import quantity_band
from services.matching.suggestions.events import ASSIGN
from services.matching.suggestions.offers import (
    DISCLOSURE_ZH,
    USE_ZH,
    Disclosure,
    Use,
    kept_back,
    scores_without_offers,
    told_in_full,
    without_offers,
)
from services.matching.suggestions.rules import STATE_ZH, State, Verb, verbs_for
from services.matching.suggestions.service import Stock, Suggestion, SuggestionEvent
from shared.codes.parameters import Parameter
from shared.security.actor import Actor, Role

DISCLOSED_RULES = frozenset({Rule.CERTIFICATE, Rule.PARAMETER, Rule.UNIT, Rule.MOQ, Rule.LEAD_TIME})
"""Requirements that an invited supplier is shown: none that tells the buyer, its place or its prices."""


class MovedOut(BaseModel):
    """A suggestion of a batch as it is now."""

    id: UUID
    state: State
    state_label: str
    version: int
    assignee: str | None


class BatchOut(BaseModel):
    """What became of a batch: all of it."""

    moved: int
    items: list[MovedOut]

    @classmethod
    def of(cls, rows: Sequence[Suggestion], actor: Actor) -> Self:
        """The wire form, in the order of the batch."""
        items = [
            MovedOut(
                id=row.id,
                state=State(row.state),
                state_label=STATE_ZH[State(row.state)],
                version=row.version,
                assignee=row.assignee if assignee_told(actor) else None,
            )
            for row in rows
        ]
        return cls(moved=len(items), items=items)


class CapacityOut(BaseModel):
    """A capability's stock a year in `unit`; `left` None: its supplier states no limit.

    What others have reserved would tell a leader, or a cluster organisation, of their demand: both are shown what is
    left, and how much of a year other leaders use in quarters (`used_elsewhere`; None: no limit stated), and no more;
    nothing of it a leader to whom the supplier tells no more than what the capability is called.
    """

    capability_id: UUID
    unit: str | None
    spare: Decimal | None
    reserved: Decimal | None
    left: Decimal | None
    used_elsewhere: Use | None = None
    used_elsewhere_label: str | None = None

    @classmethod
    def of(cls, row: Suggestion, stock: Stock | None, actor: Actor) -> Self:
        """The wire form; cut to three places."""
        told = stock is not None and (actor.sees_everything or actor.role is Role.SUPPLIER)
        if untold_to(actor, row):
            return cls(capability_id=row.capability_id, unit=None, spare=None, reserved=None, left=None)
        use = None if stock is None or actor.role is Role.SUPPLIER else stock.use
        return cls(
            capability_id=row.capability_id,
            unit=stock and stock.unit,
            spare=_cut(stock.spare) if stock and told else None,
            reserved=_cut(stock.reserved) if stock and told else None,
            left=_cut(stock.left) if stock else Decimal(0),
            used_elsewhere=use,
            used_elsewhere_label=use and USE_ZH[use],
        )


class EvidenceOut(BaseModel):
    """One requirement: what was asked, what is offered, the verdict and a sentence."""

    rule: Rule
    verdict: Verdict
    asked: str
    offered: str
    sentence: str


class EventOut(BaseModel):
    """One step of a suggestion's way."""

    actor: str
    actor_role: str
    verb: str | None
    from_state: State | None
    to_state: State
    amount: int | None
    reason: str
    at: datetime


class SuggestionOut(BaseModel):
    """A suggestion as reviewers, organisations and its leader see it.

    `amount` and `line_spend` are whole 元, or counts of lines where `basis` is lines; `share` is of the line.
    `placed_amount` is what it moves a year as it stands; what was contracted and invoiced is in 元.
    """

    id: UUID
    run_id: UUID
    state: State
    state_label: str
    stage: State
    version: int
    proposed_by: str | None
    assignee: str | None
    deferred_until: date | None
    basis: str
    need_id: UUID
    product_id: UUID
    product_code: str
    product_name: str
    leader_id: UUID | None
    leader_key: str | None
    leader_name: str | None
    cluster_id: UUID | None
    cluster_name: str | None
    line_key: str
    part_code: str
    part_name: str
    class_code: str | None
    supplier_id: UUID
    supplier_key: str
    supplier_name: str
    supplier_region: str | None
    supplier_place: str
    capability_id: UUID
    capability_key: str
    capability_name: str
    amount: int
    quantity: Decimal | None
    placed_amount: int
    placed_quantity: Decimal | None
    agreed_amount: int | None
    contracted_amount: int | None
    invoiced_amount: int
    unit: str | None
    unit_price: Decimal | None
    line_spend: int
    share: Decimal | None
    score: int
    score_parts: dict[str, int]
    evidence: list[EvidenceOut]
    effect: dict[str, Any]
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: Suggestion, actor: Actor) -> Self:
        """The wire form; a leader is not told its cluster's totals, which would tell the other leaders' spend.

        Nor what is offered, where the supplier keeps it back.
        """
        effect = {**row.effect, "cluster": None} if actor.role is Role.CHAIN_LEADER else row.effect
        blank = untold_to(actor, row)
        return cls.model_validate(
            {
                **row.model_dump(exclude={"labels", "effect", "evidence", "score_parts"}),
                **row.labels,
                "effect": effect,
                "evidence": without_offers(row.evidence) if blank else row.evidence,
                "score_parts": scores_without_offers(row.score_parts) if blank else row.score_parts,
                "assignee": row.assignee if assignee_told(actor) else None,
                "state_label": STATE_ZH[State(row.state)],
                "share": ratio(Fraction(row.amount), Fraction(row.line_spend)),
            }
        )


class CapabilityTold(BaseModel):
    """The capability of a suggestion as its supplier offers it today, as far as the reader is told.

    `told` is false where the supplier keeps all but the name back until both have accepted, or has taken it back. What
    it has to spare a year a leader is told once both have accepted, or where it is public.
    """

    capability_id: UUID
    name: str
    disclosure: Disclosure
    disclosure_label: str
    told: bool
    class_code: str | None = None
    text: str | None = None
    parameters: list[Parameter] = []
    processes: list[str] = []
    materials: list[str] = []
    unit_price: Decimal | None = None
    moq: Decimal | None = None
    lead_time_days: int | None = None
    spare_capacity: Decimal | None = None
    capacity_unit: str | None = None

    @classmethod
    def of(cls, row: Suggestion, offer: MirrorCapability | None, actor: Actor) -> Self:
        """The wire form of what `offers_of` found."""
        told = None if untold_to(actor, row) else offer
        level = Disclosure(row.offer_disclosure)
        whole = actor.role is not Role.CHAIN_LEADER or level is Disclosure.PUBLIC or told_in_full(row.stage)
        hidden = set() if whole else {"spare_capacity", "capacity_unit"}
        head = {"capability_id": row.capability_id, "name": row.labels["capability_name"], "disclosure": level}
        said = {} if told is None else told.model_dump(exclude={"name", "disclosure", *hidden})
        return cls.model_validate({**said, **head, "disclosure_label": DISCLOSURE_ZH[level], "told": told is not None})


class SuggestionDetail(SuggestionOut):
    """A suggestion with its history, and what the actor may do with it now."""

    verbs: list[Verb] = []
    history: list[EventOut] = []


class InvitationOut(BaseModel):
    """A suggestion as its supplier sees it: part, class, quantity band and requirements; no buyer, no price."""

    id: UUID
    state: State
    state_label: str
    version: int
    verbs: list[Verb]
    part_name: str
    class_code: str | None
    quantity_band: str | None
    capability_id: UUID
    capability_name: str
    requirements: list[EvidenceOut]
    decided_at: datetime | None

    @classmethod
    def of(cls, row: Suggestion) -> Self:
        """The wire form."""
        requirements = [
            each for each in row.evidence if each["rule"] in DISCLOSED_RULES and each["verdict"] != Verdict.NOT_ASKED
        ]
        return cls.model_validate(
            {
                **row.model_dump(exclude={"labels", "evidence"}),
                **row.labels,
                "state_label": STATE_ZH[State(row.state)],
                "verbs": verbs_for(State(row.state), Role.SUPPLIER),
                "quantity_band": quantity_band(row.quantity, row.labels["unit"]),
                "requirements": requirements,
            }
        )


class OfferOut(InvitationOut):
    """The same once the leader has accepted: how much is asked of the supplier, and still no buyer."""

    placed_quantity: Decimal | None
    unit: str | None


class PartnershipOut(OfferOut):
    """The same once the supplier has consented: both see each other."""

    leader_id: UUID | None
    leader_name: str | None
    product_name: str
    part_code: str
    placed_amount: int
    agreed_amount: int | None
    contracted_amount: int | None
    invoiced_amount: int


_TOLD_TO_SUPPLIERS: dict[State, type[InvitationOut]] = {
    State.PROPOSED: InvitationOut,
    State.APPROVED: InvitationOut,
    State.LEADER_ACCEPTED: OfferOut,
    State.ACCEPTED: PartnershipOut,
    State.CONTRACTED: PartnershipOut,
    State.INVOICED: PartnershipOut,
}


def invitation(row: Suggestion) -> InvitationOut:
    """A suggestion as its supplier may see it: by its stage, and before its leader accepts as the leader lets it."""
    level = Level(row.disclosure)
    if State(row.stage) not in (State.PROPOSED, State.APPROVED):
        return _TOLD_TO_SUPPLIERS[State(row.stage)].of(row)
    if level is Level.ALL:
        return PartnershipOut.of(row)
    kept = untold(level)
    return InvitationOut.of(row).model_copy(update={name: blank for name, blank in _BLANK.items() if name in kept})


_BLANK: dict[str, Any] = {"part_name": "（未公开）", "class_code": None, "quantity_band": None, "requirements": []}
"""What stands for a field of an invitation that the need's leader keeps back."""


def untold_to(actor: Actor, row: Suggestion) -> bool:
    """Whether `actor` is a leader whom the supplier tells no more than what the capability is called."""
    return actor.role is Role.CHAIN_LEADER and kept_back(row.offer_disclosure, row.stage)


def shown(row: Suggestion, actor: Actor) -> SuggestionOut | InvitationOut:
    """A suggestion as `actor` may see it."""
    if actor.role is Role.SUPPLIER:
        return invitation(row)
    return SuggestionOut.of(row, actor)


def shown_with_history(row: Suggestion, events: list[SuggestionEvent], actor: Actor) -> BaseModel:
    """The same with the way that it came; a supplier is not told who decided what, and why, no firm who reviews it."""
    short = shown(row, actor)
    if isinstance(short, InvitationOut):
        return short
    verbs = verbs_for(State(row.state), actor.role)
    told = [event for event in events if event.verb != ASSIGN or assignee_told(actor)]
    history = [EventOut.model_validate(event, from_attributes=True) for event in told]
    return SuggestionDetail(**short.model_dump(), verbs=verbs, history=history)


def _cut(amount: Fraction | None) -> Decimal | None:
    """Rounded down to three places."""
    return None if amount is None else Decimal(int(amount * 1000)) / 1000
