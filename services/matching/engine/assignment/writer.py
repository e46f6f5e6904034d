"""Writes a result as one JSON object: decimals exact where they end, else cut on the side that promises less."""

import json
from fractions import Fraction

from services.matching.engine.assignment.problem import AssignmentProblem, AssignmentResult, Goal, Name, Status
from services.matching.engine.assignment.reader import PLACES

DIGITS = 15
"""Places behind the decimal point of what no decimal says exactly."""


def write_result(problem: AssignmentProblem, result: AssignmentResult) -> str:
    """The result as JSON. Shares are rounded down, bounds to the weaker side, the gap up.

    A share of a line that no decimal can say (1/3) comes with the field `exact`.
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
    """As JSON; half a pair of surrogates, which UTF-8 cannot say, stays escaped as it was in the file."""
    lone = isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)
    return json.dumps(value, ensure_ascii=lone)


def ends(value: Fraction) -> bool:
    """Whether a decimal of as many places as numbers of a file may have says the value exactly."""
    return bool(10**PLACES % value.denominator == 0)


def _decimal(value: Fraction | None, *, up: bool = False) -> str:
    """A JSON number, exact if it has as many places as numbers of a file may have; else cut, or rounded up."""
    if value is None:
        return "null"
    places = PLACES if ends(value) else DIGITS
    scaled = value * 10**places
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(places + 1, "0")
    tail = digits[-places:].rstrip("0")
    return f"{sign}{digits[:-places]}" + (f".{tail}" if tail else "")
