"""What a reviewer typed at the desk, as the use cases take it."""

from services.catalog.registration.schemas import ReturnRequest
from shared.http.problems import FieldError, Problem
from shared.ui.forms import Typed, parsed

_NOTHING = "请在要更正的各项旁边写明怎样更正，再点“退回更正”。"
_STILL_TYPED = "有的项目旁边还写着更正意见：要退回请点“退回更正”，不退回请先清空这些意见。"


def corrections_of(form: Typed) -> ReturnRequest:
    """What is to be corrected: each field of the form that is named by a JSON pointer; 422 for nothing, or too much."""
    fields = [{"pointer": pointer, "reason": said} for pointer, said in _typed(form).items()]
    if not fields:
        raise _refused(_NOTHING, "missing")
    try:
        return parsed(ReturnRequest, {"fields": fields, "reason": form["reason"]})
    except Problem as problem:
        raise _named(problem, [each["pointer"] for each in fields]) from problem


def refuse_lost_corrections(form: Typed) -> None:
    """422 where a decision would throw away corrections that somebody has typed."""
    if _typed(form):
        raise _refused(_STILL_TYPED, "corrections_typed")


def _typed(form: Typed) -> dict[str, str]:
    return {name: said.strip() for name, said in form.given.items() if name.startswith("/") and said.strip()}


def _refused(sentence: str, code: str) -> Problem:
    error = FieldError(pointer="/corrections", detail=sentence, code=code)
    return Problem(422, "validation", "提交的内容有误", "", [error])


def _named(problem: Problem, pointers: list[str]) -> Problem:
    """The same, with each error at the field that the reviewer typed into: /fields/1/reason is the second one's."""
    for error in problem.errors:
        _, where, *rest = error.pointer.split("/")
        if where == "fields" and rest and rest[0].isdecimal():
            error.pointer = pointers[int(rest[0])]
    return problem
