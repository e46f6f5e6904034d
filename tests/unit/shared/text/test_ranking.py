"""The index: best first, blocks, ties by position."""

from collections.abc import Iterable, Mapping, Sequence

import pytest

from shared.text.ranking import build_index
from tests.support.text_search import best_by_words

Blocks = Mapping[str, Sequence[tuple[int, list[str]]]]
Found = list[tuple[int, float]]

DOCUMENTS: Blocks = {
    "a": [(5, ["缸体", "压铸件"]), (2, ["缸体", "铸件"]), (8, ["线束"])],
    "b": [(7, []), (3, ["缸体"])],
    "c": [(9, [])],
    "d": [],
}


def best(blocks: Blocks, asked: Iterable[str], query: Iterable[str], k: int) -> Found:
    """The k best (position, score) of some blocks, by an index of all of them."""
    index = build_index((block, *document) for block, held in blocks.items() for document in held)
    return best_by_words(index, [index.rows_below(block) for block in asked], query, k)


def positions(found: Found) -> list[int]:
    """The positions alone."""
    return [position for position, _ in found]


def test_best_first_and_only_what_shares_a_word() -> None:
    assert positions(best(DOCUMENTS, "a", ["缸体", "压铸件"], 5)) == [5, 2]
    assert all(score > 0 for _, score in best(DOCUMENTS, "a", ["缸体"], 5))


def test_equal_scores_by_position() -> None:
    assert positions(best(DOCUMENTS, "a", ["缸体"], 1)) == [2]
    many = {"x": [(position, ["同"]) for position in reversed(range(50))]}
    assert positions(best(many, "x", ["同"], 7)) == list(range(7))


def test_several_blocks_compare() -> None:
    assert set(positions(best(DOCUMENTS, ["a", "b", "c", "d", "无"], ["缸体"], 9))) == {2, 3, 5}


@pytest.mark.parametrize("query", [[], ["没有"]])
def test_no_word_no_hit(query: list[str]) -> None:
    assert best(DOCUMENTS, "abc", query, 5) == []
    assert best({}, "a", query, 3) == []


def test_weights_are_those_of_all_blocks() -> None:
    """A word that is rare in its block but common elsewhere must not win over one that is rare everywhere."""
    common = {f"n{i}": [(100 + 10 * i + j, ["常"]) for j in range(5)] for i in range(5)}
    found = dict(best({**common, "m": [(1, ["常"]), (2, ["稀"]), (3, ["别"])]}, "m", ["常", "稀"], 5))
    assert found[2] > found[1]


def test_repeated_query_words_count_once() -> None:
    assert best(DOCUMENTS, "a", ["缸体", "缸体", "铸件"], 5) == best(DOCUMENTS, "a", ["铸件", "缸体"], 5)


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = {block: list(reversed(rows)) for block, rows in reversed(DOCUMENTS.items())}
    query = ["缸体", "压铸件", "线束"]
    assert best(shuffled, "ab", query, 9) == best(DOCUMENTS, "ba", query, 9)


def test_words_weigh_in_all_what_they_weigh_each() -> None:
    index = build_index((block, *document) for block, held in DOCUMENTS.items() for document in held)
    common, rare, unheard = (index.total_weight([word]) for word in ("缸体", "线束", "闻所未闻"))
    assert 0 < common < rare < unheard
    assert index.total_weight(["线束", "缸体", "线束", "闻所未闻"]) == pytest.approx(common + rare + unheard)
