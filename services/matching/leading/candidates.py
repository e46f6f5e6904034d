"""Candidates side by side: what each offers, how it meets what is asked, what its score is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.matching.engine.plan import Rule
from services.matching.suggestions.rules import Verb, verbs_for
from services.matching.suggestions.schemas import EvidenceOut, SuggestionOut
from shared.security.actor import Role


@dataclass(frozen=True)
class Offer:
    """What a supplier says today: 元 a piece, least order, days; kilometres between it and the leader."""

    price: Decimal | None
    moq: Decimal | None
    days: int | None
    kilometres: float | None


@dataclass(frozen=True)
class Candidate:
    """A suggestion with its offer, its evidence by rule, and what may be done with it."""

    suggestion: SuggestionOut
    offer: Offer
    evidence: dict[Rule, EvidenceOut]
    verbs: Sequence[Verb]


def compared(found: Sequence[tuple[SuggestionOut, Offer]], role: Role) -> list[Candidate]:
    """The suggestions as candidates, in their order."""
    return [
        Candidate(row, offer, {each.rule: each for each in row.evidence}, verbs_for(row.state, role))
        for row, offer in found
    ]
