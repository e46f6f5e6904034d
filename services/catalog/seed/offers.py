"""What a leader asks for beyond the part, and what a supplier offers: price, minimum order, days, and shortfalls.

A newcomer's offer may fall short in one thing (a narrow range, a price above the ceiling, a large minimum order, long
lead time): these are the near misses that a reviewer can act on.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.catalog.seed.book import Leader, Part
from services.catalog.seed.dice import Dice, price_like, rounded


class Shortfall(StrEnum):
    """The one thing in which an offer falls short of what is asked."""

    NONE = "none"
    PARAMETER = "parameter"
    PRICE = "price"
    MOQ = "moq"
    LEAD_TIME = "lead_time"


@dataclass(frozen=True)
class Terms:
    """What a leader asks for beyond the part itself; None where it does not say."""

    lead_time_days: int | None
    max_moq: int | None
    price_ceiling: Decimal | None
    release: Decimal


def terms(seed: int, leader: Leader, part: Part) -> Terms:
    """The leader's terms for a part, the same for all its products."""
    dice = Dice(seed, "terms", part.code)
    days = dice.whole(*leader.days)
    moq = rounded(float(leader.yearly(part)) * dice.between(0.02, 0.06), 1)
    ceiling = price_like(part.price * Decimal(str(round(dice.between(1.0, 1.05), 3))))
    release = Decimal(dice.weighted((10, 8, 7, 6, 5, 3), (50, 16, 10, 10, 8, 6))) / 10
    return Terms(
        lead_time_days=days if dice.chance(0.6) else None,
        max_moq=moq if dice.chance(0.4) else None,
        price_ceiling=max(ceiling, part.price) if dice.chance(0.5) else None,
        release=part.release if part.release is not None else release,
    )


def shortfall(dice: Dice, asked: Terms, parameters: str) -> Shortfall:
    """Whether an offer falls short, and in what; only in what the leader asks for."""
    drawn = dice.weighted(list(Shortfall), (70, 9, 10, 5, 6))
    possible = {
        Shortfall.PARAMETER: bool(parameters),
        Shortfall.PRICE: asked.price_ceiling is not None,
        Shortfall.MOQ: asked.max_moq is not None,
        Shortfall.LEAD_TIME: asked.lead_time_days is not None,
    }
    return drawn if possible.get(drawn) else Shortfall.NONE


def price(dice: Dice, part: Part, asked: Terms, short: Shortfall) -> Decimal:
    """The price offered: near the leader's, above its ceiling if that is the shortfall."""
    if short is Shortfall.PRICE and asked.price_ceiling is not None:
        return price_like(asked.price_ceiling * Decimal(str(round(dice.between(1.04, 1.2), 3))))
    offered = price_like(part.price * Decimal(str(round(dice.between(0.88, 1.02), 3))))
    return min(offered, asked.price_ceiling or offered)


def moq(dice: Dice, yearly: Decimal, asked: Terms, short: Shortfall) -> int | None:
    """The minimum order: mostly small, above what is acceptable if that is the shortfall."""
    if short is Shortfall.MOQ and asked.max_moq is not None:
        return rounded(asked.max_moq * dice.between(1.5, 4), 1) + 1
    small = rounded(float(yearly) * dice.between(0.001, 0.01), 1)
    limit = asked.max_moq if asked.max_moq is not None else small
    return min(small, limit) if dice.chance(0.45) else None


def lead_time(dice: Dice, leader: Leader, asked: Terms, short: Shortfall) -> int:
    """Days to deliver: within what is asked, or half as long again and more."""
    if short is Shortfall.LEAD_TIME and asked.lead_time_days is not None:
        return int(asked.lead_time_days * dice.between(1.3, 2.0)) + 1
    most = asked.lead_time_days or leader.days[1]
    return max(1, int(most * dice.between(0.5, 1.0)))
