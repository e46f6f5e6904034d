"""From the snapshot's rows to columns: values get dense codes in the order of the values, lists are laid end to end."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

import numpy as np

from services.matching.engine.columns import (
    NOT_TOLD,
    Bools,
    CapabilityColumns,
    Columns,
    Floats,
    Holdings,
    Ints,
    LineColumns,
    ParameterColumns,
    Place,
    ProductColumns,
    Refusals,
    Shares,
    SupplierColumns,
    Vocabulary,
)
from services.matching.engine.facts import anchor_of
from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy, Scope
from services.matching.engine.snapshot import (
    Capability,
    Certificate,
    Commitment,
    Line,
    Product,
    Proposal,
    Snapshot,
    Supplier,
)
from shared.codes.parameters import Parameter, point_of
from shared.text.words import words

Value = TypeVar("Value")


class Codes(Generic[Value]):
    """Dense codes of the values that occur, in their order; None has no code."""

    def __init__(self, values: Iterable[Value | None], key: Callable[[Value], Any] = str) -> None:
        occurring = {value for value in values if value is not None}
        self.values: tuple[Value, ...] = tuple(sorted(occurring, key=key))
        self._code = {value: code for code, value in enumerate(self.values)}

    def of(self, value: Value | None) -> int:
        """The code of a value that occurs; -1 of None."""
        return NOT_TOLD if value is None else self._code[value]

    def all(self, values: Iterable[Value | None]) -> Ints:
        """The codes of some values."""
        return ints(self.of(value) for value in values)


@dataclass(frozen=True)
class Coding:
    """The codes of one snapshot under one policy, and all numbers of its parameters in their order."""

    words: Codes[str]
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

    def rank(self, number: Decimal | None) -> int:
        """The odd rank of a number that occurs, the even one between its neighbours of any other; -1 of None."""
        if number is None:
            return NOT_TOLD
        place = bisect_left(self.numbers, number)
        return 2 * place + (place < len(self.numbers) and self.numbers[place] == number)

    def vocabulary(self) -> Vocabulary:
        """What the codes stand for."""
        return Vocabulary(**{name: row.values for name, row in vars(self).items() if isinstance(row, Codes)})


@dataclass(frozen=True)
class Texts:
    """The words of the lines' names, of their names and texts, and of the capabilities."""

    names: list[frozenset[str]]
    lines: list[frozenset[str]]
    capabilities: list[Counter[str]]


def columns_of(snapshot: Snapshot, policy: Policy) -> Columns:
    """The snapshot in columns. Raises OverflowError for an amount beyond 64 bits."""
    texts = _texts(snapshot)
    coding = _coding(snapshot, policy, texts)
    return Columns(
        policy=policy,
        as_of=snapshot.as_of.toordinal(),
        vocabulary=coding.vocabulary(),
        lines=_lines(snapshot.lines, texts, coding),
        capabilities=capability_columns(snapshot.capabilities, texts.capabilities, coding),
        suppliers=supplier_columns(snapshot.suppliers, snapshot.certificates, policy, coding),
        products=_products(snapshot, policy, coding),
        cluster_target=ints(row.target for row in snapshot.clusters),
        incumbents=Holdings(
            line=ints(row.line for row in snapshot.incumbents),
            supplier=ints(row.supplier for row in snapshot.incumbents),
            amount=ints(row.amount for row in snapshot.incumbents),
            related=bools(row.related for row in snapshot.incumbents),
        ),
        commitments=_shares(snapshot.commitments),
        proposals=_shares(snapshot.proposals),
        exclusions=Refusals(
            line=ints(row.line for row in snapshot.exclusions),
            supplier=ints(row.supplier for row in snapshot.exclusions),
        ),
    )


def place_of(row: Supplier, scope: Scope) -> Place:
    """What locality in this scope sees of a supplier."""
    return row.region, row.cluster_keys if scope is Scope.CLUSTER else ()


def ints(values: Iterable[int | None]) -> Ints:
    """Whole numbers, -1 for None."""
    return np.fromiter((NOT_TOLD if value is None else value for value in values), np.int64)


def bools(values: Iterable[bool]) -> Bools:
    """Truth values."""
    return np.fromiter(values, np.bool_)


