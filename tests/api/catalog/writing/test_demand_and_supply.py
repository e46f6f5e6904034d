"""Products, bills, needs, purchases and capabilities one by one over HTTP: what follows from each change is right."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest

from services.catalog.clusters import service as clusters
from services.catalog.clusters.schemas import ClusterMemberWrite
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER


def only(client: httpx.Client, path: str, **params: Any) -> Any:
    (item,) = client.get(path, params=params).json()["items"]
    return item


def patch(client: httpx.Client, path: str, item: Any, **fields: Any) -> httpx.Response:
    return client.patch(f"{path}/{item['id']}", json=fields, headers={"If-Match": f'"{item["version"]}"'})


def delete(client: httpx.Client, path: str, item: Any) -> httpx.Response:
    return client.delete(f"{path}/{item['id']}", headers={"If-Match": f'"{item["version"]}"'})


def quantity(client: httpx.Client, part: str) -> Decimal | None:
    found = only(client, "/needs", part=part)["annual_quantity"]
    return None if found is None else Decimal(found)


def line(client: httpx.Client, product: object, parent: str, part: str) -> Any:
    lines = client.get(f"/products/{product}/bom").json()["lines"]
    return next(each for each in lines if (each["parent"], each["part_code"]) == (parent, part))


def test_needs_follow_every_single_change_of_their_bill(writing: Served) -> None:
    leader, ship = writing.client(writing.world.leader("A")), writing.world.products["A-1"]
    assert quantity(leader, "VALVE") == 80
    # ten ships, each with one valve less
    deleted = line(leader, ship, "", "VALVE")
    assert delete(leader, "/bom-lines", deleted).status_code == 204
    assert quantity(leader, "VALVE") == 70
    pipe = line(leader, ship, "", "PIPE")
    assert patch(leader, "/bom-lines", pipe, quantity="3").status_code == 200
    assert quantity(leader, "VALVE") == 105
    body = {"product_id": str(ship), "part_code": "VALVE", "part_name": "阀门", "parent": "", "quantity": "2"}
    assert leader.post("/bom-lines", json=body).status_code == 201
    assert quantity(leader, "VALVE") == 125
    product = only(leader, "/products")
    assert patch(leader, "/products", product, annual_volume="1").status_code == 200
    assert quantity(leader, "VALVE") == Decimal("12.5")
    assert quantity(leader, "PAINT") == 40


def test_a_need_falls_back_to_what_was_stated_and_comes_back_with_its_bill(writing: Served) -> None:
    leader, lathe = writing.client(writing.world.leader("B")), writing.world.products["B-1"]
    assert patch(leader, "/needs", only(leader, "/needs", part="BED"), annual_quantity="7").json()["version"] == 2
    assert quantity(leader, "BED") == 200
    bed = line(leader, lathe, "", "BED")
    assert delete(leader, "/bom-lines", bed).status_code == 204
    assert quantity(leader, "BED") == 7
    assert leader.post(f"/bom-lines/{bed['id']}/restoration", json={"reason": "误删"}).status_code == 200
    assert quantity(leader, "BED") == 200


def test_a_line_whose_return_would_close_a_circle_stays_away(writing: Served) -> None:
    leader, ship = writing.client(writing.world.leader("A")), writing.world.products["A-1"]
    gone = line(leader, ship, "PIPE", "VALVE")
    assert delete(leader, "/bom-lines", gone).status_code == 204
    body = {"product_id": str(ship), "parent": "VALVE", "part_code": "PIPE", "part_name": "管系"}
    assert leader.post("/bom-lines", json=body).status_code == 201
    answer = leader.post(f"/bom-lines/{gone['id']}/restoration", json={"reason": "误删"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/bom-cycle")
    assert answer.json()["detail"] == "物料清单成环：管系（PIPE） → 阀门（VALVE） → 管系（PIPE）"


def test_a_product_goes_after_what_belongs_to_it(writing: Served) -> None:
    reviewer = writing.client(REVIEWER)
    answer = delete(reviewer, "/products", only(reviewer, "/products", leader=writing.world.enterprises["B"]))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/referred-to")
    lathe = only(reviewer, "/products", leader=writing.world.enterprises["B"])
    assert delete(reviewer, "/bom-lines", line(reviewer, lathe["id"], "", "BED")).status_code == 204
    assert delete(reviewer, "/needs", only(reviewer, "/needs", product=lathe["id"])).status_code == 204
    assert delete(reviewer, "/products", lathe).status_code == 204
    assert reviewer.get("/products", params={"leader": str(writing.world.enterprises["B"])}).json()["items"] == []


def test_what_a_need_says_of_itself_is_kept_and_told(writing: Served) -> None:
    leader = writing.client(writing.world.leader("A"))
    said = {
        "dual_source_cap": "0.6",
        "processes": ["HPDC", "喷粉", "高压压铸"],
        "materials": ["SUS304", "铝合金6061"],
        "needed_from": "2027-03-01",
    }
    changed = patch(leader, "/needs", only(leader, "/needs", part="VALVE"), **said).json()
    kept = {
        "dual_source_cap": "0.6000",
        "processes": ["粉末喷涂", "高压压铸"],
        "materials": ["304", "6061"],
        "needed_from": "2027-03-01",
    }
    assert {name: changed[name] for name in said} == kept
    # the same in other words is no change
    again = patch(leader, "/needs", changed, processes=["静电喷粉", "高压铸造"], materials=["6061-T6", "06Cr19Ni10"])
    assert again.json()["version"] == changed["version"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"processes": ["镀硬络"]}, "没有名为“镀硬络”的工艺。是否为：镀硬铬、"),
        ({"materials": ["龘龘"]}, "没有名为“龘龘”的材料。"),
        ({"materials": [f"材料{number}" for number in range(101)]}, "至多 100 项。"),
        ({"class_code": "9999"}, "没有代码为“9999”的行业类别，请查代码表。"),
        ({"unit": "箩筐"}, "没有代码为“箩筐”的计量单位，请查代码表。"),
        ({"certificates": [{"scheme": "ISO 1"}]}, "没有代码为“ISO 1”的证书体系，请查代码表。"),
        ({"parameters": [{"name": "直径", "low": "1", "unit": "mm"}]}, "参数“直径”请写为“外径”。"),
        ({"parameters": [{"name": "外径", "low": "1", "unit": "cm"}]}, "参数“外径”请换算为“mm”。"),
        ({"parameters": [{"name": "外径", "low": "1"}]}, "参数“外径”缺少单位。"),
        ({"parameters": [{"name": "外径", "low": "1", "unit": "kg"}]}, "参数“外径”的单位与名称不符。"),
        (
            {"parameters": [{"name": "外径", "low": "1", "unit": "丈八"}]},
            "参数“外径”的单位：没有名为“丈八”的计量单位。",
        ),
        ({"parameters": [{"name": "外径", "low": "2", "high": "1", "unit": "mm"}]}, "参数“外径”的下限大于上限。"),
        ({"parameters": [{"name": "材质", "values": ["SUS304"]}]}, "参数“材质”的取值“SUS304”请写为“304”。"),
        ({"dual_source_cap": "0"}, "应大于 0。"),
        ({"release_share": "1.5"}, "应不大于 1。"),
        ({"colour": "红"}, "没有这一项，请删去或检查拼写。"),
    ],
)
def test_a_need_that_cannot_be_compared_is_refused_in_words(
    reading: Served, fields: dict[str, Any], words: str
) -> None:
    leader = reading.client(reading.world.leader("A"))
    answer = patch(leader, "/needs", only(leader, "/needs", part="PAINT"), **fields)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation")
    assert answer.json()["errors"][0]["detail"].startswith(words)


def test_lists_are_narrowed_by_process_and_material(writing: Served) -> None:
    leader, near = writing.client(writing.world.leader("A")), writing.client(writing.world.supplier("near"))
    patch(leader, "/needs", only(leader, "/needs", part="VALVE"), processes=["高压压铸"], materials=["6061"])
    patch(near, "/capabilities", only(near, "/capabilities"), processes=["压铸"], materials=["铝合金", "304"])
    reviewer = writing.client(REVIEWER)
    # a need for what lies in the wide node; a capability that names the narrow node, or a wider one
    assert only(reviewer, "/needs", process="铸造")["part_code"] == "VALVE"
    assert only(reviewer, "/needs", material="铝合金")["part_code"] == "VALVE"
    assert reviewer.get("/needs", params={"process": "锻造"}).json()["items"] == []
    assert only(reviewer, "/capabilities", process="高压压铸", material="6061")["supplier_name"] == "丙阀门（虚构）"
    assert reviewer.get("/capabilities", params={"process": "铸造"}).json()["items"] == []


def test_a_leader_puts_its_product_only_into_its_own_clusters(writing: Served) -> None:
    world = writing.world
    leader, reviewer = writing.client(world.leader("A")), writing.client(REVIEWER)
    ship, tools = only(leader, "/products"), str(world.clusters["tools"])
    answer = patch(leader, "/products", ship, cluster_id=tools)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "产品 A-1 所填的集群，本企业不是其成员；请联系审核员。",
    )
    body = {"code": "A-9", "name": "渡船", "leader_id": str(world.enterprises["A"]), "cluster_id": tools}
    assert leader.post("/products", json=body).status_code == 403
    moved = patch(reviewer, "/products", ship, cluster_id=tools)
    assert moved.json()["cluster_name"] == "机床集群"
    # where a reviewer has put it, it stays, whatever else its leader changes
    assert patch(leader, "/products", moved.json(), name="散货船（改）", cluster_id=tools).status_code == 200
    with writing.database.session() as session:
        row = ClusterMemberWrite(cluster_id=world.clusters["tools"], enterprise_id=world.enterprises["A"])
        clusters.upsert_cluster_members(session, REVIEWER, [row])
        session.commit()
    assert leader.post("/products", json=body).status_code == 201


def test_a_purchase_has_one_sign(writing: Served) -> None:
    leader = writing.client(writing.world.leader("A"))
    rope = only(leader, "/purchases", part="ROPE")
    with_quantity = patch(leader, "/purchases", rope, quantity="5")
    assert with_quantity.status_code == 200
    answer = patch(leader, "/purchases", with_quantity.json(), amount="-70")
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "单据 FP-2 的数量与金额一正一负；红字单据的数量与金额应都为负数。",
    )
    assert patch(leader, "/purchases", with_quantity.json(), amount="-70", quantity="-5").status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "内部抵销"}, "“内部抵销”是报表的汇总、抵销或调整项，不是产品，不作为供给能力。"),
        ({"capacity_unit": "万元"}, "按产值计的产能请以“元”为单位。"),
        ({"capacity_unit": None}, "“near 的产品”（C-1）填了年剩余产能，没有填产能单位。"),
    ],
)
def test_a_capability_that_is_none_is_refused_in_words(reading: Served, fields: dict[str, Any], words: str) -> None:
    near = reading.client(reading.world.supplier("near"))
    answer = patch(near, "/capabilities", only(near, "/capabilities"), **fields)
    told = answer.json()
    assert answer.status_code == 422
    assert words in (told["detail"], *(error["detail"] for error in told.get("errors", [])))


def test_a_bulk_of_needs_gets_its_quantities(writing: Served) -> None:
    leader, ship = writing.client(writing.world.leader("A")), str(writing.world.products["A-1"])
    rows = [
        {"product_id": ship, "part_code": "VALVE", "part_name": "阀门", "dual_source_cap": "0.5"},
        {"product_id": ship, "part_code": "BOLT", "part_name": "螺栓", "processes": ["冷镦", "打铁花"]},
        {"product_id": ship, "part_code": "ROPE", "part_name": "缆绳", "needed_from": date(2027, 1, 1).isoformat()},
    ]
    lines = b"\n".join(map(orjson.dumps, rows))
    answer = leader.post("/needs/bulk", content=lines, headers={"Content-Type": "application/x-ndjson"})
    outcomes = [orjson.loads(each) for each in answer.text.splitlines()]
    assert [each.get("outcome") for each in outcomes] == ["changed", None, "created"]
    assert outcomes[1]["problem"]["errors"][0]["pointer"] == "/processes"
    assert quantity(leader, "VALVE") == 80
