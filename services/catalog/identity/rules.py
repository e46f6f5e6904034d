"""Which actor a role makes, and what it needs to be one."""

from collections.abc import Collection
from uuid import UUID

from shared.security.actor import Actor, Role

OF_AN_ENTERPRISE = frozenset({Role.CHAIN_LEADER, Role.SUPPLIER})


class IncompleteActor(ValueError):
    """The role and what was given with it do not fit; the message is for people, in Chinese."""


def actor(role: Role, enterprise_id: UUID | None, cluster_ids: Collection[UUID]) -> Actor:
    """The actor that a token is to name.

    A chain leader and a supplier act for one enterprise, a cluster organisation for at least one cluster, and nobody
    else for either: what a token says beyond that would be read as a right one day.
    """
    _check("企业（统一社会信用代码）", role, needed=role in OF_AN_ENTERPRISE, given=enterprise_id is not None)
    _check("集群", role, needed=role is Role.CLUSTER_ORGANISATION, given=bool(cluster_ids))
    subject = f"{role}:{enterprise_id}" if enterprise_id else str(role)
    return Actor(subject, role, enterprise_id, frozenset(cluster_ids))


def _check(what: str, role: Role, *, needed: bool, given: bool) -> None:
    if needed and not given:
        raise IncompleteActor(f"角色 {role} 需要指明{what}。")
    if given and not needed:
        raise IncompleteActor(f"角色 {role} 不代表{what}，请去掉。")
