"""One firm registers: its node and arcs enter a flow that is kept, and the flow is optimal again.

The last state is compared with a solve from scratch, to the unit.
"""

import time

import numpy as np

from tests.bench.harness import Bench, parser, percentile

QUICK = [["--size", "M"]]
LARGE = [["--size", "L"], ["--size", "L", "--targets"]]

_FIRMS = 100
_PAIRS = 40


def main() -> None:
    """Measure the updates one by one."""
    found = parser(__doc__)
    found.add_argument("--size", choices=["XS", "S", "M", "L"], default="M")
    found.add_argument("--targets", action="store_true", help="products with targets")
    asked = found.parse_args()
    bench = Bench("flow_warm", asked)
    seconds = measure(asked.size, asked.seed, asked.targets)
    kind = " with product targets" if asked.targets else ""
    least = asked.size == "L" and not asked.targets
    milliseconds = [1000 * one for one in seconds]
    bench.figure(
        f"a firm registers at {asked.size}{kind}: median",
        percentile(milliseconds, 50),
        "ms",
        most=1.0 if least else None,
    )
    bench.figure(
        f"a firm registers at {asked.size}{kind}: p99", percentile(milliseconds, 99), "ms", most=10.0 if least else None
    )


def measure(size: str, seed: int, targets: bool) -> list[float]:
    """The seconds of each registration."""
    from services.matching.engine.flow.solver import solve_flow
    from services.matching.engine.flow.start import greedy_start
    from services.matching.engine.flow.warm import WarmFlow
    from tests.bench.instances import plan_instance, plan_network

    instance = plan_instance(size, seed, True, targets)
    network = plan_network(instance, by_score=not targets)
    start = solve_flow(network.problem, start=greedy_start(network.problem, network.hub)).basis
    flow = WarmFlow(
        network.problem, spare_nodes=2 * _FIRMS, spare_arcs=2 * _FIRMS * (_PAIRS + 1), root=network.hub, start=start
    )
    flow.solve()
    draw, seconds = np.random.default_rng(seed + 1), []
    for number in range(_FIRMS + 5):
        lines, score, capacity = _firm(draw, instance)
        begin = time.perf_counter()
        node = flow.add_node()
        tail, head = np.append(lines, node), np.append(np.full(len(lines), node), network.hub)
        most = np.append(instance.amount[lines] * 6 // 10, capacity)
        flow.add_arcs(tail, head, np.zeros(len(tail), np.int64), most, np.append(-score, 0))
        flow.solve()
        if number >= 5:  # compiled by now
            seconds.append(time.perf_counter() - begin)
    kept, scratch = flow.solution(flow.solve()), solve_flow(flow.problem)
    if kept.cost != scratch.cost:
        raise AssertionError(f"kept {kept.cost}, from scratch {scratch.cost}")
    return seconds


def _firm(draw, instance):  # type: ignore[no-untyped-def]
    """Lines of one class block that the firm could serve, its scores there, its capacity: the size of some line."""
    some = int(draw.integers(len(instance.line)))
    near = np.unique(instance.line[instance.block == instance.block[some]])
    lines = np.sort(draw.choice(near, min(_PAIRS, len(near)), replace=False))
    return lines, draw.integers(300, 1000, len(lines)), int(instance.amount[draw.integers(len(instance.amount))])


if __name__ == "__main__":
    main()
