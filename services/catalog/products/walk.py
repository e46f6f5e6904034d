"""A bill of materials as a list that a person reads: from the product downwards, every line once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.catalog.products.rules import PRODUCT

Line = Mapping[str, Any]


def walk(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield the lines depth first, each with its level (1 is directly under the product).

    A shared assembly's own lines come once, where it is met first. Lines that cannot be reached from the product
    come last, at level 0. The bill has no cycle that the product reaches twice: a line met before is not entered again.
    """
    below: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        below[line["parent"]].append(line)
    yield from _descend(below, PRODUCT)
    for parent in sorted(below):
        yield from ((0, line) for line in below[parent])


def asked_for(
    line: Line, volume: Decimal | None, totals: Mapping[str, Decimal], bought: frozenset[str]
) -> Decimal | None:
    """Return what one line asks for in a year: the whole quantity of its parent times its own.

    None when the product's volume is not known, or the parent is not made by the leader or not reached.
    """
    parent = line["parent"]
    if volume is None or parent in bought:
        return None
    whole = volume if parent == PRODUCT else totals.get(parent)
    return None if whole is None else whole * Decimal(line["quantity"])


def _descend(below: dict[str, list[Line]], parent: str) -> Iterator[tuple[int, Line]]:
    """Yield what stands under a parent, and take it out of `below`; a stack, since bills may be deep."""
    stack = [(1, line) for line in reversed(below.pop(parent, []))]
    while stack:
        level, line = stack.pop()
        yield level, line
        stack.extend((level + 1, each) for each in reversed(below.pop(line["part_code"], [])))
