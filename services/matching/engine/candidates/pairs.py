"""What the search found, in columns: candidates, near misses, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.candidates.selection import Selected
from services.matching.engine.columns import Bools, Floats, Ints
from shared.compiled import compiled


@dataclass(frozen=True)
class Pairs:
    """Pairs in the order of line, supplier, capability (positions).

    `text` is the text measure (0–1), `rank` the words and meaning that put the pair where it was tried, `score` 0–1000,
    `failed` the mask of the failed rules (judging.rules_in): 0 for a candidate, one bit for a near miss.
    """

    line: Ints
    capability: Ints
    score: Ints
    failed: Ints
    text: Floats
    rank: Floats

    def __len__(self) -> int:
        return len(self.line)

    def of(self, line: int) -> slice:
        """Where the pairs of a line stand."""
        return slice(int(np.searchsorted(self.line, line)), int(np.searchsorted(self.line, line + 1)))


@dataclass(frozen=True)
class Shortlists:
    """All lines' shortlists. Arrays per line, unless told otherwise.

    `retrieved` capabilities were tried, of which `eligible` failed no rule and `removed[line, rule]` failed that one
    first. `near` stand beside the candidates. Line l's suppliers that a rule keeps away (one that cannot be cured, or
    `several`) are `blocked[blocked_starts[l]:…]`; one may stand there for several capabilities. `enough`: as many
    candidates as the policy keeps; the last one tried was `last` (a capability, -1: none), its rank `least`.
    """

    candidates: Pairs
    near: Pairs
    retrieved: Ints
    eligible: Ints
    removed: Ints
    blocked_starts: Ints
    blocked: Ints
    several: Bools
    enough: Bools
    last: Ints
    least: Floats


def merged(parts: Sequence[Selected], position: Ints, supplier: Ints, lines: int) -> Shortlists:
    """One view of all parts; `position`: the offered rows' capabilities, `supplier`: whose each capability is."""
    order = np.concatenate([part.lines for part in parts])
    back = np.empty(lines, np.int64)
    back[order] = np.arange(len(order))
    failed = np.concatenate([part.failed for part in parts])
    natural = np.empty(len(supplier), np.int64)
    natural[np.lexsort((np.arange(len(supplier)), supplier))] = np.arange(len(supplier))
    blocked_line = np.concatenate([part.blocked_line for part in parts])
    by_line = stable_order(blocked_line, lines)
    last = np.concatenate([part.last_row for part in parts])[back]
    return Shortlists(
        candidates=_pairs(parts, np.flatnonzero(failed == 0), position, natural, lines),
        near=_pairs(parts, np.flatnonzero(failed), position, natural, lines),
        retrieved=np.concatenate([part.tally.retrieved for part in parts])[back],
        eligible=np.concatenate([part.tally.eligible for part in parts])[back],
        removed=np.concatenate([part.tally.removed for part in parts])[back],
        blocked_starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(blocked_line, minlength=lines))]),
        blocked=np.concatenate([part.blocked for part in parts])[by_line],
        several=np.concatenate([part.several for part in parts])[by_line],
        enough=np.concatenate([part.tally.enough for part in parts])[back],
        last=np.where(last < 0, -1, position[last] if len(position) else -1),
        least=np.concatenate([part.least for part in parts])[back],
    )


def _pairs(parts: Sequence[Selected], which: Ints, position: Ints, natural: Ints, lines: int) -> Pairs:
    """Some of the pairs in the order of line, supplier and capability."""
    row = np.concatenate([part.row for part in parts])[which]
    line = np.concatenate([part.line for part in parts])[which]
    capability = position[row]
    by_capability = stable_order(natural[capability], len(natural))
    order = by_capability[stable_order(line[by_capability], lines)]
    place = which[order]
    return Pairs(
        line=line[order],
        capability=capability[order],
        score=np.concatenate([part.score for part in parts])[place],
        failed=np.concatenate([part.failed for part in parts])[place],
        text=np.concatenate([part.text for part in parts])[place],
        rank=np.concatenate([part.rank for part in parts])[place],
    )


@compiled
def stable_order(keys: Ints, count: int) -> Ints:
    """The positions of keys 0 ≤ key < count in ascending order, equal keys as they stand. O(keys + count)."""
    ends = np.zeros(count + 1, np.int64)
    for key in keys:
        ends[key + 1] += 1
    for key in range(count):
        ends[key + 1] += ends[key]
    order = np.empty(len(keys), np.int64)
    for place in range(len(keys)):
        order[ends[keys[place]]] = place
        ends[keys[place]] += 1
    return order
