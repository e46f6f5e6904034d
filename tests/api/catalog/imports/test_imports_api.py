"""Imports over HTTP: a broken file is a problem with its remedy and never a 500; reports, rows and templates."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from services.catalog.imports.templates import TEMPLATES
from shared.codes.credit_code import make
from shared.http.client import ApiClient, ApiProblem
from shared.security.actor import Role
from tests.spreadsheets import csv_bytes, xlsx

Client = Callable[..., ApiClient]

FIRM = make(5)
FIRMS = [["统一社会信用代码", "企业名称", "角色"], [FIRM, "泰山轴承有限公司（虚构）", "供应商"]]
GOOD = xlsx({"企业": FIRMS})


def send(api: ApiClient, filename: str, content: bytes, mapping: bytes | None = None, **data: str) -> Any:
    files = {"file": (filename, content)} | ({"mapping": ("m.toml", mapping)} if mapping is not None else {})
    return api.post("/catalog/v1/imports", files=files, data=data)


@pytest.mark.parametrize(
    ("filename", "content", "code", "detail"),
    [
        ("企业.xlsx", b"", "empty_file", "文件是空的（0 字节）。请确认文件已保存，再重新上传。"),
        (
            "企业.xlsx",
            GOOD[:900],
            "corrupted",
            "工作簿已损坏或不完整，无法打开。请用 Excel 或 WPS 打开并修复，另存为 .xlsx 后再上传。",
        ),
        ("企业.xls", b"x", "wrong_extension", "不支持的文件类型“.xls”，只接受 .xlsx 和 .csv。"),
        ("企业.csv", GOOD, "not_csv", "扩展名是 .csv，内容却是 Excel 工作簿。"),
        ("企业.csv", "企业".encode("utf-16"), "wrong_encoding", "文件编码不是 UTF-8 或 GB18030。"),
        ("未知.csv", b"a,b\n1,2\n", "unknown_kind", "看不出文件里是哪一种数据。"),
        ("企业.xlsx", xlsx({"企业": []}), "no_data", "文件里没有数据。请确认数据已保存在文件中，再重新上传。"),
    ],
)
def test_a_broken_file_is_a_problem_with_a_remedy(
    client: Client, filename: str, content: bytes, code: str, detail: str
) -> None:
    with pytest.raises(ApiProblem) as caught:
        send(client(), filename, content)
    problem = caught.value
    assert (problem.status, problem.type, problem.title) == (422, "/problems/unreadable-file", "文件无法导入")
    assert problem.detail.startswith(detail)
    assert [(error["pointer"], error["code"]) for error in problem.errors] == [("/file", code)]


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.CHAIN_LEADER])
@pytest.mark.parametrize("subject", ["client:erp", "test"])
def test_a_token_of_no_enterprise_imports_nothing(client: Client, role: Role, subject: str) -> None:
    """A machine's as a person's, whatever the file; the refusal comes before the file is read."""
    api = client(role, subject=subject)
    before = client().get("/catalog/v1/imports")["items"]
    for content in (GOOD, b""):
        with pytest.raises(ApiProblem) as caught:
            send(api, "企业.xlsx", content)
        assert (caught.value.status, caught.value.detail) == (403, "您的令牌不属于任何企业，不能导入。")
    assert client().get("/catalog/v1/imports")["items"] == before


def test_a_broken_mapping_points_to_the_mapping(client: Client) -> None:
    with pytest.raises(ApiProblem) as caught:
        send(client(), "x.csv", b"a\n1\n", mapping=b"[[sheet]")
    assert (caught.value.status, caught.value.type) == (422, "/problems/unreadable-mapping")
    assert caught.value.errors[0]["pointer"] == "/mapping"


def test_a_form_without_a_file_or_with_a_wrong_mode(client: Client) -> None:
    with pytest.raises(ApiProblem) as caught:
        send(client(), "企业.xlsx", GOOD, mode="some_rows")
    assert (caught.value.status, caught.value.errors[0]["pointer"]) == (422, "/mode")
    with pytest.raises(ApiProblem) as caught:
        client().post("/catalog/v1/imports", files={"mode": (None, b"valid_rows")})
    assert (caught.value.status, caught.value.errors[0]["pointer"]) == (422, "/file")


def test_import_report_and_rows(client: Client) -> None:
    api = client()
    rows = [*FIRMS, [FIRM[:-2], "短码（虚构）", "供应商"]]
    report = send(api, "企业.xlsx", xlsx({"企业": rows}))
    assert report["applied"] is True
    assert report["sheets"] == [
        {
            "sheet": "企业",
            "kind": "enterprises",
            "rows": 2,
            "created": 1,
            "changed": 0,
            "unchanged": 0,
            "repeated": 0,
            "refused": 1,
            "to_be_looked_at": 0,
        }
    ]
    assert report["problems"] == [
        {
            "sheet": "企业",
            "row": 3,
            "column": "统一社会信用代码",
            "value": FIRM[:-2],
            "code": "credit_code",
            "message": "统一社会信用代码应为 18 位，这里是 16 位",
            "remedy": "请按营业执照核对，补全 18 位代码",
        }
    ]
    assert api.get(f"/catalog/v1/imports/{report['id']}") == report
    assert next(api.pages("/catalog/v1/imports"))["id"] == report["id"]
    (refused,) = api.pages(f"/catalog/v1/imports/{report['id']}/rows", outcome="refused")
    assert refused["raw"]["企业名称"] == "短码（虚构）"
    assert [row["credit_code"] for row in api.pages("/catalog/v1/enterprises", q="泰山轴承")] == [FIRM]


def test_all_or_nothing_over_http(client: Client) -> None:
    api = client()
    content = csv_bytes(
        [FIRMS[0], [make(77), "无踪有限公司（虚构）", "供应商"], ["1", "短码（虚构）", "供应商"]], "gb18030"
    )
    report = send(api, "表.csv", content, mode="all_or_nothing", kind="enterprises")
    assert (report["applied"], report["sheets"][0]["refused"]) == (False, 1)
    assert list(api.pages("/catalog/v1/enterprises", q="无踪")) == []


def test_a_mapped_file_over_http(client: Client) -> None:
    mapping = """
    source = "样例"
    [[sheet]]
    file = "外来*.csv"
    [[sheet.target]]
    kind = "enterprises"
    columns = { source_key = "编号", name = "名称" }
    constants = { roles = "供应商" }
    """.encode()
    api = client()
    report = send(api, "外来名录.csv", csv_bytes([["编号", "名称"], ["7", "胶东样例（虚构）"]]), mapping)
    assert report["sheets"][0]["created"] == 1
    assert [row["source_key"] for row in api.pages("/catalog/v1/enterprises", q="胶东样例")] == ["样例:7"]


@pytest.mark.parametrize("role", [None, Role.SERVICE, Role.CLUSTER_ORGANISATION])
def test_who_may_not_import(client: Client, role: Role | None) -> None:
    with pytest.raises(ApiProblem) as caught:
        send(client(role), "企业.xlsx", GOOD)
    assert caught.value.status == (401 if role is None else 403)


@pytest.mark.parametrize(
    ("role", "whose"),
    [(Role.SUPPLIER, {"enterprise_id": uuid4()}), (Role.CLUSTER_ORGANISATION, {"cluster_ids": frozenset({uuid4()})})],
)
def test_anothers_import_is_not_found(client: Client, role: Role, whose: dict[str, object]) -> None:
    report = send(client(), "企业.xlsx", GOOD)
    stranger = client(role, **whose)
    assert list(stranger.pages("/catalog/v1/imports")) == []
    for path in (f"/catalog/v1/imports/{report['id']}", f"/catalog/v1/imports/{report['id']}/rows"):
        with pytest.raises(ApiProblem) as caught:
            stranger.get(path)
        assert caught.value.status == 404


def test_templates_are_listed_and_download(client: Client) -> None:
    api = client()
    listed = api.get("/catalog/v1/templates")
    assert [template["title"] for template in listed] == [template.title for template in TEMPLATES.values()]
    for template in listed:
        book = openpyxl.load_workbook(io.BytesIO(api.get(template["href"])))
        heads = [str(cell.value).rstrip("*") for cell in book.active[1]]
        assert (book.active.title, heads) == (template["title"], [column["heading"] for column in template["columns"]])
        assert str(book.active["A2"].value).startswith("填写说明")


def test_a_filled_template_imports(client: Client) -> None:
    api = client()
    book = openpyxl.load_workbook(io.BytesIO(api.get("/catalog/v1/templates/enterprises.xlsx")))
    sheet = book.active
    assert sheet.column_dimensions["A"].number_format == "@"
    sheet.append([make(6), "崂山齿轮有限公司（虚构）", None, "供应商", "370200"])
    stream = io.BytesIO()
    book.save(stream)
    report = send(api, "下载的模板.xlsx", stream.getvalue())
    assert (report["problems"], report["sheets"][0]["created"]) == ([], 1)
