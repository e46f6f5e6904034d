"""The route by which people propose a pair."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.matching.proposing import service
from services.matching.proposing.schemas import ProposalIn
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import PROPOSING
from services.matching.suggestions.schemas import SuggestionDetail, shown_with_history
from shared.http.auth import require
from shared.http.etag import etag
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor

router = APIRouter(prefix="/matching/v1/suggestions", tags=["suggestions"])

Proposing = Annotated[Actor, Depends(require(*sorted(PROPOSING)))]


@router.post(
    "",
    status_code=201,
    response_model=SuggestionDetail,
    summary="人工提出一条配套建议，由审核员审核",
    responses=documented(404, 409),
)
def propose_suggestion(session: DbSession, actor: Proposing, said: ProposalIn) -> Response:
    """Propose a pair that the matcher did not; a 422 names each requirement that it does not meet."""
    row = service.propose(session, actor, said, datetime.now(UTC))
    detail = shown_with_history(row, suggestions.history(session, row.id), actor)
    headers = {"ETag": etag(row.version), "Location": f"{router.prefix}/{row.id}"}
    return json_response(detail, 201, headers)
