"""The primal network simplex: pivots on a strongly feasible spanning tree until no arc can improve the flow.

A pivot lets one arc enter the tree whose reduced cost says that flow on it pays, sends along the cycle that it closes
as much as fits, and lets an arc leave that this has emptied or filled.

- Entering arc, by a list of candidates: the arcs that gain most at their tails, gathered by a walk over part of all
  arcs; the best of each few of them enters, again and again, while half of the list is still of use (a mixture of the
  block search and the candidate list of Király and Kovács; looking at one arc of a list is much cheaper than at all
  arcs of a block).
- Leaving arc (Cunningham 1976): the last blocking one, seen from the cycle's top in the direction of the entering arc.
  It keeps the tree strongly feasible, so that the simplex does not cycle however degenerate the problem is.
- The subtree that the leaving arc cuts off is turned over and hung from the entering arc (rehang.py); its potentials
  all shift by the reduced cost of the entering arc.

A pivot costs O(arcs looked at + path to the top + nodes of the subtree). The number of pivots has no useful bound in
theory, and grows about linearly with the arcs in practice.

Ahuja, Magnanti, Orlin, *Network Flows* (1993), ch. 11; Cunningham, "A network simplex method", *Math. Programming* 11
(1976); Király, Kovács, "Efficient implementations of minimum-cost flow algorithms", *Acta Univ. Sapientiae* 4 (2012).
"""

import numpy as np

from services.matching.engine.flow.problem import Ints
from services.matching.engine.flow.rehang import rehang
from services.matching.engine.flow.tree import ARC, DOWN, PARENT, SIZE, UP, Arcs, States, Tree
from shared.compiled import compiled

_CHOICE = 40
"""Of so many arcs in the list the best one enters."""
_LONGEST_REST = 15


@compiled
def run(arcs: Arcs, tree: Tree, first: Ints, at: int, work: int) -> tuple[bool, int, int]:
    """Pivot until optimal, or until about `work` arcs and nodes have been looked at.

    The arcs are sorted by their tails: those of group g are first[g] ≤ arc < first[g + 1]. Returns whether the tree is
    optimal, the group where the search for arcs goes on, and the number of pivots.
    """
    pivots, seen, found = 0, 0, np.empty(max(_CHOICE, 3 * int(np.sqrt(len(arcs.tail)))), np.int64)
    resting, waited, thorough = np.zeros(len(first), np.int8), np.zeros(len(first), np.int8), False
    while seen < work:
        if thorough:
            resting[:] = 0
        count, at, looked = _list_entering(arcs, tree, first, at, resting, waited, found)
        if count == 0 and thorough:
            return True, at, pivots
        thorough = count == 0
        more, steps = _use_up(arcs, tree, found[:count])
        pivots, seen = pivots + more, seen + looked + steps
    return False, at, pivots


@compiled
def _list_entering(
    arcs: Arcs, tree: Tree, first: Ints, at: int, resting: States, waited: States, found: Ints
) -> tuple[int, int, int]:
    """List arcs that gain, the best of each group, in cyclic order of the groups.

    A group without any rests once, and twice as long each time that it still has none. Stops when `found` is full, or
    after all groups. Returns the number found, where to go on, and the arcs looked at.
    """
    tail, head, cost, potential, state = arcs.tail, arcs.head, arcs.cost, tree.potential, tree.state
    groups, count, seen = len(first) - 1, 0, 0
    for _ in range(groups):
        if resting[at] > 0:
            resting[at] -= 1
        else:
            start, stop = first[at], first[at + 1]
            heads, costs, states = head[start:stop], cost[start:stop], state[start:stop]
            own, best = potential[tail[start]], 0
            for arc in range(len(heads)):
                best = min(best, states[arc] * (costs[arc] + own - potential[heads[arc]]))
            seen += stop - start
            if best < 0:
                arc = 0
                while states[arc] * (costs[arc] + own - potential[heads[arc]]) != best:
                    arc += 1
                found[count], waited[at] = start + arc, 0
                count += 1
            else:
                waited[at] = min(2 * waited[at] + 1, _LONGEST_REST)
                resting[at] = waited[at]
        at = at + 1 if at + 1 < groups else 0
        if count == len(found):
            break
    return count, at, seen


