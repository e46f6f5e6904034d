"""Value types of clusters, and the gradient that they are in.

关于加快发展先进制造业集群的实施意见 (Shandong, 2023): 3 world-class, 8 national and 30 provincial clusters ("3830"),
assessed anew every three years.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

REVIEWED_EVERY = 3
"""Years from one assessment of a cluster to the next."""


class Tier(StrEnum):
    """The tier of a cluster in the "3830" gradient: world class, national, provincial."""

    WORLD = "world"
    NATIONAL = "national"
    PROVINCIAL = "provincial"


TIER_NAMES: Mapping[Tier, str] = {Tier.WORLD: "世界级", Tier.NATIONAL: "国家级", Tier.PROVINCIAL: "省级"}

PLACES: Mapping[Tier, int] = {Tier.WORLD: 3, Tier.NATIONAL: 8, Tier.PROVINCIAL: 30}
"""How many clusters the province means to have in each tier: a target, no limit."""


def next_review(on: date) -> date:
    """Return the day by which a cluster that was assessed on a day is to be assessed again.

    >>> next_review(date(2024, 2, 29))
    datetime.date(2027, 2, 28)
    """
    year = on.year + REVIEWED_EVERY
    return on.replace(year=year) if (on.month, on.day) != (2, 29) else on.replace(year=year, day=28)
