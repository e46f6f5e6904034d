"""Saved definitions over HTTP: a name for terms, changed by reviewers, used by whoever reads rates."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.db.database import Database
from shared.security.actor import Role
from tests.support.small_province import L1, settle

Client = Callable[..., httpx.Client]
NEARBY = {"name": "链主周边 200 公里", "terms": {"scope": "radius", "radius_km": 200, "stage": "local_now"}}


@pytest.fixture
def reviewer(reading_own: Client, matching_database: Database) -> httpx.Client:
    with matching_database.session() as session:
        settle(session)
    return reading_own(Role.REVIEWER)


def saved(client: httpx.Client, wanted: dict[str, Any] = NEARBY) -> httpx.Response:
    answer = client.post("/rates/definitions", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_saved_definition_says_what_it_means(reviewer: httpx.Client) -> None:
    answer = saved(reviewer)
    body = answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert (body["name"], body["terms"]["radius_km"], body["terms"]["basis"]) == ("链主周边 200 公里", 200, "value")
    assert "链主所在地 200 千米以内为本地" in body["sentence"]
    assert reviewer.get("/rates/definitions").json() == [body]
    assert reviewer.get(f"/rates/definitions/{body['id']}").json() == body


def test_its_rates_carry_its_definition(reviewer: httpx.Client) -> None:
    body = saved(reviewer).json()
    answer = reviewer.get(f"/rates/definitions/{body['id']}/rates", params={"by": "leader"}).json()
    assert answer["definition"]["sentence"] == body["sentence"]
    # Qingdao and Weifang lie within 200 km of Qingdao, Suzhou does not: 0.35 of 400, half of it excluded.
    assert [row["numerator"] for row in answer["rows"]][:1] == ["140.00"]


def test_it_is_changed_by_who_has_read_it(reviewer: httpx.Client) -> None:
    path = f"/rates/definitions/{saved(reviewer).json()['id']}"
    wanted = {"name": "全省", "terms": {"scope": "province"}}
    changed = reviewer.put(path, json=wanted, headers={"If-Match": '"1"'})
    assert (changed.json()["version"], changed.json()["terms"]["scope"]) == (2, "province")
    late = reviewer.put(path, json=wanted, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["detail"]) == (412, "口径“全省”已被修改，请重新读取后再提交。")
    assert reviewer.put(path, json=wanted).status_code == 428


def test_a_retired_one_is_gone(reviewer: httpx.Client) -> None:
    path = f"/rates/definitions/{saved(reviewer).json()['id']}"
    assert reviewer.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    assert reviewer.delete(path, headers={"If-Match": '"1"'}).status_code == 204
    assert reviewer.get(path).status_code == 404
    assert reviewer.get(f"{path}/rates").status_code == 404
    assert reviewer.delete(path, headers={"If-Match": '"1"'}).status_code == 404
    saved(reviewer)


def test_a_name_is_taken_once(reviewer: httpx.Client) -> None:
    saved(reviewer)
    answer = reviewer.post("/rates/definitions", json=NEARBY)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "已有名为“链主周边 200 公里”的口径，请换一个名称。"


REFUSED = [
    ({"name": "x", "terms": {"scope": "radius"}}, "scope 为 radius 时须写明 radius_km（千米），其他范围不写。"),
    ({"name": "x", "terms": {"scope": "city", "radius_km": 5}}, "scope 为 radius 时须写明"),
    ({"name": "x", "terms": {"stage": "attainable", "basis": "suppliers"}}, "没有按供应商家数的可达配套率"),
    ({"name": "x", "terms": {"period": "去年"}}, "统计期“去年”应写作 2025 或 2025Q3"),
]


@pytest.mark.parametrize(("wanted", "said"), REFUSED, ids=lambda value: str(value)[:50])
def test_terms_without_meaning_are_not_saved(reading_own: Client, wanted: dict[str, Any], said: str) -> None:
    answer = reading_own(Role.REVIEWER).post("/rates/definitions", json=wanted)
    assert answer.status_code == 422
    assert said in answer.text


def test_others_read_and_do_not_write(reviewer: httpx.Client, reading_own: Client) -> None:
    body, leader = saved(reviewer).json(), reading_own(Role.CHAIN_LEADER, L1)
    assert leader.get("/rates/definitions").json() == [body]
    assert leader.post("/rates/definitions", json=NEARBY).status_code == 403
    path = f"/rates/definitions/{body['id']}"
    assert leader.put(path, json=NEARBY, headers={"If-Match": '"1"'}).status_code == 403
    assert leader.delete(path, headers={"If-Match": '"1"'}).status_code == 403
    assert leader.get(f"/rates/definitions/{uuid4()}").status_code == 404
    assert reading_own(Role.SUPPLIER, L1).get("/rates/definitions").status_code == 403
