"""The primal network simplex: pivots on a strongly feasible spanning tree until no arc can improve the flow.

A pivot lets one arc enter the tree whose reduced cost says that flow on it pays, sends along the cycle that it closes
as much as fits, and lets an arc leave that this has emptied or filled.

- Entering arc, by block search (as in LEMON): the best of the first block of arcs that has any, in cyclic order.
- Leaving arc (Cunningham 1976): the last blocking one, seen from the cycle's top in the direction of the entering arc.
  It keeps the tree strongly feasible, so that the simplex does not cycle however degenerate the problem is.
- The subtree that the leaving arc cuts off is turned over and hung from the entering arc; its potentials all shift by
  the reduced cost of the entering arc.

A pivot costs O(arcs looked at + path to the top + nodes of the subtree). The number of pivots has no useful bound in
theory, and grows about linearly with the arcs in practice.

Ahuja, Magnanti, Orlin, *Network Flows* (1993), ch. 11; Cunningham, "A network simplex method", *Math. Programming* 11
(1976); Király, Kovács, "Efficient implementations of minimum-cost flow algorithms", *Acta Univ. Sapientiae* 4 (2012).
"""

from services.matching.engine.flow.problem import Ints
from services.matching.engine.flow.tree import ARC, CHILD, DEPTH, DOWN, NEXT, PARENT, UP, Arcs, Tree, hang, unhang
from shared.compiled import compiled


@compiled
def run(arcs: Arcs, tree: Tree, block: int, position: int, work: int) -> tuple[bool, int, int]:
    """Pivot until optimal, or until about `work` arcs and nodes have been looked at.

    Returns whether the tree is optimal, where the search for arcs goes on, and the number of pivots.
    """
    pivots = 0
    while work > 0:
        entering, position, seen = _find_entering(arcs, tree, block, position)
        if entering < 0:
            return True, position, pivots
        work -= seen + pivot(arcs, tree, entering)
        pivots += 1
    return False, position, pivots


@compiled
def _find_entering(arcs: Arcs, tree: Tree, block: int, position: int) -> tuple[int, int, int]:
    """The arc of the most negative gain in the first block that has one (-1: none), where to go on, arcs looked at."""
    tail, head, cost = arcs.tail, arcs.head, arcs.cost
    potential, state = tree.potential, tree.state
    count, seen = len(tail), 0
    while seen < count:
        stop = min(position + block, count)
        best, found = 0, -1
        for arc in range(position, stop):
            gain = state[arc] * (cost[arc] + potential[tail[arc]] - potential[head[arc]])
            if gain < best:
                best, found = gain, arc
        seen += stop - position
        position = 0 if stop == count else stop
        if found >= 0:
            return found, position, seen
    return -1, position, seen


@compiled
def pivot(arcs: Arcs, tree: Tree, entering: int) -> int:
    """Send flow around the cycle of the entering arc and exchange it for the leaving one; the nodes looked at."""
    node, state = tree.node, tree.state[entering]
    tail, head = int(arcs.tail[entering]), int(arcs.head[entering])
    source, target = (tail, head) if state > 0 else (head, tail)
    width = arcs.width[entering]
    amount, leaving, below_source, top, steps = _find_leaving(node, source, target, width)
    if amount > 0:
        _send(node, source, target, top, amount)
    if leaving < 0:
        tree.state[entering] = -state
        return steps
    reduced = arcs.cost[entering] + tree.potential[tail] - tree.potential[head]
    _leave(arcs, tree, leaving)
    tree.state[entering] = 0
    if below_source:
        _turn_over(node, source, target, leaving, entering, width - amount, amount)
        return steps + _shift(tree, source, -reduced if source == tail else reduced)
    _turn_over(node, target, source, leaving, entering, amount, width - amount)
    return steps + _shift(tree, target, -reduced if target == tail else reduced)


@compiled
def _find_leaving(node: Ints, source: int, target: int, width: int) -> tuple[int, int, bool, int, int]:
    """How much fits around the cycle, and the child end of the last arc that blocks it (-1: the entering arc itself).

    Also whether that arc is on the source's side, the cycle's top, and the steps taken. The flow comes down from the
    top to the source, passes the entering arc, and goes up from the target: the last to block is the lowest one on the
    source's side, the highest one on the target's.
    """
    down, up = width, width
    lowest, highest, steps = -1, -1, 0
    while source != target:
        steps += 1
        if node[source, DEPTH] >= node[target, DEPTH]:
            if node[source, DOWN] < down:
                down, lowest = node[source, DOWN], source
            source = node[source, PARENT]
        else:
            if node[target, UP] <= up:
                up, highest = node[target, UP], target
            target = node[target, PARENT]
    if highest >= 0 and up <= down:
        return up, highest, False, source, steps
    return down, lowest, True, source, steps


@compiled
def _send(node: Ints, source: int, target: int, top: int, amount: int) -> None:
    """Send an amount down from the top to the source, and up from the target to the top."""
    while source != top:
        node[source, DOWN] -= amount
        node[source, UP] += amount
        source = node[source, PARENT]
    while target != top:
        node[target, UP] -= amount
        node[target, DOWN] += amount
        target = node[target, PARENT]


@compiled
def _leave(arcs: Arcs, tree: Tree, leaving: int) -> None:
    """Let the arc above node `leaving` out of the tree: it is empty or full now. An artificial one is gone for good."""
    arc = tree.node[leaving, ARC]
    if arc < len(arcs.tail):
        flow = tree.node[leaving, DOWN] if arcs.tail[arc] == leaving else tree.node[leaving, UP]
        tree.state[arc] = 1 if flow == 0 else -1


@compiled
def _turn_over(node: Ints, inner: int, outer: int, leaving: int, arc: int, up: int, down: int) -> None:
    """Hang the subtree of `leaving` by its node `inner` from `outer`, over the arc with this room up and down.

    On the path from `inner` up to `leaving`, parent and child change places.
    """
    child, parent = inner, outer
    while True:
        old_parent, old_arc, old_up, old_down = (
            node[child, PARENT],
            node[child, ARC],
            node[child, UP],
            node[child, DOWN],
        )
        unhang(node, child)
        hang(node, child, parent)
        node[child, ARC], node[child, UP], node[child, DOWN] = arc, up, down
        if child == leaving:
            return
        child, parent, arc, up, down = old_parent, child, old_arc, old_down, old_up


@compiled
def _shift(tree: Tree, top: int, change: int) -> int:
    """Add `change` to the potentials of the subtree of `top`, and set the depths there; the number of its nodes."""
    node, potential = tree.node, tree.potential
    at, seen = top, 0
    while True:
        seen += 1
        potential[at] += change
        node[at, DEPTH] = node[node[at, PARENT], DEPTH] + 1
        if node[at, CHILD] >= 0:
            at = node[at, CHILD]
            continue
        while at != top and node[at, NEXT] < 0:
            at = node[at, PARENT]
        if at == top:
            return seen
        at = node[at, NEXT]
