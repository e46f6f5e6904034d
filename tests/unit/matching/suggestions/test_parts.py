"""A part of a suggestion, by 元 or by pieces."""

from decimal import Decimal

import pytest

from services.matching.suggestions.parts import Part, WrongPart, of_amount, part_of

WHOLE = Part(60_000, Decimal("600"))
UNCOUNTED = Part(1, None)


def test_without_a_part_it_is_the_whole() -> None:
    assert part_of(WHOLE, None, None) == WHOLE


def test_a_part_by_yuan_takes_its_pieces_rounded_up() -> None:
    assert part_of(WHOLE, 30_000, None) == Part(30_000, Decimal("300"))
    assert part_of(WHOLE, 10_001, None) == Part(10_001, Decimal("100.010"))
    assert of_amount(Part(7, Decimal("3")), 2) == Part(2, Decimal("0.858"))


def test_a_part_by_pieces_takes_its_yuan_rounded_down() -> None:
    assert part_of(WHOLE, None, Decimal("300")) == Part(30_000, Decimal("300"))
    assert part_of(Part(7, Decimal("3")), None, Decimal("1")) == Part(2, Decimal("1"))


def test_a_line_that_counts_as_one_has_no_part() -> None:
    assert part_of(UNCOUNTED, 1, None) == UNCOUNTED


WRONG = [
    (WHOLE, 0, None, "amount", "应大于 0，且不超过建议的 60000。"),
    (WHOLE, 60_001, None, "amount", "应大于 0，且不超过建议的 60000。"),
    (WHOLE, 1, Decimal(1), "quantity", "金额（amount）和数量（quantity）只填其中一项。"),
    (WHOLE, None, Decimal(601), "quantity", "应大于 0，且不超过建议的 600。"),
    (WHOLE, None, Decimal(0), "quantity", "应大于 0，且不超过建议的 600。"),
    (WHOLE, None, Decimal("0.001"), "quantity", "这么少的数量不足 1 元。"),
    (UNCOUNTED, None, Decimal(1), "quantity", "该建议没有数量，请按金额（amount）接受一部分。"),
]


@pytest.mark.parametrize(("whole", "amount", "quantity", "field", "sentence"), WRONG)
def test_a_wrong_part_is_refused(
    whole: Part, amount: int | None, quantity: Decimal | None, field: str, sentence: str
) -> None:
    with pytest.raises(WrongPart) as refused:
        part_of(whole, amount, quantity)
    assert (refused.value.field, refused.value.sentence) == (field, sentence)
