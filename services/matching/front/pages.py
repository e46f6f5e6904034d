"""Pages of the front: for visitors what this is, for each role where it begins."""

from collections.abc import Mapping

from fastapi import Request, Response

from services.matching.front import service
from shared.http.sessions import DbSession
from shared.security.actor import Role
from shared.ui.screens import VisitorScreen, page_router

router = page_router("/matching")

#: Where a role begins, where that is not the front page itself.
HOMES: Mapping[Role, str] = {Role.CHAIN_LEADER: "/matching/products", Role.SUPPLIER: "/matching/invitations"}


@router.get("/front")
def show_front(request: Request, view: VisitorScreen, session: DbSession) -> Response:
    """What this is, and the clusters' rates if the operator shows them; who has signed in goes on to its own home."""
    if view.actor is not None and view.actor.role in HOMES:
        return view.go(HOMES[view.actor.role])
    shows = view.actor is not None or request.app.state.shows_rates
    reviews = view.actor is not None and view.actor.role in service.REVIEWING
    desk = service.desk(session, view.actor) if view.actor is not None and reviews else None
    decides = view.actor is not None and view.actor.role is Role.REVIEWER and not view.actor.changes_nothing
    return view.show("front/front", front=service.front(session) if shows else None, desk=desk, decides=decides)
