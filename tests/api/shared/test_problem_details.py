"""The exact shape of every error, over real HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field, field_validator
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch
from shared.http.problems import FieldError, Problem, conflict, install_problem_handlers, not_found
from shared.security.actor import Actor, Role

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]


class Line(BaseModel):
    quantity: int = Field(gt=0)


class Order(BaseModel):
    name: str = Field(min_length=2)
    lines: list[Line] = []

    @field_validator("name")
    @classmethod
    def no_digits(cls, name: str) -> str:
        if name.isdigit():
            raise ValueError("名称不能全是数字。")
        return name


def order_app(verifier: Any) -> FastAPI:
    app = FastAPI()
    app.state.verifier = verifier
    install_problem_handlers(app)

    @app.post("/orders")
    def post_order(order: Order) -> str:
        return order.name

    @app.get("/orders")
    def list_orders(limit: Annotated[int, Field(ge=1, le=5)]) -> int:
        return limit

    @app.get("/orders/{number}")
    def get_order(number: int) -> None:
        raise not_found("订单", number)

    @app.post("/changes")
    def change(version: IfMatch) -> int:
        return version

    @app.get("/me")
    def me(actor: CurrentActor) -> str:
        return actor.subject

    @app.get("/review")
    def review(actor: Reviewer) -> str:
        return actor.subject

    @app.get("/fails/{how}")
    def fail(how: str) -> None:
        raise FAILURES[how]

    return app


FAILURES: dict[str, Exception] = {
    "problem": Problem(
        409, "odd", "奇怪", "说明", [FieldError(pointer="/a~1b/0", detail="不对", code="odd")], {"X-Odd": "1"}
    ),
    "conflict": conflict("状态不对"),
    "stale": StaleDataError("stale"),
    "integrity": IntegrityError("insert", {}, Exception("secret_constraint")),
    "data": DataError("select", {}, Exception("out of range")),
    "down": OperationalError("select", {}, Exception("server closed")),
    "half": UnicodeEncodeError("utf-8", "secret\ud800", 6, 7, "surrogates not allowed"),
    "bug": RuntimeError("secret"),
}


@pytest.fixture
def client(live_app: Callable[[FastAPI], str], signing: Any) -> Any:
    with httpx.Client(base_url=live_app(order_app(signing.verifier)), trust_env=False) as http:
        yield http


def test_a_problem_as_raised(client: httpx.Client) -> None:
    answer = client.get("/fails/problem")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-odd"] == "1"
    assert answer.json() == {
        "type": "/problems/odd",
        "title": "奇怪",
        "status": 409,
        "detail": "说明",
        "instance": "/fails/problem",
        "errors": [{"pointer": "/a~1b/0", "detail": "不对", "code": "odd", "location": "body"}],
    }


def test_empty_members_are_left_out(client: httpx.Client) -> None:
    assert client.get("/fails/conflict").json() == {
        "type": "/problems/conflict",
        "title": "状态不对",
        "status": 409,
        "instance": "/fails/conflict",
    }


def test_fields_are_pointed_at_in_chinese(client: httpx.Client) -> None:
    answer = client.post("/orders", json={"name": "轴", "lines": [{"quantity": 1}, {"quantity": 0}]})
    assert answer.status_code == 422
    body = answer.json()
    assert (body["type"], body["title"], body["detail"]) == (
        "/problems/validation",
        "提交的内容有误",
        "共 2 处需要更正。",
    )
    assert body["errors"] == [
        {"pointer": "/name", "detail": "至少 2 个字符。", "code": "string_too_short", "location": "body"},
        {"pointer": "/lines/1/quantity", "detail": "应大于 0。", "code": "greater_than", "location": "body"},
    ]


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"json": {"name": "123"}}, ("/name", "名称不能全是数字。", "value_error", "body")),
        ({"json": {}}, ("/name", "缺少这一项。", "missing", "body")),
        ({"json": 5}, ("", "应为一个对象。", "model_attributes_type", "body")),
        ({"content": b"{"}, ("/1", "不是有效的 JSON。", "json_invalid", "body")),
    ],
    ids=["own-validator", "missing", "no-object", "no-json"],
)
def test_bodies(client: httpx.Client, sent: dict[str, Any], error: tuple[str, ...]) -> None:
    headers = {"content-type": "application/json"}
    (found,) = client.post("/orders", headers=headers, **sent).json()["errors"]
    assert (found["pointer"], found["detail"], found["code"], found["location"]) == error


def test_a_parameter_of_the_query_or_the_path(client: httpx.Client) -> None:
    (in_query,) = client.get("/orders?limit=9").json()["errors"]
    assert (in_query["pointer"], in_query["detail"], in_query["location"]) == ("/limit", "应不大于 5。", "query")
    (in_path,) = client.get("/orders/seven").json()["errors"]
    assert (in_path["pointer"], in_path["detail"], in_path["location"]) == ("/number", "应为整数。", "path")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "title"),
    [
        ("GET", "/orders/7", 404, "not-found", "没有这个订单"),
        ("GET", "/nowhere", 404, "not-found", "没有这个地址"),
        ("DELETE", "/orders", 405, "method-not-allowed", "不支持这种请求方法"),
        ("GET", "/fails/stale", 412, "precondition-failed", "内容已被他人修改"),
        ("GET", "/fails/integrity", 409, "conflict", "与已有数据冲突"),
        ("GET", "/fails/data", 422, "out-of-range", "提交的值超出范围"),
        ("GET", "/fails/down", 503, "database-unavailable", "数据库暂时无法使用"),
        ("GET", "/fails/half", 422, "validation", "提交的内容有误"),
        ("GET", "/fails/bug", 500, "internal", "服务内部出错"),
        ("POST", "/changes", 428, "precondition-required", "缺少版本"),
        ("GET", "/me", 401, "unauthorised", "需要登录"),
    ],
)
def test_kinds(client: httpx.Client, method: str, path: str, status: int, kind: str, title: str) -> None:
    answer = client.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["status"]) == (status, status)
    assert (body["type"], body["title"]) == (f"/problems/{kind}", title)
    assert "secret" not in answer.text


@pytest.mark.parametrize("value", ["3", '"x"', 'W/"3"', "*", '"1", "2"', '"9999999999"'])
def test_a_version_that_cannot_be_read(client: httpx.Client, value: str) -> None:
    answer = client.post("/changes", headers={"If-Match": value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/If-Match")


def test_a_version_that_can(client: httpx.Client) -> None:
    assert client.post("/changes", headers={"If-Match": '"3"'}).json() == 3


def test_a_token_and_its_role(client: httpx.Client, signing: Any) -> None:
    reviewer = {"Authorization": f"Bearer {signing.token(Role.REVIEWER)}"}
    service = {"Authorization": f"Bearer {signing.token(Role.SERVICE)}"}
    assert client.get("/review", headers=reviewer).json() == "test"
    refused = client.get("/review", headers=service)
    assert (refused.status_code, refused.json()["title"]) == (403, "没有权限")
    assert "reviewer" in refused.json()["detail"]


def test_a_token_that_does_not_hold(client: httpx.Client, signing: Any) -> None:
    stale = signing.token(Role.REVIEWER, lifetime=timedelta(seconds=-5))
    answer = client.get("/me", headers={"Authorization": f"Bearer {stale}"})
    assert (answer.status_code, answer.json()["detail"]) == (401, "令牌已过期，请重新领取。")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/me", headers={"Authorization": "Basic YTpi"}).status_code == 401
