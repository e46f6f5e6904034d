"""The use case of the rates over time: the points that runs and imports have left, those that the actor may see."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlmodel import Session, col

from services.matching.rates.definition import By, Terms
from services.matching.rates.models import RateOccasion, RatePoint, RateStated
from services.matching.rates.points import RUN
from services.matching.rates.schemas import DefinitionOut, OccasionOut, PointRow
from shared.http.paging import keyset
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor, Role

OWN = {
    Role.CHAIN_LEADER: frozenset({By.LEADER, By.PRODUCT}),
    Role.CLUSTER_ORGANISATION: frozenset({By.CLUSTER, By.PRODUCT}),
}
"""By what those who do not see everything may ask: other groups' points hold what others bought, too."""


@dataclass(frozen=True)
class Course:
    """Which points are asked for: of one definition, by one kind of group, of one group where `key` tells it."""

    terms: Terms
    by: By = By.CLUSTER
    key: str | None = None


def list_points(
    session: Session, actor: Actor, course: Course, after: str | None, limit: int, *, greatest: int | None = None
) -> list[tuple[UUID, OccasionOut]]:
    """Occasions with their points, the newest first, by id; one more than `limit`, if there are more.

    `greatest`: only the points of so many groups, those with the greatest totals at the newest of the occasions.
    """
    _check(actor, course)
    statement = (
        select(RateStated, RateOccasion)
        .join(RateOccasion, col(RateOccasion.id) == RateStated.occasion_id)
        .where(col(RateStated.series) == course.terms.series, _has_points(actor, course))
    )
    found = list(session.execute(keyset(statement, [col(RateStated.id)], after, limit, descending=True)))
    points = _points(session, actor, course, [stated.id for stated, _ in found], greatest)
    return [(stated.id, _shown(stated, occasion, points.get(stated.id, []))) for stated, occasion in found]


def visible(actor: Actor) -> ColumnElement[bool]:
    """The points that `actor` may read: a leader its own, an organisation its clusters', a supplier none."""
    if actor.sees_everything:
        return true()
    if actor.role is Role.CHAIN_LEADER and actor.enterprise_id is not None:
        return col(RatePoint.leader_id) == actor.enterprise_id
    if actor.role is Role.CLUSTER_ORGANISATION:
        return col(RatePoint.cluster_id).in_(actor.cluster_ids)
    return false()


def _check(actor: Actor, course: Course) -> None:
    if actor.sees_everything or course.by in OWN.get(actor.role, frozenset()):
        return
    kinds = "、".join(sorted(OWN.get(actor.role, frozenset())))
    detail = f"您可以查看的历史只有按 {kinds} 的。"
    error = FieldError(pointer="/by", detail=detail, code="combination", location="query")
    raise Problem(422, "wrong-combination", "这样的口径组合不成立", detail, [error])


def _asked(actor: Actor, course: Course) -> list[ColumnElement[bool]]:
    asked = [col(RatePoint.by) == course.by, visible(actor)]
    return asked if course.key is None else [*asked, col(RatePoint.key) == course.key]


def _has_points(actor: Actor, course: Course) -> ColumnElement[bool]:
    of_this = col(RatePoint.stated_id) == RateStated.id
    return select(col(RatePoint.key)).where(of_this, *_asked(actor, course)).exists()


def _points(
    session: Session, actor: Actor, course: Course, stated: list[UUID], greatest: int | None
) -> dict[UUID, list[PointRow]]:
    asked = _asked(actor, course)
    if greatest is not None and stated:
        newest = select(col(RatePoint.key)).where(col(RatePoint.stated_id) == stated[0], *asked)
        asked.append(col(RatePoint.key).in_(newest.order_by(col(RatePoint.denominator).desc()).limit(greatest)))
    statement = (
        select(RatePoint)
        .where(col(RatePoint.stated_id).in_(stated), *asked)
        .order_by(col(RatePoint.key) == "", col(RatePoint.key))
    )
    found: dict[UUID, list[PointRow]] = {}
    for row in session.execute(statement).scalars():
        found.setdefault(row.stated_id, []).append(PointRow.of(row))
    return found


def _shown(stated: RateStated, occasion: RateOccasion, points: list[PointRow]) -> OccasionOut:
    return OccasionOut(
        at=occasion.at,
        cause=occasion.cause,
        run=UUID(occasion.cause_key) if occasion.cause == RUN else None,
        definition=DefinitionOut.model_validate(stated.definition),
        rows=points,
    )
