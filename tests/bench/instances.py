"""Plan networks made from a seed: as skewed as real supply, in the sizes that the benchmarks use."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.fold import fold_objectives
from services.matching.engine.flow.problem import FlowProblem

Ints = NDArray[np.int64]

SIZES = {
    "XS": (100, 100, 10),
    "S": (1_000, 1_000, 10),
    "M": (10_000, 10_000, 19),
    "L": (100_000, 50_000, 19.4),
    "XL": (1_000_000, 500_000, 10.9),
}
"""Lines, capabilities and candidates per line."""


class PlanInstance(NamedTuple):
    """Lines with 元 to move, capabilities with room, and the pairs between them.

    Per line: `amount` (元) and `product`. Per capability: `capacity` (元). Per pair, sorted by line: `line`,
    `capability`, `score` (0–1000) and `most` (元, 60 % of the line). `block` is the class block of each pair's
    capability. Per product: `room`, the 元 to move until its target; empty without targets.
    """

    amount: Ints
    product: Ints
    capacity: Ints
    line: Ints
    capability: Ints
    score: Ints
    most: Ints
    block: Ints
    room: Ints


class PlanNetwork(NamedTuple):
    """The instance as a flow problem: lines, then capabilities, then products, then the hub.

    Arcs: the pairs in the order of the instance, capability → hub, line → hub (or → product), and two parallel
    product → hub arcs each. What stays as it is never fills its arc.
    """

    problem: FlowProblem
    hub: int
    block_of_node: Ints


def plan_instance(size: str, seed: int, cross_class: bool = True, targets: bool = False) -> PlanInstance:
    """Draw an instance: heavy-tailed lines, few large capabilities, skewed blocks, 3 % pairs across them if wanted."""
    lines, capabilities, degree = SIZES[size]
    draw = np.random.default_rng(seed)
    blocks = {"XS": 3, "S": 20, "M": 60}.get(size, 200)
    weight = draw.pareto(1.5, blocks) + 0.3
    line_block = np.sort(draw.choice(blocks, lines, p=weight / weight.sum()))
    capability_block = np.sort(draw.choice(blocks, capabilities, p=weight / weight.sum()))
    amount = np.maximum(1, draw.lognormal(5, 1.5, lines)).astype(np.int64) * 1000
    size_of = draw.pareto(1.2, capabilities) + 0.1
    capacity = np.maximum(1, size_of / size_of.sum() * amount.sum() * 0.9 / 1000).astype(np.int64) * 1000
    line, capability = _pairs(draw, line_block, capability_block, size_of, degree, 0.03 if cross_class else 0.0)
    score = np.clip(draw.normal(550, 180, len(line)), 0, 1000).astype(np.int64)
    product, room = _products(draw, amount, targets)
    most, block = amount[line] * 6 // 10, capability_block[capability]
    return PlanInstance(amount, product, capacity, line, capability, score, most, block, room)


def _pairs(
    draw: np.random.Generator, line_block: Ints, capability_block: Ints, size_of: Ints, degree: float, crossing: float
) -> tuple[Ints, Ints]:
    """Each line meets capabilities of its block, larger ones more often; some of any block."""
    line = np.repeat(np.arange(len(line_block)), draw.poisson(degree, len(line_block)))
    popular = np.cumsum(np.sqrt(size_of))
    starts = np.searchsorted(capability_block, np.arange(capability_block.max() + 2))
    before = np.concatenate([[0.0], popular])
    own = np.minimum(line_block[line], capability_block.max())
    low, high = before[starts[own]], before[starts[own + 1]]
    everywhere = (draw.random(len(line)) < crossing) | (low == high)
    low, high = np.where(everywhere, 0.0, low), np.where(everywhere, popular[-1], high)
    if crossing == 0:
        keep = ~everywhere
        line, low, high = line[keep], low[keep], high[keep]
    found = np.searchsorted(popular, low + draw.random(len(line)) * (high - low), side="right")
    pair = np.unique(line * len(capability_block) + np.minimum(found, len(capability_block) - 1))
    return pair // len(capability_block), pair % len(capability_block)


def _products(draw: np.random.Generator, amount: Ints, targets: bool) -> tuple[Ints, Ints]:
    if not targets:
        return np.zeros(len(amount), np.int64), np.zeros(0, np.int64)
    count = max(2, len(amount) // 250)
    weight = draw.pareto(1.5, count) + 0.3
    product = draw.choice(count, len(amount), p=weight / weight.sum())
    total = np.zeros(count, np.int64)
    np.add.at(total, product, amount)
    return product, (total * draw.uniform(0.1, 0.7, count)).astype(np.int64)


def plan_network(instance: PlanInstance, by_score: bool = False) -> PlanNetwork:
    """The flow problem of an instance, its objectives folded: 元 toward the targets, 元 in all, then score.

    `by_score`: the one objective 元 × score instead.
    """
    lines, capabilities, products = len(instance.amount), len(instance.capacity), len(instance.room)
    hub = lines + capabilities + products
    stays = np.full(lines, hub) if products == 0 else lines + capabilities + instance.product
    product = np.arange(lines + capabilities, hub)
    total = np.zeros(products, np.int64)
    if products:
        np.add.at(total, instance.product, instance.amount)
    tail = [instance.line, np.arange(lines, lines + capabilities), np.arange(lines), product, product]
    head = [lines + instance.capability, np.full(capabilities, hub), stays, *[np.full(products, hub)] * 2]
    capacity = [instance.most, instance.capacity, instance.amount + 1, total - instance.room, total + 1]
    columns = [np.concatenate(parts).astype(np.int64) for parts in (tail, head, capacity)]
    gains = _gains(len(instance.line), lines, capabilities, products, instance.score)
    cost = -gains[2] if by_score else fold_objectives(columns[0], columns[1], gains, hub + 1, hub)
    supply = np.concatenate([instance.amount, np.zeros(hub - lines + 1, np.int64)])
    supply[hub] = -instance.amount.sum()
    problem = FlowProblem(columns[0], columns[1], np.zeros_like(cost), columns[2], cost, supply)
    return PlanNetwork(problem, hub, _blocks(instance, hub))


def _gains(pairs: int, lines: int, capabilities: int, products: int, score: Ints) -> Ints:
    """What stays is a loss: at a line without targets, else on the two arcs of its product."""
    after = pairs + capabilities
    gains = np.zeros((3, after + lines + 2 * products), np.int64)
    gains[2, :pairs] = score
    if products:
        gains[1, after + lines :] = -1
        gains[0, after + lines + products :] = -1
    else:
        gains[1, after:] = -1
    return gains


def _blocks(instance: PlanInstance, hub: int) -> Ints:
    """The class block of each node; the hub's and the products' is -1."""
    lines = len(instance.amount)
    block = np.full(hub + 1, -1)
    block[lines + instance.capability] = instance.block
    block[instance.line] = instance.block
    return block
