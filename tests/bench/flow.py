"""The flow of a plan network, from arrays to flows: the engine beside OR-tools, HiGHS (at M) and networkx (at S).

`--ordered` asks for 元 first and then for score, in one folded objective; `--targets` for 元 toward the targets of
products before both. Else the objective is 元 × score. All find the same optimum, to the unit.
"""

from collections.abc import Callable

from tests.bench.harness import Bench, Measured, Rival, parser

QUICK = [["--size", "S"], ["--size", "M"], ["--size", "M", "--targets"]]
LARGE = [["--size", "L"], ["--size", "L", "--within-class"], ["--size", "L", "--ordered"], ["--size", "L", "--targets"]]

Asked = tuple[str, int, bool, bool, bool]
_ASKED_PLAIN, _GOAL_PLAIN = 30.0, 60.0
_ASKED_TARGETS, _GOAL_TARGETS = 4.0, 10.0


def own(*asked: object) -> Callable[[], int]:
    """The network simplex from the greedy start, with reading off the flows."""
    from services.matching.engine.flow.solver import solve_flow
    from services.matching.engine.flow.start import greedy_start

    network = _network(*asked)
    return lambda: solve_flow(network.problem, start=greedy_start(network.problem, network.hub)).cost


def own_by_part(*asked: object) -> Callable[[], int]:
    """The same by components on two threads, finding them included."""
    from concurrent.futures import ThreadPoolExecutor

    from services.matching.engine.flow.parts import components, solve_by_parts

    network = _network(*asked)

    def solve() -> int:
        with ThreadPoolExecutor(2) as executor:
            part = components(network.problem, network.hub)
            return solve_by_parts(network.problem, part, executor, hub=network.hub, greedy=True).cost

    return solve


def ortools(*asked: object) -> Callable[[], int]:
    """OR-tools' SimpleMinCostFlow, all arrays in bulk."""
    import numpy as np
    from ortools.graph.python import min_cost_flow

    problem = _network(*asked).problem

    def solve() -> int:
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(problem.tail, problem.head, problem.capacity, problem.cost)
        solver.set_nodes_supplies(np.arange(len(problem.supply)), problem.supply)
        if solver.solve() != solver.OPTIMAL:
            raise AssertionError("OR-tools found no optimum")
        return _cost(problem.cost, solver.flows(arcs))

    return solve


def highs(*asked: object) -> Callable[[], int]:
    """HiGHS (dual simplex) by scipy's linprog."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    problem = _network(*asked).problem
    arcs = np.arange(len(problem.tail))
    ends, signs = np.concatenate([problem.tail, problem.head]), np.repeat([1.0, -1.0], len(arcs))
    balance = coo_matrix((signs, (ends, np.concatenate([arcs, arcs]))), (len(problem.supply), len(arcs))).tocsr()
    bounds = np.column_stack([problem.lower, problem.capacity])

    def solve() -> int:
        found = linprog(problem.cost, A_eq=balance, b_eq=problem.supply, bounds=bounds, method="highs-ds")
        return _cost(problem.cost, np.rint(found.x).astype(np.int64))

    return solve


def networkx(*asked: object) -> Callable[[], int]:
    """networkx's own network_simplex on a MultiDiGraph, building it included."""
    import networkx as nx

    problem = _network(*asked).problem

    def solve() -> int:
        graph = nx.MultiDiGraph()
        graph.add_nodes_from((node, {"demand": -amount}) for node, amount in enumerate(problem.supply.tolist()))
        columns = (problem.tail, problem.head, problem.lower, problem.capacity, problem.cost)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        graph.add_edges_from((tail, head, {"capacity": most, "weight": cost}) for tail, head, _, most, cost in rows)
        return int(nx.network_simplex(graph)[0])

    return solve


def main() -> None:
    """Measure, compare the optima, print the ratios."""
    asked = _arguments()
    key: Asked = (asked.size, asked.seed, not asked.within_class, asked.targets, asked.ordered)
    rivals = [Rival("own", own, key), Rival("OR-tools", ortools, key, warm=0 if asked.size == "L" else 1)]
    if asked.within_class:
        rivals.append(Rival("own, by component", own_by_part, key))
    if asked.size == "M" and not (asked.targets or asked.ordered):
        rivals.append(Rival("HiGHS", highs, key, warm=0, rounds=1))
    if asked.size == "S":
        rivals.append(Rival("networkx", networkx, key, warm=0, rounds=3))
    bench = Bench("flow", asked)
    ours, *others = bench.alternate(rivals)
    for other in others:
        if other.outcome != ours.outcome:
            raise AssertionError(f"{other.name} found {other.outcome}, we {ours.outcome}")
        _figure(bench, asked.size, _kind(asked.targets, asked.ordered, asked.within_class), ours, other)


def _arguments():  # type: ignore[no-untyped-def]
    found = parser(__doc__)
    found.add_argument("--size", choices=["XS", "S", "M", "L", "XL"], default="M")
    found.add_argument("--targets", action="store_true", help="products with targets")
    found.add_argument("--ordered", action="store_true", help="元 first, then score")
    found.add_argument("--within-class", action="store_true", help="no pairs across class blocks")
    return found.parse_args()


def _kind(targets: bool, ordered: bool, within_class: bool) -> str:
    kind = "solve with product targets" if targets else "ordered solve" if ordered else "plain solve"
    return kind + (" within classes" if within_class else "")


def _figure(bench: Bench, size: str, kind: str, ours: Measured, other: Measured) -> None:
    asked = size == "L" and other.name == "OR-tools"
    least, goal = {
        "plain solve": (_ASKED_PLAIN, _GOAL_PLAIN),
        "solve with product targets": (_ASKED_TARGETS, _GOAL_TARGETS),
    }.get(kind, (None, None))
    bench.figure(
        f"{kind} at {size} ÷ {other.name}",
        other.median / ours.median,
        "×",
        least=least if asked else None,
        goal=goal if asked else None,
        ours=ours,
        rival=other,
    )


def _network(size: str, seed: int, cross_class: bool, targets: bool, ordered: bool):  # type: ignore[no-untyped-def]
    from tests.bench.instances import plan_instance, plan_network

    instance = plan_instance(size, seed, cross_class, targets)
    return plan_network(instance, by_score=not (targets or ordered))


def _cost(cost, flow) -> int:  # type: ignore[no-untyped-def]
    used = flow.nonzero()[0]
    return sum(price * amount for price, amount in zip(cost[used].tolist(), flow[used].tolist(), strict=True))


if __name__ == "__main__":
    main()
