"""Dense codes for the values that occur in a snapshot, in the order of the values, and ranks for its numbers."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import numpy as np

from services.matching.engine.columns import NOT_TOLD, Bools, Ints, Place, Vocabulary
from services.matching.engine.judgement.facts import anchor_of
from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy, Scope
from services.matching.engine.snapshot import Product, Snapshot, Supplier
from shared.codes.parameters import Parameter, point_of

Value = TypeVar("Value")


class Codes(Generic[Value]):
    """Dense codes of the values that occur, in their order; None has no code."""

    def __init__(self, values: Iterable[Value | None], key: Callable[[Value], Any] = str) -> None:
        self.values: tuple[Value, ...] = tuple(sorted({value for value in values if value is not None}, key=key))
        self._code = {value: code for code, value in enumerate(self.values)}

    def of(self, value: Value | None) -> int:
        """The code of a value that occurs; -1 of None. Raises KeyError."""
        return NOT_TOLD if value is None else self._code[value]

    def all(self, values: Iterable[Value | None]) -> Ints:
        """The codes of some values."""
        code = self._code
        return np.array([NOT_TOLD if value is None else code[value] for value in values], np.int64)


@dataclass(frozen=True)
class Coding:
    """The codes of one snapshot under one policy, and all numbers of its parameters in their order.

    `steps` is how many steps of its last decimal the number 1 is, by the name and the unit of the parameter.
    """

    units: Codes[str]
    regions: Codes[str]
    classes: Codes[str]
    statuses: Codes[str]
    schemes: Codes[str]
    parameters: Codes[str]
    values: Codes[str]
    parties: Codes[str]
    places: Codes[Place]
    anchors: Codes[Anchor]
    numbers: tuple[Decimal, ...]
    steps: Mapping[tuple[str, str | None], Decimal]

    def rank(self, number: Decimal | None) -> int:
        """The odd rank of a number that occurs, the even one between its neighbours of any other; -1 of None."""
        if number is None:
            return NOT_TOLD
        place = bisect_left(self.numbers, number)
        return 2 * place + (place < len(self.numbers) and self.numbers[place] == number)

    def in_steps(self, row: Parameter, bound: Decimal | None) -> float:
        """A bound in steps of the last decimal of its kind; nan where it is open."""
        return np.nan if bound is None else float(bound * self.steps.get((row.name, row.unit), Decimal(1)))

    def vocabulary(self, tokens: tuple[str, ...]) -> Vocabulary:
        """What the codes stand for, and the tokens of texts."""
        values = {name: row.values for name, row in vars(self).items() if isinstance(row, Codes)}
        return Vocabulary(tokens=tokens, **values, numbers=self.numbers, steps=self.steps)


def coding_of(snapshot: Snapshot, policy: Policy) -> Coding:
    """The codes of all that occurs."""
    lists = [*(row.parameters for row in snapshot.lines), *(row.parameters for row in snapshot.capabilities)]
    parameters = [row for held in lists for row in held]
    asked = [row.scheme for line in snapshot.lines for row in line.certificates]
    units = [row.unit for row in snapshot.lines] + [row.unit for row in snapshot.capabilities]
    return Coding(
        units=Codes(units + [row.unit for row in parameters]),
        regions=Codes([row.region for row in snapshot.suppliers] + [row.leader_region for row in snapshot.products]),
        classes=Codes([row.class_code for row in snapshot.lines] + [row.class_code for row in snapshot.capabilities]),
        statuses=Codes(row.status for row in snapshot.suppliers),
        schemes=Codes(asked + [row.scheme for row in snapshot.certificates]),
        parameters=Codes(row.name for row in parameters),
        values=Codes(value for row in parameters for value in (*row.values, point_of(row))),
        parties=Codes([row.key for row in snapshot.suppliers] + [row.leader_key for row in snapshot.products]),
        places=Codes((place_of(row, policy.scope) for row in snapshot.suppliers), key=_place_order),
        anchors=Codes(seen_anchor(row, snapshot, policy) for row in snapshot.products),
        numbers=tuple(sorted({number for row in parameters for number in _numbers(row)})),
        steps=_steps(parameters),
    )


def place_of(row: Supplier, scope: Scope) -> Place:
    """What locality in this scope sees of a supplier."""
    return row.region, row.cluster_keys if scope is Scope.CLUSTER else ()


def seen_anchor(product: Product, snapshot: Snapshot, policy: Policy) -> Anchor:
    """What locality in the policy's scope sees of a product's anchor."""
    whole = anchor_of(product, snapshot.clusters, policy)
    if policy.scope is Scope.PROVINCE:
        return Anchor(None, home_province=whole.home_province)
    if policy.scope is Scope.CLUSTER:
        return Anchor(None, whole.cluster_cities, whole.cluster_key, whole.home_province)
    return Anchor(whole.leader_region, home_province=whole.home_province, radius_km=whole.radius_km)


def number_of(value: str) -> Decimal | None:
    """The number that a value of a set is, if it is one."""
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return None if number.is_nan() else number


def ints(values: Iterable[int | None]) -> Ints:
    """Whole numbers, -1 for None. Raises OverflowError for one beyond 64 bits."""
    return np.array([NOT_TOLD if value is None else value for value in values], np.int64)


def bools(values: Iterable[bool]) -> Bools:
    """Truth values."""
    return np.fromiter(values, np.bool_)


def starts_of(lists: Iterable[Sequence[object]]) -> Ints:
    """Where each of some lists begins when they lie end to end, and where the last one ends."""
    lengths = np.fromiter((len(row) for row in lists), np.int64)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _place_order(place: Place) -> tuple[str, tuple[str, ...]]:
    return place[0] or "", place[1]


def _numbers(row: Parameter) -> list[Decimal]:
    found = (row.low, row.high, *(number_of(value) for value in row.values))
    return [number for number in found if number is not None]


def _steps(parameters: Iterable[Parameter]) -> dict[tuple[str, str | None], Decimal]:
    decimals: dict[tuple[str, str | None], int] = defaultdict(int)
    for row in parameters:
        for bound in (row.low, row.high):
            places = 0 if bound is None else -int(bound.normalize().as_tuple().exponent)
            decimals[row.name, row.unit] = max(decimals[row.name, row.unit], places)
    return {kind: Decimal(10) ** places for kind, places in decimals.items()}
