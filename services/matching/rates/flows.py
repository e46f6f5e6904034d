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
    pair = bought.leader[rows] * max(len(places), 1) + bought.place[bought.party[rows]]
    met, at = np.unique(pair, return_inverse=True)
    sums = np.zeros(len(met), np.int64)
    np.add.at(sums, at, bought.amount[rows])
    return _by_city(met.tolist(), sums.tolist(), homes, places)


def _by_city(met: list[int], sums: list[int], homes: list[str | None], places: list[str | None]) -> list[Flow]:
    found: dict[tuple[str | None, str], int] = {}
    for pair, fen in zip(met, sums, strict=True):
        leader, place = divmod(pair, max(len(places), 1))
        to = homes[leader]
        if to is not None:
            found[places[place], to] = found.get((places[place], to), 0) + fen
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0][0] or "", each[0][1]))
    return [Flow(source, to, Decimal(fen).scaleb(-2)) for (source, to), fen in ordered]


def _city(region: str | None) -> str | None:
    """The city of a region; None for one that is only known by its province, or not at all."""
    known = current_region(region)
    return None if known is None else city_of(known)