def starts_of(lists: Iterable[Sequence[object] | frozenset[str] | Counter[str]]) -> Ints:
    """Where each of some lists begins when they lie end to end, and where the last one ends."""
    lengths = np.fromiter((len(row) for row in lists), np.int64)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _texts(snapshot: Snapshot) -> Texts:
    names = [frozenset(words(line.part_name)) for line in snapshot.lines]
    return Texts(
        names=names,
        lines=[name | frozenset(words(line.text)) for name, line in zip(names, snapshot.lines, strict=True)],
        capabilities=[Counter(words(f"{row.name} {row.text}")) for row in snapshot.capabilities],
    )


def _coding(snapshot: Snapshot, policy: Policy, texts: Texts) -> Coding:
    parameters = [
        row for holder in (snapshot.lines, snapshot.capabilities) for each in holder for row in each.parameters
    ]
    asked = [row.scheme for line in snapshot.lines for row in line.certificates]
    return Coding(
        words=Codes(word for rows in (texts.lines, texts.capabilities) for held in rows for word in held),
        units=Codes([*_units(snapshot), *(row.unit for row in parameters)]),
        regions=Codes([row.region for row in snapshot.suppliers] + [row.leader_region for row in snapshot.products]),
        classes=Codes([row.class_code for row in snapshot.lines] + [row.class_code for row in snapshot.capabilities]),
        statuses=Codes(row.status for row in snapshot.suppliers),
        schemes=Codes([*asked, *(row.scheme for row in snapshot.certificates)]),
        parameters=Codes(row.name for row in parameters),
        values=Codes([value for row in parameters for value in (*row.values, point_of(row))]),
        parties=Codes([row.key for row in snapshot.suppliers] + [row.leader_key for row in snapshot.products]),
        places=Codes((place_of(row, policy.scope) for row in snapshot.suppliers), key=_place_order),
        anchors=Codes(_seen(row, snapshot, policy) for row in snapshot.products),
        numbers=tuple(sorted({number for row in parameters for number in _numbers(row)})),
    )


def _units(snapshot: Snapshot) -> list[str | None]:
    return [row.unit for row in snapshot.lines] + [row.unit for row in snapshot.capabilities]


def _place_order(place: Place) -> tuple[str, tuple[str, ...]]:
    return place[0] or "", place[1]


def _seen(product: Product, snapshot: Snapshot, policy: Policy) -> Anchor:
    """What locality in the policy's scope sees of a product's anchor."""
    whole = anchor_of(product, snapshot.clusters, policy)
    if policy.scope is Scope.PROVINCE:
        return Anchor(None, home_province=whole.home_province)
    if policy.scope is Scope.CLUSTER:
        return Anchor(None, whole.cluster_cities, whole.cluster_key, whole.home_province)
    return Anchor(whole.leader_region, home_province=whole.home_province)


def _number(value: str) -> Decimal | None:
    """The number that a value of a set is, if it is one."""
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return None if number.is_nan() else number


def _numbers(row: Parameter) -> list[Decimal]:
    found = (row.low, row.high, *(_number(value) for value in row.values))
    return [number for number in found if number is not None]


def _lines(rows: Sequence[Line], texts: Texts, coding: Coding) -> LineColumns:
    held = [sorted(row) for row in texts.lines]
    asked = [row.certificates for row in rows]
    return LineColumns(
        product=ints(row.product for row in rows),
        class_code=coding.classes.all(row.class_code for row in rows),
        class_guessed=np.zeros(len(rows), np.bool_),
        unit=coding.units.all(row.unit for row in rows),
        quantity=ints(row.quantity for row in rows),
        unit_price=ints(row.unit_price for row in rows),
        spend=ints(row.spend for row in rows),
        excluded=ints(row.excluded for row in rows),
        local_now=ints(row.local_now for row in rows),
        committed=ints(row.committed for row in rows),
        outside=ints(row.outside for row in rows),
        unknown=ints(row.unknown for row in rows),
        movable=ints(row.movable for row in rows),
        lead_time_days=ints(row.lead_time_days for row in rows),
        max_moq=ints(row.max_moq for row in rows),
        price_ceiling=ints(row.price_ceiling for row in rows),
        distance_limit_km=ints(row.distance_limit_km for row in rows),
        word_starts=starts_of(held),
        word=coding.words.all(word for row in held for word in row),
        in_name=bools(word in name for name, row in zip(texts.names, held, strict=True) for word in row),
        scheme_starts=starts_of(asked),
        scheme=coding.schemes.all(each.scheme for row in asked for each in row),
        on_day=ints(each.on_date.toordinal() for row in asked for each in row),
        parameters=parameter_columns([row.parameters for row in rows], coding),
    )


