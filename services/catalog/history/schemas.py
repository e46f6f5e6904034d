"""Wire models of the history."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class FieldChange(BaseModel):
    """A field that is not what it was; decimals travel as strings."""

    field: str
    before: Any
    after: Any


class Step(BaseModel):
    """One change of one row: which version it led to, by whom, when, why, and in which import if it was one."""

    version: int
    op: Literal["insert", "update", "delete"]
    actor: str
    reason: str
    import_id: UUID | None
    at: datetime
    changes: list[FieldChange]


class Why(BaseModel):
    """Why something is brought back."""

    reason: str = Field(min_length=1, max_length=1000)
