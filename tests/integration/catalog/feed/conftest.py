"""Writing single events to the outbox, past the turn-taking that the features use."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import Session

from services.catalog.feed import service as feed
from shared.contracts.v1 import ClusterV1
from shared.db.ids import new_id

Write = Callable[[Session], UUID]


@pytest.fixture
def write() -> Write:
    """A function that records one change of a new entity in a session and returns its id."""

    def record(session: Session) -> UUID:
        id = new_id()
        common = {"code": "C", "name": "集群", "tier": "national", "target": Decimal("0.5")}
        feed.record(session, [ClusterV1(id=id, version=1, cities=[], member_ids=[], **common)])
        return id

    return record
