"""Tokens are issued only for actors that make sense."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.catalog.identity.service import IncompleteActor, issue_token
from shared.security.actor import Role

NOW = datetime.now(UTC)
ONE = UUID(int=1)


@pytest.mark.parametrize(
    ("role", "enterprise", "clusters"),
    [
        (Role.REVIEWER, None, ()),
        (Role.SERVICE, None, ()),
        (Role.CHAIN_LEADER, ONE, ()),
        (Role.SUPPLIER, ONE, ()),
        (Role.CLUSTER_ORGANISATION, None, (ONE,)),
    ],
)
def test_the_token_names_role_and_whom_it_acts_for(signing, role, enterprise, clusters) -> None:
    token = issue_token(signing.key_file, role, now=NOW, enterprise_id=enterprise, cluster_ids=clusters)
    actor = signing.verifier.actor(token)
    assert (actor.role, actor.enterprise_id, actor.cluster_ids) == (role, enterprise, frozenset(clusters))


@pytest.mark.parametrize(
    ("role", "enterprise", "clusters", "said"),
    [
        (Role.CHAIN_LEADER, None, (), "需要指明企业"),
        (Role.SUPPLIER, None, (), "需要指明企业"),
        (Role.CLUSTER_ORGANISATION, None, (), "需要指明集群"),
        (Role.REVIEWER, ONE, (), "不代表企业"),
        (Role.SERVICE, None, (ONE,), "不代表集群"),
        (Role.SUPPLIER, ONE, (ONE,), "不代表集群"),
    ],
)
def test_a_role_without_or_beyond_whom_it_acts_for(signing, role, enterprise, clusters, said) -> None:
    with pytest.raises(IncompleteActor, match=said):
        issue_token(signing.key_file, role, now=NOW, enterprise_id=enterprise, cluster_ids=clusters)


@pytest.mark.parametrize("days", [0, -1, 401])
def test_a_lifetime_out_of_bounds(signing, days: int) -> None:
    with pytest.raises(IncompleteActor, match="有效期"):
        issue_token(signing.key_file, Role.REVIEWER, now=NOW, lifetime=timedelta(days=days))
