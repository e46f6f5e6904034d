"""Rules over several fields of one row, by kind; and what identifies a row."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from services.catalog.capabilities.rules import Judgement, Verdict, judge
from services.catalog.imports.cleaning.cells import LARGEST
from services.catalog.imports.outcomes import CellProblem, Outcome
from services.catalog.imports.templates import TEMPLATES, ImportKind
from shared.codes.titles import LEVEL_NAMES, all_titles
from shared.codes.units import CURRENCY, find_unit

Values = dict[str, Any]
Finding = tuple[str | None, CellProblem, Outcome]


def check_row(kind: ImportKind, values: Values) -> list[Finding]:
    """Return what is wrong with a row as a whole: the field to point at, the problem, and what it makes of the row.

    Puts the values into their final form on the way (defaults that depend on other fields, 万元 as 元).
    """
    rule = _RULES.get(kind)
    return list(rule(values)) if rule else []


def row_key(kind: ImportKind, values: Values) -> tuple[Any, ...]:
    """Return what identifies a row among those of its kind; an enterprise goes by its credit code if it has one."""
    if kind is ImportKind.ENTERPRISES:
        return (values.get("credit_code") or "key:" + values["source_key"],)
    return tuple([values[name] for name in TEMPLATES[kind].key])


def _enterprise(values: Values) -> Iterator[Finding]:
    if not values.get("credit_code") and not values.get("source_key"):
        yield _refused(
            "credit_code", "missing", "“统一社会信用代码”不能为空", "请填写 18 位统一社会信用代码，设为文本格式"
        )


def _certificate(values: Values) -> Iterator[Finding]:
    begin, end = values.get("valid_from"), values["valid_until"]
    if begin and begin > end:
        yield _refused("valid_until", "ends_before_start", f"有效期止早于有效期起（{begin}）", "请核对两个日期")


def _title(values: Values) -> Iterator[Finding]:
    code, usual = values["title"]
    written = values.get("level")
    values["title"], values["level"] = code, written or usual
    scheme = all_titles()[code]
    if values["level"] not in scheme.levels:
        levels = "、".join(LEVEL_NAMES[each] for each in scheme.levels)
        yield _refused("level", "level", f"{scheme.name}没有这个级别", f"请填写其中之一：{levels}")
    issued, expires = values.get("issued"), values.get("expires")
    if issued and expires and issued > expires:
        yield _refused("expires", "ends_before_start", f"有效期止早于认定日期（{issued}）", "请核对两个日期")


def _relation(values: Values) -> Iterator[Finding]:
    begin, end = values.get("valid_from"), values.get("valid_until")
    if values["owner"] == values["owned"]:
        yield _refused("owned", "own_owner", "股东与被投资企业是同一家", "请核对两个统一社会信用代码")
    if begin and end and begin > end:
        yield _refused("valid_until", "ends_before_start", f"截止日早于起始日（{begin}）", "请核对两个日期")


def _preference(values: Values) -> Iterator[Finding]:
    values["part_code"] = values.get("part_code") or ""
    if values["leader"] == values["supplier"]:
        yield _refused("supplier", "own_supplier", "不能对本企业设定黑名单或优先", "请核对供应商统一社会信用代码")


def _bom_line(values: Values) -> Iterator[Finding]:
    values["parent"] = values.get("parent") or ""
    if values["parent"] == values["part_code"]:
        yield _refused("parent", "own_parent", "部件的上级是它自己", "请填写真正的上级编码；直接属于产品的留空")


def _need(values: Values) -> Iterator[Finding]:
    quantity, price = values.get("annual_quantity"), values.get("unit_price")
    if quantity is not None and price is not None and quantity * price >= LARGEST:
        yield _refused("unit_price", "too_large", "年需求量与单价的乘积过大", "请核对数量和单价的单位与位数")


def _purchase(values: Values) -> Iterator[Finding]:
    quantity, amount = values.get("quantity"), values["amount"]
    if quantity is not None and quantity * amount < 0:
        yield _refused("quantity", "signs_differ", "数量与金额一正一负", "请核对；红字单据的数量与金额应都为负数")


def _capability(values: Values) -> Iterator[Finding]:
    values["code"] = values.get("code") or values["name"]
    described = bool(values.get("class_code") and (values.get("text") or values.get("parameters")))
    judgement = _judge(values["name"], values.pop("share", None), described=described)
    if judgement.outcome is not Verdict.TAKEN:
        yield _judged(judgement)
    amount, written = values.get("spare_capacity"), values.get("capacity_unit")
    if amount is not None and written is None:
        yield _refused("capacity_unit", "missing", "填了年剩余产能，没有填产能单位", "请填写件、套、吨 …，或 元、万元")
    if amount is not None and written is not None and (unit := _unit(written)).dimension == CURRENCY:
        values["spare_capacity"], values["capacity_unit"] = amount * unit.factor, "元"
        if values["spare_capacity"] >= LARGEST:
            yield _refused("spare_capacity", "too_large", "数值过大", "请核对单位和位数")


# product lists name the same things again and again
_judge = lru_cache(maxsize=50_000)(judge)
_unit = lru_cache(maxsize=1_000)(find_unit)


def _judged(judgement: Judgement) -> Finding:
    """Turn the judgement on a product's name into a finding: it was not simply taken."""
    if judgement.outcome is Verdict.REFUSED:
        return _refused("name", judgement.code, judgement.reason, "不作为供给能力导入；若确是产品，请写明产品名称")
    remedy = "已留待人工判断；若是产品，请写明具体名称后再导入"
    return "name", CellProblem(judgement.code, judgement.reason, remedy), Outcome.TO_BE_LOOKED_AT


def _refused(name: str, code: str, message: str, remedy: str) -> Finding:
    return name, CellProblem(code, message, remedy), Outcome.REFUSED


_RULES: dict[ImportKind, Callable[[Values], Iterator[Finding]]] = {
    ImportKind.ENTERPRISES: _enterprise,
    ImportKind.CERTIFICATES: _certificate,
    ImportKind.TITLES: _title,
    ImportKind.RELATIONS: _relation,
    ImportKind.PREFERENCES: _preference,
    ImportKind.BOM_LINES: _bom_line,
    ImportKind.NEEDS: _need,
    ImportKind.PURCHASES: _purchase,
    ImportKind.CAPABILITIES: _capability,
}
