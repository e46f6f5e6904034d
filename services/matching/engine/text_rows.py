"""The capabilities' texts, indexed in the order of their classes, and the lines' words with their weights.

Sorted by class code, a block (the codes that begin with some digits) is a range of rows, and so is every wider one: one
index serves all levels. The ranking is that of shared.text: BM25 over words, characters and pairs of characters.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.columns import NOT_TOLD, Bools, Columns, Floats, Ints
from services.matching.engine.policy import Policy
from shared.codes.classes import block
from shared.compiled import compiled
from shared.text.evidence import FACTORS, FLATNESS, WORD_KIND, kind_of
from shared.text.postings import Postings, build_postings

Small = NDArray[np.int32]
Weights = NDArray[np.float32]

_AFTER_ALL, _NEXT = chr(0x10FFFF), chr(0)


class TextRows(NamedTuple):
    """Offered row r is capability `position[r]`; it holds `token[token_starts[r]:token_starts[r + 1]]`.

    `weight` is what each adds to the rank of the row. The rows that hold token t are `holding[holding_starts[t]:…]`.
    """

    position: Ints
    token_starts: Ints
    token: Small
    weight: Weights
    holding_starts: Ints
    holding: Small


class Needs(NamedTuple):
    """The lines' tokens, and their words with weights: Lucene's inverse document frequency over the *needs*.

    Line l has the tokens `token[token_starts[l]:…]` and the words `word[word_starts[l]:…]`, each in the order of the
    vocabulary; `in_name`: the part's name has the word.
    """

    token_starts: Ints
    token: Ints
    word_starts: Ints
    word: Ints
    weight: Floats
    in_name: Bools


class Levels(NamedTuple):
    """Where a line of a class looks: level by level, each as ranges of rows that no nearer level had.

    Class c (-1: none) has the levels from `level_starts[c + 1]` on; level v the ranges from `range_starts[v]` on.
    """

    level_starts: Ints
    range_starts: Ints
    first: Ints
    last: Ints


def kinds_of(columns: Columns) -> NDArray[np.int8]:
    """The kind of each token of the vocabulary: word, character, pair."""
    return np.fromiter((kind_of(token) for token in columns.vocabulary.tokens), np.int8)


def text_rows(columns: Columns, kinds: NDArray[np.int8]) -> tuple[TextRows, Postings]:
    """Index the capabilities' texts, O(tokens)."""
    offers = columns.capabilities
    order = np.argsort(offers.class_code, kind="stable").astype(np.int64)
    starts, tokens = repeated(offers.token_starts, offers.token, offers.times, order)
    postings = build_postings(starts, tokens, kinds, np.array(FACTORS), np.array(FLATNESS))
    row_starts, token, weight = by_row(len(order), postings.starts, postings.rows, postings.weights)
    return TextRows(order, row_starts, token, weight, postings.starts, postings.rows), postings


def needs_of(columns: Columns, kinds: NDArray[np.int8]) -> Needs:
    """The lines' words with their weights. O(tokens)."""
    lines = columns.lines
    is_word = kinds[lines.token] == WORD_KIND
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_word)])
    word = lines.token[is_word]
    held_by = np.bincount(word, minlength=len(kinds))
    count = len(lines.product)
    weight = {int(n): log(1 + (count - n + 0.5) / (n + 0.5)) for n in np.unique(held_by).tolist()}
    occurring, place = np.unique(held_by, return_inverse=True)
    weights = np.array([weight[int(n)] for n in occurring], np.float64)[place]
    return Needs(
        token_starts=lines.token_starts,
        token=lines.token,
        word_starts=before[lines.token_starts],
        word=word,
        weight=weights[word] if len(weights) else np.empty(0),
        in_name=lines.in_name[is_word],
    )


def levels_of(classes: Sequence[str], row_class: Ints, policy: Policy) -> Levels:
    """Where the lines of each class look among rows sorted by `row_class`.

    The class at the policy's level first, with the rows whose class is known only coarsely or not at all, then one
    level up, down to two digits, then everything. Without a cut-off, and for lines without class: everything at once.
    """
    codes = ["", *classes]
    begins = np.searchsorted(row_class, np.arange(NOT_TOLD, len(classes) + 1))
    digits = [0] if policy.candidates_per_need is None else [*range(policy.block_level, 1, -1), 0]
    by_class = [_unseen([_ranges(codes, begins, code, level) for level in (digits if code else [0])]) for code in codes]
    levels = [ranges for found in by_class for ranges in found]
    pairs = np.array([pair for ranges in levels for pair in ranges], np.int64).reshape(-1, 2)
    return Levels(
        level_starts=_starts(by_class),
        range_starts=_starts(levels),
        first=np.ascontiguousarray(pairs[:, 0]),
        last=np.ascontiguousarray(pairs[:, 1]),
    )


def _ranges(codes: Sequence[str], begins: Ints, code: str, digits: int) -> list[tuple[int, int]]:
    """The rows of the block of a class at a level, and of coarser classes that hold it."""
    own = block(code, digits)
    coarser = [_between(codes, begins, own[:length], own[:length] + _NEXT) for length in range(len(own))]
    return [*coarser, _between(codes, begins, own, own + (_AFTER_ALL if len(own) == digits else _NEXT))]


def _between(codes: Sequence[str], begins: Ints, low: str, high: str) -> tuple[int, int]:
    return int(begins[bisect_left(codes, low)]), int(begins[bisect_left(codes, high)])


def _unseen(levels: Sequence[Iterable[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """Each level's ranges without what former levels had, ascending, empty ones left out."""
    seen: list[tuple[int, int]] = []
    result = []
    for ranges in levels:
        fresh = [part for first, last in sorted(set(ranges)) for part in _without(first, last, seen)]
        seen = sorted([*seen, *fresh])
        result.append(fresh)
    return result


def _without(first: int, last: int, seen: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    parts = []
    for begin, end in seen:
        if first < begin:
            parts.append((first, min(begin, last)))
        first = max(first, end)
    return [(begin, end) for begin, end in [*parts, (first, last)] if begin < end]


def _starts(lists: Sequence[Sequence[object]]) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum([len(row) for row in lists], dtype=np.int64)])


@compiled
def repeated(starts: Ints, token: Ints, times: Ints, order: Ints) -> tuple[Ints, Small]:
    """The rows' tokens in another order of rows, each as often as it stands there: (starts, tokens)."""
    begins = np.zeros(len(order) + 1, np.int64)
    for row in range(len(order)):
        begins[row + 1] = begins[row] + times[starts[order[row]] : starts[order[row] + 1]].sum()
    found = np.empty(begins[-1], np.int32)
    end = 0
    for row in range(len(order)):
        for place in range(starts[order[row]], starts[order[row] + 1]):
            for _ in range(times[place]):
                found[end] = token[place]
                end += 1
    return begins, found


@compiled
def by_row(count: int, starts: Ints, rows: Small, weights: Weights) -> tuple[Ints, Small, Weights]:
    """Postings turned round: per row its tokens, ascending, and their weights. O(postings)."""
    begins = np.zeros(count + 1, np.int64)
    for row in rows:
        begins[row + 1] += 1
    for row in range(count):
        begins[row + 1] += begins[row]
    ends = begins[:-1].copy()
    token, weight = np.empty(len(rows), np.int32), np.empty(len(rows), np.float32)
    for name in range(len(starts) - 1):
        for place in range(starts[name], starts[name + 1]):
            row = rows[place]
            token[ends[row]] = name
            weight[ends[row]] = weights[place]
            ends[row] += 1
    return begins, token, weight
