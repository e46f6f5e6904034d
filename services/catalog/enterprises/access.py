"""Who may see and write what belongs to an enterprise: the one place that says so."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from services.catalog.clusters import service as clusters
from services.catalog.enterprises.models import Enterprise
from services.catalog.enterprises.rules import Status, may_write_for
from shared.db.upserts import sql_table
from shared.http.problems import forbidden
from shared.security.actor import Actor, Role

_TABLE = sql_table(Enterprise)


def visible(actor: Actor, enterprise: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The rows whose `enterprise` column names one that the actor sees fully: any, its own, or its clusters' members.

    Certificates and capabilities belong to an enterprise and are seen with it.
    """
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return enterprise.in_(clusters.members_of(actor.cluster_ids))
    return enterprise == actor.enterprise_id if actor.enterprise_id else false()


def visible_enterprises(actor: Actor) -> ColumnElement[bool]:
    """The enterprises that an actor sees fully."""
    return visible(actor, _TABLE.c.id)


def listed(actor: Actor) -> ColumnElement[bool]:
    """The enterprises that an actor may know of: a chain leader also finds verified suppliers, by their card alone."""
    fully = visible_enterprises(actor)
    if actor.role is not Role.CHAIN_LEADER:
        return fully
    return or_(fully, _is_verified_supplier())


def verified_suppliers() -> Select[UUID]:
    """The ids of the suppliers that chain leaders find."""
    return select(_TABLE.c.id).where(_is_verified_supplier())


def _is_verified_supplier() -> ColumnElement[bool]:
    return and_(_TABLE.c.is_supplier, _TABLE.c.status == Status.VERIFIED.value)


def require_own(actor: Actor, owner: Role, enterprise_ids: Iterable[UUID | None]) -> None:
    """403 unless the actor may write for all these enterprises; None (of no enterprise) is for reviewers alone."""
    if not all(may_write_for(actor, owner, each) for each in enterprise_ids):
        raise forbidden("只能填报本企业的数据。")


def require_reviewer(actor: Actor, what: str) -> None:
    """403 unless the actor is a reviewer; `what` names what it wanted to write."""
    if actor.role is not Role.REVIEWER:
        raise forbidden(f"只有审核员可以登记或修改{what}。")
