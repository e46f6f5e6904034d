"""Small assignment problems, and oracles that share no code with the engine: all choices, and scipy's LP."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from hypothesis import strategies as st

from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Pair, Supplier


@st.composite
def problems(draw: st.DrawFn, single_source: bool, goal: Goal) -> AssignmentProblem:
    """Up to 3 suppliers and 5 lines, with decimals, forbidden pairs, free lines, shares on the edge, limits of cost."""
    suppliers = draw(st.integers(1, 3))
    lines = draw(st.integers(1, 5))
    amount = st.integers(0, 12).map(lambda value: Fraction(value, 10))
    pairs = [
        Pair(line, supplier, draw(amount), draw(amount))
        for line in range(lines)
        for supplier in range(suppliers)
        if draw(st.integers(0, 9))
    ]
    capacity = st.one_of(st.none(), st.integers(0, 30).map(lambda value: Fraction(value, 10)))
    return AssignmentProblem(
        suppliers=tuple(Supplier(f"供应商{row}", draw(capacity), draw(st.booleans())) for row in range(suppliers)),
        lines=tuple(f"零件{row}" for row in range(lines)),
        pairs=tuple(pairs),
        single_source=single_source,
        goal=goal,
        min_local_share=draw(
            st.sampled_from((None, Fraction(1, 2), Fraction(1, 4), Fraction(9, 10), Fraction(1), Fraction(0)))
        ),
        max_cost=draw(st.one_of(st.none(), st.integers(0, 40).map(lambda value: Fraction(value, 10)))),
        time_limit=20.0,
    )


def choices(problem: AssignmentProblem) -> Iterator[tuple[Fraction, Fraction]]:
    """Local and whole spend of every assignment of whole lines within capacities and the limit of cost."""
    by_line = [[pair for pair in problem.pairs if pair.line == line] for line in range(len(problem.lines))]
    for choice in product(*by_line):
        load = [Fraction(0)] * len(problem.suppliers)
        for pair in choice:
            load[pair.supplier] += pair.use
        whole = sum((pair.cost for pair in choice), Fraction(0))
        local = sum((pair.cost for pair in choice if problem.suppliers[pair.supplier].local), Fraction(0))
        fits = all(
            who.capacity is None or done <= who.capacity for who, done in zip(problem.suppliers, load, strict=True)
        )
        if fits and (problem.max_cost is None or whole <= problem.max_cost):
            yield local, whole
