"""Generalised assignment: our solver beside plain scipy `milp`, in the same time limit.

Instances as in the literature (P. C. Chu, J. E. Beasley, A genetic algorithm for the generalised assignment problem,
Computers & Operations Research 24, 1997; type E: M. Laguna et al. 1995), drawn anew from a seed:
A, B: use 5–25, cost 10–50; C: use 5–25, cost 10–50, capacities 0.8 of the mean; D: use 1–100, cost 111 − use ± 10;
E: use 1 − 10 ln u, cost 1000 / use − 10 u.

    .venv/bin/python tests/bench/assign.py --types DE --sizes 10x100,20x200 --seconds 10 --seed 1
"""

import argparse
import time
from fractions import Fraction
from math import log
from random import Random

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Pair, Supplier
from services.matching.engine.assignment.solver import solve_assignment

Table = list[list[int]]


def draw(kind: str, suppliers: int, lines: int, random: Random) -> tuple[Table, Table, list[int]]:
    """Cost, use and capacity of an instance."""
    use = [[_use(kind, random) for _ in range(lines)] for _ in range(suppliers)]
    cost = [[_cost(kind, taken, random) for taken in row] for row in use]
    if kind in "AB":
        nearest = [min(range(suppliers), key=lambda i, j=j: (cost[i][j], i)) for j in range(lines)]
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


def ours(cost: Table, use: Table, capacity: list[int], seconds: float) -> tuple[float, float]:
    """Cost and bound of our solver."""
    pairs = [
        Pair(j, i, Fraction(cost[i][j]), Fraction(use[i][j])) for j in range(len(cost[0])) for i in range(len(cost))
    ]
    problem = AssignmentProblem(
        suppliers=tuple(Supplier(str(i), Fraction(limit), False) for i, limit in enumerate(capacity)),
        lines=tuple(str(j) for j in range(len(cost[0]))),
        pairs=tuple(pairs),
        single_source=True,
        goal=Goal.MIN_COST,
        min_local_share=None,
        max_cost=None,
        time_limit=seconds,
    )
    result = solve_assignment(problem)
    found = float("nan") if result.cost is None else float(result.cost)
    return found, float("nan") if result.bound is None else float(result.bound)


def plain(cost: Table, use: Table, capacity: list[int], seconds: float) -> tuple[float, float]:
    """Cost and bound of scipy's `milp` on the textbook model."""
    m, n = len(cost), len(cost[0])
    x = np.arange(m * n)
    served = csr_array((np.ones(m * n), (np.tile(np.arange(n), m), x)))
    taken = csr_array((np.ravel(use), (np.repeat(np.arange(m), n), x)))
    found = milp(
        np.ravel(cost),
        integrality=np.ones(m * n),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(served, 1, 1), LinearConstraint(taken, -np.inf, capacity)],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return float("nan") if found.x is None else round(float(found.fun)), float(found.mip_dual_bound)


def main() -> None:
    """Print one row per instance: costs, bounds, gaps, seconds, and how the gaps compare."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--types", default="ABCDE")
    options.add_argument("--sizes", default="5x100,10x100,20x200")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--alone", action="store_true", help="without scipy's run beside it")
    told = options.parse_args()
    print("instance      ours       bound     gap %   s     | milp       bound     gap %   s     | gap milp ÷ ours")
    for kind in told.types:
        for size in told.sizes.split(","):
            m, n = map(int, size.split("x"))
            instance = draw(kind, m, n, Random(f"{told.seed} {kind} {size}"))
            rows = [_timed(solver, instance, told.seconds) for solver in ([ours] if told.alone else [ours, plain])]
            texts = [f"{row[0]:<10.0f} {row[1]:<9.1f} {row[2]:<7.3f} {row[3]:<6.1f}" for row in rows]
            ratio = "" if told.alone else f"{rows[1][2] / rows[0][2]:.1f}" if rows[0][2] else "ours proven"
            print(f"{kind} {size:<10}  " + "| ".join(texts) + f"| {ratio}", flush=True)


def _timed(solver, instance, seconds: float) -> tuple[float, float, float, float]:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    cost, bound = solver(*instance, seconds)
    return cost, bound, 100 * (cost - bound) / cost, time.perf_counter() - start


if __name__ == "__main__":
    main()
