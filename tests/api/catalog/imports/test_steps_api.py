"""An import step by step over HTTP, as a person at a screen takes it; who may not; templates with their lists."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from services.catalog.imports.files.reading import MAX_BYTES
from shared.codes.credit_code import make
from shared.http.client import ApiClient, ApiProblem
from shared.security.actor import Role
from tests.spreadsheets import csv_bytes

Client = Callable[..., ApiClient]

FIRM = make(321)
FOREIGN = csv_bytes([["税号", "公司名称", "员工人数"], [FIRM, "蓬莱阀门有限公司（虚构）", 88]])


def upload(api: ApiClient, content: bytes = FOREIGN, **data: str) -> dict[str, Any]:
    return dict(api.post("/catalog/v1/imports/uploads", files={"file": ("名录.csv", content)}, data=data))


def test_the_whole_way_from_foreign_headings_to_undo(client: Client) -> None:
    api = client()
    draft = upload(api)
    (guess,) = draft["sheets"]
    assert [column["field"] for column in guess["columns"]] == ["credit_code", "name", "staff"]
    assert (guess["kind"], guess["missing"]) == ("enterprises", ["roles"])
    mapping = draft["proposed"]
    mapping["sheet"][0]["target"][0]["constants"] = {"roles": "供应商"}
    path = f"/catalog/v1/imports/{draft['id']}"
    assert api.put(f"{path}/mapping", mapping)["sheets"][0]["missing"] == []
    assert api.put("/catalog/v1/import-sources/税务名录", mapping)["source"] == "税务名录"
    assert api.post(f"{path}/preview")["sheets"][0]["created"] == 1
    assert api.post(f"{path}/apply", json={"mode": "valid_rows"})["state"] == "applied"
    assert [row["staff"] for row in api.pages("/catalog/v1/enterprises", q="蓬莱阀门")] == [88]
    assert upload(api, source="税务名录")["sheets"][0]["mapped"] is True
    assert api.post(f"{path}/undo", json={"reason": "试传"})["state"] == "undone"
    assert list(api.pages("/catalog/v1/enterprises", q="蓬莱阀门")) == []
    assert [source["source"] for source in api.get("/catalog/v1/import-sources")] == ["税务名录"]
    api._call("DELETE", "/catalog/v1/import-sources/税务名录", params={})
    assert api.get("/catalog/v1/import-sources") == []


@pytest.mark.parametrize(
    ("size", "detail"),
    [
        (MAX_BYTES + 1, "文件超过 50 MB。请按产品或期间拆成几个文件，分次导入。"),
        (MAX_BYTES * 4, "这种内容一次最多 64 MB，请分几次提交。"),
    ],
)
def test_a_file_that_is_too_large(client: Client, size: int, detail: str) -> None:
    with pytest.raises(ApiProblem) as caught:
        upload(client(), b"a" * size)
    assert (caught.value.status, caught.value.detail) == (413, detail)


def test_a_mapping_that_is_none(client: Client) -> None:
    api = client()
    with pytest.raises(ApiProblem) as caught:
        api.put(f"/catalog/v1/imports/{upload(api)['id']}/mapping", {"sheet": [{"target": []}]})
    assert caught.value.status == 422


@pytest.mark.parametrize("role", [None, Role.SERVICE, Role.CLUSTER_ORGANISATION, Role.SUPPLIER])
def test_who_may_not_decide_on_rows(client: Client, role: Role | None) -> None:
    whose: dict[str, Any] = {"enterprise_id": uuid4()} if role is Role.SUPPLIER else {}
    for path in (f"/catalog/v1/import-rows/{uuid4()}/take", f"/catalog/v1/import-rows/{uuid4()}/refuse"):
        with pytest.raises(ApiProblem) as caught:
            client(role, **whose).post(path, json={})
        assert caught.value.status == (401 if role is None else 403)


def test_a_row_that_waits_is_taken_over_http(client: Client) -> None:
    api = client()
    table = csv_bytes([["供应商统一社会信用代码", "产品或工艺"], [FIRM, "环保"]])
    firms = csv_bytes([["统一社会信用代码", "企业名称", "角色"], [FIRM, "蓬莱阀门有限公司（虚构）", "供应商"]])
    for name, content in (("企业.csv", firms), ("供给能力.csv", table)):
        api.post("/catalog/v1/imports", files={"file": (name, content)})
    (waiting,) = api.pages("/catalog/v1/import-rows/waiting", kind="capabilities")
    assert (waiting["filename"], waiting["raw"]["产品或工艺"]) == ("供给能力.csv", "环保")
    taken = api.post(f"/catalog/v1/import-rows/{waiting['id']}/take", json={"reason": "已核实"})
    assert (taken["outcome"], taken["reason"]) == ("created", "已核实")
    assert list(api.pages("/catalog/v1/import-rows/waiting")) == []


def test_templates_offer_the_words_of_their_code_lists(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client().get("/catalog/v1/templates/capabilities.xlsx")))
    assert book.sheetnames == ["供给能力", "代码"]
    lists = {
        str(head.value): [cell.value for cell in column[1:] if cell.value]
        for column in book["代码"].columns
        for head in column[:1]
    }
    assert {"产能单位", "工艺", "材料"} <= set(lists)
    assert "件" in lists["产能单位"]
    formulas = {rule.formula1 for rule in book["供给能力"].data_validations.dataValidation}
    assert any(formula.startswith("代码!") for formula in formulas)
