"""Query parameters that a route does not know are refused: a misspelt filter must not be passed over in silence."""

from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

from shared.http.problems import FieldError, Problem

#: The `openapi_extra` of a route to which others send what they like: a sign-in provider adds parameters of its own.
OPEN_QUERY: dict[str, bool] = {"x-open-query": True}

_KNOWN: dict[int, tuple[Dependant, dict[str, bool]]] = {}


async def refuse_unknown_parameters(request: Request) -> None:
    """A Problem (422) naming each parameter of the query that the route has not, or that is given twice to no avail."""
    given = request.query_params.multi_items()
    if not given or (request.scope["route"].openapi_extra or {}).get("x-open-query"):
        return
    known = _known(request.scope["route"].dependant)
    names = [name for name, _ in given]
    errors = [_unknown(name, known) for name in dict.fromkeys(names) if name not in known]
    errors += [_twice(name) for name in dict.fromkeys(names) if known.get(name) is False and names.count(name) > 1]
    if errors:
        raise Problem(422, "validation", "提交的内容有误", f"共 {len(errors)} 处需要更正。", errors)


def _known(dependant: Dependant) -> dict[str, bool]:
    """The route's parameters, and whether each may be given more than once."""
    if id(dependant) not in _KNOWN:
        fields = [each for each in get_flat_params(dependant) if isinstance(each.field_info, Query)]
        _KNOWN[id(dependant)] = dependant, {each.alias: "list[" in str(each.field_info.annotation) for each in fields}
    return _KNOWN[id(dependant)][1]


def _unknown(name: str, known: dict[str, bool]) -> FieldError:
    near = get_close_matches(name, known, 1)
    meant = f"是否指 {near[0]}？" if near else "请删去，或查阅接口文档。"
    return FieldError(
        pointer=_pointer(name), detail=f"没有这个查询参数；{meant}", code="extra_forbidden", location="query"
    )


def _twice(name: str) -> FieldError:
    detail = "只能给一次：各条件同时成立。"
    return FieldError(pointer=_pointer(name), detail=detail, code="repeated", location="query")


def _pointer(name: str) -> str:
    return "/" + name[:100].replace("~", "~0").replace("/", "~1")
