"""The mirror as arrays: products, the lines that they need, and what was bought in a period. Read in one go.

Numbers come as PostgreSQL's own arrays, names as Python objects, once each.
Everything is read for all actors; what an actor may see is a choice of products (`facts.visible`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.rows import namedtuple_row
from sqlalchemy import select, text
from sqlmodel import Session

from services.matching.mirror.service import MirrorCluster, MirrorRelation
from services.matching.rates.definition import Period
from services.matching.rates.related import Kinship
from services.matching.rates.sharing import Ints
from shared.text.normalise import normalise

NONE = -1
"""The position of what is not told."""
QUANTITY = 1_000
"""Quantities are whole 1/1000 units, amounts of purchases whole 分."""

_RANKS = """
WITH product AS (
    SELECT id, code, leader_id, row_number() OVER (ORDER BY code, id) - 1 AS at FROM mirror_product
), part AS (
    SELECT leader_id, part_code, row_number() OVER (ORDER BY leader_id, part_code) - 1 AS at FROM (
        SELECT DISTINCT product.leader_id, need.part_code
        FROM mirror_need need JOIN product ON product.id = need.product_id WHERE product.leader_id IS NOT NULL
    ) used
), leader AS (
    SELECT leader_id, row_number() OVER (ORDER BY leader_id) - 1 AS at FROM (
        SELECT DISTINCT leader_id FROM product WHERE leader_id IS NOT NULL
    ) led
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

_BOUGHT = """
FROM mirror_purchase purchase LEFT JOIN mirror_enterprise supplier ON supplier.id = purchase.supplier_id
WHERE purchase.period = ANY(%(periods)s) AND purchase.leader_id IN (SELECT leader_id FROM mirror_product)"""

_PARTY = """supplier.id AS supplier_id, CASE WHEN supplier.id IS NULL THEN purchase.supplier_name END AS name,
    CASE WHEN supplier.id IS NULL THEN purchase.supplier_region END AS region"""

_RELATED = """
SELECT era.period, kin.leader_id, kin.supplier_id
FROM unnest(%(spellings)s::text[], %(eras)s::int8[]) AS era(period, at)
JOIN unnest(%(kin_era)s::int8[], %(kin_leader)s::uuid[], %(kin_supplier)s::uuid[]) AS kin(at, leader_id, supplier_id)
    ON kin.at = era.at"""

_PURCHASES = f"""{_RANKS}, summed AS (
    SELECT leader_id, part_code, supplier_id, name, region, flags, sum(amount) AS amount
    FROM (
        SELECT bought.leader_id, part_code, bought.supplier_id, name, region, amount,
            CASE WHEN related_party OR related.leader_id IS NOT NULL THEN 1 ELSE 0 END
            | CASE WHEN toll_processing THEN 2 ELSE 0 END
            | CASE WHEN energy_water THEN 4 ELSE 0 END AS flags
        FROM (
            SELECT purchase.leader_id, part_code, period, amount, related_party, toll_processing, energy_water, {_PARTY}
            {_BOUGHT}
        ) bought
        LEFT JOIN ({_RELATED}) related ON related.period = bought.period
            AND related.leader_id = bought.leader_id AND related.supplier_id = bought.supplier_id
    ) flagged
    GROUP BY leader_id, part_code, supplier_id, name, region, flags
)
SELECT leader.at, coalesce(part.at, -1), dense_rank() OVER (ORDER BY supplier_id, name, region) - 1, flags,
    CASE WHEN abs(amount) <= 1e13 THEN round(amount * 100)::int8 ELSE 0 END
FROM summed JOIN leader ON leader.leader_id = summed.leader_id
LEFT JOIN part ON part.leader_id = summed.leader_id AND part.part_code = summed.part_code"""

_PARTIES = f"""
SELECT named.supplier_id, named.name, named.region, supplier.credit_code, supplier.source_key,
    supplier.region AS registered_region
FROM (SELECT DISTINCT {_PARTY} {_BOUGHT}) named
LEFT JOIN mirror_enterprise supplier ON supplier.id = named.supplier_id
ORDER BY named.supplier_id, named.name, named.region"""

_COARSE = """
SELECT leader_id, sum(amount) FROM mirror_purchase WHERE period = '{year}' GROUP BY leader_id"""


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


@dataclass(frozen=True)
class Book:
    """What does not depend on the period. `leader` is each product's position among `leaders`, NONE without one."""

    products: Sequence[Product]
    leaders: Sequence[UUID]
    leader: Ints
    lines: Lines
    memberships: Mapping[UUID, tuple[str, ...]]


@dataclass(frozen=True)
class Purchases:
    """What was bought in a period, summed by leader, part, party and flags (1 related, 2 tolled, 4 energy), in 分.

    `part` is NONE for a part that no product needs. Of each party `supplier` names it (a position in `suppliers`; NONE:
    nobody was named) and `place` is a position in `places`. `coarse` is what was booked for the year only, which a
    quarter cannot count.
    """

    leader: Ints
    part: Ints
    party: Ints
    flags: Ints
    amount: Ints
    supplier: Ints
    place: Ints
    suppliers: Mapping[str, int]
    places: Sequence[Place]
    coarse: Mapping[UUID, Decimal]


def read_book(session: Session) -> Book:
    """Read products, lines and clusters."""
    clusters = {row.id: row for row in session.execute(select(MirrorCluster)).scalars()}
    products = _products(session, clusters)
    leaders = sorted({row.leader_id for row in products if row.leader_id is not None})
    position = {leader: at for at, leader in enumerate(leaders)}
    return Book(
        products=products,
        leaders=leaders,
        leader=_ints(NONE if row.leader_id is None else position[row.leader_id] for row in products),
        lines=_lines(session),
        memberships=_memberships(clusters),
    )


def read_purchases(session: Session, book: Book, period: Period) -> Purchases:
    """Read what was bought in a period."""
    periods = list(period.spellings)
    asked = {"periods": periods, **_kin(session, book.leaders, periods)}
    leader, part, party, flags, amount = _numbers(session, _PURCHASES, 5, asked)
    suppliers: dict[str, int] = {}
    places: dict[Place, int] = {}
    supplier, place = [], []
    for row in _rows(session, _PARTIES, asked):
        name, where = _supplier_of(row), _place_of(row, book.memberships)
        supplier.append(NONE if name is None else suppliers.setdefault(name, len(suppliers)))
        place.append(places.setdefault(where, len(places)))
    return Purchases(
        leader=leader,
        part=part,
        party=party,
        flags=flags,
        amount=amount,
        supplier=_ints(supplier),
        place=_ints(place),
        suppliers=suppliers,
        places=list(places),
        coarse=_coarse(session, period),
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
    product, part, spend, quantity, unit, kind = _numbers(session, _LINES, 6)
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


def _kin(session: Session, leaders: Sequence[UUID], periods: Sequence[str]) -> dict[str, list[Any]]:
    """Who was related to whom in which of the periods; periods with the same links are one era."""
    kinship = Kinship(session.execute(select(MirrorRelation)).scalars())
    eras: dict[int, int] = {}
    era_of = [eras.setdefault(id(kinship.during(period)), len(eras)) for period in periods]
    kin = [
        (era, leader, supplier)
        for era, equity in {era: kinship.during(period) for era, period in zip(era_of, periods, strict=True)}.items()
        for leader in leaders
        for supplier in equity.related(leader)
    ]
    era, leader, supplier = ([row[at] for row in kin] for at in range(3))
    return {"spellings": list(periods), "eras": era_of, "kin_era": era, "kin_leader": leader, "kin_supplier": supplier}


def _supplier_of(row: Any) -> str | None:
    """A registered supplier's natural key, another's name as it is compared."""
    if row.supplier_id is not None:
        return str(row.credit_code or f"key:{row.source_key or row.supplier_id}")
    return None if row.name is None else f"name:{normalise(row.name)}"


def _place_of(row: Any, memberships: Mapping[UUID, tuple[str, ...]]) -> Place:
    """A registered supplier has its own region, whatever the ledger says; another the one that the ledger names."""
    if row.supplier_id is None:
        return Place(row.region)
    return Place(row.registered_region, memberships.get(row.supplier_id, ()))


def _memberships(clusters: Mapping[UUID, MirrorCluster]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for cluster in sorted(clusters.values(), key=lambda row: row.code):
        for member in cluster.member_ids:
            found[UUID(member)].append(cluster.code)
    return {member: tuple(codes) for member, codes in found.items()}


def _coarse(session: Session, period: Period) -> dict[UUID, Decimal]:
    if period.quarter is None:
        return {}
    return {row[0]: row[1] for row in session.execute(text(_COARSE.format(year=period.year)))}


def _ints(values: Any) -> Ints:
    return np.fromiter(values, np.int64)


def _rows(session: Session, statement: str, asked: Mapping[str, Any]) -> list[Any]:
    """The rows of a query with parameters, by the names of their columns."""
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        found: list[Any] = cursor.execute(statement, asked).fetchall()
    return found


def _numbers(session: Session, statement: str, width: int, asked: Mapping[str, Any] | None = None) -> list[Ints]:
    """The columns of a query of whole numbers, none of them null, each as one array in its binary form.

    An array is twenty bytes of header, then each value's length in four bytes and the value in eight (array_send of
    PostgreSQL's arrayfuncs.c). COPY would send a message for each row. What is ranked is to be sorted in memory.
    """
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    connection: Any = session.connection().connection.driver_connection
    columns = ", ".join(f"array_send(array_agg(c{at}::int8))" for at in range(width))
    names = ", ".join(f"c{at}" for at in range(width))
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(f"SELECT {columns} FROM ({statement}) numbers ({names})", asked).fetchone()
    value = np.dtype([("length", ">i4"), ("value", ">i8")])
    return [np.frombuffer(each or b"", value, offset=20 if each else 0)["value"].astype(np.int64) for each in found]
