"""Text that cannot be kept is refused where it comes in: U+0000, and halves of UTF-16 pairs that JSON may spell."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.params import Form
from starlette.datastructures import FormData

from shared.http.problems import FieldError, Problem

_UNFIT = re.compile("[\x00\ud800-\udfff]")
_DETAIL = "文字中有不能保存的字符：U+0000，或不成对的代理字符（\\ud800 至 \\udfff）。"


async def refuse_unfit_text(request: Request) -> None:
    """A Problem (422) that points at each text, in the address, a form or a JSON body, that cannot be kept."""
    found = [("/" + name, "query") for name, text in request.query_params.multi_items() if _UNFIT.search(name + text)]
    found += [("/" + name, "path") for name, text in request.path_params.items() if _UNFIT.search(str(text))]
    field = getattr(request.scope["route"], "body_field", None)
    if field is not None:
        found += [(pointer, "body") for pointer in await _in_body(request, isinstance(field.field_info, Form))]
    if found:
        errors = [_error(pointer, where) for pointer, where in found[:20]]
        raise Problem(422, "validation", "提交的内容有误", f"共 {len(found)} 处需要更正。", errors)


async def _in_body(request: Request, is_form: bool) -> list[str]:
    """Pointers to the texts in a body that FastAPI has read already."""
    if is_form:
        return list(_in_form(await request.form()))
    # raw, neither of them is JSON: both come as escapes, and most bodies have none
    if "json" not in request.headers.get("content-type", "") or b"\\u" not in await request.body():
        return []
    return list(_in_json(await request.json(), ""))


def _in_form(form: FormData) -> Iterator[str]:
    for name, value in form.multi_items():
        text = value if isinstance(value, str) else value.filename or ""
        if _UNFIT.search(name + text):
            yield f"/{name}"


def _in_json(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, str):
        if _UNFIT.search(value):
            yield pointer
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _in_json(each, f"{pointer}/{at}")
    elif isinstance(value, dict):
        for name, each in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if _UNFIT.search(name):
                yield place
            yield from _in_json(each, place)


def _error(pointer: str, where: str) -> FieldError:
    return FieldError(pointer=_UNFIT.sub("\ufffd", pointer), detail=_DETAIL, code="unfit_text", location=where)
