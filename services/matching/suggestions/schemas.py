"""Wire models of the review. What an actor is shown depends on who it is: a supplier sees a part, no buyer."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.matching.engine.plan import Rule, Verdict
from services.matching.rates.rules import ratio
from services.matching.suggestions.bands import quantity_band
from services.matching.suggestions.rules import STATE_ZH, State
from services.matching.suggestions.service import Suggestion, SuggestionEvent
from shared.security.actor import Actor, Role

DISCLOSED_RULES = frozenset({Rule.CERTIFICATE, Rule.PARAMETER, Rule.UNIT, Rule.MOQ, Rule.LEAD_TIME})
"""Requirements that an invited supplier is shown: none that tells the buyer, its place or its prices."""


class Decision(BaseModel):
    """What a reviewer says with a decision."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=500)


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
    from_state: State | None
    to_state: State
    reason: str
    at: datetime


class SuggestionOut(BaseModel):
    """A suggestion as reviewers, organisations and its leader see it.

    `amount` and `line_spend` are whole 元, or counts of lines where `basis` is lines; `share` is of the line.
    """

    id: UUID
    run_id: UUID
    state: State
    state_label: str
    version: int
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
        """The wire form; a leader is not told its cluster's totals, which would tell the other leaders' spend."""
        effect = row.effect if actor.role is not Role.CHAIN_LEADER else {**row.effect, "cluster": None}
        return cls.model_validate(
            {
                **row.model_dump(exclude={"labels", "effect"}),
                **row.labels,
                "effect": effect,
                "state_label": STATE_ZH[State(row.state)],
                "share": ratio(Fraction(row.amount), Fraction(row.line_spend)),
            }
        )


class SuggestionDetail(SuggestionOut):
    """A suggestion with its history."""

    history: list[EventOut] = []


class InvitationOut(BaseModel):
    """A suggestion as its supplier sees it: part, class, quantity band and requirements; no buyer, no price."""

    id: UUID
    state: State
    state_label: str
    version: int
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
                "quantity_band": quantity_band(row.quantity, row.labels["unit"]),
                "requirements": requirements,
            }
        )


def shown(row: Suggestion, actor: Actor) -> SuggestionOut | InvitationOut:
    """A suggestion as `actor` may see it."""
    return InvitationOut.of(row) if actor.role is Role.SUPPLIER else SuggestionOut.of(row, actor)


def shown_with_history(row: Suggestion, events: list[SuggestionEvent], actor: Actor) -> BaseModel:
    """The same with the way that it came; a supplier is not told who decided what, and why."""
    short = shown(row, actor)
    if isinstance(short, InvitationOut):
        return short
    history = [EventOut.model_validate(event, from_attributes=True) for event in events]
    return SuggestionDetail(**short.model_dump(), history=history)
