"""The pages of a service's audit, for auditors and reviewers: the entries under their filters, and one with all of it.

Both services show the same templates; what rows and fields are called there is the service's own affair.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from shared.audit import reading
from shared.audit.reading import Change, Trail
from shared.audit.routes import Eyes, Number, Told
from shared.http.exports import Vocabulary
from shared.http.paging import After
from shared.http.sessions import DbSession
from shared.http.times import Day
from shared.ui.figures import CHINA
from shared.ui.screens import Screen, page_router

PAGE = 50
CHANGES = 100
From = Annotated[Day | None, Query(description="自哪天起（含）")]
Till = Annotated[Day | None, Query(description="至哪天止（含）")]


def deeds_of(routers: Sequence[APIRouter]) -> dict[str, str]:
    """What operations are called, by the name that the audit tells them by; for `app.state.deeds`."""
    routes = (route for router in routers for route in router.routes)
    named = ((getattr(route, "name", ""), getattr(route, "summary", None)) for route in routes)
    return {name: summary for name, summary in named if summary}


def audit_pages(service: str, trail: Trail, kinds: Sequence[str], vocabulary: Vocabulary) -> APIRouter:
    """The pages under /`service`/audit; `kinds` are those of its rows, `vocabulary` what fields are called."""
    path = f"/{service}/audit"
    router = page_router(path)

    @router.get("", name="show_audit")
    def show_audit(
        request: Request,
        view: Screen,
        session: DbSession,
        actor: Eyes,  # noqa: ARG001
        who: Told = None,
        verb: Told = None,
        kind: Told = None,
        entity: Told = None,
        since: From = None,
        until: Till = None,
        after: After = None,
    ) -> Response:
        """Who did what to what, the newest first; of one thing with what it was before and after."""
        query = reading.Query(who, verb, kind, entity, since=_begins(since), until=_ends(until))
        return view.show(
            "ui/audit",
            page=reading.page(session, trail, query, after, PAGE),
            asked={"who": who, "verb": verb, "kind": kind, "entity": entity, "since": since, "until": until},
            after=after,
            export=_export(query),
            told=lambda changes: [_told(each) for each in changes if entity is None or each["entity"] == entity],
            **_words(request),
        )

    @router.get("/{id}", name="show_audit_entry")
    def show_entry(
        request: Request,
        view: Screen,
        session: DbSession,
        actor: Eyes,  # noqa: ARG001
        id: Number,
        after: After = None,
    ) -> Response:
        """One entry with all of its changes, field by field."""
        page = reading.changes(session, trail, id, after, CHANGES)
        return view.show(
            "ui/audit_entry",
            entry=reading.entry(session, id),
            changes=[_told(each) for each in page.items],
            after=after,
            next=page.next,
            **_words(request),
        )

    def _words(request: Request) -> dict[str, Any]:
        return {
            "service": service,
            "path": path,
            "kinds": kinds,
            "vocabulary": vocabulary,
            "deeds": request.app.state.deeds,
        }

    return router


def _begins(day: date | None) -> datetime | None:
    """The first moment of a day in China."""
    return datetime.combine(day, time.min, CHINA) if day else None


def _ends(day: date | None) -> datetime | None:
    """The first moment after a day; the calendar's last day has none."""
    return _begins(day + timedelta(days=1)) if day and day < date.max else None


def _export(query: reading.Query) -> str:
    """The same filters as the list's JSON route takes them."""
    asked = {"who": query.actor, "verb": query.verb, "kind": query.kind, "entity": query.entity}
    moments = {"since": query.since, "until": query.until}
    told = {**asked, **{name: moment.isoformat() for name, moment in moments.items() if moment}}
    return urlencode({name: value for name, value in told.items() if value})


def _told(change: Change) -> dict[str, Any]:
    """A change as a page tells it: each field with what it was and what it became, in words that need no JSON."""
    before, after = change["before"] or {}, change["after"] or {}
    fields = [(name, _plain(before.get(name)), _plain(after.get(name))) for name in {**after, **before}]
    return {**{name: change[name] for name in ("kind", "entity", "op", "concealed")}, "fields": fields}


def _plain(value: Any) -> Any:
    """A text as it is, a list or record as JSON; booleans, and None for nothing, are the template's to word."""
    if value in ([], {}):
        return None
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else value
