"""What people say when they propose a pair."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from services.matching.suggestions.said import Said

EXAMPLE: dict[str, Any] = {
    "need_id": "0192f0c1-2d3e-7a4b-8c5d-6e7f80910a2b",
    "capability_id": "0192f0c1-2d3e-7a4b-8c5d-6e7f80910a2c",
    "quantity": "1200",
    "note": "链主与该企业已试制合格",
}


class ProposalIn(Said):
    """A pair of a need and a capability, with how much of the need a year: by pieces or by 元, one of the two."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})

    need_id: UUID
    capability_id: UUID
    quantity: Decimal | None = Field(
        None, description="每年多少（按需求的单位），按需求的单价折算", max_digits=18, decimal_places=3
    )
    amount: int | None = Field(None, description="每年多少元", le=10**15)
    note: str = Field("", max_length=500, description="为什么提出；有一项要求未满足时须填")
