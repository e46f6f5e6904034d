"""From what is tried for each line to what is kept: judged in ranking order until enough eligible ones are found."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.matching.engine.candidates.docket import Desk
from services.matching.engine.candidates.judging import RULES, Judged, first_rule, is_near, judge
from services.matching.engine.candidates.retrieval import Tried
from services.matching.engine.candidates.scoring import score
from services.matching.engine.columns import Bools, Floats, Ints
from shared.compiled import compiled

_RULES = len(RULES)
_PLACES = 2**32 - 1
EVERYTHING = 2**62
"""As many candidates as there are."""


@dataclass(frozen=True)
class Limits:
    """What the policy sets: how many are kept of a line, and the least text measure and score of a candidate."""

    kept: int
    text_floor: float
    score_floor: int


class Tally(NamedTuple):
    """Per line: how many were tried, eligible, and removed by first failing rule."""

    retrieved: Ints
    eligible: Ints
    removed: Ints


class Kept(NamedTuple):
    """Pairs of some lines with offered rows, `many` of each line, in the order of lines and natural keys."""

    many: Ints
    row: Ints
    score: Ints
    failed: Ints
    text: Floats


class Blocked(NamedTuple):
    """The suppliers whom rules keep away from some lines, `many` of each, line after line; `several` rules do so."""

    many: Ints
    supplier: Ints
    several: Bools


@dataclass(frozen=True)
class Selected:
    """What becomes of what was tried for some lines: candidates, near misses, suppliers kept away, and the tallies."""

    lines: Ints
    candidates: Kept
    near: Kept
    blocked: Blocked
    tally: Tally


def select(lines: Ints, asked_at: Ints, tried: Tried, desk: Desk, limits: Limits, natural: Ints) -> Selected:
    """Judge what was tried, score what may be kept, and keep the best.

    `asked_at[i]` says which of the questions that were tried is the i-th line's. `natural[r]` is the place of offered
    row r among the capabilities in natural order.
    """
    judged = judge(desk, lines, asked_at, tried, EVERYTHING if limits.score_floor else limits.kept)
    scores = _scores(lines, judged, tried, desk)
    fate, tally = choose(judged.starts, judged.failed, scores, limits.kept, limits.score_floor)
    return Selected(
        lines=lines,
        candidates=_kept(judged, tried, fate, scores, natural, near=False),
        near=_kept(judged, tried, fate, scores, natural, near=True),
        blocked=_blocked(desk, judged, tried, fate),
        tally=tally,
    )


def _scores(lines: Ints, judged: Judged, tried: Tried, desk: Desk) -> Ints:
    """The scores of the pairs that may be kept; -1 of all others."""
    worth = np.flatnonzero(may_be_kept(judged.failed))
    line, place = np.repeat(lines, np.diff(judged.starts))[worth], judged.place[worth]
    some, scores = np.empty(len(worth), np.int64), np.full(len(judged.place), -1, np.int64)
    score(desk, line, tried.row[place], tried.text[place], some)
    scores[worth] = some
    return scores


def _kept(judged: Judged, tried: Tried, fate: Ints, scores: Ints, natural: Ints, *, near: bool) -> Kept:
    """The kept pairs that are near misses, or those that are not."""
    wanted = (fate == KEPT) & ((judged.failed != 0) == near)
    count, pair = in_natural_order(judged, tried.row, wanted, natural)
    place = judged.place[pair]
    return Kept(count, tried.row[place], scores[pair], judged.failed[pair], tried.text[place])


def _blocked(desk: Desk, judged: Judged, tried: Tried, fate: Ints) -> Blocked:
    away = fate == BLOCKED
    pair = np.flatnonzero(away)
    count = np.diff(np.append(0, np.cumsum(away))[judged.starts])
    who, failed = np.ascontiguousarray(desk.offered["supplier"])[tried.row[judged.place[pair]]], judged.failed[pair]
    return Blocked(count, who, failed & (failed - 1) != 0)


PASSED, KEPT, BLOCKED = 0, 1, 2


@compiled
def may_be_kept(failed: Ints) -> Bools:
    """Which pairs are eligible or near misses."""
    found = np.empty(len(failed), np.bool_)
    for place in range(len(failed)):
        found[place] = failed[place] == 0 or is_near(failed[place])
    return found


@compiled
def choose(starts: Ints, failed: Ints, scores: Ints, most: int, floor: int) -> tuple[Ints, Tally]:
    """Walk over each line's pairs until `most` eligible ones that reach the score's floor are kept: what each becomes.

    Near misses are kept beside them, at most as many. What comes after the last one kept is not tried.
    """
    lines = len(starts) - 1
    fate = np.full(len(failed), PASSED, np.int64)
    retrieved, eligible = np.zeros(lines, np.int64), np.zeros(lines, np.int64)
    removed = np.zeros((lines, _RULES), np.int64)
    for line in range(lines):
        taken, near = 0, 0
        for place in range(starts[line], starts[line + 1]):
            if taken == most:
                break
            retrieved[line] += 1
            mask = failed[place]
            if mask == 0:
                eligible[line] += 1
                if scores[place] >= floor:
                    fate[place] = KEPT
                    taken += 1
                continue
            removed[line, first_rule(mask)] += 1
            if not is_near(mask):
                fate[place] = BLOCKED
            elif near < most:
                fate[place] = KEPT
                near += 1
    return fate, Tally(retrieved, eligible, removed)


@compiled
def in_natural_order(judged: Judged, rows: Ints, wanted: Bools, natural: Ints) -> tuple[Ints, Ints]:
    """How many wanted pairs each line has, and these, line after line, those of a line in natural order."""
    starts, tried_at = judged.starts, judged.place
    lines = len(starts) - 1
    count, places, end = np.zeros(lines, np.int64), np.empty(wanted.sum(), np.int64), 0
    for line in range(lines):
        begin = end
        for place in range(starts[line], starts[line + 1]):
            if wanted[place]:
                places[end] = (natural[rows[tried_at[place]]] << 32) + place - starts[line]
                end += 1
        places[begin:end].sort()
        for at in range(begin, end):
            places[at] = starts[line] + (places[at] & _PLACES)
        count[line] = end - begin
    return count, places
