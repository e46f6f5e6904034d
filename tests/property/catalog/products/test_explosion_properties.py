"""What holds of every bill of materials: the sum over all ways, exactly; a cycle is found when there is one."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.products.rules import BomEdge, cycles, explode

QUANTITIES = st.decimals(min_value="0.001", max_value="500", places=3)
BOUGHT = frozenset("fgh")


@st.composite
def sound_bills(draw: st.DrawFn) -> list[BomEdge]:
    """Bills over the parts a to h, each of which may only contain later ones."""
    pairs = [(None, part) for part in "abc"] + [(a, b) for a in "abcde" for b in "abcdefgh" if a < b]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=16, unique=True))
    return [BomEdge(parent, part, draw(QUANTITIES), part in BOUGHT) for parent, part in chosen]


@given(sound_bills(), st.integers(1, 10_000))
def test_a_part_is_needed_once_per_way_that_leads_to_it(bill: list[BomEdge], volume: int) -> None:
    expected: dict[str, Fraction] = {}
    for part, quantity in _ways(bill, None, Fraction(volume)):
        expected[part] = expected.get(part, Fraction(0)) + quantity
    assert {part: Fraction(quantity) for part, quantity in explode(Decimal(volume), bill).items()} == expected


@given(sound_bills(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(bill: list[BomEdge], chance: object) -> None:
    mixed = list(bill)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert explode(Decimal(7), mixed) == explode(Decimal(7), bill)


@given(sound_bills())
def test_a_sound_bill_has_no_cycle(bill: list[BomEdge]) -> None:
    assert cycles(bill) == []


@given(sound_bills(), st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))
def test_one_line_back_makes_a_cycle_exactly_when_a_way_leads_there(bill: list[BomEdge], a: str, b: str) -> None:
    closes = a == b or a in _below(bill, b)
    found = cycles([*bill, BomEdge(a, b, Decimal(1), bought=False)])
    assert bool(found) is closes
    for cycle in found:
        assert cycle.path[0] == cycle.path[-1]
        assert set(cycle.path) <= cycle.parts


def _ways(bill: list[BomEdge], parent: str | None, quantity: Fraction) -> Iterator[tuple[str, Fraction]]:
    for line in bill:
        if line.parent == parent:
            needed = quantity * Fraction(line.quantity)
            yield line.part, needed
            if not line.bought:
                yield from _ways(bill, line.part, needed)


def _below(bill: list[BomEdge], part: str) -> set[str]:
    children = {line.part for line in bill if line.parent == part}
    return children.union(*(_below(bill, child) for child in children))
