"""What leaders bought in a period, as arrays: of all of them, or again of some, to bring up to date what was read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from services.matching.mirror.service import MirrorRelation
from services.matching.rates.book import NONE, Book, Place
from services.matching.rates.columns import ints, numbers, rows
from services.matching.rates.definition import Period
from services.matching.rates.related import Kinship
from services.matching.rates.sharing import Ints
from shared.text.normalise import normalise

_BOUGHT = """
FROM mirror_purchase purchase LEFT JOIN mirror_enterprise supplier ON supplier.id = purchase.supplier_id
WHERE purchase.period = ANY(%(periods)s) AND purchase.leader_id = ANY(%(leaders)s)"""

_PARTY = """supplier.id AS supplier_id, CASE WHEN supplier.id IS NULL THEN purchase.supplier_name END AS name,
    CASE WHEN supplier.id IS NULL THEN purchase.supplier_region END AS region"""

_RELATED = """
SELECT era.period, kin.leader_id, kin.supplier_id
FROM unnest(%(spellings)s::text[], %(eras)s::int8[]) AS era(period, at)
JOIN unnest(%(kin_era)s::int8[], %(kin_leader)s::uuid[], %(kin_supplier)s::uuid[]) AS kin(at, leader_id, supplier_id)
    ON kin.at = era.at"""

_PURCHASES = f"""
WITH part AS (
    SELECT leader_id, part_code, row_number() OVER (PARTITION BY leader_id ORDER BY part_code) - 1 AS at FROM (
        SELECT DISTINCT product.leader_id, need.part_code
        FROM mirror_need need JOIN mirror_product product ON product.id = need.product_id
        WHERE product.leader_id = ANY(%(leaders)s)
    ) used
), summed AS (
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
FROM summed JOIN unnest(%(leaders)s::uuid[], %(positions)s::int8[]) AS leader(id, at) ON leader.id = summed.leader_id
LEFT JOIN part ON part.leader_id = summed.leader_id AND part.part_code = summed.part_code"""

_PARTIES = f"""
SELECT named.supplier_id, named.name, named.region, supplier.credit_code, supplier.source_key,
    supplier.region AS registered_region
FROM (SELECT DISTINCT {_PARTY} {_BOUGHT}) named
LEFT JOIN mirror_enterprise supplier ON supplier.id = named.supplier_id
ORDER BY named.supplier_id, named.name, named.region"""

_COARSE = """
SELECT leader_id, sum(amount) AS amount FROM mirror_purchase
WHERE period = %(year)s AND leader_id = ANY(%(leaders)s) GROUP BY leader_id"""


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


def read_purchases(session: Session, book: Book, period: Period, leaders: Collection[int] | None = None) -> Purchases:
    """Read what was bought in a period, by all leaders of the book or by those at these positions."""
    positions = sorted(range(len(book.leaders)) if leaders is None else leaders)
    named = [book.leaders[at] for at in positions]
    periods = list(period.spellings)
    asked = {"periods": periods, "leaders": named, "positions": positions, **_kin(session, named, periods)}
    leader, part, party, flags, amount = numbers(session, _PURCHASES, 5, asked)
    suppliers: dict[str, int] = {}
    places: dict[Place, int] = {}
    supplier, place = [], []
    for row in rows(session, _PARTIES, asked):
        name, where = _supplier_of(row), _place_of(row, book.memberships)
        supplier.append(NONE if name is None else suppliers.setdefault(name, len(suppliers)))
        place.append(places.setdefault(where, len(places)))
    return Purchases(
        leader=leader,
        part=np.where(part == NONE, NONE, book.first_part[leader] + part),
        party=party,
        flags=flags,
        amount=amount,
        supplier=ints(supplier),
        place=ints(place),
        suppliers=suppliers,
        places=list(places),
        coarse=_coarse(session, period, named),
    )


def brought_up_to_date(before: Purchases, again: Purchases, leaders: Collection[int]) -> Purchases:
    """The purchases with those of some leaders, at these positions, as they were read again.

    Suppliers and places keep their positions; new ones come after them.
    """
    stay = ~np.isin(before.leader, list(leaders))
    suppliers, places = dict(before.suppliers), {place: at for at, place in enumerate(before.places)}
    renamed = ints([*(suppliers.setdefault(name, len(suppliers)) for name in again.suppliers), NONE])
    moved = ints(places.setdefault(place, len(places)) for place in again.places)
    return Purchases(
        leader=np.concatenate((before.leader[stay], again.leader)),
        part=np.concatenate((before.part[stay], again.part)),
        party=np.concatenate((before.party[stay], again.party + len(before.supplier))),
        flags=np.concatenate((before.flags[stay], again.flags)),
        amount=np.concatenate((before.amount[stay], again.amount)),
        supplier=np.concatenate((before.supplier, renamed[again.supplier])),
        place=np.concatenate((before.place, moved[again.place])),
        suppliers=suppliers,
        places=list(places),
        coarse={**before.coarse, **again.coarse},
    )


def of_leaders(bought: Purchases, leaders: Collection[int]) -> Purchases:
    """What the leaders at these positions bought."""
    at = np.flatnonzero(np.isin(bought.leader, list(leaders)))
    return replace(
        bought,
        leader=bought.leader[at],
        part=bought.part[at],
        party=bought.party[at],
        flags=bought.flags[at],
        amount=bought.amount[at],
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


def _coarse(session: Session, period: Period, leaders: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What was booked for the whole year, by leader; nothing is 0, so that a leader that was read again is told."""
    if period.quarter is None:
        return {}
    found = rows(session, _COARSE, {"year": str(period.year), "leaders": list(leaders)})
    return dict.fromkeys(leaders, Decimal(0)) | {row.leader_id: row.amount for row in found}
