"""Rows of every kind are created, changed, deleted and brought back over HTTP, by whom they belong to."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.codes.credit_code import make
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER


def created(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The row that a POST made, read again at the place that the answer names."""
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    again = client.get(answer.headers["Location"].removeprefix("/catalog/v1"))
    assert (again.json(), again.headers["ETag"]) == (answer.json(), answer.headers["ETag"])
    found: dict[str, Any] = answer.json()
    return found


def test_a_certificate_from_its_first_day_to_its_return(writing: Served) -> None:
    near, holder = writing.world.enterprises["near"], writing.client(writing.world.supplier("near"))
    body = {"enterprise_id": str(near), "scheme": "IATF 16949", "number": "T-1", "valid_until": "2028-05-31"}
    row = created(holder, "/certificates", {**body, "sites": ["370200", "370100"]})
    assert (row["trust"], row["sites"], row["enterprise_name"]) == (
        "self_declared",
        ["370100", "370200"],
        "丙阀门（虚构）",
    )
    place = f"/certificates/{row['id']}"
    assert holder.patch(place, json={"scope": "阀门"}).status_code == 428
    changed = holder.patch(place, json={"suspended_on": "2026-11-01"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["suspended_on"], changed.headers["ETag"]) == (200, "2026-11-01", '"2"')
    assert holder.patch(place, json={"scope": "阀门"}, headers={"If-Match": '"1"'}).status_code == 412
    assert holder.delete(place, headers={"If-Match": '"1"'}).status_code == 412
    gone = holder.delete(place, headers={"If-Match": '"2"'}, params={"reason": "已撤销"})
    assert (gone.status_code, holder.get(place).status_code) == (204, 404)
    assert holder.get(f"{place}/history").status_code == 404
    back = holder.post(f"{place}/restoration", json={"reason": "撤销有误"})
    assert (back.status_code, back.json()["version"], back.json()["suspended_on"]) == (200, 4, "2026-11-01")
    told = holder.get(f"{place}/history").json()["items"]
    assert [(step["op"], step["reason"]) for step in told] == [
        ("insert", "撤销有误"),
        ("delete", "已撤销"),
        ("update", ""),
        ("insert", ""),
    ]
    assert told[2]["changes"] == [{"field": "suspended_on", "before": None, "after": "2026-11-01"}]


def test_a_title_runs_for_its_usual_years(writing: Served) -> None:
    near, client = str(writing.world.enterprises["near"]), writing.client(REVIEWER)
    body = {"enterprise_id": near, "title": "specialised", "level": "provincial", "issued": "2024-07-01"}
    row = created(client, "/titles", body)
    assert (row["expires"], row["title_name"]) == ("2027-06-30", "专精特新中小企业")
    renewed = client.patch(f"/titles/{row['id']}", json={"expires": "2028-12-31"}, headers={"If-Match": '"1"'})
    assert renewed.json()["expires"] == "2028-12-31"
    listed = client.get("/titles", params={"enterprise": near, "title": "specialised"}).json()["items"]
    assert [each["id"] for each in listed] == [row["id"]]
    assert client.get("/titles", params={"title": "gazelle"}).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"title": "nonsense", "level": "national"}, "没有代码为“nonsense”的称号，请查代码表。"),
        ({"title": "high_tech", "level": "provincial"}, "高新技术企业只有国家级，没有省级。"),
        (
            {"title": "gazelle", "level": "provincial", "issued": "2026-01-01", "expires": "2025-01-01"},
            "到期日早于认定日。",
        ),
        ({"title": "gazelle", "level": "provincial", "expiry": "2025-01-01"}, "没有这一项，请删去或检查拼写。"),
        ({"title": "gazelle", "level": "planetary"}, "应为下列之一：'national', 'provincial' 或 'city'。"),
    ],
)
def test_a_wrong_title_is_refused_in_words(reading: Served, body: dict[str, str], words: str) -> None:
    near = str(reading.world.enterprises["near"])
    answer = reading.client(REVIEWER).post("/titles", json={"enterprise_id": near, **body})
    assert (answer.status_code, [each["detail"] for each in answer.json()["errors"]]) == (422, [words])


