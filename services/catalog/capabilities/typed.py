"""What a supplier typed into the form of a capability, as the fields that the API takes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.codes.parameters import InvalidParameter, Parameter, parse_parameters, say
from shared.http.problems import FieldError, Problem
from shared.ui.forms import Typed, words_of

ASKED = ("class_code", "spare_capacity", "capacity_unit", "unit_price", "moq", "lead_time_days")
TEXTS = ("name", "text", "disclosure")
LISTS = ("processes", "materials")
FORM = ("code", *TEXTS, *ASKED, *LISTS, "parameters")


def fields_of(form: Typed) -> dict[str, Any]:
    """The fields of the form; what is left empty is taken away. A Problem (422) for parameters that cannot be read."""
    plain = {name: form[name].strip() or None for name in ASKED}
    lists = {name: words_of(form[name]) for name in LISTS}
    told = {name: form[name].strip() for name in TEXTS}
    return {**told, **plain, **lists, "parameters": _parameters(form["parameters"])}


def shown(capability: Mapping[str, Any]) -> dict[str, Any]:
    """A capability as the form shows it: decimals without zeros at their end, lists and parameters as people write."""
    values = {name: capability[name] for name in ("code", *TEXTS, *ASKED)}
    plain = {name: "" if value is None else _plain(value) for name, value in values.items()}
    parameters = "；".join(say(Parameter.model_validate(each)) for each in capability["parameters"])
    return {**plain, **{name: "、".join(capability[name]) for name in LISTS}, "parameters": parameters}


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _parameters(text: str) -> list[dict[str, Any]]:
    try:
        return [each.model_dump(mode="json") for each in parse_parameters(text)] if text.strip() else []
    except InvalidParameter as wrong:
        detail = f"{wrong.message}；请按“名称 数值范围 单位”书写，其余的写入“说明”。"
        error = FieldError(pointer="/parameters", detail=detail, code="value")
        raise Problem(422, "validation", "提交的内容有误", "共 1 处需要更正。", [error]) from wrong
