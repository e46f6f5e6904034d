"""Linear equations in exact fractions, for the few unknowns that a vertex of a transport-like problem has."""

from collections.abc import Sequence
from fractions import Fraction


def solve_exactly(
    rows: Sequence[dict[int, Fraction]], right: Sequence[Fraction], guess: Sequence[Fraction]
) -> list[Fraction] | None:
    """x with rows · x = right (sparse rows: unknown → coefficient); None where the equations contradict each other.

    Gauss–Jordan. Unknowns that the equations leave free take their value from `guess`.
    """
    solved: dict[int, tuple[dict[int, Fraction], Fraction]] = {}
    for row, value in zip(rows, right, strict=True):
        rest, constant = _reduced(dict(row), value, solved)
        if not rest:
            if constant:
                return None
            continue
        pivot = min(rest)
        scale = rest.pop(pivot)
        rest = {unknown: coefficient / scale for unknown, coefficient in rest.items()}
        for other, (terms, known) in list(solved.items()):
            if pivot in terms:
                solved[other] = _reduced(dict(terms), known, {pivot: (rest, constant / scale)})
        solved[pivot] = (rest, constant / scale)
    found = list(guess)
    for pivot, (terms, constant) in solved.items():
        found[pivot] = constant - sum((value * guess[unknown] for unknown, value in terms.items()), Fraction(0))
    return found


def _reduced(
    row: dict[int, Fraction], value: Fraction, solved: dict[int, tuple[dict[int, Fraction], Fraction]]
) -> tuple[dict[int, Fraction], Fraction]:
    """The equation with the solved unknowns put in."""
    for unknown in [unknown for unknown in row if unknown in solved]:
        coefficient = row.pop(unknown)
        terms, constant = solved[unknown]
        value -= coefficient * constant
        for other, factor in terms.items():
            left = row.get(other, Fraction(0)) - coefficient * factor
            if left:
                row[other] = left
            else:
                row.pop(other, None)
    return row, value
