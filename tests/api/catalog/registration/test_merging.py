"""Two records of one enterprise become one: what belongs to it moves, names and keys are kept, and what cannot be."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.support.applicant import decide, in_review, new_code, submitted
from tests.support.identity_desk import PASSWORD, Desk, detail_of


def firm(reviewer: httpx.Client, **fields: Any) -> str:
    """A new verified supplier."""
    row = {"name": f"并{uuid4().hex[:8]}厂（虚构）", "is_supplier": True, **fields}
    if not row.keys() & {"credit_code", "source_key"}:
        row["credit_code"] = new_code()
    answer = reviewer.post("/enterprises", json=row)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def merge(reviewer: httpx.Client, kept: str, merged: str, reason: str = "同一家企业") -> httpx.Response:
    """Merge a record into another one as it is now."""
    version = reviewer.get(f"/enterprises/{kept}").headers["ETag"]
    body = {"merged_id": merged, "reason": reason}
    return reviewer.post(f"/enterprises/{kept}/mergers", json=body, headers={"If-Match": version})


def write(reviewer: httpx.Client, kind: str, **row: Any) -> dict[str, Any]:
    """Write a row of a kind."""
    answer = reviewer.post(f"/{kind}", json=row)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last_told(desk: Desk, id: str) -> dict[str, Any]:
    """What the feed was told last of a row."""
    last = text("SELECT CAST(data AS text) FROM outbox WHERE entity_id = :id ORDER BY xid DESC, id DESC LIMIT 1")
    with desk.app.state.database.session() as session:
        found: dict[str, Any] = json.loads(session.execute(last, {"id": id}).scalar_one())
        return found


def supplies(reviewer: httpx.Client, id: str, code: str) -> dict[str, Any]:
    """A capability of a supplier."""
    return write(reviewer, "capabilities", supplier_id=id, code=code, name="阀门")


def test_what_belongs_to_the_one_goes_to_the_other(desk: Desk, reviewer: httpx.Client) -> None:
    kept, merged = firm(reviewer, region="370200"), firm(reviewer, staff=55, short_name="并二")
    owner = firm(reviewer)
    supplies(reviewer, kept, "C-1")
    gone, moved = supplies(reviewer, merged, "C-1"), supplies(reviewer, merged, "C-2")
    paper = {"scheme": "ISO 9001", "number": "Q-9", "valid_until": "2028-12-31"}
    write(reviewer, "certificates", enterprise_id=merged, **paper)
    write(reviewer, "relations", owner_id=owner, owned_id=merged, share="0.3")
    write(reviewer, "relations", owner_id=kept, owned_id=merged)
    cluster = str(desk.world.clusters["ships"])
    write(reviewer, "cluster-members", cluster_id=cluster, enterprise_id=merged)
    leader = str(desk.world.enterprises["A"])
    bought = write(
        reviewer,
        "purchases",
        leader_id=leader,
        document=f"P-{uuid4().hex[:6]}",
        part_code="VALVE",
        supplier_id=merged,
        period="2025",
        amount="100",
    )
    old = reviewer.get(f"/enterprises/{merged}").json()

    answer = merge(reviewer, kept, merged, "同址同法人")
    assert answer.status_code == 200, answer.text
    assert answer.json()["moved"] == {
        "capability": 1,
        "certificate": 1,
        "cluster_members": 1,
        "purchase": 1,
        "relation": 1,
    }
    assert answer.json()["dropped"] == {"capability": 1, "relation": 1}

    offered = reviewer.get("/capabilities", params={"supplier": kept}).json()["items"]
    assert {each["code"] for each in offered} == {"C-1", "C-2"}
    assert moved["id"] in {each["id"] for each in offered}
    assert reviewer.get(f"/purchases/{bought['id']}").json()["supplier_id"] == kept
    (relation,) = reviewer.get("/relations", params={"enterprise": kept}).json()["items"]
    assert (relation["owner_id"], relation["owned_id"]) == (owner, kept)
    now = reviewer.get(f"/enterprises/{kept}").json()
    assert (now["region"], now["staff"], now["short_name"], now["status"]) == ("370200", 55, "并二", "submitted")
    assert reviewer.get(f"/enterprises/{merged}").json()["status"] == "retired"
    (alias,) = reviewer.get(f"/enterprises/{kept}/aliases").json()
    assert (alias["name"], alias["credit_code"], alias["merged_id"], alias["reason"]) == (
        old["name"],
        old["credit_code"],
        merged,
        "同址同法人",
    )
    steps = reviewer.get(f"/capabilities/{moved['id']}/history").json()["items"]
    assert [(each["op"], each["reason"]) for each in steps] == [("update", "同址同法人"), ("insert", "")]
    with desk.app.state.database.session() as session:
        told = text("SELECT op FROM outbox WHERE entity_id = :id ORDER BY xid, id")
        assert session.execute(told, {"id": gone["id"]}).scalars().all() == ["upsert", "delete"]
        last = text(
            "SELECT data ->> 'supplier_id' FROM outbox WHERE entity_id = :id ORDER BY xid DESC, id DESC LIMIT 1"
        )
        assert session.execute(last, {"id": moved["id"]}).scalar_one() == kept
        members = text(
            "SELECT data ->> 'member_ids' FROM outbox WHERE entity_id = :id ORDER BY xid DESC, id DESC LIMIT 1"
        )
        found = session.execute(members, {"id": cluster}).scalar_one()
    assert kept in found
    assert merged not in found


def test_the_old_code_means_the_remaining_enterprise(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    kept, merged = firm(reviewer), firm(reviewer, credit_code=code)
    last = firm(reviewer)
    assert merge(reviewer, kept, merged).status_code == 200
    applicant = submitted(desk, credit_code=code)
    told = reviewer.get(f"/registrations/{applicant.id}").json()
    assert (told["claimed_id"], told["known"]["id"]) == (kept, kept)
    assert merge(reviewer, last, kept).status_code == 200
    told = reviewer.get(f"/registrations/{applicant.id}").json()
    assert (told["claimed_id"], told["known"]["id"]) == (last, last)
    names = {each["merged_id"] for each in reviewer.get(f"/enterprises/{last}/aliases").json()}
    assert {merged, kept} <= names
    answer = decide(reviewer, applicant.id, "review")
    answer = decide(reviewer, applicant.id, "claim-decision", upheld=True, reason="一致")
    assert (answer.status_code, answer.json()["enterprise_id"]) == (200, last), answer.text
    assert reviewer.get(f"/enterprises/{last}").json()["credit_code"] != code


def test_imports_that_name_the_old_code_write_to_the_remaining_one(reviewer: httpx.Client) -> None:
    code = new_code()
    kept, merged = firm(reviewer), firm(reviewer, credit_code=code)
    assert merge(reviewer, kept, merged).status_code == 200
    lines = f"供应商统一社会信用代码,能力编码,产品或工艺\n{code},C-7,球阀\n"
    answer = reviewer.post("/imports", files={"file": ("供给能力.csv", lines.encode())}, data={"kind": "capabilities"})
    assert answer.json()["applied"], answer.text
    (capability,) = reviewer.get("/capabilities", params={"supplier": kept}).json()["items"]
    assert capability["code"] == "C-7"


def test_its_people_act_for_the_remaining_one(desk: Desk, reviewer: httpx.Client) -> None:
    kept, merged = firm(reviewer), firm(reviewer)
    email = desk.person("li", kind="enterprise", enterprise_id=merged, level="owner")
    http = desk.sign_in(email)
    assert merge(reviewer, kept, merged).status_code == 200
    assert http.get("/session").status_code == 401
    again = desk.client().post("/session", json={"email": email, "password": PASSWORD})
    assert again.json()["acting_as"]["enterprise_id"] == kept


def test_a_leaders_products_go_with_their_needs(desk: Desk, reviewer: httpx.Client) -> None:
    kept = firm(reviewer)
    merged = firm(reviewer, is_chain_leader=True, is_supplier=False)
    product = write(reviewer, "products", code=f"M-{uuid4().hex[:6]}", name="泵", leader_id=merged)
    need = write(reviewer, "needs", product_id=product["id"], part_code="SEAL", part_name="密封件")
    assert merge(reviewer, kept, merged).json()["moved"] == {"product": 1}
    now = reviewer.get(f"/enterprises/{kept}").json()
    assert (now["is_chain_leader"], now["is_supplier"]) == (True, True)
    assert last_told(desk, need["id"])["leader_id"] == kept


def test_what_cannot_become_one_is_said_in_plain_words(desk: Desk, reviewer: httpx.Client) -> None:
    one, other, third = firm(reviewer), firm(reviewer), firm(reviewer)
    keyed = firm(reviewer, source_key=f"list:{uuid4().hex}")
    a, b = (str(desk.world.enterprises[name]) for name in "AB")
    near = str(desk.world.enterprises["near"])
    assert detail_of(merge(reviewer, one, one)) == (422, "不能并入自己，请选择另一家企业。")
    assert merge(reviewer, one, str(uuid4())).status_code == 404
    said = "保留的企业没有统一社会信用代码，而并入的企业有：请反过来合并。"
    assert detail_of(merge(reviewer, keyed, one)) == (409, said)
    said = "两家企业各有主导产品或采购台账，不能自动合并：请先把其中一家的删除，或改到另一家名下。"
    assert detail_of(merge(reviewer, a, b)) == (409, said)
    said = "两家企业之间有采购记录，看来不是同一家：若记录有误，请先删除。"
    assert detail_of(merge(reviewer, a, near)) == (409, said)
    assert detail_of(merge(reviewer, near, a)) == (409, said)
    assert merge(reviewer, one, keyed).status_code == 200
    assert merge(reviewer, other, one).status_code == 200
    status, detail = detail_of(merge(reviewer, third, one))
    assert (status, detail.endswith("已注销，不能合并；请先恢复它，或选择另一家。")) == (409, True)
    assert detail_of(merge(reviewer, one, third))[0] == 409
    body = {"merged_id": third, "reason": "同一家"}
    answer = reviewer.post(f"/enterprises/{other}/mergers", json=body, headers={"If-Match": '"9"'})
    assert detail_of(answer) == (412, "请重新读取后再提交。")


@pytest.mark.parametrize("who", ["supplier", "leader"])
def test_it_is_for_reviewers_and_aliases_for_who_sees_the_firm(desk: Desk, reviewer: httpx.Client, who: str) -> None:
    near = str(desk.world.enterprises["near"])
    actor = desk.world.supplier("near") if who == "supplier" else desk.world.leader("B")
    client = desk.client(desk.token(actor))
    body = {"merged_id": str(desk.world.enterprises["far"]), "reason": "同一家"}
    assert client.post(f"/enterprises/{near}/mergers", json=body, headers={"If-Match": '"1"'}).status_code == 403
    kept, merged = firm(reviewer), firm(reviewer)
    assert merge(reviewer, kept, merged).status_code == 200
    assert client.get(f"/enterprises/{kept}/aliases").status_code == 404
    assert client.get(f"/enterprises/{near}/aliases").status_code == (200 if who == "supplier" else 404)


def test_a_merged_record_is_found_by_its_former_name(desk: Desk, reviewer: httpx.Client) -> None:
    mark = uuid4().hex[:8]
    kept, merged = firm(reviewer), firm(reviewer, name=f"{mark}锻压厂（虚构）")
    assert merge(reviewer, kept, merged).status_code == 200
    applicant = in_review(desk, name=f"{mark}锻压有限公司（虚构）")
    found = {(each["id"], each["former"]) for each in reviewer.get(f"/registrations/{applicant.id}").json()["similar"]}
    assert (kept, True) in found
