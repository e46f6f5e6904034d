"""Meanings: near words without a common character, pieces of unknown words, nothing for nothing."""

import numpy as np
import pytest

from shared.text.meanings import DIMENSIONS, lexicon, meanings_of, nearness


def near(one: list[str], other: list[str]) -> float:
    """The nearness of two texts given by their words."""
    left, right = meanings_of([one, other])
    return float(nearness(left, right))


@pytest.mark.parametrize(
    ("word", "nearer", "farther"),
    [("西红柿", "番茄", "轴承"), ("土豆", "马铃薯", "手机"), ("自行车", "单车", "水泥"), ("医院", "诊所", "钢板")],
)
def test_what_means_the_same_is_nearer(word: str, nearer: str, farther: str) -> None:
    assert near([word], [nearer]) > 0.4 > near([word], [farther])


def test_the_same_words_in_any_order_are_the_same_text() -> None:
    one, other = meanings_of([["轴承", "套圈", "轴承"], ["套圈", "轴承"]])
    assert np.array_equal(one, other)
    assert near(["轴承", "套圈"], ["套圈", "轴承"]) == pytest.approx(1, abs=0.02)


def test_an_unknown_compound_counts_by_its_pieces() -> None:
    assert "西红柿轴承" not in lexicon().rows
    assert near(["西红柿轴承"], ["西红柿", "轴承"]) > 0.8


def test_a_text_without_known_words_means_nothing() -> None:
    nothing = meanings_of([[], ["qqqzzz"]])
    assert nothing.shape == (2, DIMENSIONS)
    assert not nothing.any()


def test_every_entry_has_a_direction_and_a_weight() -> None:
    table = lexicon()
    assert table.directions.shape == (len(table.rows), DIMENSIONS)
    assert table.directions.any(axis=1).all()
    assert (table.telling > 0).all()