def test_an_equity_link_is_seen_from_both_sides(writing: Served) -> None:
    ids, client = writing.world.enterprises, writing.client(REVIEWER)
    link = created(client, "/relations", {"owner_id": str(ids["A"]), "owned_id": str(ids["near"]), "share": "0.34"})
    assert (link["share"], link["owner_name"], link["owned_name"]) == ("0.3400", "甲船舶（虚构）", "丙阀门（虚构）")
    for who, seen in [("A", 1), ("near", 1), ("B", 0), ("far", 0)]:
        role = writing.world.leader if who in "AB" else writing.world.supplier
        assert len(writing.client(role(who)).get("/relations").json()["items"]) == seen, who
    owned = client.get("/relations", params={"enterprise": str(ids["near"])}).json()["items"]
    assert [each["id"] for each in owned] == [link["id"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"owned": "A"}, "企业不能持有自己的股权。"),
        ({"owned": "near", "share": "1.2"}, "应不大于 1。"),
        ({"owned": "near", "valid_from": "2026-01-02", "valid_until": "2026-01-01"}, "截止日早于起始日。"),
    ],
)
def test_a_wrong_link_is_refused_in_words(reading: Served, body: dict[str, str], words: str) -> None:
    ids = reading.world.enterprises
    fields = {**body, "owner_id": str(ids["A"]), "owned_id": str(ids[body["owned"]])}
    fields.pop("owned")
    answer = reading.client(REVIEWER).post("/relations", json=fields)
    assert (answer.status_code, [each["detail"] for each in answer.json()["errors"]]) == (422, [words])


def test_a_blacklist_is_between_its_leader_and_the_reviewers(writing: Served) -> None:
    ids, leader = writing.world.enterprises, writing.client(writing.world.leader("A"))
    body = {"leader_id": str(ids["A"]), "supplier_id": str(ids["near"]), "stance": "blacklisted", "reason": "两批退货"}
    row = created(leader, "/preferences", body)
    assert (row["part_code"], row["supplier_name"]) == (None, "丙阀门（虚构）")
    for_one_part = created(leader, "/preferences", {**body, "part_code": "VALVE", "stance": "preferred"})
    assert for_one_part["part_code"] == "VALVE"
    listed = leader.get("/preferences", params={"stance": "preferred"}).json()["items"]
    assert [each["id"] for each in listed] == [for_one_part["id"]]
    assert len(writing.client(REVIEWER).get("/preferences").json()["items"]) == 2
    others = [
        writing.world.supplier("near"),
        writing.world.leader("B"),
        writing.world.organisation("ships"),
    ]
    for other in map(writing.client, others):
        assert other.get("/preferences").json()["items"] == []
        assert other.get(f"/preferences/{row['id']}").status_code == 404
        assert other.get(f"/preferences/{row['id']}/history").status_code == 404
        assert other.delete(f"/preferences/{row['id']}", headers={"If-Match": '"1"'}).status_code == 404
        assert other.post("/preferences", json=body).status_code == 403


@pytest.mark.parametrize("path", ["titles", "relations", "enterprises", "clusters"])
def test_only_reviewers_write_what_is_theirs(reading: Served, path: str) -> None:
    ids = reading.world.enterprises
    bodies = {
        "titles": {"enterprise_id": str(ids["near"]), "title": "gazelle", "level": "city"},
        "relations": {"owner_id": str(ids["A"]), "owned_id": str(ids["near"])},
        "enterprises": {"source_key": "x:1", "name": "庚（虚构）", "is_supplier": True},
        "clusters": {"code": "C", "name": "某集群", "tier": "provincial"},
    }
    for actor in (reading.world.supplier("near"), reading.world.leader("A"), reading.world.organisation("ships")):
        answer = reading.client(actor).post(f"/{path}", json=bodies[path])
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
        assert answer.json()["detail"].startswith("只有审核员可以登记或修改")


def test_what_is_there_already_is_not_created(reading: Served) -> None:
    near = str(reading.world.enterprises["near"])
    body = {"enterprise_id": near, "scheme": "ISO 9001", "number": "Q-near", "valid_until": "2030-01-01"}
    answer = reading.client(REVIEWER).post("/certificates", json=body)
    assert (answer.status_code, answer.json()["type"], answer.json()["title"]) == (
        409,
        "/problems/exists",
        "已有同一资质证书",
    )
    (kept,) = reading.client(REVIEWER).get("/certificates", params={"enterprise": near}).json()["items"]
    assert kept["valid_until"] == "2027-12-31"


