"""Who may import what: a reviewer everything, an enterprise only its own data; other rows are refused one by one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.catalog.enterprises.rules import Trust
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.products import service as products
from shared.http.problems import forbidden
from shared.security.actor import Actor, Role

OWNERS: Mapping[Role, Mapping[ImportKind, str]] = {
    Role.CHAIN_LEADER: {
        ImportKind.PRODUCTS: "leader",
        ImportKind.BOM_LINES: "product",
        ImportKind.NEEDS: "product",
        ImportKind.PURCHASES: "leader",
        ImportKind.PREFERENCES: "leader",
    },
    Role.SUPPLIER: {ImportKind.CERTIFICATES: "enterprise", ImportKind.CAPABILITIES: "supplier"},
}
"""For each role the kinds that it may import, and the field that must name the actor's own."""

IMPORTERS = (Role.REVIEWER, *OWNERS)


def require_importer(actor: Actor) -> None:
    """403 unless the actor may import anything, or looks at it as an auditor, who changes nothing anyway."""
    if actor.role not in (*IMPORTERS, Role.AUDITOR):
        raise forbidden("只有审核员、链主企业和供应商可以导入。")
    if actor.enterprise_id is None and actor.role not in (Role.REVIEWER, Role.AUDITOR):
        raise forbidden("您的令牌不属于任何企业，不能导入。")


def refuse_kind(actor: Actor, kind: ImportKind, rows: Sequence[Row]) -> None:
    """Refuse the rows of a kind that the actor's role may not import at all."""
    if actor.role is Role.REVIEWER or kind in OWNERS[actor.role]:
        return
    titles = "、".join(TEMPLATES[own].title for own in OWNERS[actor.role])
    problem = CellProblem(
        "not_allowed", f"您无权导入“{TEMPLATES[kind].title}”", f"您可以导入：{titles}；其他请联系审核员"
    )
    for row in rows:
        if row.outcome is None:
            row.refuse(problem)


def refuse_foreign(session: Session, actor: Actor, kind: ImportKind, rows: Sequence[Row]) -> None:
    """Refuse the rows that belong to another enterprise, or to none; `resolve` has put in the ids."""
    if actor.role is Role.REVIEWER or kind not in OWNERS[actor.role]:
        return
    name = OWNERS[actor.role][kind]
    waiting = [row for row in rows if row.outcome is None]
    leaders = _leaders(session, kind, waiting)
    for row in waiting:
        of_product = leaders.get(row.values.get("product_id"))
        owner = of_product if kind in _OF_PRODUCTS else row.values.get(f"{name}_id")
        if owner is None and kind is ImportKind.PRODUCTS:
            row.refuse(_NO_LEADER, name)
        elif owner != actor.enterprise_id:
            row.refuse(not_yours(), name)
        elif kind is ImportKind.PRODUCTS and leaders.get(row.values["code"], owner) != owner:
            row.refuse(_CODE_IN_USE, "code")
        elif kind is ImportKind.CERTIFICATES and row.values.get("trust", Trust.SELF_DECLARED) != Trust.SELF_DECLARED:
            row.refuse(_NOT_YOURS_TO_SAY, "trust")
    if kind is ImportKind.PRODUCTS:
        _refuse_foreign_clusters(session, actor, [row for row in waiting if row.outcome is None])


def not_yours() -> CellProblem:
    """Build the problem of a row of somebody else's; whether that one exists is not told."""
    return CellProblem("not_yours", "不是本企业的数据，或没有登记", "只能导入本企业的数据；请核对编码，或请审核员导入")


_OF_PRODUCTS = (ImportKind.BOM_LINES, ImportKind.NEEDS)
_CODE_IN_USE = CellProblem("code_in_use", "产品编码已被使用", "请换一个编码，如在前面加上企业简称")
_NOT_YOURS_TO_SAY = CellProblem("not_allowed", "核验程度由审核员确定", "请填写“自行申报”，或留空")
_NOT_YOUR_CLUSTER = CellProblem(
    "not_allowed", "本企业不是这个集群的成员", "请填写本企业所属的集群，或留空，或请审核员填写"
)
_NO_LEADER = CellProblem("missing", "“链主统一社会信用代码”不能为空", "请填写本企业的统一社会信用代码")


def _refuse_foreign_clusters(session: Session, actor: Actor, rows: Sequence[Row]) -> None:
    """Refuse the products that a leader would put into a cluster that it does not belong to."""
    wanted = {row.values["code"]: row.values.get("cluster_id") for row in rows}
    foreign = set(products.in_foreign_clusters(session, actor, wanted))
    for row in rows:
        if row.values["code"] in foreign:
            row.refuse(_NOT_YOUR_CLUSTER, "cluster")


def _leaders(session: Session, kind: ImportKind, rows: Sequence[Row]) -> Mapping[Any, UUID | None]:
    """Return the leaders of the products that rows belong to by id; for rows of products, of their codes' owners."""
    if kind in _OF_PRODUCTS:
        return products.leaders_of(session, {row.values["product_id"] for row in rows})
    if kind is not ImportKind.PRODUCTS:
        return {}
    ids = products.by_codes(session, {row.values["code"] for row in rows})
    by_id = products.leaders_of(session, list(ids.values()))
    return {code: by_id[id] for code, id in ids.items()}
