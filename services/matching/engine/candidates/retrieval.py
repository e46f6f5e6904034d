"""The compiled retrieval: for each line, the offered rows whose texts reach the floor, in ranking order.

Rows that share a word with the line are found by the postings of its words, with the weight that they cover; those that
reach the floor are ranked: nearer classes first, then by words and meaning in one (shared.text.fusion, as everywhere
that texts are ranked), equal ones by row (class and natural key). The three make one whole number to sort by: level,
rank in steps of 2⁻³⁶ (bounded by 4; it is below 2), row.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.candidates.text_rows import Needs, Small, TextRows, Weights
from services.matching.engine.columns import Floats, Ints
from shared.compiled import compiled
from shared.text.fusion import fused, score_per_weight
from shared.text.meanings import nearness

ROW_BITS = 23
"""So many bits are a row's: a search is over 8 million capabilities at most."""

_RANK_BITS = 38
_STEPS = 1 << 36
_HIGHEST = (1 << _RANK_BITS) - 1
_ROWS = (1 << ROW_BITS) - 1

_WHOLE, _NAMED, _TEXT = range(3)


class Tried(NamedTuple):
    """What may be tried for some questions: `row[starts[i]:starts[i + 1]]` for the i-th, the best first.

    `text` is the text measure.
    """

    starts: Ints
    row: Ints
    text: Floats


@compiled
def retrieve(
    lines: Ints, class_code: Ints, floor: float, text: TextRows, needs: Needs, levels: NDArray[np.int8]
) -> Tried:
    """All rows that reach the floor, for each of some lines of these classes. O(postings of their words + sorting)."""
    token_starts, token, weight = text.token_starts, text.token, text.weight
    holding_starts, holding, row_class = text.holding_starts, text.holding, text.class_code
    count = len(row_class)
    measured, touched_at, touched = np.zeros((count, 4)), np.full(count, -1, np.int64), np.empty(count, np.int64)
    keys = np.empty(count, np.int64)
    asked_at = np.full(len(holding_starts), -1, np.int64)
    starts = np.zeros(len(lines) + 1, np.int64)
    rows, texts = np.empty(1024, np.int64), np.empty(1024)
    end = 0
    for at in range(len(lines)):
        line = lines[at]
        found, whole, named, has_name = 0, 0.0, 0.0, False
        for place in range(needs.word_starts[line], needs.word_starts[line + 1]):
            weighs, in_name = needs.weight[place], needs.in_name[place]
            by_name = weighs if in_name else 0.0
            whole += weighs
            named += by_name
            has_name |= in_name
            begin, stop = holding_starts[needs.word[place]], holding_starts[needs.word[place] + 1]
            found = _cover(at, begin, stop, holding, weighs, by_name, measured, touched_at, touched, found)
        for place in range(needs.token_starts[line], needs.token_starts[line + 1]):
            asked_at[needs.token[place]] = at
            if floor <= 0:
                begin, stop = holding_starts[needs.token[place]], holding_starts[needs.token[place] + 1]
                found = _cover(at, begin, stop, holding, 0.0, 0.0, measured, touched_at, touched, found)
        kept, per_weight = 0, score_per_weight(needs.total[line])
        for place in range(found):
            row = touched[place]
            share = measured[row, _WHOLE] / whole if whole else 0.0
            if has_name:
                share = ((measured[row, _NAMED] / named if named else 0.0) + share) / 2
            if share >= floor:
                said = _said(at, row, token_starts, token, weight, asked_at) * per_weight
                rank = fused(said, nearness(needs.meaning[line], text.meaning[row]))
                measured[row, _TEXT] = share
                steps = min(_HIGHEST, int(rank * _STEPS))
                level = np.int64(levels[class_code[at] + 1, row_class[row] + 1])
                keys[kept] = (((level << _RANK_BITS) + (_HIGHEST - steps)) << ROW_BITS) + row
                kept += 1
        keys[:kept].sort()
        if end + kept > len(rows):
            rows, texts = longer_ints(rows, end + kept), _longer(texts, end + kept)
        for place in range(kept):
            row = keys[place] & _ROWS
            rows[end + place], texts[end + place] = row, measured[row, _TEXT]
        end += kept
        starts[at + 1] = end
    return Tried(starts, rows[:end].copy(), texts[:end].copy())


@compiled
def _cover(
    at: int,
    begin: int,
    stop: int,
    holding: Small,
    weighs: float,
    by_name: float,
    measured: Floats,
    touched_at: Ints,
    touched: Ints,
    found: int,
) -> int:
    """Add a word's weights to all rows that hold it; the new number of touched rows."""
    for place in range(begin, stop):
        row = holding[place]
        if touched_at[row] != at:
            touched_at[row] = at
            measured[row, _WHOLE], measured[row, _NAMED] = 0.0, 0.0
            touched[found] = row
            found += 1
        measured[row, _WHOLE] += weighs
        measured[row, _NAMED] += by_name
    return found


@compiled
def _said(at: int, row: int, token_starts: Ints, token: Small, weight: Weights, asked_at: Ints) -> float:
    """The row's BM25 for the line: what its tokens that the line has add up to.

    Sums of a few 32-bit floats in 64 bits are exact, so the order of the words plays no part.
    """
    total = 0.0
    for place in range(token_starts[row], token_starts[row + 1]):
        total += weight[place] * (asked_at[token[place]] == at)  # no branch: nobody can foretell it
    return total


@compiled
def _longer(values: Floats, size: int) -> Floats:
    longer = np.empty(2 * size)
    longer[: len(values)] = values
    return longer


@compiled
def longer_ints(values: Ints, size: int) -> Ints:
    """The values with room for at least `size` of them, and for as many more."""
    longer = np.empty(2 * size, np.int64)
    longer[: len(values)] = values
    return longer
