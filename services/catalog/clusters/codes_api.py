"""Routes of the code lists: regions, industry classes, units, processes, materials, certificate schemes, titles."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from shared.codes import certificates, regions, taxonomy, titles, units
from shared.codes.searching import search
from shared.codes.taxonomy import Node, NodeKind
from shared.http.auth import read_actor
from shared.http.problems import documented, not_found
from shared.http.responses import json_response
from shared.text.proposals import nearest_nodes
from shared.text.trade_words import search_classes, trade_words

router = APIRouter(prefix="/catalog/v1/codes", tags=["代码表"], dependencies=[Depends(read_actor)])

Search = Annotated[str, Query(max_length=50, description="代码的开头、名称中的文字，或别名")]
Limit = Annotated[int, Query(ge=1, le=5000)]
Parent = Annotated[str | None, Query(max_length=50, description="只列这一类的直接下级；填空串则只列最上级")]
Word = Annotated[str, Query(min_length=1, max_length=200, description="代码表中没有的说法")]


class RegionOut(BaseModel):
    """A region of GB/T 2260 with its full name.

    One that is no longer in use has the year since when, and the codes of those that took its place.
    """

    code: str
    name: str
    full_name: str
    level: str | None
    parent: str | None
    retired_in: int | None = None
    successors: list[str] = []


class ClassOut(BaseModel):
    """A node of GB/T 4754-2017, with what the trade calls its things."""

    code: str
    name: str
    level: str
    parent: str | None
    aliases: list[str]


class UnitOut(BaseModel):
    """A unit of measure; `factor` is how many base units of its dimension it is."""

    code: str
    dimension: str
    factor: Decimal
    sign: str
    aliases: list[str]


class NodeOut(BaseModel):
    """A process or a material; `path` leads from the widest node down to it, `children` are right below it."""

    code: str
    name: str
    parent: str | None
    path: list[str]
    children: list[str]
    aliases: list[str]
    note: str


class SchemeOut(BaseModel):
    """A certificate scheme; whoever holds it also satisfies those in `satisfies`."""

    code: str
    name: str
    aliases: list[str]
    satisfies: list[str]
    note: str


class TitleSchemeOut(BaseModel):
    """A title: who awards it, the usual level first, and for how many years as a rule."""

    code: str
    name: str
    aliases: list[str]
    levels: list[str]
    years: int | None
    note: str


@router.get("/regions", response_model=list[RegionOut], summary="行政区划（GB/T 2260），含已撤销的代码及其今名")
def list_regions(q: Search = "", limit: Limit = 20) -> Response:
    """Regions by code or name, coarse ones first; after them retired ones with their successors."""
    current = [_region(each) for each in regions.search(q, limit)]
    retired = [_retired(each) for each in regions.search_retired(q, limit)]
    return json_response([*current, *retired][:limit])


@router.get("/regions/{code}", response_model=RegionOut, summary="一个行政区划", responses=documented(404))
def get_region(code: str) -> Response:
    """A region by its code, in use or retired."""
    if code in regions.all_regions():
        return json_response(_region(regions.all_regions()[code]))
    if code in regions.retired_regions():
        return json_response(_retired(regions.retired_regions()[code]))
    raise not_found("行政区划", code)


@router.get("/classes", response_model=list[ClassOut], summary="国民经济行业分类（GB/T 4754-2017）")
def list_classes(q: Search = "", limit: Limit = 20) -> Response:
    """Industry classes by code, name or a word of trade."""
    found = search_classes(q, limit)
    return json_response([{**asdict(each), "aliases": trade_words().get(each.code, ())} for each in found])


@router.get("/units", response_model=list[UnitOut], summary="计量单位")
def list_units(q: Search = "", limit: Limit = 5000) -> Response:
    """Units by name or sign; count units never convert into each other."""
    found = search(q, units.all_units().values(), lambda unit: units.names_of(unit.code), limit)
    return json_response([{**asdict(each), "aliases": units.names_of(each.code)[1:]} for each in found])


@router.get("/certificate-schemes", response_model=list[SchemeOut], summary="证书体系")
def list_schemes(q: Search = "", limit: Limit = 5000) -> Response:
    """Certificate schemes by code, name or another name they go by."""
    return json_response([asdict(each) for each in certificates.search(q, limit)])


@router.get("/titles", response_model=list[TitleSchemeOut], summary="称号")
def list_title_schemes(q: Search = "", limit: Limit = 5000) -> Response:
    """Titles by code, name or alias, in the order of the gradient."""
    found = search(q, titles.all_titles().values(), lambda each: (each.code, each.name, *each.aliases), limit)
    return json_response([asdict(each) for each in found])


def _add_taxonomy(kind: NodeKind, segment: str, label: str) -> None:
    """Add the routes of one kind of nodes: the same for processes and materials."""

    @router.get(f"/{segment}", response_model=list[NodeOut], summary=label, name=f"list_{segment}")
    def find(q: Search = "", parent: Parent = None, limit: Limit = 20) -> Response:
        """Nodes by code, name or alias; with `parent`, those right below it."""
        found = taxonomy.search(q, kind, len(taxonomy.all_nodes()))
        below = found if parent is None else [node for node in found if (node.parent or "") == parent]
        return json_response([_node(node) for node in below[:limit]])

    @router.get(
        f"/{segment}/nearest",
        response_model=list[NodeOut],
        summary=f"与一个说法最接近的{label}，供人选择",
        name=f"propose_{segment}",
    )
    def propose(text: Word) -> Response:
        """What an unknown word may have meant, the nearest first; nothing is taken without a person."""
        return json_response([_node(node) for node in nearest_nodes(text, kind, 5)])


_add_taxonomy(NodeKind.PROCESS, "processes", "工艺")
_add_taxonomy(NodeKind.MATERIAL, "materials", "材料")


def _region(region: regions.Region) -> dict[str, Any]:
    return {
        **{name: getattr(region, name) for name in ("code", "name", "level", "parent")},
        "full_name": regions.full_name(region.code),
        "retired_in": None,
        "successors": [],
    }


def _retired(region: regions.RetiredRegion) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": region.name,
        "full_name": regions.full_name(regions.province_of(region.code)) + region.name,
        "level": None,
        "parent": None,
        "retired_in": region.year,
        "successors": region.successors,
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        **{name: getattr(node, name) for name in ("code", "name", "parent", "aliases", "note")},
        "path": list(reversed(taxonomy.families(node.code))),
        "children": taxonomy.children().get(node.code, ()),
    }
