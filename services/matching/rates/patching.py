"""What was derived from purchases, brought up to date where only those of some leaders have changed.

A leader's purchases concern its own lines alone. What stays keeps its place, and what is made anew comes after it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from services.matching.engine.policy import Basis
from services.matching.rates.book import Book
from services.matching.rates.bought import Purchases, of_leaders
from services.matching.rates.netting import Kept, Net, joined, net_by_line
from services.matching.rates.origins import Codes, Viewpoint, by_line, origins_of, projected
from services.matching.rates.sharing import Ints


@dataclass(frozen=True)
class Origins:
    """Net purchases of a period with their origins in one scope, row by row and by line in 分."""

    kept: Kept
    codes: Codes
    amounts: Ints


def lines_of(book: Book, leaders: Collection[int]) -> Ints:
    """The lines of the leaders at these positions."""
    return np.flatnonzero(np.isin(book.leader_of_line, list(leaders)))


def patched_net(before: Net, book: Book, bought: Purchases, mask: int, leaders: Collection[int]) -> Net:
    """Net purchases, made anew for the lines of some leaders."""
    lines = lines_of(book, leaders)
    again = net_by_line(book.lines.at(lines), of_leaders(bought, leaders), mask)
    return Net(_replaced(before.shared, again.shared, lines), _replaced(before.whole, again.whole, lines))


def patched_origins(
    before: Origins, book: Book, kept: Kept, bought: Purchases, viewpoint: Viewpoint, leaders: Collection[int]
) -> Origins | None:
    """Origins of net purchases that were made anew for some leaders; None where the rows do not stand as they did."""
    lines = lines_of(book, leaders)
    stay = ~np.isin(before.kept.line, lines)
    first = int(stay.sum())
    if not _same(before.kept.at(stay), kept.at(np.arange(min(first, len(kept))))):
        return None
    rest = kept.at(np.arange(first, len(kept)))
    codes = origins_of(book, rest, bought.places, viewpoint)
    amounts = before.amounts.copy()
    amounts[lines] = 0
    amounts += by_line(rest, codes, len(book.lines))
    return Origins(kept, np.concatenate((before.codes[stay], codes)), amounts)


def patched_projection(before: Ints, book: Book, bought: Ints, basis: Basis, leaders: Collection[int]) -> Ints:
    """What needs count by origin, made anew for the lines of some leaders."""
    lines = lines_of(book, leaders)
    found = before.copy()
    found[lines] = projected(bought[lines], book.lines.spend[lines], basis)
    return found


def _replaced(before: Kept, again: Kept, lines: Ints) -> Kept:
    return joined(before.at(~np.isin(before.line, lines)), again.at(np.arange(len(again)), lines[again.line]))


def _same(one: Kept, other: Kept) -> bool:
    return all(
        np.array_equal(left, right)
        for left, right in (
            (one.line, other.line),
            (one.supplier, other.supplier),
            (one.place, other.place),
            (one.excluded, other.excluded),
            (one.amount, other.amount),
        )
    )
