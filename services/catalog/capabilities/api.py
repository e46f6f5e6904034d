"""Routes of capabilities."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.capabilities import service
from services.catalog.capabilities.schemas import CapabilityFilters, CapabilityOut
from shared.http.auth import CurrentActor
from shared.http.etag import etag
from shared.http.paging import After, Limit, PageOf
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1/capabilities", tags=["供给能力"])


async def read_filters(
    supplier: UUID | None = None,
    class_code: Annotated[str | None, Query(pattern=r"^[A-Z]?\d{0,4}$", description="行业类别代码，含其下级")] = None,
    q: Annotated[str | None, Query(max_length=100, description="名称或描述中的文字")] = None,
    process: Annotated[str | None, Query(max_length=50, description="能做这种工艺的，含填报其上级的")] = None,
    material: Annotated[str | None, Query(max_length=50, description="能用这种材料的，含填报其上级的")] = None,
) -> CapabilityFilters:
    """The conditions of the list; all that are given hold together."""
    return CapabilityFilters(supplier=supplier, class_code=class_code, q=q, process=process, material=material)


@router.get("", response_model=PageOf[CapabilityOut], summary="供给能力列表")
def list_capabilities(
    session: DbSession,
    actor: CurrentActor,
    filters: Annotated[CapabilityFilters, Depends(read_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """What the suppliers that the caller sees can make."""
    return json_response(service.page(session, actor, filters, after, limit))


@router.get("/{id}", response_model=CapabilityOut, summary="一项供给能力")
def get_capability(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One capability, with its version as ETag."""
    capability = service.get(session, actor, id)
    return json_response(capability, headers={"ETag": etag(capability["version"])})
