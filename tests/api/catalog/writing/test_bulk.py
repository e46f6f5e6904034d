"""Many rows as newline-delimited JSON: one answer per row, in one transaction; the good ones, or all or nothing."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.catalog.writing import api, bulk
from shared.codes.credit_code import make
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER

HEADERS = {"Content-Type": "application/x-ndjson"}


def lines(rows: Iterable[Any]) -> bytes:
    """Rows as the request's body; a text stands for itself."""
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode()


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    """The answer's lines."""
    assert answer.headers["content-type"].startswith("application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def certificate(holder: UUID, number: str, **fields: Any) -> dict[str, Any]:
    return {
        "enterprise_id": str(holder),
        "scheme": "ISO 14001",
        "number": number,
        "valid_until": "2028-01-01",
        **fields,
    }


def test_each_row_has_its_own_answer(writing: Served) -> None:
    near, far = writing.world.enterprises["near"], writing.world.enterprises["far"]
    client = writing.client(writing.world.supplier("near"))
    rows = [
        certificate(near, "E-1"),
        "",
        certificate(near, "E-2", scheme="ISO 9999"),
        certificate(near, "E-1", scope="再来一次"),
        "{不是",
        certificate(far, "E-3"),
        certificate(near, "E-4", vaild_until="2029-01-01"),
        "[1]",
        certificate(UUID(int=7), "E-5"),
        certificate(near, "E-6"),
    ]
    answer = client.post("/certificates/bulk", content=lines(rows), headers=HEADERS)
    assert answer.status_code == 200
    found = {each["row"]: each for each in told(answer)}
    assert list(found) == [1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert [found[row]["outcome"] for row in (1, 10)] == ["created", "created"]
    details = {row: each["problem"] for row, each in found.items() if "problem" in each}
    assert details[3]["errors"][0]["detail"] == "没有代码为“ISO 9999”的证书体系，请查代码表。"
    assert details[4]["title"] == "同一资质证书重复出现"
    assert details[4]["detail"] == "第 1 行已经写了它；请只保留一行。"
    assert details[5]["detail"] == "这一行不是有效的 JSON。"
    assert (details[6]["status"], details[6]["detail"]) == (403, "只能填报本企业的数据。")
    assert details[7]["errors"][0] == {
        "pointer": "/vaild_until",
        "detail": "没有这一项，请删去或检查拼写。",
        "code": "extra_forbidden",
        "location": "body",
    }
    assert details[8]["detail"] == "每一行应为一个 JSON 对象。"
    assert details[9]["errors"][0]["pointer"] == "/enterprise_id"
    listed = client.get("/certificates", params={"scheme": "ISO 14001"}).json()["items"]
    assert {each["number"]: each["id"] for each in listed} == {"E-1": found[1]["id"], "E-6": found[10]["id"]}


def test_all_or_nothing_writes_nothing_when_one_row_is_refused(writing: Served) -> None:
    near, far = writing.world.enterprises["near"], writing.world.enterprises["far"]
    client = writing.client(writing.world.supplier("near"))
    rows = [certificate(near, "E-1"), certificate(far, "E-2")]
    options: dict[str, Any] = {"params": {"mode": "all_or_nothing"}, "headers": HEADERS}
    answer = client.post("/certificates/bulk", content=lines(rows), **options)
    assert answer.status_code == 422
    assert [each.get("outcome") for each in told(answer)] == ["not_written", None]
    wrong = client.post("/certificates/bulk", content=lines([rows[0], "{"]), **options)
    assert (wrong.status_code, told(wrong)[0]["outcome"]) == (422, "not_written")
    assert client.get("/certificates", params={"scheme": "ISO 14001"}).json()["items"] == []
    good = client.post("/certificates/bulk", content=lines([rows[0]]), **options)
    assert (good.status_code, told(good)[0]["outcome"]) == (200, "created")


def test_the_same_rows_again_change_nothing(writing: Served) -> None:
    client = writing.client(REVIEWER)
    rows = [
        {"credit_code": make(serial), "name": f"第 {serial} 家（虚构）", "is_supplier": True, "region": "370200"}
        for serial in range(100, 130)
    ]
    first = told(client.post("/enterprises/bulk", content=lines(rows), headers=HEADERS))
    again = told(client.post("/enterprises/bulk", content=lines(rows), headers=HEADERS))
    assert {each["outcome"] for each in first} == {"created"}
    assert {each["outcome"] for each in again} == {"unchanged"}
    assert [each["id"] for each in first] == [each["id"] for each in again]


def test_one_enterprise_by_either_key_is_one_row(writing: Served) -> None:
    client = writing.client(REVIEWER)
    rows = [
        {"credit_code": make(100), "source_key": "a:1", "name": "甲（虚构）", "is_supplier": True},
        {"source_key": "a:1", "name": "甲（虚构）", "is_supplier": True},
        {"source_key": "list:7", "credit_code": make(3), "name": "戊泵业（虚构）", "is_supplier": True},
    ]
    found = told(client.post("/enterprises/bulk", content=lines(rows), headers=HEADERS))
    assert found[0]["outcome"] == "created"
    assert found[1]["problem"]["title"] == "同一企业重复出现"
    assert found[2]["problem"]["title"] == "统一社会信用代码与来源编号分属两家企业"


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("bom-lines", {"part_code": "SCREW", "part_name": "螺栓", "quantity": "12"}),
        ("needs", {"part_code": "SCREW", "part_name": "螺栓", "unit_price": "1.5"}),
    ],
)
def test_a_leader_writes_what_belongs_to_its_products_alone(writing: Served, kind: str, row: dict[str, Any]) -> None:
    own, foreign = (str(writing.world.products[code]) for code in ("A-1", "B-1"))
    rows = [{**row, "product_id": own}, {**row, "product_id": foreign}]
    client = writing.client(writing.world.leader("A"))
    found = told(client.post(f"/{kind}/bulk", content=lines(rows), headers=HEADERS))
    assert (found[0]["outcome"], found[1]["problem"]["status"]) == ("created", 403)


def test_after_many_refused_rows_the_rest_is_left_alone(writing: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_PATIENCE", 3)
    monkeypatch.setattr(bulk._Writing.__init__, "__defaults__", (3,))
    far, client = writing.world.enterprises["far"], writing.client(writing.world.supplier("near"))
    rows = [certificate(far, f"E-{each}") for each in range(40)]
    found = told(client.post("/certificates/bulk", content=lines(rows), headers=HEADERS))
    assert [each["problem"]["status"] for each in found[:3]] == [403, 403, 403]
    assert {each["problem"]["type"] for each in found[3:]} == {"/problems/left-alone"}


def test_a_request_has_its_limits(reading: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = reading.client(REVIEWER)
    as_json = client.post("/titles/bulk", json=[])
    assert (as_json.status_code, as_json.json()["detail"]) == (415, "请以 Content-Type: application/x-ndjson 提交。")
    monkeypatch.setattr(bulk, "MOST_ROWS", 2)
    rows = client.post("/titles/bulk", content=b"{}\n" * 3, headers=HEADERS)
    assert (rows.status_code, rows.json()["detail"]) == (413, "一次最多 2 行，请分几次提交。")
    monkeypatch.setattr(api, "LARGEST", 2**20)
    large = client.post("/titles/bulk", content=b" " * (2**20 + 1), headers=HEADERS)
    assert (large.status_code, large.json()["detail"]) == (413, "一次最多 1 MB，请分几次提交。")
