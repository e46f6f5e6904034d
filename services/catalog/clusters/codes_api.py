"""Routes of the code lists: regions, industry classes, units, certificate schemes."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from shared.codes import certificates, classes, regions, units
from shared.http.auth import read_actor
from shared.http.responses import json_response

router = APIRouter(prefix="/catalog/v1/codes", tags=["代码表"], dependencies=[Depends(read_actor)])

Search = Annotated[str, Query(max_length=50, description="代码的开头，或名称中的文字")]
Limit = Annotated[int, Query(ge=1, le=5000)]


class RegionOut(BaseModel):
    """A region of GB/T 2260 with its full name."""

    code: str
    name: str
    full_name: str
    level: str
    parent: str | None


class ClassOut(BaseModel):
    """A node of GB/T 4754-2017."""

    code: str
    name: str
    level: str
    parent: str | None


class UnitOut(BaseModel):
    """A unit of measure; `factor` is how many base units of its dimension it is."""

    code: str
    dimension: str
    factor: str
    sign: str


class SchemeOut(BaseModel):
    """A certificate scheme; whoever holds it also satisfies those in `satisfies`."""

    code: str
    name: str
    aliases: list[str]
    satisfies: list[str]
    note: str


@router.get("/regions", response_model=list[RegionOut], summary="行政区划（GB/T 2260）")
def list_regions(q: Search = "", limit: Limit = 20) -> Response:
    """Regions by code or name, coarse ones first."""
    found = regions.search(q, limit)
    return json_response([{**asdict(each), "full_name": regions.full_name(each.code)} for each in found])


@router.get("/classes", response_model=list[ClassOut], summary="国民经济行业分类（GB/T 4754-2017）")
def list_classes(q: Search = "", limit: Limit = 20) -> Response:
    """Industry classes by code or name."""
    return json_response([asdict(each) for each in classes.search(q, limit)])


@router.get("/units", response_model=list[UnitOut], summary="计量单位")
def list_units() -> Response:
    """All units; count units never convert into each other."""
    return json_response([asdict(each) for each in units.all_units().values()])


@router.get("/certificate-schemes", response_model=list[SchemeOut], summary="证书体系")
def list_schemes() -> Response:
    """All certificate schemes with the names they go by."""
    return json_response([asdict(each) for each in certificates.all_schemes().values()])
