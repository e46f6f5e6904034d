"""Two definitions side by side: the same groups, counted twice."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from services.matching.rates import saved, service
from services.matching.rates.definition import By
from services.matching.rates.schemas import ComparedRow, ComparisonIn, ComparisonOut, RateRow, RatesOut, SideIn
from services.matching.rates.service import Question
from services.matching.rates.shelf import read_at_one_moment
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor


def compare(session: Session, actor: Actor, wanted: ComparisonIn) -> ComparisonOut:
    """Both sides' rates that the actor may see, all of one moment; what is wrong with a side names the side."""
    read_at_one_moment(session)
    left = _side(session, actor, wanted.left, wanted.by, "left")
    right = _side(session, actor, wanted.right, wanted.by, "right")
    together = None
    if left.total is not None and right.total is not None:
        together = _compared(left.total, right.total)
    return ComparisonOut(
        by=wanted.by,
        left=left.definition,
        right=right.definition,
        rows=_paired(left.rows, right.rows),
        total=together,
        left_notes=left.notes,
        right_notes=right.notes,
    )


def _side(session: Session, actor: Actor, side: SideIn, by: By, name: str) -> RatesOut:
    try:
        terms = side.terms.terms() if side.definition is None else saved.terms_of(session, side.definition)  # type: ignore[union-attr]
        return service.rates(session, actor, Question(terms, by, side.run))
    except Problem as problem:
        raise _of_side(problem, name) from problem


def _of_side(problem: Problem, name: str) -> Problem:
    """The same problem, pointing into the body."""
    errors = [
        FieldError(pointer=f"/{name}{error.pointer}", detail=error.detail, code=error.code) for error in problem.errors
    ]
    return Problem(problem.status, problem.kind, problem.title, problem.detail, errors)


def _paired(left: Sequence[RateRow], right: Sequence[RateRow]) -> list[ComparedRow]:
    """Rows of the same group together, in the order of the keys, what belongs to none last."""
    one, other = {(row.key, row.id): row for row in left}, {(row.key, row.id): row for row in right}
    keys = sorted(one.keys() | other.keys(), key=lambda key: (key[0] is None, key[0] or "", str(key[1])))
    return [_compared(one.get(key), other.get(key)) for key in keys]


def _compared(left: RateRow | None, right: RateRow | None) -> ComparedRow:
    group = left or right
    if group is None:
        raise ValueError("a comparison of nothing")
    difference = None
    if left is not None and right is not None and left.rate is not None and right.rate is not None:
        difference = right.rate - left.rate
    return ComparedRow(
        key=group.key,
        id=group.id,
        name=group.name,
        left=left,
        right=right,
        difference=difference,
        points="—" if difference is None else f"{(difference * 100).quantize(Decimal('0.01')):+} 个百分点",
    )
