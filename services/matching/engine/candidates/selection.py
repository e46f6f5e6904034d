"""From what is tried for each line to what is kept: judged in ranking order until enough eligible ones are found."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.matching.engine.candidates.docket import Desk
from services.matching.engine.candidates.judging import RULES, first_rule, is_near, judge
from services.matching.engine.candidates.retrieval import Tried
from services.matching.engine.candidates.scoring import score
from services.matching.engine.columns import Bools, Floats, Ints
from shared.compiled import compiled

UNTRIED = -1

_RULES = len(RULES)
EVERYTHING = 2**62
"""As many candidates as there are."""


@dataclass(frozen=True)
class Limits:
    """What the policy sets: how many are kept of a line, and the least text measure and score of a candidate."""

    kept: int
    text_floor: float
    score_floor: int


class Tally(NamedTuple):
    """Per line: how many were tried, eligible, and removed by first failing rule; whether `enough` were kept."""

    retrieved: Ints
    eligible: Ints
    removed: Ints
    enough: Bools


@dataclass(frozen=True)
class Selected:
    """The pairs kept of some lines, their near misses included, the suppliers blocked, and the tallies.

    `line` and `row` per pair, in ranking order; `blocked_line` per supplier whom rules keep away, `several` of them.
    `least` is per line the rank of the last one tried.
    """

    lines: Ints
    line: Ints
    row: Ints
    score: Ints
    failed: Ints
    text: Floats
    rank: Floats
    blocked_line: Ints
    blocked: Ints
    several: Bools
    tally: Tally
    last_row: Ints
    least: Floats


def select(lines: Ints, tried: Tried, desk: Desk, limits: Limits) -> Selected:
    """Judge what was tried, score what may be kept, and keep the best."""
    line = np.repeat(lines, np.diff(tried.starts))
    failed = np.full(len(line), UNTRIED, np.int64)
    judge(desk, lines, tried.starts, tried.row, EVERYTHING if limits.score_floor else limits.kept, failed)
    worth = np.flatnonzero(may_be_kept(failed))
    some = np.empty(len(worth), np.int64)
    score(desk, line[worth], tried.row[worth], tried.text[worth], some)
    scores = np.full(len(line), -1, np.int64)
    scores[worth] = some
    keep, tally = choose(tried.starts, failed, scores, limits.kept, limits.score_floor)
    kept, blocked = np.flatnonzero(keep == KEPT), np.flatnonzero(keep == BLOCKED)
    last = tried.starts[:-1] + tally.retrieved - 1
    some_tried = tally.retrieved > 0
    last_row, least = np.full(len(lines), -1, np.int64), np.full(len(lines), -1.0)
    last_row[some_tried], least[some_tried] = tried.row[last[some_tried]], tried.rank[last[some_tried]]
    return Selected(
        lines=lines,
        line=line[kept],
        row=tried.row[kept],
        score=scores[kept],
        failed=failed[kept],
        text=tried.text[kept],
        rank=tried.rank[kept],
        blocked_line=line[blocked],
        blocked=np.ascontiguousarray(desk.offered["supplier"])[tried.row[blocked]],
        several=failed[blocked] & (failed[blocked] - 1) != 0,
        tally=tally,
        last_row=last_row,
        least=least,
    )


PASSED, KEPT, BLOCKED = 0, 1, 2


@compiled
def may_be_kept(failed: Ints) -> Bools:
    """Which pairs are eligible or near misses."""
    found = np.empty(len(failed), np.bool_)
    for place in range(len(failed)):
        found[place] = failed[place] != UNTRIED and (failed[place] == 0 or is_near(failed[place]))
    return found


@compiled
def choose(starts: Ints, failed: Ints, scores: Ints, most: int, floor: int) -> tuple[Ints, Tally]:
    """Walk over each line's pairs until `most` eligible ones that reach the score's floor are kept: what each becomes.

    Near misses are kept beside them, at most as many. What comes after the last one kept is not tried.
    """
    lines = len(starts) - 1
    fate = np.full(len(failed), PASSED, np.int64)
    retrieved, eligible = np.zeros(lines, np.int64), np.zeros(lines, np.int64)
    removed, enough = np.zeros((lines, _RULES), np.int64), np.zeros(lines, np.bool_)
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
        enough[line] = taken == most
    return fate, Tally(retrieved, eligible, removed, enough)
