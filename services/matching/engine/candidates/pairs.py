"""What the search found, in columns: candidates, near misses, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.candidates.selection import Selected
from services.matching.engine.columns import Bools, Floats, Ints


@dataclass(frozen=True)
class Pairs:
    """Pairs in the order of line, supplier, capability (positions); `score` is 0–1000."""

    line: Ints
    capability: Ints
    score: Ints

    def __len__(self) -> int:
        return len(self.line)

    def of(self, line: int) -> slice:
        """Where the pairs of a line stand."""
        return slice(int(np.searchsorted(self.line, line)), int(np.searchsorted(self.line, line + 1)))


@dataclass(frozen=True)
class Candidates(Pairs):
    """Eligible pairs; `text` is the text measure (0–1)."""

    text: Floats


@dataclass(frozen=True)
class NearMisses(Pairs):
    """Pairs that one curable rule alone blocks; `failed` is its mask (judging.rules_in)."""

    failed: Ints


@dataclass(frozen=True)
class Shortlists:
    """All lines' shortlists. Arrays per line, unless told otherwise.

    `retrieved` capabilities were tried, of which `eligible` failed no rule and `removed[line, rule]` failed that one
    first. `near` stand beside the candidates. Line l's suppliers that a rule keeps away (one that cannot be cured, or
    `several`) are `blocked[blocked_starts[l]:…]`; one may stand there for several capabilities.
    """

    candidates: Candidates
    near: NearMisses
    retrieved: Ints
    eligible: Ints
    removed: Ints
    blocked_starts: Ints
    blocked: Ints
    several: Bools


class _ByLine:
    """The way from what parts found of their lines, `many` of each, to one view in the order of all lines."""

    def __init__(self, parts: Sequence[Selected], counts: Sequence[Ints], lines: int) -> None:
        of_line = np.zeros(lines, np.int64)
        for part, count in zip(parts, counts, strict=True):
            of_line[part.lines] = count
        self.starts: Ints = np.append(0, np.cumsum(of_line))
        self._places = [
            np.repeat(self.starts[part.lines] - np.cumsum(count) + count, count) + np.arange(count.sum())
            for part, count in zip(parts, counts, strict=True)
        ]

    def lines(self) -> Ints:
        """Whose each row is."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def column(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """A column of all parts."""
        found = np.empty((self.starts[-1], *parts[0].shape[1:]), parts[0].dtype)
        for place, part in zip(self._places, parts, strict=True):
            found[place] = part
        return found


def merged(parts: Sequence[Selected], position: Ints, lines: int) -> Shortlists:
    """One view of all parts, line by line; `position`: the offered rows' capabilities."""
    away = [part.blocked for part in parts]
    order = _ByLine(parts, [part.many for part in away], lines)
    every, tallies = _ByLine(parts, [np.ones_like(part.lines) for part in parts], lines), [part.tally for part in parts]
    return Shortlists(
        candidates=_candidates(parts, position, lines),
        near=_near(parts, position, lines),
        retrieved=every.column([tally.retrieved for tally in tallies]),
        eligible=every.column([tally.eligible for tally in tallies]),
        removed=every.column([tally.removed for tally in tallies]),
        blocked_starts=order.starts,
        blocked=order.column([part.supplier for part in away]),
        several=order.column([part.several for part in away]),
    )


def _candidates(parts: Sequence[Selected], position: Ints, lines: int) -> Candidates:
    kept = [part.candidates for part in parts]
    order = _ByLine(parts, [each.many for each in kept], lines)
    capability = position[order.column([each.row for each in kept])]
    score, text = order.column([each.score for each in kept]), order.column([each.text for each in kept])
    return Candidates(order.lines(), capability, score, text)


def _near(parts: Sequence[Selected], position: Ints, lines: int) -> NearMisses:
    kept = [part.near for part in parts]
    order = _ByLine(parts, [each.many for each in kept], lines)
    capability = position[order.column([each.row for each in kept])]
    score, failed = order.column([each.score for each in kept]), order.column([each.failed for each in kept])
    return NearMisses(order.lines(), capability, score, failed)
