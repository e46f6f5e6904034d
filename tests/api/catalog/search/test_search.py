"""Search and names alike over HTTP: two-character words, initials, order, and nothing that the caller may not know."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.codes.credit_code import make
from shared.security.actor import Actor
from tests.api.catalog.conftest import Served
from tests.spreadsheets import csv_bytes
from tests.support.catalog_world import REVIEWER


def found(served: Served, actor: Actor, q: str, **params: Any) -> dict[str, list[str]]:
    """The names that a query finds, by kind."""
    answer = served.client(actor).get("/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return {group["kind"]: [hit["name"] for hit in group["hits"]] for group in answer.json() if group["hits"]}


def test_two_characters_find_names_and_parts(reading: Served) -> None:
    assert found(reading, REVIEWER, "阀门") == {"enterprise": ["丙阀门（虚构）"], "need": ["阀门"]}
    assert found(reading, REVIEWER, "產品") == {
        "product": ["无链主产品"],
        "capability": ["far 的产品", "near 的产品"],
    }


@pytest.mark.parametrize("q", ["bfm", "BFM", "阀门 丙", "丙阀门（虚构）"])
def test_initials_and_several_words_find_a_firm(reading: Served, q: str) -> None:
    assert found(reading, REVIEWER, q, kind="enterprise") == {"enterprise": ["丙阀门（虚构）"]}


def test_a_code_finds_what_it_names(reading: Served) -> None:
    assert found(reading, REVIEWER, "a-1") == {"product": ["散货船"]}
    assert found(reading, REVIEWER, make(3)) == {"enterprise": ["丙阀门（虚构）"]}


def test_each_finds_only_what_it_may_know_of(reading: Served) -> None:
    world = reading.world
    assert found(reading, world.leader("A"), "床") == {}
    assert found(reading, world.leader("B"), "床") == {
        "enterprise": ["乙机床（虚构）"],
        "product": ["车床"],
        "need": ["床身"],
    }
    assert found(reading, world.leader("A"), "丁铸造") == {"enterprise": ["丁铸造（虚构）"]}
    assert found(reading, world.leader("A"), "戊泵业") == {}
    assert found(reading, world.leader("A"), "的产品") == {}
    assert found(reading, world.supplier("near"), "产品") == {"capability": ["near 的产品"]}
    assert found(reading, world.supplier("near"), "丁铸造") == {}
    assert found(reading, world.organisation("ships"), "阀门") == {"enterprise": ["丙阀门（虚构）"], "need": ["阀门"]}
    assert found(reading, world.leader("A"), make(3)) == {}


def test_names_come_before_texts_and_short_ones_first(writing: Served) -> None:
    near, client = str(writing.world.enterprises["near"]), writing.client(REVIEWER)
    rows = [
        ("1", "高压球阀总成", ""),
        ("2", "接头", "与球阀配套的接头，按图加工"),
        ("3", "球阀", ""),
        ("4", "球阀芯", ""),
    ]
    for code, name, text in rows:
        body = {"supplier_id": near, "code": code, "name": name, "text": text}
        assert client.post("/capabilities", json=body).status_code == 201
    (group,) = client.get("/search", params={"q": "球阀", "kind": "capability"}).json()
    assert [hit["name"] for hit in group["hits"]] == ["球阀", "球阀芯", "高压球阀总成", "接头"]
    assert [hit["found_in"] for hit in group["hits"]] == ["name", "name", "name", "text"]
    assert group["hits"][3]["excerpt"] == "与球阀配套的接头，按图加工"
    assert client.get(group["hits"][0]["href"].removeprefix("/catalog/v1")).json()["name"] == "球阀"
    (cut,) = client.get("/search", params={"q": "球阀", "kind": "capability", "limit": 2}).json()
    assert (len(cut["hits"]), cut["more"], group["more"]) == (2, True, False)


def test_a_name_in_traditional_characters_is_found_as_typed(writing: Served) -> None:
    body = {"credit_code": make(300), "name": "遠航機械廠（虚构）", "is_supplier": True}
    assert writing.client(REVIEWER).post("/enterprises", json=body).status_code == 201
    assert found(writing, REVIEWER, "遠航") == {"enterprise": ["遠航機械廠（虚构）"]}


def test_a_kind_that_is_not_searched_is_refused(reading: Served) -> None:
    answer = reading.client(REVIEWER).get("/search", params={"q": "阀门", "kind": "title"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/kind/0")


@pytest.mark.parametrize("q", ["", "（）", "%"])
def test_a_query_without_a_word_is_refused(reading: Served, q: str) -> None:
    answer = reading.client(REVIEWER).get("/search", params={"q": q})
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (422, "请输入要查找的文字。")


def test_names_alike_are_flagged_when_they_come(writing: Served) -> None:
    client = writing.client(REVIEWER)
    first = {"credit_code": make(200), "name": "青岛携手示例精密机械有限公司", "is_supplier": True}
    assert "similar" not in client.post("/enterprises", json=first).json()
    second = {"credit_code": make(201), "name": "山东携手示例精密机械股份有限公司", "is_supplier": True}
    made = client.post("/enterprises", json=second).json()
    assert [(each["name"], each["score"]) for each in made["similar"]] == [("青岛携手示例精密机械有限公司", 100)]
    row = {"source_key": "x:1", "name": "携手示例精密机械厂", "is_supplier": True}
    headers = {"Content-Type": "application/x-ndjson"}
    bulk = client.post("/enterprises/bulk", content=json.dumps(row).encode(), headers=headers).json()
    assert {each["score"] for each in bulk["similar"]} == {100}
    assert len(bulk["similar"]) == 2
    listed = client.get("/similar-enterprises").json()
    assert (len(listed["pairs"]), listed["more"]) == (3, False)
    assert client.get("/similar-enterprises", params={"limit": 1}).json()["more"] is True
    assert len(client.get(f"/enterprises/{made['id']}/similar").json()) == 2
    stranger = client.get(f"/enterprises/{uuid4()}/similar")
    assert (stranger.status_code, stranger.json()["title"]) == (404, "没有这个企业")
    for path in ("/similar-enterprises", f"/enterprises/{made['id']}/similar"):
        assert writing.client(writing.world.leader("A")).get(path).status_code == 403


def test_firms_of_one_trade_are_not_alike(reading: Served) -> None:
    assert reading.client(REVIEWER).get("/similar-enterprises").json() == {"pairs": [], "more": False}


def test_an_import_names_its_newcomers_that_are_like_others(writing: Served) -> None:
    client = writing.client(REVIEWER)
    rows = [
        ["统一社会信用代码", "企业名称", "角色"],
        [make(200), "青岛携手示例精密机械有限公司", "供应商"],
        [make(201), "山东携手示例精密机械股份有限公司", "供应商"],
        [make(202), "远航铸造厂", "供应商"],
    ]
    sent = client.post("/imports", files={"file": ("企业.csv", csv_bytes(rows))})
    assert sent.status_code == 200, sent.text
    place = f"/imports/{sent.json()['id']}/similar"
    told = {each["name"]: [other["name"] for other in each["similar"]] for each in client.get(place).json()}
    assert told == {
        "青岛携手示例精密机械有限公司": ["山东携手示例精密机械股份有限公司"],
        "山东携手示例精密机械股份有限公司": ["青岛携手示例精密机械有限公司"],
    }
    assert client.get(f"/imports/{uuid4()}/similar").status_code == 404
    assert writing.client(writing.world.supplier("near")).get(place).status_code == 403
