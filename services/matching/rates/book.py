"""The mirror as arrays: products, and the lines that they need. Read in one go; what was bought is in `bought`.

Everything is read for all actors; what an actor may see is a choice of products (`facts.visible`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

import numpy as np
from sqlalchemy import select, text
from sqlmodel import Session

from services.matching.mirror.service import MirrorCluster
from services.matching.rates.columns import ints, numbers
from services.matching.rates.sharing import Ints

NONE = -1
"""The position of what is not told."""
QUANTITY = 1_000
"""Quantities are whole 1/1000 units."""

_RANKS = """
WITH product AS (
    SELECT id, code, leader_id, row_number() OVER (ORDER BY code, id) - 1 AS at FROM mirror_product
), part AS (
    SELECT leader_id, part_code, row_number() OVER (ORDER BY leader_id, part_code) - 1 AS at FROM (
        SELECT DISTINCT product.leader_id, need.part_code
        FROM mirror_need need JOIN product ON product.id = need.product_id WHERE product.leader_id IS NOT NULL
    ) used
)"""

_LINES = f"""{_RANKS}
SELECT product.at, coalesce(part.at, -1),
    CASE WHEN need.annual_quantity * need.unit_price BETWEEN 0 AND 1e13
        THEN round(need.annual_quantity * need.unit_price)::int8 ELSE -1 END,
    CASE WHEN need.annual_quantity BETWEEN 0 AND 1e12 THEN round(need.annual_quantity * 1000)::int8 ELSE -1 END,
    dense_rank() OVER (ORDER BY need.unit) - 1,
    dense_rank() OVER (ORDER BY need.class_code) - 1
FROM mirror_need need
JOIN product ON product.id = need.product_id
LEFT JOIN part ON part.leader_id = product.leader_id AND part.part_code = need.part_code
ORDER BY product.at, need.part_code, need.id"""

_KEYS = """
SELECT product.code || '/' || need.part_code
FROM mirror_need need JOIN mirror_product product ON product.id = need.product_id
ORDER BY product.code, product.id, need.part_code, need.id"""


@dataclass(frozen=True)
class Place:
    """Where a supplier is: its region as far as known, and the clusters (codes) that it is a member of."""

    region: str | None
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Product:
    """A leading product with its leader's name and place, and its cluster."""

    id: UUID
    code: str
    name: str
    leader_id: UUID | None
    leader_name: str | None
    leader_region: str | None
    cluster: MirrorCluster | None


@dataclass(frozen=True)
class Lines:
    """The needs in the order of their keys. `part` tells which lines share purchases; `spend` 元, NONE where unknown.

    `quantity` is in whole 1/QUANTITY, NONE where unknown; `kind` a position in `kinds`, the classes of the parts.
    """

    product: Ints
    part: Ints
    spend: Ints
    quantity: Ints
    unit: Ints
    kind: Ints
    kinds: Sequence[str | None]
    position: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.product)

    def at(self, rows: Ints) -> "Lines":
        """These lines alone, under the same parts."""
        return replace(
            self,
            product=self.product[rows],
            part=self.part[rows],
            spend=self.spend[rows],
            quantity=self.quantity[rows],
            unit=self.unit[rows],
            kind=self.kind[rows],
        )


@dataclass(frozen=True)
class Book:
    """What does not depend on the period. `leader` is each product's position among `leaders`, NONE without one."""

    products: Sequence[Product]
    leaders: Sequence[UUID]
    leader: Ints
    lines: Lines
    memberships: Mapping[UUID, tuple[str, ...]]

    @cached_property
    def leader_of_line(self) -> Ints:
        """Of each line its leader's position, NONE without one."""
        return self.leader[self.lines.product] if len(self.products) else np.zeros(0, np.int64)

    @cached_property
    def first_part(self) -> Ints:
        """Of each leader the first of its parts: a leader's parts follow one another, in the order of their codes."""
        found = np.full(len(self.leaders), np.iinfo(np.int64).max)
        asked = self.lines.part != NONE
        np.minimum.at(found, self.leader_of_line[asked], self.lines.part[asked])
        return found


def read_book(session: Session) -> Book:
    """Read products, lines and clusters."""
    clusters = {row.id: row for row in session.execute(select(MirrorCluster)).scalars()}
    products = _products(session, clusters)
    leaders = sorted({row.leader_id for row in products if row.leader_id is not None})
    position = {leader: at for at, leader in enumerate(leaders)}
    return Book(
        products=products,
        leaders=leaders,
        leader=ints(NONE if row.leader_id is None else position[row.leader_id] for row in products),
        lines=_lines(session),
        memberships=_memberships(clusters),
    )


def _products(session: Session, clusters: Mapping[UUID, MirrorCluster]) -> list[Product]:
    rows = session.execute(
        text(
            "SELECT product.id, product.code, product.name, product.leader_id, product.cluster_id, "
            "leader.name AS leader_name, leader.region AS leader_region "
            "FROM mirror_product product LEFT JOIN mirror_enterprise leader ON leader.id = product.leader_id "
            "ORDER BY product.code, product.id"
        )
    )
    return [
        Product(
            row.id, row.code, row.name, row.leader_id, row.leader_name, row.leader_region, clusters.get(row.cluster_id)
        )
        for row in rows
    ]


def _lines(session: Session) -> Lines:
    kinds = "SELECT DISTINCT need.class_code FROM mirror_need need JOIN mirror_product product"
    statement = f"{kinds} ON product.id = need.product_id ORDER BY need.class_code"
    product, part, spend, quantity, unit, kind = numbers(session, _LINES, 6)
    return Lines(
        product=product,
        part=part,
        spend=spend,
        quantity=quantity,
        unit=unit,
        kind=kind,
        kinds=list(session.execute(text(statement)).scalars()),
        position={key: at for at, key in enumerate(session.execute(text(_KEYS)).scalars())},
    )


def _memberships(clusters: Mapping[UUID, MirrorCluster]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for cluster in sorted(clusters.values(), key=lambda row: row.code):
        for member in cluster.member_ids:
            found[UUID(member)].append(cluster.code)
    return {member: tuple(codes) for member, codes in found.items()}
