"""Reads a problem file, exactly: numbers are decimals as written. What is wrong is said in Chinese, with its place."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn, cast

from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Name, Pair, Supplier

DIGITS = 15
"""Numbers have at most so many digits before the decimal point."""

PLACES = 40
"""So many digits may stand behind the decimal point: what programs print of a float of any usual size has fewer."""

FIELDS = (
    "suppliers",
    "lines",
    "cost",
    "use",
    "single_source",
    "objective",
    "min_local_share",
    "max_cost",
    "time_limit",
)
OPTIONAL = {"min_local_share", "max_cost"}


class BadProblem(ValueError):
    """The file says no problem that can be solved; the message names the place and what to do."""


def read_problem(text: str) -> AssignmentProblem:
    """The problem that a JSON text says; raises BadProblem."""
    data = _record(_parse(text), FIELDS, OPTIONAL, "最外层")
    suppliers = _suppliers(data["suppliers"])
    lines = _names(data["lines"], ("id",), "lines")
    _check_unique(lines, "lines")
    return AssignmentProblem(
        suppliers=suppliers,
        lines=tuple(lines),
        pairs=_pairs(data["cost"], data["use"], len(suppliers), len(lines)),
        single_source=_truth(data["single_source"], "single_source"),
        goal=_goal(data["objective"]),
        min_local_share=_share(data.get("min_local_share")),
        max_cost=None if data.get("max_cost") is None else _amount(data["max_cost"], "max_cost"),
        time_limit=_time_limit(data["time_limit"]),
    )


def _parse(text: str) -> object:
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            parse_float=Decimal,
            parse_constant=_not_a_number,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        raise BadProblem(
            f"第 {error.lineno} 行第 {error.colno} 列不是合法的 JSON（{_plain(error.msg)}）。"
            "请检查此处的逗号、引号与括号后重试。"
        ) from error
    except RecursionError as error:
        raise BadProblem("JSON 的嵌套过深。请按说明的格式重新生成文件。") from error
    except ValueError as error:
        if isinstance(error, BadProblem):
            raise
        raise BadProblem("有一个数字太长，无法读取。请检查文件中的数字。") from error


def _plain(message: str) -> str:
    known = {
        "Expecting value": "此处应有一个值",
        "Expecting ',' delimiter": "此处应有逗号",
        "Expecting ':' delimiter": "此处应有冒号",
        "Expecting property name enclosed in double quotes": "此处应有用双引号括起的字段名",
        "Extra data": "结尾之后还有多余的内容",
        "Unterminated string starting at": "字符串没有结束",
        "Illegal trailing comma before end of object": "最后一个字段之后多了逗号",
        "Illegal trailing comma before end of array": "最后一个元素之后多了逗号",
    }
    return known.get(message, message)


def _not_a_number(name: str) -> NoReturn:
    raise BadProblem(f"文件中有 {name}，它不是数字。请改为数字；不允许的供应商与行的组合写 null。")


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadProblem(f"字段 {twice} 在同一个对象中出现了多次。请只保留一个。")
    return found


def _record(value: object, fields: Sequence[str], optional: set[str], where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BadProblem(f"{where}应是对象（{{…}}），实际是{_kind(value)}。请按说明的格式改写。")
    missing = [name for name in fields if name not in value and name not in optional]
    if missing:
        raise BadProblem(f"{where}缺少字段 {'、'.join(missing)}。请补上。")
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise BadProblem(f"{where}有不认识的字段 {'、'.join(unknown)}。可用的字段：{'、'.join(fields)}。请改名或删去。")
    return value


def _rows(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise BadProblem(f"{where} 应是数组（[…]），实际是{_kind(value)}。请改为数组。")
    return value


def _suppliers(value: object) -> tuple[Supplier, ...]:
    names = _names(value, ("id", "capacity", "local"), "suppliers")
    found = []
    for position, row in enumerate(cast(list[Mapping[str, object]], value)):
        where = f"suppliers 第 {position + 1} 项（{names[position]}）的"
        capacity = None if row["capacity"] is None else _amount(row["capacity"], f"{where} capacity")
        found.append(Supplier(names[position], capacity, _truth(row["local"], f"{where} local")))
    _check_unique(names, "suppliers")
    return tuple(found)


def _names(value: object, fields: Sequence[str], where: str) -> list[Name]:
    names: list[Name] = []
    for position, row in enumerate(_rows(value, where)):
        name = _record(row, fields, set(), f"{where} 第 {position + 1} 项")["id"]
        if isinstance(name, bool) or not isinstance(name, (str, int)) or (isinstance(name, str) and not name.strip()):
            raise BadProblem(f"{where} 第 {position + 1} 项的 id 应是非空的字符串或整数，实际是{_kind(name)}。请改正。")
        names.append(name)
    return names


def _check_unique(names: Sequence[Name], where: str) -> None:
    first: dict[Name, int] = {}
    for position, name in enumerate(names):
        if name in first:
            raise BadProblem(
                f"{where} 第 {position + 1} 项与第 {first[name] + 1} 项的 id 同为 {name}。请让每个 id 只出现一次。"
            )
        first[name] = position


def _pairs(cost: object, use: object, suppliers: int, lines: int) -> tuple[Pair, ...]:
    spends, uses = _matrix(cost, "cost", suppliers, lines), _matrix(use, "use", suppliers, lines)
    return tuple(
        Pair(line, supplier, amount, taken)
        for line in range(lines)
        for supplier in range(suppliers)
        if (amount := spends[supplier][line]) is not None and (taken := uses[supplier][line]) is not None
    )


def _matrix(value: object, where: str, suppliers: int, lines: int) -> list[list[Fraction | None]]:
    rows = _rows(value, where)
    if len(rows) != suppliers:
        raise BadProblem(f"{where} 有 {len(rows)} 行，suppliers 有 {suppliers} 项。请让每个供应商恰有一行。")
    found = []
    for i, row in enumerate(rows):
        cells = _rows(row, f"{where} 第 {i + 1} 行")
        if len(cells) != lines:
            raise BadProblem(
                f"{where} 第 {i + 1} 行有 {len(cells)} 列，lines 有 {lines} 项。请让每一行恰有 {lines} 列。"
            )
        found.append(
            [
                None if cell is None else _amount(cell, f"{where} 第 {i + 1} 行第 {j + 1} 列")
                for j, cell in enumerate(cells)
            ]
        )
    return found


def _number(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise BadProblem(f"{where} 应是数字，实际是{_kind(value)}。请改为数字（不加引号）。")
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if number and (number.adjusted() >= DIGITS or (isinstance(exponent, int) and exponent < -PLACES)):
        raise BadProblem(
            f"{where} 的数字超出范围：小数点前至多 {DIGITS} 位，后至多 {PLACES} 位。请换算单位或减少小数位。"
        )
    return number


def _amount(value: object, where: str) -> Fraction:
    number = _number(value, where)
    if number < 0:
        raise BadProblem(f"{where} 是负数（{number}）。请改为不小于 0 的数字。")
    return Fraction(number)


def _share(value: object) -> Fraction | None:
    if value is None:
        return None
    number = _number(value, "min_local_share")
    if not 0 <= number <= 1:
        raise BadProblem(f"min_local_share 应在 0 与 1 之间，实际是 {number}。50% 请写 0.5。")
    return Fraction(number)


def _time_limit(value: object) -> float:
    number = _number(value, "time_limit")
    if number <= 0:
        raise BadProblem(f"time_limit 应大于 0（秒），实际是 {number}。请改为例如 30。")
    return float(number)


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise BadProblem(f"{where} 应是 true 或 false，实际是{_kind(value)}。请改正（不加引号）。")
    return value


def _goal(value: object) -> Goal:
    if not isinstance(value, str) or value not in set(Goal):
        raise BadProblem(f"objective 应是 min_cost 或 max_local，实际是 {_shown(value)}。请改正。")
    return Goal(value)


def _shown(value: object) -> str:
    return f"“{value}”" if isinstance(value, str) else _kind(value)


def _kind(value: object) -> str:
    if value is None:
        return " null"
    if isinstance(value, bool):
        return "布尔值"
    kinds: dict[type, str] = {int: "数字", Decimal: "数字", str: "字符串", list: "数组", dict: "对象"}
    return kinds.get(type(value), "别的内容")
