"""Value types of clusters."""

from enum import StrEnum


class Tier(StrEnum):
    """The tier of a cluster in the "3830" gradient: world class, national, provincial."""

    WORLD = "world"
    NATIONAL = "national"
    PROVINCIAL = "provincial"
