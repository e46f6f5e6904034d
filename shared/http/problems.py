"""Errors over HTTP: RFC 9457 problem details with a stable type, a Chinese title and a JSON pointer per field."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.routing import Match

from shared.http.messages import chinese
from shared.http.responses import json_response

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "没有这个地址",
    405: "不支持这种请求方法",
    408: "提交的内容没有按时到达",
    409: "与现有状态冲突",
    410: "链接已失效",
    412: "内容已被他人修改",
    413: "提交的内容过大",
    415: "不支持这种内容格式",
    422: "提交的内容有误",
    428: "缺少版本",
    429: "请求过于频繁",
    500: "服务内部出错",
    502: "上游服务没有正常回答",
    503: "服务暂时无法使用",
}
KINDS = {
    400: "bad-request",
    401: "unauthorised",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}


class BodyRefused(HTTPException):
    """A body that is not read to its end, and why; FastAPI lets it pass where it would call any other error a 400."""

    def __init__(self, problem: "Problem") -> None:
        super().__init__(problem.status)
        self.problem = problem


class FieldError(BaseModel):
    """What is wrong with one field: a JSON pointer into the body, or the name of a parameter elsewhere."""

    pointer: str
    detail: str
    code: str
    location: str = "body"


class ProblemDetails(BaseModel):
    """The body of an error, as the API's documentation describes it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[FieldError] = []


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of routes that may answer with these errors, for the API's documentation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {"model": ProblemDetails, "description": TITLES.get(status, "问题详情"), "content": content}
        for status in statuses
    }


class Problem(Exception):
    """An answer that is an error; raise it anywhere below a route.

    `kind` is stable and becomes the type "/problems/<kind>"; `title` and `detail` are for people, in Chinese.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {kind}: {title} {detail}".rstrip())
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def body(self, instance: str = "") -> dict[str, Any]:
        """The members of the problem object; empty ones are left out."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            members["detail"] = self.detail
        if instance:
            members["instance"] = instance
        if self.errors:
            members["errors"] = [error.model_dump() for error in self.errors]
        return members


def not_found(what: str, id: object) -> Problem:
    """There is no such thing, or the actor may not see it: the same answer for both."""
    return Problem(404, "not-found", f"没有这个{what}", f"找不到编号为 {id} 的{what}，或您无权查看。")


def conflict(title: str, detail: str = "", kind: str = "conflict") -> Problem:
    """The request contradicts what is stored."""
    return Problem(409, kind, title, detail)


def forbidden(detail: str = "") -> Problem:
    """The actor is known and may not do this."""
    return Problem(403, "forbidden", "没有权限", detail)


def unauthorised(detail: str = "请在 Authorization 头中提供有效的令牌。") -> Problem:
    """The actor is not known."""
    headers = {"WWW-Authenticate": 'Bearer realm="xieshou"'}
    return Problem(401, "unauthorised", "需要登录", detail, headers=headers)


def precondition_required() -> Problem:
    """A change came without the version that it is based on."""
    detail = "请在 If-Match 头中带上您看到的版本（读取时 ETag 头中的值）。"
    return Problem(428, "precondition-required", "缺少版本", detail)


def precondition_failed(detail: str = "请重新读取后再提交。") -> Problem:
    """Somebody changed the thing since the actor read it."""
    return Problem(412, "precondition-failed", "内容已被他人修改", detail)


def unavailable(title: str, detail: str, seconds: int, kind: str = "unavailable") -> Problem:
    """It cannot be done now; it may be tried again after so many seconds."""
    return Problem(503, kind, title, detail, headers={"Retry-After": str(seconds)})


def internal() -> Problem:
    """A fault of ours."""
    return Problem(500, "internal", "服务内部出错", "问题已记录，请稍后再试。")


def unsupported_media_type(wanted: str) -> Problem:
    """The body is of a kind that the route does not read."""
    return Problem(415, "unsupported-media-type", "不支持这种内容格式", f"请以 Content-Type: {wanted} 提交。")


def answer(request: Request, problem: Problem) -> Response:
    """The response that carries a problem: a page, where the service has pages and a person asked for one."""
    show = getattr(request.app.state, "show_problem", None)
    page: Response | None = show(request, problem) if show else None
    return page or answer_scope(request.scope, problem)


def answer_scope(scope: Mapping[str, Any], problem: Problem) -> Response:
    """The response that carries a problem, for ASGI layers."""
    headers = {**problem.headers, "Content-Type": MEDIA_TYPE}
    return json_response(problem.body(scope["path"]), problem.status, headers)


