"""What the search found, in columns: candidates, near misses, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.columns import Bools, Floats, Ints
from services.matching.engine.search import Records, Tally
from shared.compiled import compiled


@dataclass(frozen=True)
class Pairs:
    """Pairs in the order of line, supplier, capability (positions).

    `text` is the text measure (0–1), `rank` the BM25 that put the pair where it was tried, `score` 0–1000, `failed` the
    mask of the failed rules (judging.rules_in): 0 for a candidate, one bit for a near miss.
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
    several) are `blocked[blocked_starts[l]:…]`; one may stand there for several capabilities. `level` is the last level
    searched and `least` the rank of the last one kept there, -1 where the line lacks candidates.
    """

    candidates: Pairs
    near: Pairs
    retrieved: Ints
    eligible: Ints
    removed: Ints
    blocked_starts: Ints
    blocked: Ints
    several: Bools
    level: Ints
    least: Floats


Outcome = tuple[Ints, Records, Records, Tally]
"""The lines that were searched for, in the search's order, and what came of them."""


def merged(outcomes: Sequence[Outcome], position: Ints, supplier: Ints, lines: int) -> Shortlists:
    """One view of all outcomes; `position`: the offered rows' capabilities, `supplier`: whose each capability is."""
    order = np.concatenate([lines_in for lines_in, *_ in outcomes])
    tallies = [tally for *_, tally in outcomes]
    back = np.empty(lines, np.int64)
    back[order] = np.arange(lines)
    found = np.concatenate([pairs for _, pairs, _, _ in outcomes])
    candidates, near = found[found["failed"] == 0], found[found["failed"] != 0]
    starts, blocked = _blocked(outcomes, back)
    return Shortlists(
        candidates=_pairs(candidates, position, supplier, lines),
        near=_pairs(near, position, supplier, lines),
        retrieved=np.concatenate([row.retrieved for row in tallies])[back],
        eligible=np.concatenate([row.eligible for row in tallies])[back],
        removed=np.concatenate([row.removed for row in tallies])[back],
        blocked_starts=starts,
        blocked=np.ascontiguousarray(blocked["supplier"]),
        several=blocked["several"].astype(np.bool_),
        level=np.concatenate([row.level for row in tallies])[back],
        least=np.concatenate([row.least for row in tallies])[back],
    )


def _pairs(found: Records, position: Ints, supplier: Ints, lines: int) -> Pairs:
    capability = position[found["row"]]
    natural = np.empty(len(supplier), np.int64)
    natural[np.lexsort((np.arange(len(supplier)), supplier))] = np.arange(len(supplier))
    line = np.ascontiguousarray(found["line"])
    by_capability = stable_order(natural[capability], len(supplier))
    order = by_capability[stable_order(line[by_capability], lines)]
    return Pairs(
        line=line[order],
        capability=capability[order],
        score=found["score"][order],
        failed=found["failed"][order],
        text=found["text"][order],
        rank=found["rank"][order],
    )


def _blocked(outcomes: Sequence[Outcome], back: Ints) -> tuple[Ints, Records]:
    """The blocked suppliers in the order of the lines: (starts, records)."""
    records = np.concatenate([stopped for _, _, stopped, _ in outcomes])
    counts = np.concatenate([np.diff(tally.blocked_starts) for *_, tally in outcomes])
    begins = np.cumsum(counts) - counts
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[back])])
    places = np.repeat(begins[back] - starts[:-1], counts[back]) + np.arange(len(records))
    return starts, records[places]


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
