"""A subtree moves: turned over from one of its nodes, it hangs from another place of the tree.

The tree is a threaded list in preorder with sizes and last nodes (tree.py). What changes in it are the nodes between
the subtree's old and new top (the *stem*), and the ancestors of both places up to where they meet: O(stem + depth).

Barr, Glover, Klingman, "Enhancements of spanning tree labelling procedures for network optimization", *INFOR* 17
(1979); the order of the steps is LEMON's.
"""

from services.matching.engine.flow.tree import ARC, DOWN, LAST, PARENT, SIZE, UP, Tree
from shared.compiled import compiled


@compiled
def rehang(tree: Tree, inner: int, outer: int, leaving: int, meet: int, arc: int, up: int, down: int) -> None:
    """Hang the subtree of `leaving` by its node `inner` from `outer`, over the arc with this room up and down.

    `meet` is the lowest common ancestor of `outer` and of the former parent of `leaving`.
    """
    node = tree.node
    size, last, before = int(node[leaving, SIZE]), int(node[leaving, LAST]), int(tree.before[leaving])
    parent = int(node[leaving, PARENT])
    if inner == leaving:
        _move(tree, leaving, outer)
    else:
        _turn_over(tree, inner, outer, leaving)
    node[inner, ARC], tree.room[inner, UP], tree.room[inner, DOWN] = arc, up, down
    _mend_ancestors(tree, outer, parent, meet, last, before, int(node[leaving, LAST]), size)


@compiled
def _move(tree: Tree, top: int, outer: int) -> None:
    """Move a subtree as it is to the place behind `outer`, its new parent."""
    after, before = tree.after, tree.before
    tree.node[top, PARENT] = outer
    if after[outer] == top:
        return
    last = tree.node[top, LAST]
    _join(tree, before[top], after[last])
    _join(tree, last, after[outer])
    _join(tree, outer, top)


@compiled
def _join(tree: Tree, one: int, other: int) -> None:
    tree.after[one], tree.before[other] = other, one


@compiled
def _turn_over(tree: Tree, inner: int, outer: int, leaving: int) -> None:
    """On the stem from `inner` up to `leaving`, parent and child change places; the list goes down the new way."""
    node, after, before = tree.node, tree.after, tree.before
    size, first = int(node[leaving, SIZE]), int(before[leaving])
    goes_on = int(after[node[leaving, LAST]]) if first == outer else int(after[outer])
    stem, above, last = inner, outer, int(node[inner, LAST])
    rest, was_before = int(after[last]), int(before[inner])
    _join(tree, outer, inner)
    while stem != leaving:
        following, own_before = int(node[stem, PARENT]), was_before
        _join(tree, own_before, rest)
        was_before = int(before[following])
        _join(tree, last, following)
        node[stem, PARENT] = above
        above, stem = stem, following
        last = own_before if node[stem, LAST] == node[above, LAST] else int(node[stem, LAST])
        rest = int(after[last])
    node[leaving, PARENT] = above
    _join(tree, last, goes_on)
    node[leaving, LAST] = last
    if first != outer:
        _join(tree, first, rest)
    _mend_stem(tree, inner, leaving, size)


@compiled
def _mend_stem(tree: Tree, inner: int, leaving: int, size: int) -> None:
    """Arcs, room, sizes and last nodes of the stem, from the former top to the new one."""
    node, room = tree.node, tree.room
    total, last, at = 0, node[leaving, LAST], leaving
    while at != inner:
        parent = int(node[at, PARENT])
        node[at, ARC] = node[parent, ARC]
        room[at, UP], room[at, DOWN] = room[parent, DOWN], room[parent, UP]
        total += int(node[at, SIZE]) - int(node[parent, SIZE])
        node[at, SIZE] = total
        node[parent, LAST] = last
        at = parent
    node[inner, SIZE] = size


@compiled
def _mend_ancestors(
    tree: Tree, outer: int, parent: int, meet: int, old_last: int, old_before: int, new_last: int, size: int
) -> None:
    """Last nodes and sizes above the new place and above the former one, up to where the two meet."""
    node = tree.node
    limit = meet if node[meet, LAST] == outer else -1
    at = outer
    while at != -1 and node[at, LAST] == outer:
        node[at, LAST] = new_last
        at = int(node[at, PARENT])
    stays = meet != old_before != outer
    last = old_before if stays else new_last
    at = parent
    while at != limit and node[at, LAST] == old_last:
        node[at, LAST] = last
        at = int(node[at, PARENT])
    at = outer
    while at != meet:
        node[at, SIZE] += size
        at = int(node[at, PARENT])
    at = parent
    while at != meet:
        node[at, SIZE] -= size
        at = int(node[at, PARENT])
