"""The compiled search: offered rows are judged in ranking order until a line's k best eligible ones are found.

Level by level (its block, then wider ones), the rows that share a word are gathered with their text measure; those that
reach the floor are ranked by BM25 and taken from a heap, some at a time; each is judged by all rules and scored. What
is ineligible is passed over. Line by line, so that the memory that is touched stays in the cache.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.columns import Floats, Ints
from services.matching.engine.docket import Desk
from services.matching.engine.judging import RULES, first_rule, is_near, judge
from services.matching.engine.scoring import score
from services.matching.engine.text_rows import Levels, Needs, TextRows
from shared.compiled import compiled
from shared.text.postings import first_from

Records = NDArray[Any]

FOUND = np.dtype(
    [(name, np.int64) for name in ("line", "row", "score", "failed")] + [("text", np.float64), ("rank", np.float64)]
)
"""A pair that is kept: eligible (`failed` 0) or a near miss (the bit of its rule)."""

BLOCKED = np.dtype([("supplier", np.int64), ("several", np.int64)])
"""A supplier whom one rule that it cannot cure (`several` 0), or several rules (1), keep from a line."""

_BATCH = 64
_RULES = len(RULES)


class Limits(NamedTuple):
    """What the policy sets: how many are kept of a line, and the least text measure and score of a candidate."""

    kept: int
    text_floor: float
    score_floor: int


class Tally(NamedTuple):
    """Per line of the search's order: what was tried, eligible, and removed by first failing rule.

    `level` is the last level searched (from the class's first on), `least` the rank of the last one kept there, -1
    where the line lacks candidates. The line's pairs are found[pair_starts[i]:…], its blocked suppliers likewise.
    """

    retrieved: Ints
    eligible: Ints
    removed: Ints
    level: Ints
    least: Floats
    pair_starts: Ints
    blocked_starts: Ints


class Scratch(NamedTuple):
    """Memory per offered row: how much of the need it covers (whole and by name), and when it was last touched."""

    whole: Floats
    named: Floats
    touched_at: Ints
    touched: Ints
    rank: Floats
    text: Floats
    asked_at: Ints


@compiled
def search(
    order: Ints, text: TextRows, needs: Needs, levels: Levels, desk: Desk, limits: Limits
) -> tuple[Records, Records, Tally]:
    """Search for the lines in `order`: the pairs kept, the suppliers blocked, and what happened per line."""
    rows = len(text.position)
    scratch = Scratch(
        np.zeros(rows),
        np.zeros(rows),
        np.full(rows, -1, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(rows),
        np.zeros(rows),
        np.full(len(text.holding_starts), -1, np.int64),
    )
    count = len(order)
    tally = Tally(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros((count, _RULES), np.int64),
        np.zeros(count, np.int64),
        np.full(count, -1.0),
        np.zeros(count + 1, np.int64),
        np.zeros(count + 1, np.int64),
    )
    found, blocked = np.empty(1024, FOUND), np.empty(1024, BLOCKED)
    for place in range(count):
        line = order[place]
        found, blocked = _search_line(place, line, text, needs, levels, desk, limits, scratch, tally, found, blocked)
    return found[: tally.pair_starts[count]], blocked[: tally.blocked_starts[count]], tally


@compiled
def _search_line(
    place: int,
    line: int,
    text: TextRows,
    needs: Needs,
    levels: Levels,
    desk: Desk,
    limits: Limits,
    scratch: Scratch,
    tally: Tally,
    found: Records,
    blocked: Records,
) -> tuple[Records, Records]:
    rows, failed, scores = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64)
    texts, ranks = np.empty(_BATCH), np.empty(_BATCH)
    pairs, stopped = tally.pair_starts[place], tally.blocked_starts[place]
    taken, near = 0, 0
    _mark(line, needs, scratch)
    class_row = desk.asked[line].class_code + 1
    first_level = levels.level_starts[class_row]
    for level in range(first_level, levels.level_starts[class_row + 1]):
        if taken >= limits.kept:
            break
        tally.level[place] = level - first_level
        left = _gather(line, level, text, needs, levels, scratch, limits.text_floor)
        _heapify(scratch, text.position, left)
        while left > 0 and taken < limits.kept:
            count = min(_BATCH, left)
            left = _pop(scratch, text.position, left, count, rows, texts, ranks)
            judge(desk, line, rows, count, failed)
            score(desk, line, rows, count, texts, scores)
            found, blocked = _room(found, pairs + count), _room(blocked, stopped + count)
            for at in range(count):
                tally.retrieved[place] += 1
                mask = failed[at]
                kept = False
                if mask == 0:
                    tally.eligible[place] += 1
                    kept = scores[at] >= limits.score_floor
                    taken += kept
                else:
                    tally.removed[place, first_rule(mask)] += 1
                    if is_near(mask):
                        kept = near < limits.kept
                        near += kept
                    else:
                        blocked[stopped].supplier = desk.offered[rows[at]].supplier
                        blocked[stopped].several = mask & (mask - 1) != 0
                        stopped += 1
                if kept:
                    _write(found[pairs], line, rows[at], scores[at], mask, texts[at], ranks[at])
                    pairs += 1
                if taken == limits.kept:
                    tally.least[place] = ranks[at]
                    break
    tally.pair_starts[place + 1], tally.blocked_starts[place + 1] = pairs, stopped
    return found, blocked


@compiled
def _write(pair: Any, line: int, row: int, points: int, mask: int, text: float, rank: float) -> None:
    pair.line = line
    pair.row = row
    pair.score = points
    pair.failed = mask
    pair.text = text
    pair.rank = rank


@compiled
def _room(records: Records, size: int) -> Records:
    """The records, in a longer array where they would not fit."""
    if size <= len(records):
        return records
    longer = np.empty(max(size, 2 * len(records)), records.dtype)
    longer[: len(records)] = records
    return longer


@compiled
def _mark(line: int, needs: Needs, scratch: Scratch) -> None:
    """Note which tokens the line has, for `_rank`."""
    for place in range(needs.token_starts[line], needs.token_starts[line + 1]):
        scratch.asked_at[needs.token[place]] = line


@compiled
def _gather(line: int, level: int, text: TextRows, needs: Needs, levels: Levels, scratch: Scratch, floor: float) -> int:
    """The rows of a level whose texts reach the floor, at the head of `touched`, with rank and measure: how many."""
    begin, end = needs.word_starts[line], needs.word_starts[line + 1]
    whole, named, has_name, touched = 0.0, 0.0, False, 0
    for place in range(begin, end):
        weight, in_name = needs.weight[place], needs.in_name[place]
        whole += weight
        named += weight if in_name else 0.0
        has_name |= in_name
        touched = _cover(line, level, needs.word[place], weight, in_name, text, levels, scratch, touched)
    if floor <= 0:
        for place in range(needs.token_starts[line], needs.token_starts[line + 1]):
            touched = _cover(line, level, needs.token[place], 0.0, False, text, levels, scratch, touched)
    kept = 0
    for place in range(touched):
        row = scratch.touched[place]
        measure = scratch.whole[row] / whole if whole else 0.0
        if has_name:
            measure = ((scratch.named[row] / named if named else 0.0) + measure) / 2
        if measure >= floor:
            scratch.touched[kept] = row
            scratch.text[row] = measure
            scratch.rank[row] = _rank(line, row, text, scratch)
            kept += 1
    return kept


@compiled
def _cover(
    line: int,
    level: int,
    token: int,
    weight: float,
    in_name: bool,
    text: TextRows,
    levels: Levels,
    scratch: Scratch,
    touched: int,
) -> int:
    """Add a word's weight to all rows of the level's ranges that hold it; the new number of touched rows."""
    start, end = text.holding_starts[token], text.holding_starts[token + 1]
    for part in range(levels.range_starts[level], levels.range_starts[level + 1]):
        last = levels.last[part]
        start = first_from(text.holding, start, end, levels.first[part])
        while start < end and text.holding[start] < last:
            row = text.holding[start]
            start += 1
            if scratch.touched_at[row] != line:
                scratch.touched_at[row] = line
                scratch.whole[row], scratch.named[row] = 0.0, 0.0
                scratch.touched[touched] = row
                touched += 1
            scratch.whole[row] += weight
            if in_name:
                scratch.named[row] += weight
    return touched


@compiled
def _rank(line: int, row: int, text: TextRows, scratch: Scratch) -> float:
    """The row's BM25 for the line: what its tokens that the line has add up to."""
    total = 0.0
    for place in range(text.token_starts[row], text.token_starts[row + 1]):
        if scratch.asked_at[text.token[place]] == line:
            total += text.weight[place]
    return total


@compiled
def _before(scratch: Scratch, position: Ints, one: int, other: int) -> bool:
    """Whether one row ranks before another: by rank, equal ones by position."""
    if scratch.rank[one] != scratch.rank[other]:
        return bool(scratch.rank[one] > scratch.rank[other])
    return bool(position[one] < position[other])


@compiled
def _sink(scratch: Scratch, position: Ints, size: int, place: int) -> None:
    heap = scratch.touched
    row = heap[place]
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and _before(scratch, position, heap[child + 1], heap[child]):
            child += 1
        if not _before(scratch, position, heap[child], row):
            break
        heap[place] = heap[child]
        place = child
    heap[place] = row


@compiled
def _heapify(scratch: Scratch, position: Ints, size: int) -> None:
    """Make the first `size` touched rows a heap with the best on top. O(size)."""
    for place in range(size // 2 - 1, -1, -1):
        _sink(scratch, position, size, place)


@compiled
def _pop(scratch: Scratch, position: Ints, size: int, count: int, rows: Ints, texts: Floats, ranks: Floats) -> int:
    """Take the `count` best rows from the heap, best first; the heap's new size."""
    heap = scratch.touched
    for place in range(count):
        row = heap[0]
        rows[place], texts[place], ranks[place] = row, scratch.text[row], scratch.rank[row]
        size -= 1
        heap[0] = heap[size]
        _sink(scratch, position, size, 0)
    return size
