"""Points over time: what leaves them, what they say, who reads them."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import delete, text, update
from sqlmodel import Session, col

from services.matching.mirror.models import FeedCursor, MirrorPurchase
from services.matching.rates.models import RateDefinition
from services.matching.rates.points import IMPORT, _record_once, look_and_record, record
from services.matching.rates.shelf import read_at_one_moment
from shared.db.database import Database
from shared.db.ids import new_id
from shared.security.actor import Role
from tests.support.small_province import L1, L2, R1, R2, SHIPS, numbered, settle

Client = Callable[..., httpx.Client]


@pytest.fixture
def province(matching_database: Database) -> Database:
    with matching_database.session() as session:
        settle(session)
        session.execute(update(FeedCursor).values(rebuilding=False))
        session.commit()
    return matching_database


def looked(database: Database, times: int = 2) -> None:
    """Look as the worker does, until what changed has been seen to rest."""
    last = None
    for _ in range(times):
        last = look_and_record(database, last)


def course(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/rates/history", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def figures(occasion: dict[str, Any]) -> dict[str | None, tuple[float, float]]:
    return {row["key"]: (float(row["numerator"]), float(row["denominator"])) for row in occasion["rows"]}


def test_what_leaves_no_points_says_so_in_the_log(province: Database) -> None:
    with province.session() as session:
        terms = {"basis": "value", "scope": "county", "stage": "suggested"}
        session.add(
            RateDefinition(
                id=new_id(), name="县内", version=1, terms=terms, created_by="x", created_at=datetime.now(UTC)
            )
        )
        session.commit()
    with structlog.testing.capture_logs() as said:
        looked(province)
    told = {(each["event"], each.get("reason")) for each in said if each["log_level"] == "warning"}
    assert told == {
        ("no points left", "还没有按这一范围和口径成功完成的匹配任务，请先匹配，或换一个阶段。"),
    }


def test_runs_and_imports_leave_points_with_their_definitions(province: Database, reading_own: Client) -> None:
    looked(province)
    found = course(reading_own(Role.REVIEWER), stage="suggested")
    assert [row["cause"] for row in found] == ["import", "run", "run"]
    assert [row["run"] for row in found] == [None, str(R2), str(R1)]
    # Of R1 what was approved is its suggestion; of R2 30 more, that nobody has rejected.
    assert [figures(row)["SHIPS"] for row in found[1:]] == [(220, 400), (190, 400)]
    assert [row["definition"]["run"] for row in found] == [str(R2), str(R2), str(R1)]
    assert all(row["definition"]["sentence"].startswith("本地配套率（建议）") for row in found)


def test_a_changed_purchase_leaves_one_point(province: Database, reading_own: Client) -> None:
    looked(province)
    looked(province)
    reviewer = reading_own(Role.REVIEWER)
    assert len(course(reviewer)) == 3
    with province.session() as session:
        row = session.get_one(MirrorPurchase, numbered(201))
        row.amount = Decimal(130)
        session.commit()
    assert look_and_record(province, None).purchases > 0
    assert len(course(reviewer)) == 3  # still coming in, perhaps
    looked(province)
    looked(province)
    found = course(reviewer)
    assert [row["cause"] for row in found] == ["import", "import", "run", "run"]
    # 50 and 20 of 200 local, where S2 had 30 of 100 before.
    assert [figures(row)["SHIPS"] for row in found[:2]] == [(70, 200), (70, 100)]


def test_a_mirror_that_is_rebuilt_leaves_no_point(province: Database, reading_own: Client) -> None:
    with province.session() as session:
        session.execute(update(FeedCursor).values(rebuilding=True))
        session.commit()
    looked(province, 3)
    assert [row["cause"] for row in course(reading_own(Role.REVIEWER))] == ["run", "run"]


def test_an_occasion_is_recorded_once(province: Database, reading_own: Client) -> None:
    for _ in range(2):
        with province.session() as session:
            record(session, IMPORT, "77", datetime.now(UTC))
    assert len(course(reading_own(Role.REVIEWER))) == 1


def test_the_slower_of_two_workers_goes_on(
    province: Database, reading_own: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(province)
    quicker = [True]

    def begin_and_be_overtaken(session: Session) -> None:
        read_at_one_moment(session)
        session.execute(text("SELECT 1"))
        if quicker:
            quicker.clear()
            with province.session() as other:
                record(other, IMPORT, "77", datetime.now(UTC))

    with province.session() as session:
        row = session.get_one(MirrorPurchase, numbered(201))
        row.amount = Decimal(130)
        session.commit()
    with monkeypatch.context() as patched:
        patched.setattr("services.matching.rates.points.read_at_one_moment", begin_and_be_overtaken)
        _record_once(province, IMPORT, "77")
    assert len(course(reading_own(Role.REVIEWER))) == 4


def test_what_was_interrupted_is_made_up_for(
    province: Database, reading_own: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the worker dies here")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(Session, "commit", break_down)
        looked(province)
    assert course(reading_own(Role.REVIEWER)) == []
    looked(province)
    assert len(course(reading_own(Role.REVIEWER))) == 3


@pytest.mark.parametrize("by", ["all", "cluster", "city", "circle", "leader", "product", "class"])
def test_points_are_told_by_every_group(province: Database, reading_own: Client, by: str) -> None:
    looked(province)
    newest = course(reading_own(Role.REVIEWER), stage="local_now", by=by)[0]
    # 140 of 400 and 0 of 100, however they are told; no product has alone what it has together.
    assert sum(Decimal(row["denominator"]) for row in newest["rows"]) == 500
    assert sum(Decimal(row["numerator"]) for row in newest["rows"]) == 140


def test_attainable_points_of_products_are_each_alone(province: Database, reading_own: Client) -> None:
    looked(province)
    reviewer = reading_own(Role.REVIEWER)
    products = course(reviewer, stage="attainable", by="product")[0]
    assert (products["definition"]["alone"], figures(products)["P1"]) == (True, (225, 350))
    clusters = course(reviewer, stage="attainable", key="SHIPS")[0]
    assert (clusters["definition"]["alone"], figures(clusters)) == (False, {"SHIPS": (250, 400)})


def test_a_saved_definition_leaves_points_from_then_on(province: Database, reading_own: Client) -> None:
    reviewer = reading_own(Role.REVIEWER)
    wanted = {"name": "全省供应商", "terms": {"basis": "suppliers", "scope": "province", "exclusions": []}}
    saved = reviewer.post("/rates/definitions", json=wanted).json()
    path = f"/rates/definitions/{saved['id']}/history"
    assert reviewer.get(path).json()["items"] == []
    looked(province)
    newest = reviewer.get(path, params={"by": "all"}).json()["items"][0]
    # S1, S4, S5 and the one of Shandong of five with a name; nothing is left out.
    assert figures(newest) == {None: (4, 5)}
    assert "不作剔除" in newest["definition"]["sentence"]


def test_the_newest_come_first_page_by_page(province: Database, reading_own: Client) -> None:
    looked(province)
    reviewer = reading_own(Role.REVIEWER)
    first = reviewer.get("/rates/history", params={"limit": 2}).json()
    rest = reviewer.get("/rates/history", params={"limit": 2, "after": first["next"]}).json()
    assert [len(page["items"]) for page in (first, rest)] == [2, 1]
    assert rest["next"] is None


def test_each_reads_its_own_points(province: Database, reading_own: Client) -> None:
    looked(province)
    first, second = reading_own(Role.CHAIN_LEADER, L1), reading_own(Role.CHAIN_LEADER, L2)
    assert figures(course(first, by="product")[0]).keys() == {"P1", "P2"}
    assert figures(course(second, by="leader")[0]) == {str(L2): (0, 100)}
    organisation = reading_own(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    assert figures(course(organisation)[0]) == {"SHIPS": (70, 100)}
    refused = first.get("/rates/history", params={"by": "cluster"})
    assert refused.status_code == 422
    assert refused.json()["detail"] == "您可以查看的历史只有按 leader、product 的。"
    assert reading_own(Role.SUPPLIER, L1).get("/rates/history").status_code == 403


def test_points_stay_when_what_they_count_is_gone(province: Database, reading_own: Client) -> None:
    looked(province)
    with province.session() as session:
        session.execute(delete(MirrorPurchase).where(col(MirrorPurchase.leader_id) == L2))
        session.commit()
    looked(province)
    newest, before = course(reading_own(Role.REVIEWER), by="leader")[:2]
    assert (str(L2) in figures(newest), str(L2) in figures(before)) == (False, True)
