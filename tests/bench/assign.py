"""Generalised assignment in a time limit: our solver beside plain scipy `milp`, one after the other.

Instances as in the literature (P. C. Chu, J. E. Beasley, A genetic algorithm for the generalised assignment problem,
Computers & Operations Research 24, 1997; type E: M. Laguna et al. 1995), drawn anew from a seed:
A, B: use 5–25, cost 10–50; C: use 5–25, cost 10–50, capacities 0.8 of the mean; D: use 1–100, cost 111 − use ± 10;
E: use 1 − 10 ln u, cost 1000 / use − 10 u.
"""

from collections.abc import Callable
from fractions import Fraction
from math import log
from random import Random
from typing import Any

from tests.bench.harness import Bench, once, parser

QUICK = [["--types", "DE", "--sizes", "20x200", "--seconds", "10"]]
LARGE = [["--types", "CDE", "--sizes", "10x100,20x200", "--seconds", "30"]]

Table = list[list[int]]
Outcome = tuple[float | None, float | None]
"""Cost and bound."""


def draw(kind: str, suppliers: int, lines: int, random: Random) -> tuple[Table, Table, list[int]]:
    """Cost, use and capacity of an instance."""
    use = [[_use(kind, random) for _ in range(lines)] for _ in range(suppliers)]
    cost = [[_cost(kind, taken, random) for taken in row] for row in use]
    if kind in "AB":
        nearest = [min((cost[i][j], i) for i in range(suppliers))[1] for j in range(lines)]
        load = [sum(use[i][j] for j in range(lines) if nearest[j] == i) for i in range(suppliers)]
        wide = [int(9 * lines / suppliers + 0.4 * max(load))] * suppliers  # 15·0.6·n/m + 0.4·R
        return cost, use, wide if kind == "A" else [int(0.7 * value) for value in wide]
    return cost, use, [int(0.8 * sum(row) / suppliers) for row in use]


def _use(kind: str, random: Random) -> int:
    if kind == "E":
        return max(1, int(1 - 10 * log(1 - random.random())))
    return random.randint(1, 100) if kind == "D" else random.randint(5, 25)


def _cost(kind: str, use: int, random: Random) -> int:
    if kind == "D":
        return 111 - use + random.randint(-10, 10)
    return max(1, int(1000 / use - 10 * random.random())) if kind == "E" else random.randint(10, 50)


def ours(kind: str, suppliers: int, lines: int, seed: int, seconds: float) -> Callable[[], Outcome]:
    """Our solver, compiled by a small problem that is too hard for its first step."""
    from services.matching.engine.assignment.solver import solve_assignment

    solve_assignment(_problem(*draw("D", 10, 60, Random("warm")), 4.0))
    problem = _problem(*draw(kind, suppliers, lines, Random(f"{seed} {kind} {suppliers}x{lines}")), seconds)

    def solve() -> Outcome:
        found = solve_assignment(problem)
        return tuple(None if value is None else float(value) for value in (found.cost, found.bound))  # type: ignore[return-value]

    return solve


def _problem(cost: Table, use: Table, capacity: list[int], seconds: float) -> Any:
    from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Pair, Supplier

    pairs = [
        Pair(j, i, Fraction(cost[i][j]), Fraction(use[i][j])) for j in range(len(cost[0])) for i in range(len(cost))
    ]
    return AssignmentProblem(
        suppliers=tuple(Supplier(str(i), Fraction(limit), False) for i, limit in enumerate(capacity)),
        lines=tuple(str(j) for j in range(len(cost[0]))),
        pairs=tuple(pairs),
        single_source=True,
        goal=Goal.MIN_COST,
        min_local_share=None,
        max_cost=None,
        time_limit=seconds,
    )


def plain(kind: str, suppliers: int, lines: int, seed: int, seconds: float) -> Callable[[], Outcome]:
    """scipy's `milp` on the textbook model."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    cost, use, capacity = draw(kind, suppliers, lines, Random(f"{seed} {kind} {suppliers}x{lines}"))
    x = np.arange(suppliers * lines)
    served = csr_array((np.ones(len(x)), (np.tile(np.arange(lines), suppliers), x)))
    taken = csr_array((np.ravel(use), (np.repeat(np.arange(suppliers), lines), x)))
    limits = [LinearConstraint(served, 1, 1), LinearConstraint(taken, -np.inf, capacity)]

    def solve() -> Outcome:
        found = milp(
            np.ravel(cost),
            integrality=np.ones(len(x)),
            bounds=Bounds(0, 1),
            constraints=limits,
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        return None if found.x is None else round(float(found.fun)), float(found.mip_dual_bound)

    return solve


def main() -> None:
    """Per instance: how far each answer may be from the best there is, by the better bound of both."""
    options = parser(__doc__)
    options.add_argument("--types", default="DE")
    options.add_argument("--sizes", default="20x200")
    options.add_argument("--seconds", type=float, default=10.0)
    asked = options.parse_args()
    bench = Bench("assign", asked)
    for kind in asked.types:
        for size in asked.sizes.split(","):
            instance = (kind, *map(int, size.split("x")), asked.seed, asked.seconds)
            (cost, bound), (rival, other) = once(ours, instance), once(plain, instance)
            best = max(value for value in (bound, other) if value is not None)
            what = f"assignment {kind} {size} in {asked.seconds:g} s: "
            bench.figure(what + "ours above the bound", _above(cost, best), "%", note=f"cost {cost}, bound {bound}")
            bench.figure(what + "scipy milp above the bound", _above(rival, best), "%", note=f"cost {rival}")
            if cost is not None and rival is not None:
                bench.figure(what + "milp's cost ÷ ours", rival / cost, "×", least=1.0)


def _above(cost: float | None, bound: float) -> float:
    """How far a cost is above the bound, in per cent; 100 where nothing was found."""
    return 100.0 if cost is None else 100 * (cost - bound) / cost


if __name__ == "__main__":
    main()
