"""The index against a plain computation of BM25, and its heap against sorting."""

from collections import Counter
from math import log1p

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.evidence import FLATNESS
from shared.text.postings import SATURATION
from shared.text.ranking import build_index
from tests.support.text_search import best_by_words

WORDS = st.lists(st.sampled_from(["轴", "承", "齿轮", "阀", "泵", "缸", "线"]), max_size=6)
BLOCKS = st.dictionaries(st.sampled_from("abc"), st.lists(WORDS, max_size=6), max_size=3)


def plain(blocks: dict[str, list[tuple[int, list[str]]]], asked: set[str], query: set[str]) -> list[tuple[float, int]]:
    """All scores above 0 as (−score, position)."""
    rows = [(block, position, words) for block, held in blocks.items() for position, words in held]
    held_by = Counter(word for _, _, words in rows for word in set(words))
    filled = [len(words) for _, _, words in rows if words]
    mean = sum(filled) / max(1, len(filled))
    found = []
    for block, position, words in rows:
        norm = SATURATION * (1 - FLATNESS[0] + FLATNESS[0] * len(words) / max(mean, 1e-9))
        score = sum(
            log1p((len(rows) - held_by[word] + 0.5) / (held_by[word] + 0.5))
            * words.count(word)
            / (words.count(word) + norm)
            for word in query & set(words)
        )
        if block in asked and score > 0:
            found.append((-score, position))
    return sorted(found)


@settings(max_examples=150)
@given(BLOCKS, st.sets(st.sampled_from("abcd")), WORDS, st.integers(1, 12))
def test_the_index_is_bm25(texts: dict[str, list[list[str]]], asked: set[str], query: list[str], k: int) -> None:
    blocks = {
        block: [(100 * at + place, words) for place, words in enumerate(rows)]
        for at, (block, rows) in enumerate(sorted(texts.items()))
    }
    index = build_index((block, *document) for block, held in blocks.items() for document in held)
    best = best_by_words(index, [index.rows_below(block) for block in sorted(asked)], query, k)
    right = plain(blocks, asked, set(query))
    assert len(best) == min(k, len(right))
    np.testing.assert_allclose([score for _, score in best], [-score for score, _ in right[:k]], rtol=1e-5)
    assert best == sorted(best, key=lambda hit: (-hit[1], hit[0]))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=120), st.integers(1, 110))
def test_the_best_are_those_that_sorting_gives(lengths: list[int], k: int) -> None:
    """Texts of different lengths have different scores, those of one length the same: then positions decide."""
    index = build_index(("", place, ["轴"] + ["他"] * length) for place, length in enumerate(lengths))
    best = best_by_words(index, [(0, len(lengths))], ["轴"], k)
    right = sorted(range(len(lengths)), key=lambda place: (lengths[place], place))[:k]
    assert [position for position, _ in best] == right


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["", "3", "34", "345", "3451", "36"]), WORDS), max_size=12))
def test_blocks_and_prefixes_are_ranges_of_rows(rows: list[tuple[str, list[str]]]) -> None:
    names = [block for block, _ in rows]
    index = build_index((block, place, words) for place, (block, words) in enumerate(rows))
    in_order = [names[position] for position in index.positions]
    for block in ("", "3", "34", "345", "9"):
        first, last = index.rows_below(block)
        assert len(in_order[first:last]) == sum(name.startswith(block) for name in names)
        assert all(name.startswith(block) for name in in_order[first:last])
