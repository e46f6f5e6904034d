"""DIMACS instances of 200,000 arcs: the flow command's reading and solving, beside OR-tools with its arrays at hand.

The grid takes minutes, of both.
"""

from collections.abc import Callable

from tests.bench.harness import Bench, Rival, parser

QUICK = [["--kind", "transport"], ["--kind", "sparse"], ["--kind", "netgen"]]
LARGE = [["--kind", "grid"]]

ASKED = {"transport": 3.0, "sparse": 3.0}
"""At least how many times as fast as OR-tools the solve is to be; for the others it is only reported."""


def own_solve(kind: str, seed: int) -> Callable[[], int]:
    """The engine's solve, from arrays to the optimum."""
    from services.matching.engine.flow.solver import solve_flow
    from tests.bench.dimacs_instances import dimacs_instance

    problem = dimacs_instance(kind, seed)
    return lambda: solve_flow(problem).cost


def own_reading(kind: str, seed: int) -> Callable[[], int]:
    """From a file's bytes to arrays; returns the sum of the costs."""
    from services.matching.engine.flow.dimacs import read_dimacs
    from tests.bench.dimacs_instances import as_text, dimacs_instance

    text = as_text(dimacs_instance(kind, seed))
    return lambda: int(read_dimacs(text).cost.sum())


def ortools_solve(kind: str, seed: int) -> Callable[[], int]:
    """OR-tools' solve, from arrays to the optimum; an unlimited arc gets the sum of all supplies."""
    import numpy as np
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    from tests.bench.dimacs_instances import dimacs_instance

    problem = dimacs_instance(kind, seed)
    capacity = np.minimum(problem.capacity, np.maximum(problem.supply, 0).sum())

    def solve() -> int:
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(problem.tail, problem.head, capacity, problem.cost)
        solver.set_nodes_supplies(np.arange(len(problem.supply)), problem.supply)
        assert solver.solve() == solver.OPTIMAL
        return int(solver.optimal_cost())

    return solve


def main() -> None:
    """Measure one kind of instance; the optima must be equal."""
    arguments = parser(__doc__)
    arguments.add_argument("--kind", default="transport", choices=("transport", "sparse", "netgen", "grid"))
    asked = arguments.parse_args()
    bench, instance = Bench("dimacs", asked), (asked.kind, asked.seed)
    reading, own, rival = bench.alternate(
        [
            Rival("read", own_reading, instance),
            Rival("solve", own_solve, instance),
            Rival("OR-tools, solve", ortools_solve, instance, warm=0),
        ]
    )
    assert own.outcome == rival.outcome, "the optima differ"
    least = ASKED.get(asked.kind)
    ratio = rival.median / own.median
    bench.figure(f"DIMACS {asked.kind}: solve ÷ OR-tools", ratio, "×", least=least, ours=own, rival=rival)
    ratio = rival.median / (reading.median + own.median)
    bench.figure(f"DIMACS {asked.kind}: read and solve ÷ OR-tools' solve", ratio, "×", ours=reading, rival=rival)


if __name__ == "__main__":
    main()
