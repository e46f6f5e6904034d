"""The lines of a DIMACS file after its `p` line, read byte by byte in machine code.

A file of two million arcs is read in a fraction of a second, and the first fault is known by its line.
"""

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED, Ints
from shared.compiled import compiled

_NEWLINE, _SPACE, _ZERO, _PLUS, _MINUS = ord("\n"), ord(" "), ord("0"), ord("+"), ord("-")
_COMMENT, _NODE, _ARC, _PROBLEM = ord("c"), ord("n"), ord("a"), ord("p")
_LOWEST = -(2**63)
_LOWEST_TENTH, _LOWEST_DIGIT = -(2**63 // 10), 8

(
    _UNKNOWN_LETTER,
    _NODE_FIELDS,
    _ARC_FIELDS,
    _NOT_WHOLE,
    _TOO_LARGE,
    _NO_SUCH_NODE,
    _NODE_TWICE,
    _SECOND_PROBLEM,
    _TOO_MANY_ARCS,
    _NEGATIVE_LOWER,
    _NEGATIVE_CAPACITY,
    _LOWER_ABOVE,
) = range(1, 13)

FAULTS = {
    _UNKNOWN_LETTER: "行首只能是 c、p、n 或 a，其后为空格。",
    _NODE_FIELDS: "须为 n 节点 供给，两个整数。",
    _ARC_FIELDS: "须为 a 起点 终点 下限 容量 费用，五个整数。",
    _NOT_WHOLE: "含有不是整数的内容；小数请先放大为整数。",
    _TOO_LARGE: "数字超出 64 位整数；请缩小单位。",
    _NO_SUCH_NODE: "没有这个节点；编号须在 1 到 {nodes} 之间。",
    _NODE_TWICE: "该节点已有一行 n；请合并为一行。",
    _SECOND_PROBLEM: "p 行只能有一行；请删去。",
    _TOO_MANY_ARCS: "弧多于 p 行写明的 {arcs} 条；请改正条数，或删去多余的弧。",
    _NEGATIVE_LOWER: "下限不能为负；请改为 0 或正整数。",
    _NEGATIVE_CAPACITY: "容量不能为负；不限量请写 -1。",
    _LOWER_ABOVE: "下限大于容量；请改为下限 ≤ 容量。",
}
"""What is wrong with a line, and what to do; `nodes` and `arcs` are those of the `p` line."""


@compiled
def read_lines(
    text: NDArray[np.uint8],
    at: int,
    line: int,
    announced: int,
    arcs: Ints,
    supply: Ints,
    named: NDArray[np.bool_],
) -> tuple[int, int, int, int]:
    """Fill `arcs` (rows tail, head, lower, capacity, cost) and `supply` from position `at`, in line `line`, on.

    Returns the first fault (0: none), its line, where that line starts, and the arcs read.
    """
    fields, read = np.zeros(5, np.int64), 0
    while at < text.size:
        start, fault = at, 0
        at = _after_blanks(text, at)
        letter = _NEWLINE if at == text.size else text[at]
        if letter == _COMMENT:
            at = _end_of_line(text, at)
        elif letter != _NEWLINE and at + 1 < text.size and text[at + 1] > _SPACE:
            fault = _UNKNOWN_LETTER
        elif letter == _ARC:
            count, at, fault = _fields(text, at + 1, fields)
            if fault == 0:
                fault = _ARC_FIELDS if count != 5 else _add_arc(fields, read, announced, arcs, supply.size)
            read += 1
        elif letter == _NODE:
            count, at, fault = _fields(text, at + 1, fields)
            if fault == 0:
                fault = _NODE_FIELDS if count != 2 else _set_supply(fields, supply, named)
        elif letter != _NEWLINE:
            fault = _SECOND_PROBLEM if letter == _PROBLEM else _UNKNOWN_LETTER
        if fault != 0:
            return fault, line, start, read
        at += 1
        line += 1
    return 0, line, at, read


@compiled
def _add_arc(fields: Ints, arc: int, announced: int, arcs: Ints, nodes: int) -> int:
    """Keep one `a` line; a fault, or 0."""
    tail, head, lower, capacity, cost = fields
    if arc >= announced:
        return _TOO_MANY_ARCS
    if not (1 <= tail <= nodes and 1 <= head <= nodes):
        return _NO_SUCH_NODE
    if lower < 0:
        return _NEGATIVE_LOWER
    if capacity < -1:
        return _NEGATIVE_CAPACITY
    if capacity == -1 or capacity > UNLIMITED:
        capacity = UNLIMITED
    if lower > capacity:
        return _LOWER_ABOVE
    arcs[0, arc], arcs[1, arc] = tail - 1, head - 1
    arcs[2, arc], arcs[3, arc], arcs[4, arc] = lower, capacity, cost
    return 0


@compiled
def _set_supply(fields: Ints, supply: Ints, named: NDArray[np.bool_]) -> int:
    """Keep one `n` line; a fault, or 0."""
    node = fields[0] - 1
    if not 0 <= node < supply.size:
        return _NO_SUCH_NODE
    if named[node]:
        return _NODE_TWICE
    supply[node], named[node] = fields[1], True
    return 0


@compiled
def _fields(text: NDArray[np.uint8], at: int, fields: Ints) -> tuple[int, int, int]:
    """Read whole numbers up to the line's end; how many there are, where the line ends, and a fault or 0."""
    count = 0
    while True:
        at = _after_blanks(text, at)
        if at == text.size or text[at] == _NEWLINE:
            return count, at, 0
        value, at, fault = _number(text, at)
        if fault != 0:
            return count, at, fault
        if count < fields.size:
            fields[count] = value
        count += 1


@compiled
def _number(text: NDArray[np.uint8], at: int) -> tuple[np.int64, int, int]:
    """The whole number that starts at `at`, the position after it, and a fault or 0.

    It is gathered below zero, where 64 bits hold one value more.
    """
    negative = text[at] == _MINUS
    if negative or text[at] == _PLUS:
        at += 1
    value, first = np.int64(0), at
    while at < text.size and text[at] > _SPACE:
        digit = np.int64(text[at]) - _ZERO
        if not 0 <= digit <= 9:
            return value, at, _NOT_WHOLE
        if value < _LOWEST_TENTH or (value == _LOWEST_TENTH and digit > _LOWEST_DIGIT):
            return value, at, _TOO_LARGE
        value = value * 10 - digit
        at += 1
    if at == first:
        return value, at, _NOT_WHOLE
    if not negative and value == _LOWEST:
        return value, at, _TOO_LARGE
    return value if negative else -value, at, 0


@compiled
def _after_blanks(text: NDArray[np.uint8], at: int) -> int:
    while at < text.size and text[at] <= _SPACE and text[at] != _NEWLINE:
        at += 1
    return at


@compiled
def _end_of_line(text: NDArray[np.uint8], at: int) -> int:
    while at < text.size and text[at] != _NEWLINE:
        at += 1
    return at