def field_error(error: dict[str, Any]) -> FieldError:
    """One of pydantic's errors as a field error: where it is, and what is wrong, in Chinese."""
    location, *path = [str(part) for part in error["loc"]] or ["body"]
    # RFC 6901: "~" and "/" inside a name are escaped
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in path]
    pointer = "".join(f"/{part}" for part in escaped)
    return FieldError(pointer=pointer, detail=chinese(error), code=str(error["type"]), location=location)


def validation_problem(errors: Sequence[Any]) -> Problem:
    """The problem for a request whose shape or values are wrong."""
    found = [field_error(error) for error in errors]
    return Problem(422, "validation", "提交的内容有误", f"共 {len(found)} 处需要更正。", found)


def http_problem(error: AnyHTTPException) -> Problem:
    """The problem for the framework's own errors (no such route, wrong method …)."""
    kind = KINDS.get(error.status_code, f"http-{error.status_code}")
    title = TITLES.get(error.status_code, "请求没有成功")
    return Problem(error.status_code, kind, title, headers=error.headers)


def database_problem(error: Exception) -> Problem:
    """The problem for what the database refuses; the statement stays in the log, it is not for callers."""
    match error:
        case StaleDataError():
            return precondition_failed()
        case IntegrityError():
            return conflict("与已有数据冲突", "有重复的或仍被引用的数据。")
        case DataError():
            return Problem(422, "out-of-range", "提交的值超出范围")
        case _:
            return unavailable("数据库暂时无法使用", "请稍后再试。", 2, "database-unavailable")


def refusal(error: Exception) -> dict[str, str | None]:
    """What of a database's refusal may stand in a log: its code and whose it is; its words quote the row."""
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    names = ("sqlstate", "table_name", "column_name", "constraint_name")
    return {"type": type(error).__name__, **{name: getattr(diagnosis, name, None) for name in names}}


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem detail."""
    log = structlog.get_logger("http")

    async def on_problem(request: Request, error: Any) -> Response:
        return answer(request, error)

    async def on_validation(request: Request, error: Any) -> Response:
        return answer(request, _unread_body(request, error) or validation_problem(error.errors()))

    async def on_http(request: Request, error: Any) -> Response:
        problem = error.problem if isinstance(error, BodyRefused) else http_problem(error)
        if problem.status == 405:
            problem.headers["Allow"] = ", ".join(sorted(allowed_methods(app, request.scope)))
        return answer(request, problem)

    async def on_database(request: Request, error: Exception) -> Response:
        log.warning("database refused", path=request.url.path, **refusal(error))
        return answer(request, database_problem(error))

    async def on_unencodable(request: Request, _: Exception) -> Response:
        # JSON may spell half of a UTF-16 pair; neither the database nor an answer can hold it
        log.warning("text without UTF-8", path=request.url.path)
        detail = "文字中有不成对的代理字符（\\ud800 至 \\udfff），不是有效的 Unicode 文字。"
        return answer(request, Problem(422, "validation", "提交的内容有误", detail))

    async def on_unknown(request: Request, _: Exception) -> Response:
        # who serves the application logs it: Starlette raises the exception again once we have answered
        return answer(request, internal())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(AnyHTTPException, on_http)
    for kind in (StaleDataError, IntegrityError, DataError, OperationalError, PoolTimeoutError):
        app.add_exception_handler(kind, on_database)
    app.add_exception_handler(UnicodeEncodeError, on_unencodable)
    app.add_exception_handler(Exception, on_unknown)


def allowed_methods(app: FastAPI, scope: Mapping[str, Any]) -> set[str]:
    """The methods that the address of a request does know."""
    asked = {name: scope.get(name, "") for name in ("type", "path", "root_path")}
    return {method for method in _METHODS if _is_known(app, {**asked, "method": method, "headers": []})}


def _is_known(app: FastAPI, scope: dict[str, Any]) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in app.router.routes)


def _unread_body(request: Request, error: RequestValidationError) -> Problem | None:
    """The problem (415) of a body of another kind than the route reads; None where the kind is not what is wrong."""
    field = getattr(request.scope.get("route"), "body_field", None)
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if field is None or not sent or all(each["loc"][0] != "body" for each in error.errors()):
        return None
    wanted = getattr(field.field_info, "media_type", "application/json")
    if sent == wanted or (wanted == "application/json" and sent.endswith("+json")):
        return None
    return unsupported_media_type(wanted)
