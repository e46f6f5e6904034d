"""Local, outside or unknown, in every scope, seen from a leader in Qingdao's Chengyang and a cluster of two cities."""

import pytest

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Scope

ANCHOR = Anchor("370214", ("370200", "370600"), "A")
LOCAL, OUTSIDE, UNKNOWN = Locality.LOCAL, Locality.OUTSIDE, Locality.UNKNOWN
ORDER = (Scope.COUNTY, Scope.CITY, Scope.CLUSTER, Scope.CIRCLE, Scope.PROVINCE)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (None, (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
        ("370000", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, LOCAL)),
        ("370200", (UNKNOWN, LOCAL, LOCAL, LOCAL, LOCAL)),
        ("370214", (LOCAL, LOCAL, LOCAL, LOCAL, LOCAL)),
        ("370212", (OUTSIDE, LOCAL, LOCAL, LOCAL, LOCAL)),
        ("370602", (OUTSIDE, OUTSIDE, LOCAL, LOCAL, LOCAL)),
        ("370700", (OUTSIDE, OUTSIDE, OUTSIDE, LOCAL, LOCAL)),
        ("370100", (OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, LOCAL)),
        ("310000", (OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE)),
    ],
)
def test_by_region(region: str | None, expected: tuple[Locality, ...]) -> None:
    assert tuple(locality(scope, region, (), ANCHOR) for scope in ORDER) == expected


def test_a_member_is_local_to_its_cluster_wherever_it_is_in_the_province() -> None:
    assert locality(Scope.CLUSTER, "370700", ("A",), ANCHOR) is LOCAL
    assert locality(Scope.CLUSTER, None, ("A",), ANCHOR) is LOCAL
    assert locality(Scope.CLUSTER, "370700", ("B",), ANCHOR) is OUTSIDE
    assert locality(Scope.CLUSTER, "310000", ("A",), ANCHOR) is OUTSIDE


def test_without_a_cluster_nothing_is_local_in_its_scope() -> None:
    anchor = Anchor("370214")
    assert locality(Scope.CLUSTER, "370214", ("A",), anchor) is OUTSIDE
    assert locality(Scope.CLUSTER, None, (), anchor) is UNKNOWN


@pytest.mark.parametrize("leader", [None, "370000"])
def test_without_the_leaders_place_only_the_province_can_be_told(leader: str | None) -> None:
    anchor = Anchor(leader)
    assert locality(Scope.CITY, "370200", (), anchor) is UNKNOWN
    assert locality(Scope.CIRCLE, "370200", (), anchor) is UNKNOWN
    assert locality(Scope.PROVINCE, "370200", (), anchor) is LOCAL
