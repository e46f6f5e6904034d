"""Minimum-cost flow problems in the DIMACS format, as solvers exchange them.

One item a line: `c` a comment, `p min NODES ARCS` before all others, `n NODE SUPPLY` (nodes without one have none),
`a TAIL HEAD LOWER CAPACITY COST`. Nodes count from 1; all numbers are whole and fit 64 bits. As in LEMON's reader a
capacity of -1 is unlimited, and so is one of 2**62 or more. Blank lines, tabs and Windows line ends are welcome.

Format: DIMACS Implementation Challenge 1, "The Problem Specifications" (1990).
"""

import numpy as np

from services.matching.engine.flow.dimacs_lines import FAULTS, read_lines
from services.matching.engine.flow.problem import FlowProblem, Ints

MOST_NODES = 10**8
"""More would not fit the memory of one machine; a file that announces more is mistaken."""

_SHORTEST_ARC = len(b"a 1 1 0 0 0")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class DimacsError(ValueError):
    """A malformed file: the sentence says what is wrong in which line (0: in the file), and what to do."""

    def __init__(self, line: int, sentence: str, text: bytes = b"") -> None:
        excerpt = f"（{_excerpt(text)}）" if text.strip() else ""
        super().__init__(f"第 {line} 行{excerpt}：{sentence}" if line else sentence)
        self.line = line


def read_dimacs(data: bytes) -> FlowProblem:
    """The problem that a file of these bytes states; raises DimacsError."""
    _refuse_binary(data)
    nodes, announced, body, line = _problem_line(data)
    arcs = np.zeros((5, min(announced, len(data) // _SHORTEST_ARC)), np.int64)
    supply, named = np.zeros(nodes, np.int64), np.zeros(nodes, np.bool_)
    text = np.frombuffer(data, np.uint8)
    fault, at_line, start, read = read_lines(text, body, line + 1, announced, arcs, supply, named)
    if fault:
        raise DimacsError(at_line, FAULTS[fault].format(nodes=nodes, arcs=announced), _line_at(data, start))
    if read < announced:
        raise DimacsError(line, f"写明有 {announced} 条弧，文件中只有 {read} 条；请补齐，或改正条数。")
    return _problem(arcs, supply)


def _problem(arcs: Ints, supply: Ints) -> FlowProblem:
    tail, head, lower, capacity, cost = (np.ascontiguousarray(row) for row in arcs)
    return FlowProblem(tail=tail, head=head, lower=lower, capacity=capacity, cost=cost, supply=supply)


def _problem_line(data: bytes) -> tuple[int, int, int, int]:
    """Nodes, arcs, the position after the `p` line, and its number; only comments and blank lines may precede it."""
    at, line = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0, 0
    while at < len(data):
        text, line = _line_at(data, at), line + 1
        at += len(text) + 1
        words = text.split()
        if not words or text.lstrip().startswith(b"c"):
            continue
        if words[0] != b"p":
            raise DimacsError(line, "在 p 行之前；第一个非注释行须为 p min 节点数 弧数。", text)
        return *_counts(line, text, words), at, line
    raise DimacsError(0, "没有 p 行：文件须有一行 p min 节点数 弧数。" if data.strip() else "文件是空的。")


def _counts(line: int, text: bytes, words: list[bytes]) -> tuple[int, int]:
    if len(words) != 4 or words[1] != b"min":
        raise DimacsError(line, "须为 p min 节点数 弧数（只求解最小费用流）。", text)
    if not (words[2].isdigit() and words[3].isdigit()):
        raise DimacsError(line, "节点数与弧数须为非负整数。", text)
    if max(len(words[2]), len(words[3])) > 18 or int(words[2]) > MOST_NODES:
        raise DimacsError(line, f"数目过大：节点至多 {MOST_NODES} 个；请检查该行。", text)
    return int(words[2]), int(words[3])


def _refuse_binary(data: bytes) -> None:
    zero = data.find(b"\0")
    if zero >= 0:
        raise DimacsError(data.count(b"\n", 0, zero) + 1, "含有二进制内容，不是文本；请另存为 UTF-8 或 ASCII 文本。")


def _line_at(data: bytes, start: int) -> bytes:
    end = data.find(b"\n", start)
    return data[start:] if end < 0 else data[start:end]


def _excerpt(text: bytes) -> str:
    line = " ".join(text[:200].decode("utf-8", "replace").split())
    shown = "".join(character if character.isprintable() else "�" for character in line)
    return shown if len(shown) <= 60 else shown[:59] + "…"
