"""What flows between cities: purchases of a period by the supplier's city and the leader's. Arrays."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sqlmodel import Session

from services.matching.engine.locality import current_region
from services.matching.rates import facts
from services.matching.rates.definition import Period
from services.matching.rates.facts import seen_products
from services.matching.rates.shelf import open_book, read_at_one_moment
from shared.codes.regions import city_of
from shared.db.acting import beyond
from shared.security.actor import Actor


@dataclass(frozen=True)
class Flow:
    """元 that leaders of the city `to` paid to suppliers of `source`; None: a supplier whose city is not known."""

    source: str | None
    to: str
    amount: Decimal


def flows(session: Session, actor: Actor, period: Period) -> list[Flow]:
    """Purchases by pair of cities, the greatest first, of the leaders whose products the actor sees.

    Books are kept for all who ask, and so read beyond the actor's rows.
    """
    read_at_one_moment(session)
    with beyond(session):
        opened, _ = open_book(session)
        book, bought = opened.book, opened.purchases(session, period)
    seen = facts.seen_leaders(book, seen_products(book, actor))
    regions = dict(zip(book.leader.tolist(), (product.leader_region for product in book.products), strict=True))
    homes = [_city(regions.get(at)) for at in range(len(book.leaders))]
    places = [_city(place.region) for place in bought.places]
    rows = np.flatnonzero(seen[bought.leader])
    cities = sorted({city for city in (*homes, *places) if city is not None})
    number: dict[str | None, int] = {city: at for at, city in enumerate([None, *cities])}
    to = np.array([number[city] for city in homes], np.int64)[bought.leader[rows]]
    source = np.array([number[city] for city in places], np.int64)[bought.place[bought.party[rows]]]
    met, at = np.unique(to * len(number) + source, return_inverse=True)
    sums = np.zeros(len(met), np.int64)
    np.add.at(sums, at, bought.amount[rows])
    return _between(met.tolist(), sums.tolist(), [None, *cities])


def _between(met: list[int], sums: list[int], cities: list[str | None]) -> list[Flow]:
    """The sums of pairs (where it goes × all cities + where it comes from), the greatest first."""
    found = [
        (cities[pair % len(cities)], cities[pair // len(cities)], fen) for pair, fen in zip(met, sums, strict=True)
    ]
    known = [(source, to, fen) for source, to, fen in found if to is not None]
    known.sort(key=lambda each: (-each[2], each[0] or "", each[1]))
    return [Flow(source, to, Decimal(fen).scaleb(-2)) for source, to, fen in known]


def _city(region: str | None) -> str | None:
    """The city of a region; None for one that is only known by its province, or not at all."""
    known = current_region(region)
    return None if known is None else city_of(known)
