"""How concentrated supply is: the Herfindahl–Hirschman index of suppliers and of cities, by part, leader or region.

HHI = 10,000 · Σ shareᵢ², from near 0 (many small ones) to 10,000 (one has all); not normalised by the number of
suppliers. The U.S. Merger Guidelines (Department of Justice and FTC, 2023, guideline 1) call a market above 1,800
highly concentrated, and the Department calls 1,000 to 1,800 moderately concentrated: a yardstick, not a rule, for
supply.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.matching.engine.supply_graph.supply import Supply, place_of
from shared.codes.regions import city_of

Key = tuple[str | None, ...]
Of = TypeVar("Of", bound=Hashable)

FULL = 10_000
MODERATE, HIGH = 1_000, 1_800


class GroupedBy(StrEnum):
    """Whose concentration: of a part of a leader, of all that a leader buys, of what comes from a city."""

    PART = "part"
    LEADER = "leader"
    REGION = "region"


@dataclass(frozen=True)
class Concentration:
    """A group's concentration.

    `key` is the part's (leader's key, part code), the leader's key, or the city's code; None: no leader, or a place
    that is not known down to its city. `suppliers` and `cities` are the indexes of what is attributed (`named` 元) to
    suppliers. With `unnamed` 元 more in the group the index of suppliers over all lies between `least` (the unnamed
    are many small ones) and `most` (they are all the greatest one). `count` suppliers, of whom `greatest` (position)
    has most; `lines` are the group's positions.
    """

    key: Key
    named: int
    unnamed: int
    suppliers: int
    cities: int
    least: int
    most: int
    count: int
    greatest: int
    lines: tuple[int, ...]


def hhi(amounts: Iterable[int], total: int | None = None) -> int:
    """The index of amounts, rounded half up; of shares in `total` where that is more than their sum. 0 of nothing."""
    held = list(amounts)
    whole = sum(held) if total is None else total
    return (2 * FULL * sum(amount * amount for amount in held) + whole * whole) // (2 * whole * whole) if whole else 0


def concentration(supply: Supply, by: GroupedBy) -> list[Concentration]:
    """The groups with any attributed amount; the greatest amount first."""
    rows: dict[Key, list[int]] = defaultdict(list)
    for row in range(len(supply.amount)):
        rows[_place(supply, row) if by is GroupedBy.REGION else _buyer(supply, int(supply.line[row]), by)].append(row)
    lines = _lines(supply, rows, by)
    found = [_concentration(supply, key, members, lines[key], by) for key, members in rows.items()]
    return sorted(found, key=lambda group: (-group.named, [part or "" for part in group.key]))


def whole(supply: Supply) -> Concentration | None:
    """All of it as one group; None where nothing is attributed."""
    rows = list(range(len(supply.amount)))
    return _concentration(supply, (), rows, supply.lines, GroupedBy.LEADER) if rows else None


def _buyer(supply: Supply, line: int, by: GroupedBy) -> Key:
    row = supply.snapshot.lines[line]
    leader = supply.snapshot.products[row.product].leader_key
    return (leader,) if by is GroupedBy.LEADER else (leader, row.part_code)


def _place(supply: Supply, row: int) -> Key:
    place = place_of(supply.snapshot.suppliers[int(supply.supplier[row])])
    return (city_of(place) if place else None,)


def _lines(supply: Supply, rows: Mapping[Key, list[int]], by: GroupedBy) -> dict[Key, tuple[int, ...]]:
    """A buyer's or a part's lines are all of them, a region's those that it has anything of."""
    if by is GroupedBy.REGION:
        return {key: tuple(sorted({int(supply.line[row]) for row in members})) for key, members in rows.items()}
    found: dict[Key, tuple[int, ...]] = defaultdict(tuple)
    for line in supply.lines:
        found[_buyer(supply, line, by)] += (line,)
    return found


def _concentration(supply: Supply, key: Key, rows: list[int], lines: tuple[int, ...], by: GroupedBy) -> Concentration:
    amounts = supply.amount[rows].tolist()
    suppliers = _summed(zip(supply.supplier[rows].tolist(), amounts, strict=True))
    cities = _summed(zip((_place(supply, row) for row in rows), amounts, strict=True))
    # what is unnamed has no place: it belongs to no region
    spend = 0 if by is GroupedBy.REGION else sum(supply.snapshot.lines[line].spend for line in lines)
    unnamed = max(0, spend - sum(amounts))
    *others, greatest = sorted(suppliers.values())
    return Concentration(
        key=key,
        named=sum(amounts),
        unnamed=unnamed,
        suppliers=hhi(suppliers.values()),
        cities=hhi(cities.values()),
        least=hhi(suppliers.values(), sum(amounts) + unnamed),
        most=hhi([*others, greatest + unnamed]),
        count=len(suppliers),
        greatest=max(suppliers, key=lambda supplier: (suppliers[supplier], -supplier)),
        lines=lines,
    )


def _summed(pairs: Iterable[tuple[Of, int]]) -> dict[Of, int]:
    sums: dict[Of, int] = defaultdict(int)
    for key, amount in pairs:
        sums[key] += amount
    return dict(sums)
