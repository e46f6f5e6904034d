"""Writes a result as one JSON object: decimals exact where they end, else cut on the side that promises less."""

import json
from fractions import Fraction

from services.matching.engine.assignment.problem import AssignmentProblem, AssignmentResult, Goal, Name, Status
from services.matching.engine.assignment.reader import DIGITS


def write_result(problem: AssignmentProblem, result: AssignmentResult) -> str:
    """The result as JSON. Shares are rounded down, bounds to the weaker side, the gap up.

    A share of a line that no decimal of 15 digits can say (1/3) comes with the field `exact`.
    """
    up = problem.goal is Goal.MAX_LOCAL or result.status in {Status.UNREACHABLE, Status.UNKNOWN}
    members = [
        ("status", json.dumps(result.status.value)),
        ("cost", _decimal(result.cost, up=True)),
        ("local_share", _decimal(result.local_share)),
        ("reachable_share", _decimal(result.reachable_share)),
        ("bound", _decimal(result.bound, up=up)),
        ("gap", _decimal(result.gap, up=True)),
        ("assignment", _assignment(problem, result)),
    ]
    return "{" + ", ".join(f'"{name}": {text}' for name, text in members) + "}"


def _assignment(problem: AssignmentProblem, result: AssignmentResult) -> str:
    rows = []
    for row in result.assignment:
        line, supplier = problem.lines[row.line], problem.suppliers[row.supplier].name
        exact = "" if ends(row.share) else f', "exact": "{row.share}"'
        rows.append(f'{{"line": {_text(line)}, "supplier": {_text(supplier)}, "share": {_decimal(row.share)}{exact}}}')
    return "[" + ", ".join(rows) + "]"


def _text(value: Name) -> str:
    return json.dumps(value, ensure_ascii=False)


def ends(value: Fraction) -> bool:
    """Whether a decimal of at most 15 places says the value exactly."""
    return bool((value * 10**DIGITS).denominator == 1)


def _decimal(value: Fraction | None, *, up: bool = False) -> str:
    """A JSON number with at most 15 places, or `null`; what is beyond them is cut, or rounded up."""
    if value is None:
        return "null"
    scaled = value * 10**DIGITS
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(DIGITS + 1, "0")
    tail = digits[-DIGITS:].rstrip("0")
    return f"{sign}{digits[:-DIGITS]}" + (f".{tail}" if tail else "")
