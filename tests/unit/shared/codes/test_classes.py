"""Industry classes: lookup, the tree, nearness, blocks."""

import pytest

from shared.codes import classes
from shared.codes.classes import UnknownClass, block, find_class, similarity


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3670", "3670"),
        ("C3670", "3670"),
        ("c36", "36"),
        ("C", "C"),
        ("367", "367"),
        ("汽车零部件及配件制造", "3670"),
        ("３６７０　汽车零部件及配件制造", "3670"),
        ("轮胎", "2911"),
        ("教育", "83"),
    ],
)
def test_find(text: str, code: str) -> None:
    assert find_class(text).code == code


@pytest.mark.parametrize("text", ["", "99", "D3670", "3670 轮胎制造", "汽车零部件"])
def test_unknown(text: str) -> None:
    with pytest.raises(UnknownClass):
        find_class(text)


def test_unknown_names_the_nearest() -> None:
    with pytest.raises(UnknownClass) as caught:
        find_class("汽车零部件")
    assert "3670 汽车零部件及配件制造" in caught.value.nearest


def test_chain_leads_from_the_section() -> None:
    assert [item.code for item in classes.chain("3411")] == ["C", "34", "341", "3411"]
    assert classes.chain("0000") == []


class TestSimilarity:
    def test_falls_with_the_distance_in_the_tree(self) -> None:
        near = [similarity("3411", other) for other in ("3411", "3412", "3421", "3670", "0111")]
        assert near == sorted(near, reverse=True)
        assert near[0] == 1
        assert near == pytest.approx([1, 8 / 10, 6 / 10, 4 / 10, 2 / 10])

    def test_a_group_with_one_class_is_that_class(self) -> None:
        assert similarity("367", "3670") == 1

    def test_a_group_is_near_to_its_classes(self) -> None:
        assert similarity("341", "3411") == pytest.approx(8 / 9)

    def test_unknown_codes_are_near_to_nothing(self) -> None:
        assert similarity("3670", "0000") == 0


def test_block_cuts_the_code() -> None:
    assert [block("3670", digits) for digits in (1, 2, 3, 4)] == ["3", "36", "367", "3670"]
    assert block("36", 3) == "36"


def test_search() -> None:
    assert [item.code for item in classes.search("轮胎")] == ["2911"]
    assert len(classes.search("36", limit=4)) == 4
