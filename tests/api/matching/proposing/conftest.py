"""The whole matching application over suggestions to review, and one more turner that nobody has suggested yet."""

import pytest

from shared.db.database import Database
from tests.api.matching.cooperation.conftest import matching_clone, review_template
from tests.api.matching.review.conftest import acting_as, matching_url
from tests.support.feed_world import TURNING
from tests.support.review_world import WORLD, tell

__all__ = ["acting_as", "matching_clone", "matching_url", "review_template"]

NEWCOMER = "S6"
FIRM = WORLD.enterprise(NEWCOMER, "示例新轴厂", "370600")
OFFER = WORLD.offer(NEWCOMER, "精车", "45钢 传动轴 车削 磨削", TURNING, "1000", "47")


@pytest.fixture
def newcomer(matching_database: Database) -> Database:
    """The database, to which the catalog has told of the turner: in Yantai, certified, with 1000 件 to spare."""
    tell(
        matching_database,
        FIRM,
        WORLD.certificate(NEWCOMER, "示例-6"),
        OFFER,
    )
    return matching_database
