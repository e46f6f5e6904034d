"""Routes of products, bills of materials, needs and purchases."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.products import lists
from services.catalog.products.schemas import (
    Bill,
    BomLineOut,
    NeedFilters,
    NeedOut,
    ProductOut,
    PurchaseFilters,
    PurchaseOut,
)
from shared.http.auth import CurrentActor
from shared.http.etag import etag
from shared.http.paging import After, Limit, PageOf, page_response
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1", tags=["产品与需求"])

Part = Annotated[str | None, Query(max_length=200, description="零部件编码")]


async def read_need_filters(
    product: UUID | None = None,
    leader: UUID | None = None,
    part: Part = None,
    q: Annotated[str | None, Query(max_length=100, description="零部件名称中的文字")] = None,
    process: Annotated[str | None, Query(max_length=50, description="工艺代码，含其下级")] = None,
    material: Annotated[str | None, Query(max_length=50, description="材料代码，含其下级")] = None,
) -> NeedFilters:
    """The conditions of the list of needs; all that are given hold together."""
    return NeedFilters(product=product, leader=leader, part=part, q=q, process=process, material=material)


async def read_purchase_filters(
    leader: UUID | None = None,
    supplier: UUID | None = None,
    part: Part = None,
    period: Annotated[str | None, Query(max_length=7, description="2025、2025Q3 或 2025-07，按原样")] = None,
) -> PurchaseFilters:
    """The conditions of the list of purchases; all that are given hold together."""
    return PurchaseFilters(leader=leader, supplier=supplier, part=part, period=period)


@router.get("/products", response_model=PageOf[ProductOut], summary="主导产品列表")
def list_products(
    session: DbSession,
    actor: CurrentActor,
    leader: UUID | None = None,
    cluster: UUID | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The products that the caller sees, by code."""
    return page_response(session, lists.page_products(session, actor, leader, cluster, after, limit))


@router.get("/products/{id}", response_model=ProductOut, summary="一种主导产品")
def get_product(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One product, with its version as ETag."""
    product = lists.get_product(session, actor, id)
    return json_response(product, headers={"ETag": etag(product["version"])})


@router.get("/products/{id}/bom", response_model=Bill, summary="产品的物料清单，各级展开")
def get_bill(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """All levels from the product downwards, with what each line asks for in a year."""
    return json_response(lists.get_bill(session, actor, id))


@router.get("/bom-lines/{id}", response_model=BomLineOut, summary="物料清单的一行")
def get_bom_line(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One line of a bill, with its version as ETag."""
    line = lists.get_line(session, actor, id)
    return json_response(line, headers={"ETag": etag(line["version"])})


@router.get("/needs", response_model=PageOf[NeedOut], summary="配套需求列表")
def list_needs(
    session: DbSession,
    actor: CurrentActor,
    filters: Annotated[NeedFilters, Depends(read_need_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The needs of the products that the caller sees, by product and part."""
    return page_response(session, lists.page_needs(session, actor, filters, after, limit))


@router.get("/needs/{id}", response_model=NeedOut, summary="一项配套需求")
def get_need(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One need, with its version as ETag."""
    need = lists.get_need(session, actor, id)
    return json_response(need, headers={"ETag": etag(need["version"])})


@router.get("/purchases", response_model=PageOf[PurchaseOut], summary="采购台账")
def list_purchases(
    session: DbSession,
    actor: CurrentActor,
    filters: Annotated[PurchaseFilters, Depends(read_purchase_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The purchases that the caller sees, oldest entry first."""
    return page_response(session, lists.page_purchases(session, actor, filters, after, limit))


@router.get("/purchases/{id}", response_model=PurchaseOut, summary="一笔采购")
def get_purchase(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One purchase, with its version as ETag."""
    purchase = lists.get_purchase(session, actor, id)
    return json_response(purchase, headers={"ETag": etag(purchase["version"])})
