"""A larger province: every leader of the book gets sisters in other places, alike in trade and different in detail.

A sister makes the same kinds of products of most of the same parts, at other volumes and prices, under codes of its
own. What the book tells as a story of one leader (who makes a part today, how many rivals there are) is drawn anew.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from services.catalog.seed.book import Leader, Part, Product, clusters, leaders, toml
from services.catalog.seed.dice import Dice, price_like, rounded
from services.catalog.seed.firms import counties
from shared.codes import regions

#: Behind every serial that a supplier can have.
_FIRST_SERIAL = 500_000
_DROPPED = 0.08
_VOLUME, _SPREAD = 0.5, 0.6


def all_leaders(sisters: int, seed: int) -> tuple[Leader, ...]:
    """The leaders of the book, each with so many sisters; those of the book come first and are not changed."""
    return (*leaders(), *_sisters(sisters, seed))


def _sisters(count: int, seed: int) -> Iterator[Leader]:
    names: set[str] = set()
    for number in range(1, count + 1):
        for position, leader in enumerate(leaders()):
            serial = _FIRST_SERIAL + (number - 1) * len(leaders()) + position
            yield _sister(Dice(seed, "sister", leader.key, str(number)), leader, number, serial, names)


def _sister(dice: Dice, leader: Leader, number: int, serial: int, names: set[str]) -> Leader:
    region = dice.pick(counties(dice.pick(clusters()[leader.cluster].cities)))
    place, known = leader.name[:2], leader.short[:2]
    invented = _invented(dice, names)
    larger = dice.heavy_tailed(_VOLUME, _SPREAD)
    return replace(
        leader,
        key=f"{leader.key}{number}",
        serial=serial,
        name=leader.name.replace(place + known, _seat(region) + invented, 1),
        short=leader.short.replace(known, invented, 1),
        region=region,
        staff=max(400, rounded(leader.staff * larger)),
        revenue_wan=max(40_000, rounded(leader.revenue_wan * larger)),
        local=dice.between(0.15, 0.45),
        products=tuple(_product(dice, product, number, larger) for product in leader.products),
        parts=tuple(_part(dice, part, number) for part in leader.parts if not dice.chance(_DROPPED)),
    )


def _product(dice: Dice, product: Product, number: int, larger: float) -> Product:
    volume = rounded(product.volume * larger * dice.between(0.8, 1.2))
    return replace(product, code=_own(product.code, number), volume=volume)


def _part(dice: Dice, part: Part, number: int) -> Part:
    return replace(
        part,
        code=_own(part.code, number),
        price=price_like(part.price * Decimal(str(round(dice.between(0.85, 1.2), 3)))),
        local=0.0 if part.flag else None,
        rivals=None,
        release=None,
        maker=f"{part.maker}{number}" if part.maker else "",
        only=_own(part.only, number) if part.only else "",
    )


def _own(code: str, number: int) -> str:
    """HT-0101 of the third sister is HT-0101.3."""
    return f"{code}.{number}"


def _seat(region: str) -> str:
    return regions.short_name(regions.city_of(region) or region)


def _invented(dice: Dice, names: set[str]) -> str:
    """Three characters that no other leader has; suppliers have two."""
    words = toml("words")
    first, second = str(words["company_first"]), str(words["company_second"])
    while True:
        name = dice.pick(first) + dice.pick(second) + dice.pick(second)
        if name not in names:
            names.add(name)
            return name
