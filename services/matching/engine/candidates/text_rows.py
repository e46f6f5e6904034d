"""The capabilities' texts, indexed in the order of their classes, and the lines' words with their weights.

Rows of one class lie side by side, which is where most of what a line looks at is; how near another class is to a
line's stands in a table of levels, so that one index serves the block and all wider ones. The ranking is that of
shared.text: BM25 over words, characters and pairs of characters, and what the words mean.
"""

from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.columns import Bools, Columns, Floats, Ints, LineColumns
from services.matching.engine.policy import Policy
from shared.codes.classes import block
from shared.compiled import compiled
from shared.text.evidence import FACTORS, FLATNESS, WORD_KIND, kind_of
from shared.text.meanings import Meanings
from shared.text.postings import build_postings

Small = NDArray[np.int32]
Weights = NDArray[np.float32]


class TextRows(NamedTuple):
    """Offered row r is capability `position[r]` of `class_code[r]`, in the order of class and position.

    It has the tokens `token[token_starts[r]:token_starts[r + 1]]`, and `weight` is what each adds to the
    row's BM25. The rows that hold token t are `holding[holding_starts[t]:holding_starts[t + 1]]`. `meaning[r]` is what
    the row's words mean.
    """

    position: Ints
    class_code: Ints
    token_starts: Ints
    token: Small
    weight: Weights
    holding_starts: Ints
    holding: Small
    meaning: Meanings


class Needs(NamedTuple):
    """The lines' tokens, and their words with weights: Lucene's inverse document frequency over the *needs*.

    Line l has the tokens `token[token_starts[l]:…]` and the words `word[word_starts[l]:…]`, each in the order of the
    vocabulary; `in_name`: the part's name has the word. `total[l]` is what its tokens weigh among the *offers*, which
    makes BM25 a share, and `meaning[l]` what its words mean. `question[l]` is the first line that asks the same: the
    same part is bought for many products, and what is found for its words is the same.
    """

    token_starts: Ints
    token: Ints
    word_starts: Ints
    word: Ints
    weight: Floats
    in_name: Bools
    total: Floats
    meaning: Meanings
    question: Ints


def kinds_of(columns: Columns) -> NDArray[np.int8]:
    """The kind of each token of the vocabulary: word, character, pair."""
    return np.fromiter((kind_of(token) for token in columns.vocabulary.tokens), np.int8)


def text_rows(columns: Columns, kinds: NDArray[np.int8]) -> tuple[TextRows, Floats]:
    """Index the capabilities' texts, and what each token weighs among them (its rareness); O(tokens)."""
    offers = columns.capabilities
    order = np.argsort(offers.class_code, kind="stable").astype(np.int64)
    starts, tokens = repeated(offers.token_starts, offers.token, offers.times, order)
    postings = build_postings(starts, tokens, kinds, np.array(FACTORS), np.array(FLATNESS))
    row_starts, token, weight = by_row(len(order), postings.starts, postings.rows, postings.weights)
    rows = TextRows(
        position=order,
        class_code=offers.class_code[order],
        token_starts=row_starts,
        token=token,
        weight=weight,
        holding_starts=postings.starts,
        holding=postings.rows,
        meaning=offers.meaning[order],
    )
    return rows, postings.idf


def needs_of(columns: Columns, kinds: NDArray[np.int8], idf: Floats) -> Needs:
    """The lines' words with their weights; `idf` is what each token weighs among the offers. O(tokens)."""
    lines = columns.lines
    is_word = kinds[lines.token] == WORD_KIND
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_word)])
    word = lines.token[is_word]
    held_by = np.bincount(word, minlength=len(kinds))
    count = len(lines.product)
    line = np.repeat(np.arange(count), np.diff(lines.token_starts))
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
        total=np.bincount(line, idf[lines.token], count).astype(np.float64),
        meaning=lines.meaning,
        question=questions_of(lines),
    )


def questions_of(lines: LineColumns) -> Ints:
    """Per line the first one of the same class, tokens (in name and text) and meaning. O(tokens)."""
    first: dict[tuple[Any, ...], int] = {}
    starts, classes = lines.token_starts.tolist(), lines.class_code.tolist()
    return np.array(
        [
            first.setdefault(
                (
                    classes[line],
                    lines.token[starts[line] : starts[line + 1]].tobytes(),
                    lines.in_name[starts[line] : starts[line + 1]].tobytes(),
                    lines.meaning[line].tobytes(),
                ),
                line,
            )
            for line in range(len(classes))
        ],
        np.int64,
    )


def levels_of(classes: Sequence[str], policy: Policy) -> NDArray[np.int8]:
    """How far a line of one class looks for an offer of another: levels[line's class + 1, offer's class + 1].

    0: the block of the class at the policy's level, with the offers whose class is known only coarsely or not at all;
    then one level up each, down to two digits; then everything. Without a cut-off, and for lines without class,
    everything is as near. Class -1 (none) stands first.
    """
    codes = ["", *classes]
    digits = [] if policy.candidates_per_need is None else range(policy.block_level, 1, -1)
    levels = np.full((len(codes), len(codes)), len(digits), np.int8)
    for level, length in reversed(list(enumerate(digits))):
        blocks, number = np.unique([block(code, length) for code in codes], return_inverse=True)
        for asked, code in enumerate(codes):
            mine = [block(code, short) for short in range(length + 1)]
            levels[asked, np.isin(blocks, mine)[number]] = level
    levels[0] = 0
    return levels


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
