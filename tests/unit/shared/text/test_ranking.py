"""Ranking: best first, blocks, ties by position, coverage."""

import random
import time

import pytest

from shared.text.ranking import BlockIndex, Document

DOCUMENTS: dict[str, list[Document]] = {
    "a": [(5, ["缸体", "压铸件"]), (2, ["缸体", "铸件"]), (8, ["线束"])],
    "b": [(7, []), (3, ["缸体"])],
    "c": [(9, [])],
    "d": [],
}


def positions(found: list[tuple[int, float]]) -> list[int]:
    """The positions alone."""
    return [position for position, _ in found]


def test_best_first_and_only_what_shares_a_word() -> None:
    index = BlockIndex(DOCUMENTS)
    assert positions(index.top("a", ["缸体", "压铸件"], 5)) == [5, 2]
    assert all(score > 0 for _, score in index.top("a", ["缸体"], 5))


def test_equal_scores_by_position() -> None:
    assert positions(BlockIndex(DOCUMENTS).top("a", ["缸体"], 1)) == [2]
    many = BlockIndex({"x": [(position, ["同"]) for position in reversed(range(50))]})
    assert positions(many.top("x", ["同"], 7)) == list(range(7))


def test_several_blocks_compare() -> None:
    index = BlockIndex(DOCUMENTS)
    assert set(positions(index.top(["a", "b", "c", "d", "无"], ["缸体"], 9))) == {2, 3, 5}
    assert index.top(["a", "a"], ["线束"], 9) == index.top("a", ["线束"], 9)


@pytest.mark.parametrize("query", [[], ["没有"]])
def test_no_word_no_hit(query: list[str]) -> None:
    assert BlockIndex(DOCUMENTS).top(["a", "b", "c"], query, 5) == []


def test_weights_are_those_of_all_blocks() -> None:
    """A word that is rare in its block but common elsewhere must not win over one that is rare everywhere."""
    common: dict[str, list[Document]] = {f"n{i}": [(100 + 10 * i + j, ["常"]) for j in range(5)] for i in range(5)}
    index = BlockIndex({**common, "m": [(1, ["常"]), (2, ["稀"]), (3, ["别"])]})
    found = dict(index.top("m", ["常", "稀"], 5))
    assert found[2] > found[1]


def test_repeated_query_words_count_once() -> None:
    index = BlockIndex(DOCUMENTS)
    assert index.top("a", ["缸体", "缸体", "铸件"], 5) == index.top("a", ["铸件", "缸体"], 5)


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = {block: list(reversed(rows)) for block, rows in reversed(DOCUMENTS.items())}
    query = ["缸体", "压铸件", "线束"]
    assert BlockIndex(shuffled).top(["a", "b"], query, 9) == BlockIndex(DOCUMENTS).top(["b", "a"], query, 9)


def test_coverage_weighs_rare_words_more() -> None:
    index = BlockIndex(DOCUMENTS)
    assert index.coverage([], ["缸体"]) == 0
    assert index.coverage(["缸体", "线束"], ["缸体", "线束", "别的"]) == pytest.approx(1)
    common, rare = (index.coverage(["缸体", "线束"], [word]) for word in ("缸体", "线束"))
    assert 0 < common < rare < 1
    assert index.coverage(["闻所未闻", "缸体"], ["缸体"]) < 0.5


def test_an_index_of_nothing() -> None:
    index = BlockIndex({})
    assert index.top("a", ["缸体"], 3) == []
    assert index.coverage(["缸体"], ["缸体"]) == 1


def test_ten_thousand_documents_are_indexed_quickly() -> None:
    dice = random.Random(2)
    blocks: dict[str, list[Document]] = {
        f"{block}": [(100 * block + place, [f"词{dice.randrange(3000)}" for _ in range(12)]) for place in range(100)]
        for block in range(100)
    }
    start = time.perf_counter()
    BlockIndex(blocks)
    assert time.perf_counter() - start < 10
