"""What the leaders ask for: products, their bills of materials on three levels, and needs with requirements."""

from collections.abc import Iterator
from decimal import Decimal

from services.catalog.seed import offers, wording
from services.catalog.seed.book import Leader, Part, Place, Product
from services.catalog.seed.dice import Dice
from services.catalog.seed.market import Row, leader_code

_DATED = 0.3
_STATED = 0.08


def product_rows(leader: Leader) -> Iterator[Row]:
    """The leader's products."""
    for product in leader.products:
        yield {
            "code": product.code,
            "name": product.name,
            "leader": leader_code(leader),
            "cluster": leader.cluster,
            "class_code": product.class_code,
            "annual_volume": product.volume,
            "unit": product.unit,
        }


def bom_rows(leader: Leader, product: Product) -> Iterator[Row]:
    """Product → assembly → group → bought part; assemblies and groups are made, parts bought."""
    parts = [part for part in leader.parts if leader.demand(part, product)]
    seen: dict[tuple[str, str], str] = {}
    for part in parts:
        for place in part.places:
            yield from _above(product, place, seen)
            group = seen[place.assembly, place.group]
            yield _line(product, group, part.code, part.name, place.quantity / place.groups, part.unit, "外购")


def need_rows(seed: int, leader: Leader, product: Product) -> Iterator[Row]:
    """What is bought for a product, with the leader's requirements."""
    for part in leader.parts:
        quantity = leader.demand(part, product)
        if quantity:
            yield _need(seed, leader, product, part, quantity)


def _above(product: Product, place: Place, seen: dict[tuple[str, str], str]) -> Iterator[Row]:
    """The assembly and the group of a place, when they come for the first time."""
    if (place.assembly, "") not in seen:
        seen[place.assembly, ""] = f"{product.code}-A{sum(1 for _, group in seen if not group) + 1:02d}"
        yield _line(product, "", seen[place.assembly, ""], place.assembly, Decimal(1), "套", "自制")
    if (place.assembly, place.group) not in seen:
        code = f"{seen[place.assembly, '']}-{sum(1 for _, group in seen if group) + 1:02d}"
        seen[place.assembly, place.group] = code
        above = seen[place.assembly, ""]
        yield _line(product, above, code, place.group, Decimal(place.groups), "套", "自制")


def _line(product: Product, parent: str, code: str, name: str, quantity: Decimal, unit: str, sourcing: str) -> Row:
    return {
        "product": product.code,
        "parent": parent,
        "part_code": code,
        "part_name": name,
        "quantity": quantity,
        "unit": unit,
        "sourcing": sourcing,
    }


def _need(seed: int, leader: Leader, product: Product, part: Part, quantity: Decimal) -> Row:
    asked, dice = offers.terms(seed, leader, part), Dice(seed, "need", part.code)
    return {
        "product": product.code,
        "part_code": part.code,
        "part_name": part.name,
        "annual_quantity": quantity if dice.chance(_STATED) else None,
        "unit": part.unit,
        "unit_price": part.price,
        "class_code": wording.class_cell(dice, part.class_code, 0.03),
        "text": part.text,
        "certificates": _certificates(dice, part),
        "parameters": part.parameters.replace(";", "；"),
        "lead_time_days": asked.lead_time_days,
        "max_moq": asked.max_moq,
        "price_ceiling": asked.price_ceiling,
        "distance_limit_km": part.km,
        "release_share": f"{int(asked.release * 100)}%",
    }


def _certificates(dice: Dice, part: Part) -> str:
    """Schemes as written by the leader, some to be valid at the end of the year."""
    day = "@2026-12-31" if dice.chance(_DATED) else ""
    return "；".join(f"{wording.scheme_cell(dice, scheme)}{day}" for scheme in part.certificates)
