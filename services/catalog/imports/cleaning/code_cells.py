"""Cleaning of cells that name something of a code list: credit codes, regions, classes, units, certificates …

An unknown name is never guessed: the problem names the nearest entries, and a person decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.catalog.imports.cleaning.cells import Cell, as_text, day, one_of, parts, plain, refuse_lost_digits
from services.catalog.imports.cleaning.parameter_shapes import read_parameters
from services.catalog.imports.outcomes import CellProblem
from shared.codes import classes, credit_code, regions, units
from shared.codes.certificates import UnknownScheme, find_scheme
from shared.codes.parameters import InvalidParameter
from shared.codes.taxonomy import NodeKind
from shared.codes.titles import UnknownTitle, find_title
from shared.text.proposals import UnknownNode, find_node


@dataclass(frozen=True)
class Noted:
    """A value that was taken in another form than it was written, and the note that says so."""

    value: Any
    note: str


def uniform_credit_code(cell: Cell) -> str:
    """Clean a unified social credit code; what is wrong with it is said by place and digit."""
    refuse_lost_digits(cell)
    try:
        return _checked_code(as_text(cell))
    except credit_code.InvalidCreditCode as error:
        raise CellProblem("credit_code", error.message, error.remedy) from error


# a ledger names the same few hundred firms on every line
_checked_code = lru_cache(maxsize=10_000)(credit_code.check)


def enterprise_reference(cell: Cell) -> str:
    """Clean the name of an enterprise in another sheet: its credit code, or "key:" and the key of its source."""
    written = plain(cell)
    if written.lower().startswith("key:") and written[4:].strip():
        return "key:" + written[4:].strip()
    return uniform_credit_code(cell)


def region(cell: Cell) -> str | Noted:
    """Clean a region down to what is known; a retired one becomes its successor, with a note."""
    try:
        match = regions.find_region(plain(cell))
    except regions.UnknownRegion as error:
        raise _unknown("region", error.message, error.nearest, "请填写行政区划代码或全称，如 山东省青岛市") from error
    return Noted(match.code, match.note) if match.note else match.code


def origin(cell: Cell) -> str | Noted | None:
    """Clean the region of an unregistered supplier: who does not know it may say so."""
    return None if plain(cell) in _UNKNOWN_ORIGINS else region(cell)


def cities(cell: Cell) -> list[str] | Noted:
    """Clean a list of cities; each must be a city, not a county or a province."""
    found = [region(part) for part in parts(cell)]
    codes = [match.value if isinstance(match, Noted) else match for match in found]
    notes = [match.note for match in found if isinstance(match, Noted)]
    for written, found_code in zip(parts(cell), codes, strict=True):
        if regions.city_of(found_code) != found_code:
            raise CellProblem("not_a_city", f"“{written}”不是设区的市", "请填写市的名称，如 青岛、烟台")
    return Noted(sorted(set(codes)), "；".join(notes)) if notes else sorted(set(codes))


def sites(cell: Cell) -> list[str] | Noted:
    """Clean a list of regions."""
    found = [region(part) for part in parts(cell)]
    codes = sorted({match.value if isinstance(match, Noted) else match for match in found})
    notes = [match.note for match in found if isinstance(match, Noted)]
    return Noted(codes, "；".join(notes)) if notes else codes


def title(cell: Cell) -> tuple[str, str]:
    """Clean a title: its code, and the level that it says or that is usual."""
    try:
        found, of_level = find_title(plain(cell))
    except UnknownTitle as error:
        raise _unknown("title", error.message, error.nearest, "请填写称号的名称，如 专精特新中小企业") from error
    return found.code, of_level.value


def processes(cell: Cell) -> list[str]:
    """Clean a list of processes by any of their names, as codes of the taxonomy."""
    return _nodes(cell, NodeKind.PROCESS)


def materials(cell: Cell) -> list[str]:
    """Clean a list of materials by any of their names, as codes of the taxonomy."""
    return _nodes(cell, NodeKind.MATERIAL)


def _nodes(cell: Cell, kind: NodeKind) -> list[str]:
    try:
        return sorted({find_node(part, kind).code for part in _certificate_parts(cell)})
    except UnknownNode as error:
        raise _unknown(kind.value, error.message, error.nearest, "请从代码表中选择，或写入文字说明") from error


def industry_class(cell: Cell) -> str:
    """Clean an industry class by code or name."""
    try:
        return classes.find_class(as_text(cell)).code
    except classes.UnknownClass as error:
        raise _unknown("class", error.message, error.nearest, "请填写 GB/T 4754-2017 的代码或名称") from error


def unit(cell: Cell) -> str:
    """Clean a unit of measure."""
    try:
        return units.find_unit(as_text(cell)).code
    except units.UnknownUnit as error:
        raise _unknown("unit", error.message, error.nearest, "请填写件、套、台、吨、千克、米等计量单位") from error


def scheme(cell: Cell) -> str:
    """Clean a certificate scheme."""
    try:
        return find_scheme(as_text(cell)).code
    except UnknownScheme as error:
        raise _unknown("scheme", error.message, error.nearest, "请填写证书体系的名称，如 IATF 16949") from error


def required_certificates(cell: Cell) -> list[dict[str, Any]]:
    """Clean a list of required certificates, each with the day at which it must be valid behind an @.

    One scheme asked for at two days is asked for twice: both must hold.
    """
    found = {_required_certificate(part) for part in _certificate_parts(cell)}
    return [{"scheme": name, "on_date": on_date or None} for name, on_date in sorted(found)]


def parameters(cell: Cell) -> list[dict[str, Any]]:
    """Clean technical parameters: intervals with units and sets of materials."""
    try:
        return read_parameters(as_text(cell))
    except InvalidParameter as error:
        raise CellProblem(
            "parameter", str(error), "请按“名称 范围 单位”填写，用分号分开，如 外径 100~250 mm"
        ) from error


def roles(cell: Cell) -> list[str]:
    """Clean the roles of an enterprise; it may have both."""
    return sorted({role(part) for part in parts(cell)})


role = one_of({"链主企业": "chain_leader", "供应商": "supplier", "链主": "chain_leader", "配套企业": "supplier"})
tier = one_of({"世界级": "world", "国家级": "national", "省级": "provincial"})
level = one_of({"国家级": "national", "省级": "provincial", "市级": "city"})
stance = one_of({"黑名单": "blacklisted", "优先": "preferred", "优选": "preferred"})
trust = one_of({"自行申报": "self_declared", "已见原件": "document_seen", "已核验": "verified"})
sourcing = one_of({"自制": "made", "外购": "bought", "外协": "bought", "采购": "bought"})

_UNKNOWN_ORIGINS = frozenset({"未知", "不明", "不详", "来源不明", "无"})


def _required_certificate(part: str) -> tuple[str, str]:
    """Return a scheme and the day behind its @ ("" without one)."""
    name, _, date = plain(part).partition("@")
    return scheme(name), day(date.strip()).isoformat() if date.strip() else ""


def _certificate_parts(cell: Cell) -> list[str]:
    """Split at 、 ; , and line breaks, but not at the slash of GB/T."""
    return [part.strip() for part in re.split(r"[、;；,，\n]+", as_text(cell)) if part.strip()]


def _unknown(what: str, message: str, nearest: Sequence[str], otherwise: str) -> CellProblem:
    """Build the problem of a name that a code list does not have, with the nearest entries as the remedy."""
    remedy = f"是否为：{'、'.join(nearest[:3])}？{otherwise}" if nearest else otherwise
    return CellProblem(f"unknown_{what}", message, remedy)
