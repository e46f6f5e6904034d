"""The exact optimum over all products, without tying the lines of a product together where nothing depends on it.

A product's 元 count toward its target only up to its room. Two parallel arcs say so exactly, but they join all lines
of a product, and with them the components. Mostly one knows better: a product that stays below its target counts ALL
its 元, one that gets beyond counts NONE (its target is reached anyway). Guess, solve, and check.

Why a guess that holds is the optimum: let A, N, E be the products counted ALL, NONE, EXACT, x_p what is moved for p,
r_p its room. For every flow, Σ min(x_p, r_p) ≤ Σ_A x_p + Σ_E min(x_p, r_p) + Σ_N r_p. The solved flow maximises the
first two sums; it has equality if x_p ≤ r_p on A and x_p ≥ r_p on N, which is the check. Then it is best in the first
objective, every flow as good as it there maximises the two sums too, and among those it is best in the later ones.
A product whose guess fails twice is counted EXACT, so that this ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.matching.engine.market import Market, moved_by_product
from services.matching.engine.supply_network import Counting, Terms, best_amounts, highest_capacity


@dataclass(frozen=True)
class Optimum:
    """The optimal 元 per offer of the market (0 where an offer was left out), and how the products were counted."""

    amounts: list[int]
    moved: list[int]
    counting: list[Counting]


def optimum(market: Market, offers: Sequence[int], guess: Sequence[Counting]) -> Optimum:
    """The lexicographic optimum over some offers, without minimum, pieces at their highest price: an upper bound."""
    counting, failed = list(guess), set[int]()
    capacity = highest_capacity(market, offers)
    while True:
        found = best_amounts(market, offers, Terms(counting, capacity))
        amounts = [found.get(offer, 0) for offer in range(len(market.offers))]
        moved = moved_by_product(market, amounts)
        wrong = _wrong(market, counting, moved)
        if not wrong:
            return Optimum(amounts, moved, counting)
        for product in wrong:
            counting[product] = _other(counting[product], product in failed)
        failed.update(wrong)


def alone(market: Market, offers: Sequence[int]) -> list[int]:
    """The most that each product could get if it had all capacity for itself."""
    own: list[list[int]] = [[] for _ in market.room]
    for offer in offers:
        own[market.product[market.offers[offer].line]].append(offer)
    none = [Counting.NONE] * len(market.room)
    return [
        sum(best_amounts(market, members, Terms(none, highest_capacity(market, members))).values()) for members in own
    ]


def first_guess(market: Market, most: Sequence[int]) -> list[Counting]:
    """Count ALL where even `most` stays within the room, NONE elsewhere."""
    return [Counting.ALL if reach <= room else Counting.NONE for reach, room in zip(most, market.room, strict=True)]


def _wrong(market: Market, counting: Sequence[Counting], moved: Sequence[int]) -> list[int]:
    return [
        product
        for product, (how, done, room) in enumerate(zip(counting, moved, market.room, strict=True))
        if (how is Counting.ALL and done > room) or (how is Counting.NONE and done < room)
    ]


def _other(how: Counting, again: bool) -> Counting:
    if again:
        return Counting.EXACT
    return Counting.ALL if how is Counting.NONE else Counting.NONE