@compiled
def _use_up(arcs: Arcs, tree: Tree, listed: Ints) -> tuple[int, int]:
    """Pivot on the best of each few arcs of the list, as they are by now; again, while half of them still gain.

    Returns the number of pivots, and of arcs and nodes looked at.
    """
    count, pivots, steps = len(listed), 0, 0
    enough = count // 2
    while count > enough:
        kept, steps = 0, steps + count
        for start in range(0, count, _CHOICE):
            best, entering = 0, -1
            for at in range(start, min(start + _CHOICE, count)):
                arc = listed[at]
                gain = reduced_gain(arcs, tree, arc)
                if gain < best:
                    if entering >= 0:
                        listed[kept] = entering
                        kept += 1
                    best, entering = gain, arc
                elif gain < 0:
                    listed[kept] = arc
                    kept += 1
            if entering >= 0:
                steps += pivot(arcs, tree, entering)
                pivots += 1
        count = kept
    return pivots, steps


@compiled
def reduced_gain(arcs: Arcs, tree: Tree, arc: int) -> int:
    """What a unit more (on a full arc: less) on this arc costs; negative where the flow gains by it."""
    potential = tree.potential
    return int(tree.state[arc] * (arcs.cost[arc] + potential[arcs.tail[arc]] - potential[arcs.head[arc]]))


@compiled
def pivot(arcs: Arcs, tree: Tree, entering: int) -> int:
    """Send flow around the cycle of the entering arc and exchange it for the leaving one; the nodes looked at."""
    state, width = tree.state[entering], arcs.width[entering]
    tail, head = int(arcs.tail[entering]), int(arcs.head[entering])
    source, target = (tail, head) if state > 0 else (head, tail)
    amount, leaving, below_source, top, steps = _find_leaving(tree, source, target, width)
    if amount > 0:
        _send(tree, source, target, top, amount)
    if leaving < 0:
        tree.state[entering] = -state
        return steps
    reduced = arcs.cost[entering] + tree.potential[tail] - tree.potential[head]
    _leave(arcs, tree, leaving)
    tree.state[entering] = 0
    if below_source:
        rehang(tree, source, target, leaving, top, entering, width - amount, amount)
        return steps + _shift(tree, source, -reduced if source == tail else reduced)
    rehang(tree, target, source, leaving, top, entering, amount, width - amount)
    return steps + _shift(tree, target, -reduced if target == tail else reduced)


@compiled
def _find_leaving(tree: Tree, source: int, target: int, width: int) -> tuple[int, int, bool, int, int]:
    """How much fits around the cycle, and the child end of the last arc that blocks it (-1: the entering arc itself).

    Also whether that arc is on the source's side, the cycle's top, and the steps taken. The flow comes down from the
    top to the source, passes the entering arc, and goes up from the target: the last to block is the lowest one on the
    source's side, the highest one on the target's. Of two nodes the one with the smaller subtree is no ancestor of the
    other: its parent is on the cycle.
    """
    node, room = tree.node, tree.room
    down, up = width, width
    lowest, highest, steps = -1, -1, 0
    while source != target:
        steps += 1
        if node[source, SIZE] <= node[target, SIZE]:
            if room[source, DOWN] < down:
                down, lowest = room[source, DOWN], source
            source = int(node[source, PARENT])
        else:
            if room[target, UP] <= up:
                up, highest = room[target, UP], target
            target = int(node[target, PARENT])
    if highest >= 0 and up <= down:
        return up, highest, False, source, steps
    return down, lowest, True, source, steps


@compiled
def _send(tree: Tree, source: int, target: int, top: int, amount: int) -> None:
    """Send an amount down from the top to the source, and up from the target to the top."""
    node, room = tree.node, tree.room
    while source != top:
        room[source, DOWN] -= amount
        room[source, UP] += amount
        source = int(node[source, PARENT])
    while target != top:
        room[target, UP] -= amount
        room[target, DOWN] += amount
        target = int(node[target, PARENT])


@compiled
def _leave(arcs: Arcs, tree: Tree, leaving: int) -> None:
    """Let the arc above node `leaving` out of the tree: it is empty or full now. An artificial one is gone for good."""
    arc = tree.node[leaving, ARC]
    if arc < len(arcs.tail):
        flow = tree.room[leaving, DOWN] if arcs.tail[arc] == leaving else tree.room[leaving, UP]
        tree.state[arc] = 1 if flow == 0 else -1


@compiled
def _shift(tree: Tree, top: int, change: int) -> int:
    """Add `change` to the potentials of the subtree of `top`; the number of its nodes."""
    potential, after, size = tree.potential, tree.after, int(tree.node[top, SIZE])
    at = top
    for _ in range(size):
        potential[at] += change
        at = int(after[at])
    return size
