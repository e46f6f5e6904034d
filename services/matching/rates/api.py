"""Routes of the rates."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import comparing, history, saved, service
from services.matching.rates.definition import EXCLUSIONS, By, Exclusion, InvalidPeriod, Period, Stage, Terms
from services.matching.rates.history import Course
from services.matching.rates.schemas import ComparisonIn, ComparisonOut, OccasionOut, RatesOut, SavedIn, SavedOut
from services.matching.rates.service import Question
from shared.http.auth import READING, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_of
from shared.http.problems import FieldError, Problem, documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/rates", tags=["rates"])

Reader = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE, Role.CHAIN_LEADER, Role.CLUSTER_ORGANISATION))]
Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
ByWhat = Annotated[By, Query(description="每一行是什么")]
FromRun = Annotated[UUID | None, Query(description="“建议”“可达”出自哪个匹配任务；默认为最近的")]
Key = Annotated[str | None, Query(description="只看这一行（行的 key）", max_length=200)]


def read_terms(
    basis: Annotated[Basis, Query(description="按金额、零部件或供应商家数")] = Basis.VALUE,
    scope: Annotated[Scope, Query(description="什么算本地")] = Scope.CLUSTER,
    radius_km: Annotated[int | None, Query(ge=1, le=2000, description="范围为 radius 时：距链主多少千米以内")] = None,
    stage: Annotated[Stage, Query(description="实际，或以需求推算的各阶段")] = Stage.ACTUAL,
    period: Annotated[str | None, Query(description="2025 或 2025Q3；默认为有采购的最近一年")] = None,
    exclusions: Annotated[str | None, Query(description="剔除哪些采购，逗号分隔；默认三类都剔除，空为不剔除")] = None,
) -> Terms:
    """The terms out of the query string."""
    if (scope is Scope.RADIUS) != (radius_km is not None):
        raise _wrong("radius_km", "scope 为 radius 时须写明 radius_km（千米），其他范围不写。")
    return Terms(basis, scope, stage, radius_km, _period(period), _exclusions(exclusions))


Asked = Annotated[Terms, Depends(read_terms)]


@router.get("", response_model=RatesOut, summary="本地配套率，连同其定义", responses=documented(404, 409))
def get_rates(
    session: DbSession, actor: Reader, terms: Asked, by: ByWhat = By.CLUSTER, run: FromRun = None
) -> Response:
    """The supporting rates that the actor may see, always with the definition that they have."""
    return json_response(service.rates(session, actor, Question(terms, by, run)))


@router.get("/history", response_model=PageOf[OccasionOut], summary="本地配套率的历史：每次匹配、每次采购变动各留一点")
def get_history(
    session: DbSession,
    actor: Reader,
    terms: Asked,
    by: ByWhat = By.CLUSTER,
    key: Key = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The points that runs and imports have left, the newest first, each occasion with its definition."""
    return _page(session, actor, Course(terms, by, key), after, limit)


@router.post(
    "/comparison",
    response_model=ComparisonOut,
    summary="两个口径并排",
    openapi_extra=READING,
    responses=documented(404),
)
def compare_rates(session: DbSession, actor: Reader, wanted: ComparisonIn) -> Response:
    """The same groups by two definitions, and by how much they differ; nothing is written."""
    return json_response(comparing.compare(session, actor, wanted))


@router.get("/definitions", response_model=list[SavedOut], summary="已保存的口径")
def list_definitions(session: DbSession, _: Reader) -> Response:
    """The saved definitions, each with the sentence that it means today."""
    return json_response(saved.list_saved(session))


@router.post("/definitions", response_model=SavedOut, status_code=201, summary="保存一个口径")
def save_definition(session: DbSession, actor: Reviewer, wanted: SavedIn) -> Response:
    """Save a definition with a name; from then on each occasion leaves its points."""
    return _saved(saved.save(session, actor, wanted, datetime.now(UTC)), 201)


@router.get("/definitions/{definition_id}", response_model=SavedOut, summary="一个已保存的口径")
def get_definition(session: DbSession, _: Reader, definition_id: UUID) -> Response:
    """One saved definition; its version is the ETag."""
    return _saved(saved.get(session, definition_id))


@router.put("/definitions/{definition_id}", response_model=SavedOut, summary="修改一个已保存的口径")
def change_definition(
    session: DbSession, _: Reviewer, definition_id: UUID, version: IfMatch, wanted: SavedIn
) -> Response:
    """Give it another name or other terms."""
    return _saved(saved.change(session, definition_id, wanted, version))


@router.delete("/definitions/{definition_id}", status_code=204, summary="不再保留一个口径")
def retire_definition(session: DbSession, _: Reviewer, definition_id: UUID, version: IfMatch) -> Response:
    """Forget it; the points that it left stay."""
    saved.retire(session, definition_id, version)
    return Response(status_code=204)


@router.get(
    "/definitions/{definition_id}/rates",
    response_model=RatesOut,
    summary="按一个已保存的口径的本地配套率",
    responses=documented(409),
)
def get_rates_by_definition(
    session: DbSession, actor: Reader, definition_id: UUID, by: ByWhat = By.CLUSTER, run: FromRun = None
) -> Response:
    """The rates by a saved definition."""
    terms = saved.terms_of(session, definition_id)
    return json_response(service.rates(session, actor, Question(terms, by, run)))


@router.get(
    "/definitions/{definition_id}/history", response_model=PageOf[OccasionOut], summary="一个已保存的口径的历史"
)
def get_history_by_definition(
    session: DbSession,
    actor: Reader,
    definition_id: UUID,
    by: ByWhat = By.CLUSTER,
    key: Key = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """The points of a saved definition."""
    return _page(session, actor, Course(saved.terms_of(session, definition_id), by, key), after, limit)


def _page(session: DbSession, actor: Actor, course: Course, after: str | None, limit: int) -> Response:
    found = history.list_points(session, actor, course, after, limit)
    return json_response(page_of(found, limit, lambda row: [row[0]], lambda row: row[1]))


def _saved(row: SavedOut, status: int = 200) -> Response:
    return json_response(row, status, headers={"ETag": etag(row.version)})


def _period(text: str | None) -> Period | None:
    try:
        return None if text is None else Period.parse(text)
    except InvalidPeriod as error:
        raise _wrong("period", str(error)) from error


def _exclusions(text: str | None) -> tuple[Exclusion, ...]:
    if text is None:
        return EXCLUSIONS
    named = {name.strip() for name in text.split(",")} - {""}
    unknown = sorted(named - set(EXCLUSIONS))
    if unknown:
        raise _wrong("exclusions", f"没有名为 {unknown[0]} 的剔除项；可以是 {'、'.join(EXCLUSIONS)}。")
    return tuple(each for each in EXCLUSIONS if each in named)


def _wrong(parameter: str, detail: str) -> Problem:
    error = FieldError(pointer=f"/{parameter}", detail=detail, code="combination", location="query")
    return Problem(422, "wrong-combination", "这样的口径组合不成立", detail, [error])
