"""What leaders let suppliers know of their needs, over HTTP; and demand at large."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from services.matching.mirror.models import MirrorEnterprise, MirrorNeed
from shared.db.database import Database
from shared.security.actor import Role
from tests.api.matching.cooperation.conftest import Review
from tests.support.feed_world import CASTER, HOUSING
from tests.support.review_world import HOUSINGS, WORLD


def put(client: httpx.Client, need: Any, level: str, version: int = 0, **more: Any) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return client.put(f"/disclosures/{need}", json={"level": level, **more}, headers=headers)


def need_of(review: Review) -> str:
    return str(review.see(HOUSINGS)["need_id"])


def invited(review: Review) -> httpx.Response:
    return review.supplier(CASTER).get(f"/suggestions/{HOUSINGS}")


def test_by_default_part_and_requirements_are_told(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    told = invited(review).json()
    assert (told["part_name"], told["class_code"], told["quantity_band"]) == ("铸铁壳体", "3391", "500–1,000 件")
    said = review.leader.get("/disclosures/default").json()
    assert (said["level"], said["level_label"], said["version"]) == ("requirements", "公开零部件与要求", 0)


def test_a_band_tells_class_and_band_alone(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    answer = put(review.leader, "default", "band")
    assert (answer.status_code, answer.headers["ETag"], answer.json()["level"]) == (200, '"1"', "band")
    told = invited(review).json()
    assert (told["part_name"], told["requirements"]) == ("（未公开）", [])
    assert (told["class_code"], told["quantity_band"]) == ("3391", "500–1,000 件")


def test_what_is_invisible_is_not_there_until_the_leader_accepts(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    assert put(review.leader, need_of(review), "invisible").status_code == 200
    assert invited(review).status_code == 404
    assert review.supplier(CASTER).get("/suggestions").json()["items"] == []
    review.act(review.leader, HOUSINGS, "accept")
    assert invited(review).json()["part_name"] == "铸铁壳体"


def test_all_tells_the_buyer(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    assert put(review.leader, need_of(review), "all").status_code == 200
    told = invited(review).json()
    assert (told["leader_name"], told["part_code"], told["product_name"]) == ("示例重工", HOUSING, "示例压力机")


def test_one_need_goes_before_the_default_until_it_is_forgotten(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    need = need_of(review)
    put(review.leader, "default", "invisible")
    put(review.leader, need, "requirements")
    assert invited(review).json()["part_name"] == "铸铁壳体"
    listed = review.leader.get("/disclosures").json()["items"]
    assert [(each["need_id"], each["level"]) for each in listed] == [(None, "invisible"), (need, "requirements")]
    answer = review.leader.delete(f"/disclosures/{need}", headers={"If-Match": '"1"'})
    assert (answer.status_code, invited(review).status_code) == (204, 404)
    assert review.leader.get(f"/disclosures/{need}").json()["level"] == "invisible"


def test_who_was_slower_is_told_so(review: Review) -> None:
    assert put(review.leader, "default", "band").status_code == 200
    assert put(review.leader, "default", "all").status_code == 412
    assert put(review.leader, "default", "all", 1).json()["version"] == 2
    gone = review.leader.delete(f"/disclosures/{need_of(review)}", headers={"If-Match": '"1"'})
    assert gone.status_code == 404


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.REVIEWER, Role.CLUSTER_ORGANISATION])
def test_only_leaders_say_it(review: Review, role: Role) -> None:
    client = review.as_(role, WORLD.id(CASTER) if role is Role.SUPPLIER else None)
    assert put(client, "default", "all").status_code == 403


def test_another_leaders_need_is_not_there(review: Review) -> None:
    other = review.as_(Role.CHAIN_LEADER, uuid4())
    need = need_of(review)
    assert put(other, need, "all").status_code == 404
    assert other.get(f"/disclosures/{need}").status_code == 404
    assert other.get("/disclosures").json()["items"] == []


def want(database: Database, leaders: int, spend: int = 300_000) -> None:
    """So many leaders of Qingdao each need something of class 3443."""
    with database.session() as session:
        for _ in range(leaders):
            leader = uuid4()
            firm = {"name": "某厂（虚构）", "is_chain_leader": True, "is_supplier": False, "region": "370202"}
            row = {"id": leader, "version": 1, "epoch": "e", "status": "verified", "staff": None, **firm}
            session.execute(insert(MirrorEnterprise).values(row))
            need = {"part_code": "X", "part_name": "阀", "text": "", "class_code": "3443", "release_share": 1}
            asked: dict[str, Any] = {"certificates": [], "parameters": []}
            asked |= {"lead_time_days": None, "distance_limit_km": None}
            amount = {"annual_quantity": Decimal(spend), "unit_price": Decimal(1), "leader_id": leader}
            row = {"id": uuid4(), "version": 1, "epoch": "e", "product_id": uuid4(), **need, **asked, **amount}
            session.execute(insert(MirrorNeed).values(row))
        session.commit()


def test_demand_at_large_has_three_leaders_behind_it(review: Review, matching_database: Database) -> None:
    supplier = review.supplier(CASTER)
    want(matching_database, 2)
    assert supplier.get("/demand-bands").json() == []
    want(matching_database, 1)
    (found,) = supplier.get("/demand-bands").json()
    assert found == {
        "class_code": "3443",
        "class_name": "阀门和旋塞制造",
        "city": "370200",
        "city_name": "山东省青岛市",
        "quarter": "",
        "spend_band": "50–100 万元",
    }
    assert supplier.get("/demand-bands", params={"class_code": "33"}).json() == []
    assert supplier.get("/demand-bands", params={"city": "370100"}).json() == []


def test_what_a_leader_shows_nobody_does_not_count(review: Review, matching_database: Database) -> None:
    want(matching_database, 3)
    with matching_database.session() as session:
        leader = session.execute(
            select(MirrorNeed.leader_id).where(col(MirrorNeed.class_code) == "3443").limit(1)
        ).scalar()
    assert put(review.as_(Role.CHAIN_LEADER, leader), "default", "invisible").status_code == 200
    assert review.supplier(CASTER).get("/demand-bands").json() == []
