"""What a supplier is told of an obstacle over HTTP: a band where there is one, and never what price was asked."""

from decimal import Decimal

from services.matching.engine.plan import Rule
from services.matching.gaps.own import OwnObstacle
from services.matching.supplying.api import ObstacleOut


def test_a_band_is_told_as_its_two_ends() -> None:
    row = OwnObstacle(Rule.CERTIFICATE, "缺所需证书", "ISO 9001", ("阀体",), (Decimal(100), Decimal(200)))
    told = ObstacleOut.of(row)
    assert (told.lacking, told.capabilities, told.demand_from, told.demand_to) == ("ISO 9001", ["阀体"], 100, 200)


def test_without_a_band_there_is_some_demand_and_no_more() -> None:
    told = ObstacleOut.of(OwnObstacle(Rule.PRICE, "报价超过限价", None, ("阀体",), None))
    assert (told.lacking, told.demand_from, told.demand_to) == (None, None, None)