def capability_columns(rows: Sequence[Capability], texts: Sequence[Counter[str]], coding: Coding) -> CapabilityColumns:
    """Capabilities in columns; `texts` are their words."""
    held = [sorted(row) for row in texts]
    return CapabilityColumns(
        supplier=ints(row.supplier for row in rows),
        class_code=coding.classes.all(row.class_code for row in rows),
        capacity_yuan=ints(row.capacity_yuan for row in rows),
        capacity_units=ints(row.capacity_units for row in rows),
        unit=coding.units.all(row.unit for row in rows),
        unit_price=ints(row.unit_price for row in rows),
        moq=ints(row.moq for row in rows),
        lead_time_days=ints(row.lead_time_days for row in rows),
        word_starts=starts_of(held),
        word=coding.words.all(word for row in held for word in row),
        times=ints(counts[word] for counts, row in zip(texts, held, strict=True) for word in row),
        parameters=parameter_columns([row.parameters for row in rows], coding),
    )


def parameter_columns(lists: Sequence[tuple[Parameter, ...]], coding: Coding) -> ParameterColumns:
    """The parameters of some rows in columns."""
    rows = [row for held in lists for row in held]
    return ParameterColumns(
        starts=starts_of(lists),
        name=coding.parameters.all(row.name for row in rows),
        unit=coding.units.all(row.unit for row in rows),
        low=ints(coding.rank(row.low) for row in rows),
        high=ints(coding.rank(row.high) for row in rows),
        low_number=_floats(row.low for row in rows),
        high_number=_floats(row.high for row in rows),
        point=coding.values.all(point_of(row) for row in rows),
        value_starts=starts_of([row.values for row in rows]),
        value=coding.values.all(value for row in rows for value in row.values),
        value_rank=ints(coding.rank(_number(value)) for row in rows for value in row.values),
    )


def supplier_columns(
    rows: Sequence[Supplier], certificates: Sequence[Certificate], policy: Policy, coding: Coding
) -> SupplierColumns:
    """Suppliers in columns, with their certificates."""
    held: list[list[Certificate]] = [[] for _ in rows]
    for row in certificates:
        held[row.supplier].append(row)
    return SupplierColumns(
        party=coding.parties.all(row.key for row in rows),
        status=coding.statuses.all(row.status for row in rows),
        region=coding.regions.all(row.region for row in rows),
        place=coding.places.all(place_of(row, policy.scope) for row in rows),
        known=bools(row.known for row in rows),
        total_capacity=ints(row.total_capacity for row in rows),
        scheme_starts=starts_of(held),
        scheme=coding.schemes.all(each.scheme for row in held for each in row),
        valid_from=ints(_day(each.valid_from) for row in held for each in row),
        valid_until=ints(_day(each.valid_until) for row in held for each in row),
    )


def _products(snapshot: Snapshot, policy: Policy, coding: Coding) -> ProductColumns:
    rows = snapshot.products
    return ProductColumns(
        leader=coding.parties.all(row.leader_key for row in rows),
        leader_region=coding.regions.all(row.leader_region for row in rows),
        cluster=ints(row.cluster for row in rows),
        target=ints(row.target for row in rows),
        anchor=coding.anchors.all(_seen(row, snapshot, policy) for row in rows),
    )


def _shares(rows: Sequence[Commitment | Proposal]) -> Shares:
    return Shares(
        line=ints(row.line for row in rows),
        capability=ints(row.capability for row in rows),
        amount=ints(row.amount for row in rows),
    )


def _day(day: date | None) -> int:
    return NOT_TOLD if day is None else day.toordinal()


def _floats(numbers: Iterable[Decimal | None]) -> Floats:
    return np.fromiter((np.nan if number is None else float(number) for number in numbers), np.float64)
