"""Wire models of disclosure and of demand at large."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.matching.disclosure.rules import LEVEL_ZH, Level
from services.matching.disclosure.service import Crowd, NeedDisclosure
from services.matching.suggestions.bands import spend_band
from shared.codes.classes import all_classes
from shared.codes.regions import full_name


class DisclosureIn(BaseModel):
    """What is to be told of a need, or of all of which nothing else is said."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    reason: str = Field("", max_length=500)


class DisclosureOut(BaseModel):
    """What a leader lets be known of a need; without `need_id` of all others. Version 0: it has not said so itself."""

    need_id: UUID | None
    level: Level
    level_label: str
    reason: str
    version: int
    changed_at: datetime | None

    @classmethod
    def of(cls, row: NeedDisclosure) -> Self:
        """The wire form."""
        return cls(
            need_id=row.need_id,
            level=Level(row.level),
            level_label=LEVEL_ZH[Level(row.level)],
            reason=row.reason,
            version=row.version,
            changed_at=row.changed_at if row.version else None,
        )


class DemandBand(BaseModel):
    """Demand of at least three chain leaders: a band of what they spend a year, and nothing of any one of them."""

    class_code: str
    class_name: str | None
    city: str
    city_name: str
    quarter: str = Field(description="何时起需要，例如 2026Q3；空为长期需要")
    spend_band: str

    @classmethod
    def of(cls, crowd: Crowd) -> Self:
        """The wire form."""
        return cls(
            class_code=crowd.class_code,
            class_name=known.name if (known := all_classes().get(crowd.class_code)) else None,
            city=crowd.city,
            city_name=full_name(crowd.city),
            quarter=crowd.quarter,
            spend_band=spend_band(crowd.spend),
        )
