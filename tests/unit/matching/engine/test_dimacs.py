"""Reading DIMACS files: what they say, and the line and the sentence where they say it wrongly."""

import numpy as np
import pytest

from services.matching.engine.flow.dimacs import DimacsError, read_dimacs
from services.matching.engine.flow.problem import UNLIMITED

PROBLEM = b"p min 3 2\n"


def test_what_a_file_says() -> None:
    problem = read_dimacs(b"c hello\n\np min 3 2\nn 1 5\nn 3 -5\nc more\na 1 2 0 4 -3\na 2 2 1 7 0\n")
    assert problem.tail.tolist() == [0, 1]
    assert problem.head.tolist() == [1, 1]
    assert problem.lower.tolist() == [0, 1]
    assert problem.capacity.tolist() == [4, 7]
    assert problem.cost.tolist() == [-3, 0]
    assert problem.supply.tolist() == [5, 0, -5]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfp min 3 1\r\na\t1  2 0 4 -3\r\n",
        b"p min 3 1\na 1 2 0 4 -3",
        b"  p min 3 1\n\ta 1 2 +0 +4 -3\t\n\n \n",
        "c 注释\np min 3 1\nc 弧\na 1 2 0 4 -3\n".encode("gb18030"),
    ],
)
def test_spelling_does_not_matter(data: bytes) -> None:
    problem = read_dimacs(data)
    assert [problem.tail[0], problem.head[0], problem.capacity[0], problem.cost[0]] == [0, 1, 4, -3]


def test_the_largest_numbers() -> None:
    problem = read_dimacs(
        PROBLEM + b"n 1 9223372036854775807\na 1 2 0 -1 -9223372036854775808\na 1 2 0 4611686018427387905 1\n"
    )
    assert problem.supply[0] == 2**63 - 1
    assert problem.cost[0] == -(2**63)
    assert problem.capacity.tolist() == [UNLIMITED, UNLIMITED]


def test_arcs_are_kept_in_order() -> None:
    ends = np.arange(5000) % 97 + 1
    lines = (f"a {end} {98 - end} 0 {arc} {-arc}\n" for arc, end in enumerate(ends.tolist()))
    problem = read_dimacs(("p min 97 5000\n" + "".join(lines)).encode())
    assert (problem.tail == ends - 1).all()
    assert (problem.head == 97 - ends).all()
    assert (problem.capacity == np.arange(5000)).all()
    assert (problem.cost == -np.arange(5000)).all()


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        (b"x 1 2\n", 2, "行首只能是"),
        (b"a1 2 0 4 3\n", 2, "行首只能是"),
        (b"c\n\na 1 2 0 4\n", 4, "五个整数"),
        (b"a 1 2 0 4 3 9\n", 2, "五个整数"),
        (b"a\n", 2, "五个整数"),
        (b"n 1\n", 2, "两个整数"),
        (b"n 1 2 3\n", 2, "两个整数"),
        (b"a 1 2 0 4 1.5\n", 2, "不是整数"),
        (b"a 1 2 0 4 x\n", 2, "不是整数"),
        (b"a 1 2 0 - 3\n", 2, "不是整数"),
        (b"a 1 2 0 4 9223372036854775808\n", 2, "64 位"),
        (b"a 1 2 0 4 -9223372036854775809\n", 2, "64 位"),
        (b"n 1 99999999999999999999\n", 2, "64 位"),
        (b"a 1 4 0 4 3\n", 2, "没有这个节点"),
        (b"a 0 1 0 4 3\n", 2, "没有这个节点"),
        (b"n 4 1\n", 2, "没有这个节点"),
        (b"n 1 1\r\nn 1 1\r\n", 3, "已有一行"),
        (b"p min 3 2\n", 2, "只能有一行"),
        (b"a 1 2 0 4 3\n" * 3, 4, "弧多于"),
        (b"a 1 2 0 4 3\n", 1, "只有 1 条"),
        (b"a 1 2 -1 4 3\n", 2, "下限不能为负"),
        (b"a 1 2 0 -2 3\n", 2, "不限量请写 -1"),
        (b"a 1 2 5 4 3\n", 2, "下限 ≤ 容量"),
        (b"c\na 1 2 \0\n", 3, "二进制"),
    ],
)
def test_a_malformed_line_is_named(body: bytes, line: int, sentence: str) -> None:
    with pytest.raises(DimacsError) as caught:
        read_dimacs(PROBLEM + body)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"第 {line} 行")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("data", "line", "sentence"),
    [
        (b"", 0, "空的"),
        (b"\n \r\n", 0, "空的"),
        (b"c only a comment\n", 0, "没有 p 行"),
        (b"c\na 1 2 0 4 3\n", 2, "在 p 行之前"),
        (b"n 1 5\np min 1 0\n", 1, "在 p 行之前"),
        (b"\x1f\x8b\xff\xfe", 1, "在 p 行之前"),
        (b"p max 3 2\n", 1, "p min 节点数 弧数"),
        (b"p min 3\n", 1, "p min 节点数 弧数"),
        (b"p min 3 -1\n", 1, "非负整数"),
        (b"p min 1e3 1\n", 1, "非负整数"),
        (b"p min 99999999999 1\n", 1, "数目过大"),
        (b"p min 3 99999999999999999999\n", 1, "数目过大"),
        (b"p min 3 999999999999999999\n", 1, "只有 0 条"),
    ],
)
def test_a_malformed_beginning_is_named(data: bytes, line: int, sentence: str) -> None:
    with pytest.raises(DimacsError, match=sentence) as caught:
        read_dimacs(data)
    assert caught.value.line == line


def test_a_long_line_is_cut() -> None:
    with pytest.raises(DimacsError) as caught:
        read_dimacs(PROBLEM + b"a 1 2 \x07" + b"9" * 5000)
    assert len(str(caught.value)) < 150
    assert "\x07" not in str(caught.value)
