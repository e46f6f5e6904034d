"""One SME registers: the kept flow takes it in, and is as good as one that is solved anew.

Firms come one after another, each with about as many lines of its class as others have; every one stays. After each, a
full solve of the network as it is then must cost the same. The texts of all capabilities are indexed anew, not only
those of the firm's block: rows and weights of the whole index depend on each other.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.bench.harness import Bench, Rival, once, parser, percentile

QUICK = [["--size", "M"]]
LARGE = [["--size", "L"], ["--size", "L", "--targets"]]
WARM = 3
"""Firms that come before the clock starts: their functions are compiled, or read from the disk."""


class Newcomer(NamedTuple):
    """A capability: its lines, the most 元 and the cost on each, and its capacity."""

    lines: Any
    most: Any
    cost: Any
    capacity: int


def updates(size: str, seed: int, targets: bool, count: int) -> Callable[[], dict[str, Any]]:
    """Seconds of each update and of each full solve after it, and whether they agreed."""
    import numpy as np

    from services.matching.engine.flow.solver import solve_flow
    from services.matching.engine.flow.start import greedy_start
    from services.matching.engine.flow.warm import WarmFlow
    from tests.bench.instances import plan_instance, plan_network

    instance = plan_instance(size, seed, cross_class=True, targets=targets)
    network = plan_network(instance)
    firms = newcomers(instance, network.problem, count + WARM, np.random.default_rng(seed + 1))
    spare = sum(len(firm.lines) + 1 for firm in firms)
    start = solve_flow(network.problem, start=greedy_start(network.problem, network.hub)).basis
    kept = WarmFlow(network.problem, spare_nodes=len(firms), spare_arcs=spare, root=network.hub, start=start)
    kept.solve()

    def run() -> dict[str, Any]:
        updated, anew, agreed = [], [], True
        for firm in firms:
            began = time.perf_counter()
            result = register(kept, firm, network.hub)
            updated.append(time.perf_counter() - began)
            cost = kept.solution(result).cost
            began = time.perf_counter()
            problem = kept.problem
            full = solve_flow(problem, start=greedy_start(problem, network.hub))
            anew.append(time.perf_counter() - began)
            agreed = agreed and full.cost == cost
        return {"updated": updated[WARM:], "anew": anew[WARM:], "agreed": agreed}

    return run


def indexed(size: str, seed: int) -> Callable[[], int]:
    """The texts of all capabilities indexed, in the order of their classes; how many rows there are."""
    from services.matching.engine.candidates.text_rows import kinds_of, text_rows
    from tests.bench.worlds import columns_instance

    columns = columns_instance(size, seed)
    kinds = kinds_of(columns)
    return lambda: len(text_rows(columns, kinds)[0].position)


def newcomers(instance: Any, problem: Any, count: int, draw: Any) -> list[Newcomer]:
    """Firms like those that are there: a capability's capacity, and lines of one block."""
    import numpy as np

    scored = int(np.argmax(instance.score > 0))
    per_point = int(problem.cost[scored]) // int(instance.score[scored])
    by_block = np.argsort(instance.block, kind="stable")
    blocks, first = np.unique(instance.block[by_block], return_index=True)
    members = dict(zip(blocks.tolist(), np.split(by_block, first[1:]), strict=True))
    degree = len(instance.line) / len(instance.capacity)
    found = []
    for _ in range(count):
        block = int(instance.block[draw.integers(len(instance.block))])
        lines = np.unique(draw.choice(instance.line[members[block]], max(1, draw.poisson(degree))))
        score = np.clip(draw.normal(550, 180, len(lines)), 0, 1000).astype(np.int64)
        capacity = int(instance.capacity[draw.integers(len(instance.capacity))])
        found.append(Newcomer(lines, instance.amount[lines] * 6 // 10, per_point * score, capacity))
    return found


def register(kept: Any, firm: Newcomer, hub: int) -> Any:
    """Take a firm into the kept flow, and make it optimal."""
    import numpy as np

    node = kept.add_node()
    none = np.zeros(len(firm.lines), np.int64)
    kept.add_arcs(firm.lines, none + node, none, firm.most, firm.cost)
    kept.add_arc(node, hub, 0, firm.capacity, 0)
    return kept.solve()


def main() -> None:
    """Measure one size."""
    arguments = parser(__doc__)
    arguments.add_argument("--size", choices=("S", "M", "L"), default="M")
    arguments.add_argument("--targets", action="store_true", help="products count toward targets")
    arguments.add_argument("--count", type=int, default=100, help="how many firms register")
    asked = arguments.parse_args()
    bench = Bench("registration", asked)
    found = once(updates, (asked.size, asked.seed, asked.targets, asked.count))
    assert found["agreed"], "the kept flow costs more than one that is solved anew"
    where = f"at {asked.size}{' with targets' if asked.targets else ''}"
    asks = asked.size == "L" and not asked.targets
    middle, worst = percentile(found["updated"], 50), percentile(found["updated"], 99)
    note = f"{asked.count} firms, each time equal to a full solve of {percentile(found['anew'], 50):.2f} s"
    bench.figure(f"a firm registers {where}: median", 1000 * middle, "ms", most=1 if asks else None, note=note)
    bench.figure(f"a firm registers {where}: p99", 1000 * worst, "ms", most=10 if asks else None)
    if not asked.targets:
        (index,) = bench.alternate([Rival("text index anew", indexed, (asked.size, asked.seed))])
        both = 1000 * (middle + index.median)
        bench.figure(
            f"a firm registers {where}, texts indexed anew", both, "ms", most=100 if asks else None, ours=index
        )


if __name__ == "__main__":
    main()
