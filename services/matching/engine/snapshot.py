"""The frozen input of a run, in columns.

Each table is a list of equal-length columns. A row is addressed by its position; references between tables are
positions. Rows stand in the order of their natural keys (`key`), so that the plan does not depend on the order in
which data arrived, nor on random ids. Amounts are whole 元, unit prices whole 1/10000 元, quantities whole 1/1000.
Missing numbers are None in the wire form.
"""

from dataclasses import dataclass, field
from datetime import date

from shared.codes.parameters import Parameter

PIECES_PER_YUAN = 10_000_000
"""1/1000 units that 1 元 buys at a unit price of 1/10000 元."""


@dataclass(frozen=True)
class Supplier:
    """An enterprise that may supply; `known`: it already sells to some leader; `total_capacity` in 元, None: any.

    `titles` are the codes of those that it holds at the snapshot's day.
    """

    key: str
    id: str
    name: str
    region: str | None
    status: str
    known: bool
    cluster_keys: tuple[str, ...] = ()
    total_capacity: int | None = None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """A certificate of `supplier` (position); `sites` are the regions that it holds for, none: wherever the firm is."""

    supplier: int
    scheme: str
    number: str
    valid_from: date | None
    valid_until: date
    trust: str
    sites: tuple[str, ...] = ()
    suspended_on: date | None = None


@dataclass(frozen=True)
class Capability:
    """What `supplier` (position) can make. Exactly one of the capacities is set, or none: unlimited."""

    key: str
    id: str
    supplier: int
    name: str
    text: str
    class_code: str | None
    parameters: tuple[Parameter, ...]
    capacity_yuan: int | None
    capacity_units: int | None
    unit: str | None
    unit_price: int | None
    moq: int | None
    lead_time_days: int | None


@dataclass(frozen=True)
class Cluster:
    """A cluster: `cities` are city codes, `target` the asked share in 1/10000."""

    key: str
    id: str
    name: str
    target: int
    cities: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """A leading product; what concerns its leader is None where no leader is named."""

    key: str
    id: str
    name: str
    leader_key: str | None
    leader_name: str | None
    leader_region: str | None
    cluster: int | None
    target: int
    leader_id: str | None = None


@dataclass(frozen=True)
class CertificateAsked:
    """A certificate that a line asks for, to be valid at `on_date`."""

    scheme: str
    on_date: date


@dataclass(frozen=True)
class Line:
    """One bought part of one product: the unit of the plan.

    spend = excluded + local_now + committed + outside + unknown, in 元 (basis value) or counted as 1 (basis lines);
    `committed` is what approved suggestions of earlier runs already moved, `movable` ≤ outside + unknown is what
    the leader releases of it. `supplier_cap` is the most that one supplier may have of it, in 1/10000 (None: as the
    policy says). `lead_time_days` is the least of what is asked and of what is left until `needed_from`.
    """

    key: str
    id: str
    product: int
    part_code: str
    part_name: str
    text: str
    class_code: str | None
    unit: str | None
    quantity: int | None
    unit_price: int | None
    spend: int
    excluded: int
    local_now: int
    committed: int
    outside: int
    unknown: int
    movable: int
    certificates: tuple[CertificateAsked, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    lead_time_days: int | None = None
    max_moq: int | None = None
    price_ceiling: int | None = None
    distance_limit_km: int | None = None
    supplier_cap: int | None = None
    needed_from: date | None = None


@dataclass(frozen=True)
class Incumbent:
    """`supplier` already has `amount` 元 of `line` (positions) a year; `related`: an equity link to the leader."""

    line: int
    supplier: int
    amount: int
    related: bool = False


@dataclass(frozen=True)
class Commitment:
    """An approved suggestion of an earlier run: `amount` 元 of `line` at `capability` (positions), kept in place."""

    line: int
    capability: int
    amount: int


@dataclass(frozen=True)
class Proposal:
    """A suggestion of the last run that nobody has decided yet: `amount` 元 of `line` at `capability` (positions)."""

    line: int
    capability: int
    amount: int


@dataclass(frozen=True)
class Exclusion:
    """A pair that a reviewer rejected and whose cool-off has not passed at the snapshot's day."""

    line: int
    supplier: int
    reason: str


@dataclass(frozen=True)
class Preference:
    """What the leader of `line` says of `supplier` (positions): it is not to be taken, or it is preferred."""

    line: int
    supplier: int
    blacklisted: bool
    reason: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The whole input of a run, frozen at `as_of` behind the feed's `cursor`.

    `period` is the one whose purchases told the origins of spend; None: there were none to tell.
    """

    as_of: date
    cursor: str
    suppliers: list[Supplier] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    capabilities: list[Capability] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    incumbents: list[Incumbent] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    period: str | None = None
    preferences: list[Preference] = field(default_factory=list)
