"""What people send with a step: reasons, parts, batches, assignments."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.matching.suggestions.rules import VERB_ZH, Verb, roles_of
from services.matching.suggestions.service import Item
from shared.http.times import Day
from shared.security.actor import Role

BY_PEOPLE = frozenset(verb for verb in Verb if roles_of(verb) != {Role.SERVICE})
WITH_TERMS = frozenset({Verb.CONTRACT, Verb.AMEND})
"""Verbs that say more than a reason: never in a batch."""


class Said(BaseModel):
    """Base of what is said with a step; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Decision(Said):
    """Why a step is taken."""

    reason: str = Field("", max_length=500)


class Deferral(Decision):
    """Until when a suggestion is put aside, and why."""

    until: Day | None = None


class Acceptance(Decision):
    """What a leader accepts: the whole, or a part by 元 or by pieces."""

    amount: int | None = Field(None, description="一部分：每年多少元")
    quantity: Decimal | None = Field(None, description="一部分：每年多少件（按需求的单位）", decimal_places=3)


class ItemIn(Said):
    """A suggestion of a batch, and the version at which it was read."""

    id: UUID
    version: int = Field(ge=1)


class Items(Said):
    """The suggestions of a batch."""

    items: list[ItemIn] = Field(min_length=1, max_length=1000)

    @field_validator("items")
    @classmethod
    def each_once(cls, items: list[ItemIn]) -> list[ItemIn]:
        """Refuse a batch that names a suggestion twice."""
        if len({item.id for item in items}) < len(items):
            raise ValueError("同一条建议出现了不止一次。")
        return items

    def read(self) -> list[Item]:
        """The items as the use cases take them."""
        return [Item(item.id, item.version) for item in self.items]


class Batch(Items, Decision):
    """One verb for many suggestions."""

    verb: Verb
    until: Day | None = None

    @field_validator("verb")
    @classmethod
    def by_people(cls, verb: Verb) -> Verb:
        """Refuse what only the worker does, and what says more than a reason."""
        if verb not in BY_PEOPLE - WITH_TERMS:
            raise ValueError(f"“{VERB_ZH[verb]}”不能整批进行。")
        return verb


class Assignment(Said):
    """Who is to look after a suggestion: the subject of its token."""

    assignee: str = Field(min_length=1, max_length=200)


class AssignmentBatch(Items):
    """Who is to look after these suggestions; None: nobody."""

    assignee: str | None = Field(min_length=1, max_length=200)
