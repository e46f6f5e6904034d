"""A core without sides falls apart where suppliers that could run out of capacity do not tie its lines together."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from services.matching.engine.assignment.core import Choice, Core, Ints
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import NOTHING, Found, Solve
from services.matching.engine.assignment.highs import binding


def by_component(solve: Solve) -> Solve:
    """The same answer, component by component; each gets its part of the time by its pairs, small ones first."""

    def solve_parts(core: Core, deadline: Deadline, start: Choice | None = None) -> Found:
        parts = components(core)
        if core.sides or len(parts) <= 1:
            return solve(core, deadline, start)
        answers, left = [], sum(len(pairs) for _, pairs in parts)
        for lines, pairs in parts:
            part = replace(_part(core, lines, pairs), scale=core.scale)
            own = None if start is None else np.searchsorted(pairs, start[lines]).astype(np.int64)
            found = solve(part, deadline.part(len(pairs) / left), own)
            left -= len(pairs)
            if found.infeasible:
                return found
            answers.append((pairs, found))
        return _joined(answers)

    return solve_parts


def components(core: Core) -> list[tuple[Ints, Ints]]:
    """Lines and pairs of each part, the parts with few pairs first."""
    tying = np.isin(core.supplier, binding(core))
    links = coo_array(
        (np.ones(int(tying.sum())), (core.line[tying], core.lines + core.supplier[tying])),
        shape=(core.lines + len(core.capacity),) * 2,
    )
    label = connected_components(links, directed=False)[1][: core.lines]
    lines = _grouped(label)
    pairs = _grouped(label[core.line])
    parts = [(lines[key], pairs[key]) for key in sorted(lines)]
    return sorted(parts, key=lambda part: len(part[1]))


def _grouped(label: Ints) -> dict[int, Ints]:
    order = np.argsort(label, kind="stable").astype(np.int64)
    keys, first = np.unique(label[order], return_index=True)
    return dict(zip(keys.tolist(), np.split(order, first[1:]), strict=True))


def _part(core: Core, lines: Ints, pairs: Ints) -> Core:
    place = np.full(core.lines, -1, dtype=np.int64)
    place[lines] = np.arange(len(lines))
    counts = np.bincount(place[core.line[pairs]], minlength=len(lines))
    return replace(
        core,
        start=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        line=place[core.line[pairs]],
        supplier=np.ascontiguousarray(core.supplier[pairs]),
        weight=core.weight[pairs],
        use=core.use[pairs],
    )


def _joined(answers: list[tuple[Ints, Found]]) -> Found:
    bounds = [found.bound for _, found in answers]
    bound = None if None in bounds else sum((value for value in bounds if value is not None), Fraction(0))
    if any(found.shares is None for _, found in answers):
        return replace(NOTHING, bound=bound)
    rows = [(int(pairs[pair]), share) for pairs, found in answers for pair, share in found.shares or ()]
    value = sum((found.value for _, found in answers if found.value is not None), Fraction(0))
    return Found(tuple(sorted(rows)), value, bound)
