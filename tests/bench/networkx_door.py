"""One plan network through networkx's own network simplex, through the backend, and as an array-native graph."""

from collections.abc import Callable
from typing import Any

from tests.bench.harness import Bench, Rival, parser

QUICK: list[list[str]] = [[]]
LARGE: list[list[str]] = []

CALLS = 2_000


def networkx_own(size: str, seed: int) -> Callable[[], int]:
    """networkx's algorithm on a networkx graph."""
    return _through_networkx(size, seed, None)


def backend(size: str, seed: int) -> Callable[[], int]:
    """The same call on the same graph, dispatched to the engine."""
    return _through_networkx(size, seed, "xieshou")


def array_graph(size: str, seed: int) -> Callable[[], int]:
    """The same call on an array-native graph, which networkx dispatches on by itself."""
    import networkx as nx

    from services.matching.engine.flow.graph import FlowGraph

    problem = _problem(size, seed)
    return lambda: int(nx.network_simplex(FlowGraph(problem))[0])


def direct(size: str, seed: int) -> Callable[[], int]:
    """The engine's solver, without networkx."""
    from services.matching.engine.flow.solver import solve_flow

    problem = _problem(size, seed)
    return lambda: solve_flow(problem).cost


def many_by_door() -> Callable[[], int]:
    """Many calls on a graph of two nodes through networkx."""
    import networkx as nx

    from services.matching.engine.flow.graph import FlowGraph

    graph = FlowGraph(_two_nodes())
    return lambda: sum(nx.network_simplex(graph)[0] for _ in range(CALLS))


def many_direct() -> Callable[[], int]:
    """The same without networkx."""
    from services.matching.engine.flow.solver import solve_flow

    problem = _two_nodes()
    return lambda: sum(solve_flow(problem).cost for _ in range(CALLS))


def main() -> None:
    """Measure; all optima must be equal."""
    arguments = parser(__doc__)
    arguments.add_argument("--size", default="S")
    asked = arguments.parse_args()
    bench, instance = Bench("networkx_door", asked), (asked.size, asked.seed)
    theirs, ours, arrays, bare = bench.alternate(
        [
            Rival("networkx", networkx_own, instance),
            Rival("networkx, backend", backend, instance),
            Rival("networkx, arrays", array_graph, instance),
            Rival("engine", direct, instance),
        ]
    )
    assert theirs.outcome == ours.outcome == arrays.outcome == bare.outcome, "the optima differ"
    what = f"networkx at {asked.size}: "
    bench.figure(what + "backend ÷ its own", theirs.median / ours.median, "×", ours=ours, rival=theirs)
    bench.figure(what + "array graph ÷ its own", theirs.median / arrays.median, "×", ours=arrays, rival=theirs)
    door, plain = bench.alternate([Rival("calls by networkx", many_by_door), Rival("calls of the engine", many_direct)])
    overhead = (door.median - plain.median) / CALLS * 1e6
    bench.figure("networkx's dispatch of an array graph, a call", overhead, "µs", ours=door, rival=plain)


def _through_networkx(size: str, seed: int, backend_name: str | None) -> Callable[[], int]:
    import networkx as nx

    from services.matching.engine.flow.graph import FlowGraph

    graph = FlowGraph(_problem(size, seed)).to_networkx()
    return lambda: int(nx.network_simplex(graph, backend=backend_name)[0])


def _problem(size: str, seed: int) -> Any:
    from tests.bench.instances import plan_instance, plan_network

    return plan_network(plan_instance(size, seed)).problem


def _two_nodes() -> Any:
    from services.matching.engine.flow.dimacs import read_dimacs

    return read_dimacs(b"p min 2 1\nn 1 1\nn 2 -1\na 1 2 0 1 1\n")


if __name__ == "__main__":
    main()
