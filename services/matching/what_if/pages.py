"""The page of the what-if: changes in a form that the address keeps, answered at once."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.matching.gaps.api import Overseer
from services.matching.what_if import service
from services.matching.what_if.api import Engine
from services.matching.what_if.choices import Choices, choices
from services.matching.what_if.schemas import WhatIfRequest
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.ui.forms import parsed, refusals
from shared.ui.screens import Screen, page_router

router = page_router("/matching/runs/{run_id}")

Text = Annotated[str | None, Query(max_length=200)]


@router.get("/what-if")
def show_what_if(
    view: Screen,
    session: DbSession,
    engine: Engine,
    actor: Overseer,
    run_id: UUID,
    supplier: Text = None,
    capability: Text = None,
    yuan: Text = None,
    certificate: Text = None,
    pair: Text = None,
) -> Response:
    """The form, and below it the answer to what it says: all its changes made together."""
    offered = choices(session, actor, run_id)
    asked = {
        "supplier": supplier,
        "capability": capability,
        "yuan": yuan,
        "certificate": certificate,
        "pair": pair,
    }
    answer, problem = None, None
    try:
        request = parsed(WhatIfRequest, {"changes": _changes(asked, offered), "shifts": 20})
        if request.changes:
            answer = service.what_if(session, engine, actor, run_id, request)
    except Problem as refused:
        problem = refused
    values: dict[str, Any] = {"run_id": run_id, "answer": answer, "problem": problem, "wrong": refusals(problem)}
    status = problem.status if problem else 200
    if view.is_fragment:
        return view.show("what_if/answer", **values)
    return view.show("what_if/what_if", status, choices=offered, asked=asked, **values)


def _changes(asked: dict[str, str | None], offered: Choices) -> list[Any]:
    """What the form says, as the changes of a request; a capacity of which nothing is said is without limit."""
    found: list[Any] = []
    if asked["supplier"]:
        found.append({"kind": "remove_supplier", "supplier": asked["supplier"]})
    if asked["capability"]:
        found.append({"kind": "capacity", "capability": asked["capability"], "yuan": asked["yuan"]})
    if asked["certificate"]:
        found += [each.model_dump() for each in offered.opened.get(asked["certificate"], [])]
    if asked["pair"]:
        need, _, offer = asked["pair"].partition(":")
        found.append({"kind": "open", "need": need, "capability": offer})
    return found
