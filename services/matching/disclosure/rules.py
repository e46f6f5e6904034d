"""How much of a need its leader lets be known, and when demand at large may be told. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """What a supplier is told of a need by an approved suggestion, until its leader has accepted."""

    INVISIBLE = "invisible"
    BAND = "band"
    REQUIREMENTS = "requirements"
    ALL = "all"


LEVEL_ZH = {
    Level.INVISIBLE: "不公开",
    Level.BAND: "只公开类别与数量区间",
    Level.REQUIREMENTS: "公开零部件与要求",
    Level.ALL: "全部公开",
}
USUAL = Level.REQUIREMENTS
"""Where a leader has said nothing."""

LEAST_LEADERS = 3
"""k-anonymity: so many leaders must stand behind a figure of demand at large."""

_GROUPS: tuple[tuple[Level, frozenset[str]], ...] = (
    (Level.INVISIBLE, frozenset()),
    (Level.BAND, frozenset({"class_code", "quantity_band"})),
    (Level.REQUIREMENTS, frozenset({"part_name", "requirements"})),
    (
        Level.ALL,
        frozenset(
            {
                *("part_code", "product_name", "leader_id", "leader_name", "unit", "placed_quantity", "placed_amount"),
                *("agreed_amount", "contracted_amount", "invoiced_amount"),
            }
        ),
    ),
)
_OF_NEEDS = frozenset().union(*(fields for _, fields in _GROUPS))


def told(level: Level) -> frozenset[str]:
    """The fields of a need that a level tells: its own group, and those of all levels before it."""
    order = [each for each, _ in _GROUPS]
    return frozenset().union(*(fields for each, fields in _GROUPS if order.index(each) <= order.index(level)))


def untold(level: Level) -> frozenset[str]:
    """The fields of a need that a level keeps back."""
    return _OF_NEEDS - told(level)


@dataclass(frozen=True)
class Demand:
    """What one leader needs of a class in a city and a quarter; `spend` in 元, None where it is not known."""

    class_code: str
    city: str
    quarter: str
    leader: UUID
    spend: Decimal | None


@dataclass(frozen=True)
class Crowd:
    """Demand with enough leaders behind it."""

    class_code: str
    city: str
    quarter: str
    leaders: int
    spend: Decimal


def crowds(demands: Iterable[Demand]) -> list[Crowd]:
    """The groups of class, city and quarter that at least three leaders stand behind, in their order.

    Only leaders whose spend is known and above nothing count: one that adds nothing hides nobody. And where one leader
    has nearly all of a sum, its band would be that leader's own: such a group is not told either.
    """
    found: dict[tuple[str, str, str], dict[UUID, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for each in demands:
        if each.spend is not None and each.spend > 0:
            found[each.class_code, each.city, each.quarter][each.leader] += each.spend
    return [
        Crowd(*key, len(by_leader), sum(by_leader.values(), Decimal(0)))
        for key, by_leader in sorted(found.items())
        if may_be_told(by_leader)
    ]


def may_be_told(by_leader: Mapping[UUID, Decimal]) -> bool:
    """Whether a sum tells of no single leader: three of them, and none with more than nine tenths of it."""
    return len(by_leader) >= LEAST_LEADERS and max(by_leader.values()) * 10 <= sum(by_leader.values()) * 9


def quarter_of(day: date | None) -> str:
    """The quarter of a day, 2026Q3; of none, the empty word: wanted all the time."""
    return "" if day is None else f"{day.year}Q{(day.month + 2) // 3}"
