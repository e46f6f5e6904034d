"""The snapshot as a struct of arrays: what everything between the door and the reader's page works on.

Rows are those of the snapshot's tables, in its order, and references are positions. Conventions, for all columns:

- whole numbers are int64, C-contiguous; an optional number that is not told is -1 (`NOT_TOLD`); none is negative;
- a code (unit, region, class …) is the position of its value in the vocabulary, -1 where it is not told. Vocabularies
  are sorted, so that codes do not depend on the order of rows, and codes compare as their values do;
- a list per row lies in one array: the items of row r are `starts[r]` to `starts[r + 1]`;
- days are proleptic Gregorian ordinals; amounts, prices and quantities are in the units of the snapshot.

Numbers of parameters are `ranks` among all numbers that occur: ranks compare as the numbers do, exactly, whatever their
decimals. They are odd, so that a number that comes later finds its place between two of them; an open bound is -1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy
from shared.text.meanings import Meanings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NOT_TOLD = -1

Place = tuple[str | None, tuple[str, ...]]
"""Where a supplier is, as locality sees it: its region, and the clusters (keys) that it is a member of."""


@dataclass(frozen=True)
class Vocabulary:
    """What the codes stand for.

    `tokens` are what texts are found by (shared.text.evidence): words, and marked characters and pairs of them.
    `parties` are enterprises' keys; `values` are those of sets (materials). `numbers` are those of all parameters, in
    their order, and `steps` says how many steps of its last decimal the number 1 is, by a parameter's name and unit.
    """

    tokens: tuple[str, ...]
    units: tuple[str, ...]
    regions: tuple[str, ...]
    classes: tuple[str, ...]
    statuses: tuple[str, ...]
    schemes: tuple[str, ...]
    parameters: tuple[str, ...]
    values: tuple[str, ...]
    parties: tuple[str, ...]
    places: tuple[Place, ...]
    anchors: tuple[Anchor, ...]
    numbers: tuple[Decimal, ...] = ()
    steps: Mapping[tuple[str, str | None], Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterColumns:
    """Parameters by row: names, units, bounds as ranks and as floats (nan: open), values of sets.

    The floats are in steps of the last decimal that occurs with a name and a unit, so that differences are exact.
    The values of parameter p are `value` and, where they are numbers, `value_rank`, from `value_starts[p]`. `point` is
    the value that an interval of one number reads as (-1: it is none): a set may hold it.
    """

    starts: Ints
    name: Ints
    unit: Ints
    low: Ints
    high: Ints
    low_number: Floats
    high_number: Floats
    point: Ints
    value_starts: Ints
    value: Ints
    value_rank: Ints


@dataclass(frozen=True)
class LineColumns:
    """Lines. `token` are the distinct tokens of name and text, ascending; `in_name`: the part's name has it.

    `meaning` (lines × axes, int8) is what the words mean (shared.text.meanings); without axes, words alone rank.
    `class_guessed`: the class is not the need's own, it was read from its words. `scheme` must be valid at `on_day`.
    `supplier_cap` in 1/10000, where the line has one of its own.
    """

    product: Ints
    class_code: Ints
    class_guessed: Bools
    unit: Ints
    quantity: Ints
    unit_price: Ints
    spend: Ints
    excluded: Ints
    local_now: Ints
    committed: Ints
    outside: Ints
    unknown: Ints
    movable: Ints
    lead_time_days: Ints
    max_moq: Ints
    price_ceiling: Ints
    distance_limit_km: Ints
    token_starts: Ints
    token: Ints
    in_name: Bools
    meaning: Meanings
    scheme_starts: Ints
    scheme: Ints
    on_day: Ints
    supplier_cap: Ints
    parameters: ParameterColumns


@dataclass(frozen=True)
class CapabilityColumns:
    """Capabilities. `token` are the distinct tokens, ascending, `times` how often each stands there.

    `meaning` as the lines' (capabilities × axes, int8).
    """

    supplier: Ints
    class_code: Ints
    capacity_yuan: Ints
    capacity_units: Ints
    unit: Ints
    unit_price: Ints
    moq: Ints
    lead_time_days: Ints
    token_starts: Ints
    token: Ints
    times: Ints
    meaning: Meanings
    parameters: ParameterColumns


@dataclass(frozen=True)
class SupplierColumns:
    """Suppliers with the certificates that count; `valid_from` -1: ever since. `party` is the supplier's own key."""

    party: Ints
    status: Ints
    region: Ints
    place: Ints
    known: Bools
    total_capacity: Ints
    scheme_starts: Ints
    scheme: Ints
    valid_from: Ints
    valid_until: Ints


@dataclass(frozen=True)
class ProductColumns:
    """Products. `leader` is the leader's key among the parties; `anchor` is where local is measured from."""

    leader: Ints
    leader_region: Ints
    cluster: Ints
    target: Ints
    anchor: Ints


@dataclass(frozen=True)
class Holdings:
    """`supplier` holds `amount` 元 a year of `line`; `related`: by an equity link to the line's leader."""

    line: Ints
    supplier: Ints
    amount: Ints
    related: Bools


@dataclass(frozen=True)
class Shares:
    """`amount` 元 of `line` at `capability`: commitments, or proposals."""

    line: Ints
    capability: Ints
    amount: Ints


@dataclass(frozen=True)
class Refusals:
    """Pairs that a reviewer rejected within the cool-off."""

    line: Ints
    supplier: Ints


@dataclass(frozen=True)
class Preferences:
    """Pairs of which the line's leader says something: the supplier is `blacklisted`, or else preferred."""

    line: Ints
    supplier: Ints
    blacklisted: Bools


@dataclass(frozen=True)
class Columns:
    """The whole snapshot under a policy. Built by `columns_of`, or by a generator of instances."""

    policy: Policy
    as_of: int
    vocabulary: Vocabulary
    lines: LineColumns
    capabilities: CapabilityColumns
    suppliers: SupplierColumns
    products: ProductColumns
    incumbents: Holdings
    commitments: Shares
    proposals: Shares
    exclusions: Refusals
    preferences: Preferences
