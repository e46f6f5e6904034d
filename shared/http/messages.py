"""pydantic's messages in Chinese: what is wrong with a value, said to the person who typed it."""

from collections.abc import Mapping
from typing import Any

#: By pydantic's error type; the placeholders are the names in the error's context.
MESSAGES = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项，请删去或检查拼写。",
    "json_invalid": "不是有效的 JSON。",
    "model_type": "应为一个对象。",
    "model_attributes_type": "应为一个对象。",
    "dict_type": "应为一个对象。",
    "list_type": "应为一个列表。",
    "string_type": "应为文字。",
    "string_too_short": "至少 {min_length} 个字符。",
    "string_too_long": "至多 {max_length} 个字符。",
    "string_pattern_mismatch": "格式不符，应符合 {pattern}。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_from_float": "应为整数，不能有小数。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "finite_number": "应为有限的数。",
    "decimal_type": "应为数字。",
    "decimal_parsing": "应为数字。",
    "decimal_max_digits": "至多 {max_digits} 位数字。",
    "decimal_max_places": "至多 {decimal_places} 位小数。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "greater_than": "应大于 {gt}。",
    "greater_than_equal": "应不小于 {ge}。",
    "less_than": "应小于 {lt}。",
    "less_than_equal": "应不大于 {le}。",
    "multiple_of": "应为 {multiple_of} 的倍数。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "至多 {max_length} 项。",
    "enum": "应为下列之一：{expected}。",
    "literal_error": "应为下列之一：{expected}。",
    "uuid_type": "应为 UUID 编号。",
    "uuid_parsing": "应为 UUID 编号。",
    "date_type": "应为日期，例如 2026-01-31。",
    "date_parsing": "应为日期，例如 2026-01-31。",
    "date_from_datetime_parsing": "应为日期，例如 2026-01-31。",
    "datetime_type": "应为带时区的时间，例如 2026-01-31T08:00:00+08:00。",
    "datetime_parsing": "应为带时区的时间，例如 2026-01-31T08:00:00+08:00。",
    "datetime_from_date_parsing": "应为带时区的时间，例如 2026-01-31T08:00:00+08:00。",
    "timezone_aware": "应带时区，例如 2026-01-31T08:00:00+08:00。",
}


def chinese(error: Mapping[str, Any]) -> str:
    """The message of one pydantic error.

    Our own validators raise ValueError with a Chinese sentence, which is passed on; a type that is not in the table
    is named, so that it can be looked up.
    """
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind == "value_error":
        return str(context.get("error", error.get("msg", "")))
    if kind not in MESSAGES:
        return f"值不符合要求（{kind}）。"
    return MESSAGES[kind].format_map({name: str(value).replace(" or ", " 或 ") for name, value in context.items()})
