"""What is kept of the mirror never outlives a change: of a purchase, a need, a firm, a cluster, a suggestion."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel, col

from services.matching.mirror.models import (
    MirrorCluster,
    MirrorEnterprise,
    MirrorNeed,
    MirrorProduct,
    MirrorPurchase,
    MirrorRelation,
)
from services.matching.rates.models import SuggestionChange
from services.matching.rates.shelf import open_book
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State
from shared.db.database import Database
from shared.security.actor import Role
from tests.support.small_province import L1, P1B, R1, S1, S2, S3, SHIPS, YANTAI, Q, numbered, settle

Client = Callable[..., httpx.Client]


@pytest.fixture
def reviewer(reading_own: Client, matching_database: Database) -> httpx.Client:
    with matching_database.session() as session:
        settle(session)
    return reading_own(Role.REVIEWER)


def ships(client: httpx.Client, stage: str) -> tuple[float, float]:
    answer = client.get("/rates", params={"stage": stage}).json()
    row = next(row for row in answer["rows"] if row["key"] == "SHIPS")
    return float(row["numerator"]), float(row["denominator"])


def changed(session: Session, model: type[SQLModel], id_: Any, **values: Any) -> None:
    row = session.get_one(model, id_)
    for name, value in values.items():
        setattr(row, name, value)
    session.commit()


CHANGES = [
    # Suzhou's 30 become 130: 70 of 200.
    (MirrorPurchase, numbered(201), {"amount": Decimal(130)}, "actual", (70, 200)),
    # P1 needs 40 pieces of b instead of 4: 140 of 400 + 1800.
    (MirrorNeed, P1B, {"annual_quantity": Decimal(40)}, "local_now", (140, 2200)),
    # S2 moves from Suzhou to Yantai, a city of the cluster: all is local.
    (MirrorEnterprise, S2, {"region": YANTAI}, "actual", (100, 100)),
    # S4 of Weifang is no member any more: 50 of 100.
    (MirrorCluster, SHIPS, {"member_ids": []}, "actual", (50, 100)),
    # Q joins the cluster, with its 100 of which nothing is known to be near.
    (MirrorProduct, Q, {"cluster_id": SHIPS}, "actual", (70, 200)),
]


@pytest.mark.parametrize(("model", "id_", "values", "stage", "after"), CHANGES, ids=lambda value: str(value)[:40])
def test_a_change_of_the_mirror_is_seen_at_once(
    reviewer: httpx.Client,
    matching_database: Database,
    model: type[SQLModel],
    id_: Any,
    values: dict[str, Any],
    stage: str,
    after: tuple[float, float],
) -> None:
    assert ships(reviewer, stage) != after
    with matching_database.session() as session:
        changed(session, model, id_, **values)
    assert ships(reviewer, stage) == after


LINKS = [
    # S2, who sold the 30 of 2025Q3, belongs to L1 in part: they leave numerator and denominator alike, 70 of 70.
    ([(L1, S2, "0.05", None, None)], (70, 70)),
    # The link held for a day of that quarter.
    ([(S2, L1, None, None, date(2025, 7, 1))], (70, 70)),
    # It ended before the quarter began, or began after it: 70 of 100 as without it.
    ([(L1, S2, "0.9", None, date(2025, 6, 30))], (70, 100)),
    ([(L1, S2, "0.9", date(2025, 10, 1), None)], (70, 100)),
    # L1 holds S3, and S3 holds S1, who sold 50 in 2025-03: 20 of 50.
    ([(L1, S3, "0.6", None, None), (S3, S1, "0.6", None, None)], (20, 50)),
    # Not held by more than half, S3 is only linked, and what it holds is not.
    ([(L1, S3, "0.5", None, None), (S3, S1, "0.6", None, None)], (70, 100)),
]


@pytest.mark.parametrize(("links", "after"), LINKS, ids=lambda value: str(value)[:20])
def test_an_equity_link_moves_the_rate_for_the_time_that_it_holds(
    reviewer: httpx.Client, matching_database: Database, links: list[Any], after: tuple[float, float]
) -> None:
    assert ships(reviewer, "actual") == (70, 100)
    with matching_database.session() as session:
        for number, (owner, owned, share, first, last) in enumerate(links, 300):
            share_ = None if share is None else Decimal(share)
            held = {"owner_id": owner, "owned_id": owned, "share": share_, "valid_from": first, "valid_until": last}
            session.add(MirrorRelation(id=numbered(number), version=1, epoch="e", **held))
        session.commit()
    assert ships(reviewer, "actual") == after
    with matching_database.session() as session:
        session.execute(delete(MirrorRelation))
        session.commit()
    assert ships(reviewer, "actual") == (70, 100)


def test_marks_that_go_never_stand_for_those_that_come(matching_database: Database) -> None:
    def marked(*ids: int) -> int:
        with matching_database.session() as session:
            session.execute(delete(SuggestionChange))
            session.add_all(SuggestionChange(id=id_) for id_ in ids)
            session.flush()
            return open_book(session)[1]

    assert marked(1, 2, 4) != marked(3, 4)


WAY = [
    # What is approved moves 50; accepted and contracted are later stages.
    (State.APPROVED, {}, (140, 140, 190)),
    (State.LEADER_ACCEPTED, {"placed_amount": 45}, (140, 140, 185)),
    (State.ACCEPTED, {"placed_amount": 45}, (140, 185, 185)),
    (State.CONTRACTED, {"placed_amount": 40}, (180, 180, 180)),
    # 15 of the contract are among the purchases of 2025 already, those of 2024 are not.
    (State.INVOICED, {"placed_amount": 40, "invoiced_by_year": {"2025": 15, "2024": 9}}, (165, 165, 165)),
    (State.DECLINED_BY_SUPPLIER, {}, (140, 140, 140)),
]


@pytest.mark.parametrize(("state", "values", "after"), WAY, ids=lambda value: str(value)[:40])
def test_a_suggestion_counts_as_far_as_it_has_come(
    reviewer: httpx.Client,
    matching_database: Database,
    state: State,
    values: dict[str, Any],
    after: tuple[float, ...],
) -> None:
    assert ships(reviewer, "approved") == (190, 400)
    with matching_database.session() as session:
        approved = select(col(Suggestion.id)).where(col(Suggestion.run_id) == R1)
        changed(session, Suggestion, session.execute(approved).scalar_one(), state=state, **values)
    assert tuple(ships(reviewer, stage)[0] for stage in ("contracted", "accepted", "approved")) == after