def test_what_it_refers_to_must_be_there(reading: Served) -> None:
    stranger = str(uuid4())
    body = {"enterprise_id": stranger, "scheme": "ISO 9001", "number": "1", "valid_until": "2030-01-01"}
    answer = reading.client(REVIEWER).post("/certificates", json=body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["detail"]) == (
        422,
        "/enterprise_id",
        f"没有编号为 {stranger} 的企业。",
    )


def test_what_tells_rows_apart_is_not_changed(reading: Served) -> None:
    client = reading.client(REVIEWER)
    (row,) = client.get("/certificates", params={"enterprise": str(reading.world.enterprises["near"])}).json()["items"]
    answer = client.patch(f"/certificates/{row['id']}", json={"number": "Q-2"}, headers={"If-Match": '"1"'})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["detail"]) == (
        422,
        "/number",
        "它用来识别资质证书，不能修改；请另行登记。",
    )
    wrong = client.patch(f"/certificates/{row['id']}", json={"valid_until": None}, headers={"If-Match": '"1"'})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/valid_until")


def test_an_enterprise_is_given_its_credit_code_and_is_not_deleted(writing: Served) -> None:
    client, keyed = writing.client(REVIEWER), f"/enterprises/{writing.world.enterprises['keyed']}"
    body = {"credit_code": make(77), "staff": 30, "revenue_wan": "400"}
    changed = client.patch(keyed, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["credit_code"], changed.json()["size"]) == (200, make(77), "small")
    again = client.patch(keyed, json={"credit_code": "91000000X"}, headers={"If-Match": '"2"'})
    (error,) = again.json()["errors"]
    assert (again.status_code, error["pointer"]) == (422, "/credit_code")
    assert error["detail"] == "统一社会信用代码应为 18 位，这里是 9 位；请按营业执照核对，补全 18 位代码。"
    assert client.delete(keyed, headers={"If-Match": '"2"'}).status_code == 405


def test_another_credit_code_is_verified_anew_and_kept_in_the_history(writing: Served) -> None:
    client, near = writing.client(REVIEWER), f"/enterprises/{writing.world.enterprises['near']}"
    row = client.get(near)
    tag = {"If-Match": row.headers["ETag"]}
    taken = client.patch(near, json={"credit_code": make(4)}, headers=tag)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/key-taken")
    assert taken.json()["detail"] == f"{make(4)} 是“丁铸造（虚构）”的，请核对。"
    owner = writing.client(writing.world.supplier("near"))
    assert owner.patch(near, json={"credit_code": make(79)}, headers=tag).status_code == 403
    changed = client.patch(near, json={"credit_code": make(79).lower()}, headers=tag, params={"reason": "换发执照"})
    assert changed.status_code == 200
    assert (changed.json()["credit_code"], changed.json()["status"]) == (make(79), "submitted")
    assert (changed.json()["id"], changed.json()["name"]) == (row.json()["id"], row.json()["name"])
    step = client.get(f"{near}/history").json()["items"][0]
    told = {change["field"]: (change["before"], change["after"]) for change in step["changes"]}
    assert step["reason"] == "换发执照"
    assert told == {"credit_code": (make(3), make(79)), "status": ("verified", "submitted")}
    steps = client.get(f"{near}/status-changes").json()
    assert [(step["after"], step["reason"]) for step in steps] == [("verified", ""), ("submitted", "换发执照")]
    named = {"If-Match": changed.headers["ETag"]}
    assert (
        client.patch(near, json={"name": "丙阀门（虚构）二", "credit_code": make(79)}, headers=named).json()["status"]
        == "submitted"
    )


def test_a_bill_that_contains_itself_is_refused(writing: Served) -> None:
    ship = str(writing.world.products["A-1"])
    body = {"product_id": ship, "parent": "VALVE", "part_code": "PIPE", "part_name": "管系"}
    answer = writing.client(writing.world.leader("A")).post("/bom-lines", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bom-cycle")
    assert answer.json()["detail"].startswith("物料清单成环：")
