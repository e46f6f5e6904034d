"""Local by kilometres from the leader: three-valued, by the counties that the two may be in."""

import pytest

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Scope
from services.matching.runs.rules import InvalidPolicy, policy_of

CHENGYANG, JIMO, QINGDAO, YANTAI, SHANDONG, GUANGDONG = "370214", "370215", "370200", "370600", "370000", "440000"
SUZHOU, ZAOZHUANG_TAIERZHUANG, XUZHOU_PIZHOU = "320500", "370405", "320382"


def seen(supplier: str | None, leader: str | None, radius_km: int) -> Locality:
    return locality(Scope.RADIUS, supplier, (), Anchor(leader, radius_km=radius_km))


@pytest.mark.parametrize(
    ("supplier", "leader", "radius_km", "expected"),
    [
        (CHENGYANG, CHENGYANG, 1, Locality.LOCAL),
        (JIMO, CHENGYANG, 40, Locality.LOCAL),
        (JIMO, CHENGYANG, 5, Locality.OUTSIDE),
        # Known only as of Qingdao: its counties lie between a few and 120 kilometres away.
        (QINGDAO, CHENGYANG, 10, Locality.UNKNOWN),
        (QINGDAO, CHENGYANG, 200, Locality.LOCAL),
        (YANTAI, CHENGYANG, 20, Locality.OUTSIDE),
        # Known only by province: unknown, but Guangdong is farther away than that in any case.
        (SHANDONG, CHENGYANG, 50, Locality.UNKNOWN),
        (SHANDONG, CHENGYANG, 1000, Locality.LOCAL),
        (GUANGDONG, CHENGYANG, 50, Locality.OUTSIDE),
        # Kilometres know no border: Pizhou lies in the next province.
        (XUZHOU_PIZHOU, ZAOZHUANG_TAIERZHUANG, 60, Locality.LOCAL),
        (SUZHOU, CHENGYANG, 100, Locality.OUTSIDE),
        (None, CHENGYANG, 50, Locality.UNKNOWN),
        (CHENGYANG, None, 50, Locality.UNKNOWN),
    ],
)
def test_local_by_radius(supplier: str | None, leader: str | None, radius_km: int, expected: Locality) -> None:
    assert seen(supplier, leader, radius_km) is expected


@pytest.mark.parametrize("overrides", [{"scope": "radius"}, {"scope": "city", "radius_km": 50}])
def test_a_radius_goes_with_its_scope(overrides: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy, match="千米"):
        policy_of(overrides)


def test_a_run_may_be_asked_for_a_radius() -> None:
    assert policy_of({"scope": "radius", "radius_km": 80}).radius_km == 80
