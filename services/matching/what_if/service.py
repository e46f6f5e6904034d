"""Use cases of the what-if: what a change would bring, and which cures bring a product to its target.

The run is read in a short transaction, which is over before the engine is asked.
"""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from sqlmodel import Session

from services.matching.engine.plan import CureSet
from services.matching.engine.wire import snapshot_to_json
from services.matching.gaps.remedies import nothing_lacks
from services.matching.gaps.view import View, view_of
from services.matching.what_if import wire
from services.matching.what_if.engine_process import (
    EngineBusy,
    EngineGone,
    EngineTooSmall,
    NotAnswered,
    ResidentEngine,
)
from services.matching.what_if.protocol import Refusal, change_to_wire
from services.matching.what_if.reading import Book, UnknownId
from services.matching.what_if.schemas import AskedCureSet, WhatIfOut, WhatIfRequest
from shared.http.problems import FieldError, Problem, not_found
from shared.security.actor import Actor


def what_if(session: Session, engine: ResidentEngine, actor: Actor, run_id: UUID, request: WhatIfRequest) -> WhatIfOut:
    """What the changes, made together, do to what is attainable; a 422 Problem points to what is not in the run."""
    view = _seen(session, actor, run_id)
    try:
        changes = Book(view.snapshot, view.lines).read(request.changes)
    except UnknownId as error:
        detail = f"匹配任务中没有这个{error.what}，或您无权查看。"
        raise _invalid(error.pointer, detail, "unknown-id") from error
    question = {
        "verb": "what_if",
        "changes": [change_to_wire(change) for change in changes],
        "shifts": request.shifts if actor.sees_everything else ALL_SHIFTS,
    }
    answer, milliseconds = ask(engine, view, question)
    return wire.what_if_out(view, answer, request, milliseconds)


def cures(
    session: Session, engine: ResidentEngine, actor: Actor, run_id: UUID, product: UUID | None, cluster: UUID | None
) -> AskedCureSet:
    """A small set of cures that brings a product, or a cluster's products together, to the target."""
    if (product is None) == (cluster is None):
        detail = "请写明一个主导产品（product）或一个集群（cluster），二者写一个。"
        fault = FieldError(pointer="/product", detail=detail, code="one-of", location="query")
        raise Problem(422, "validation", "提交的内容有误", "共 1 处需要更正。", [fault])
    view = _seen(session, actor, run_id)
    at = _product(view, product) if product else None
    group = _cluster(view, cluster) if cluster else None
    answer, milliseconds = ask(engine, view, {"verb": "cures", "product": at, "cluster": group})
    found = nothing_lacks(at, group) if answer is None else TypeAdapter(CureSet).validate_python(answer)
    return wire.asked_cure_set(view, found, milliseconds)


def _product(view: View, product: UUID) -> int:
    seen = {view.snapshot.lines[at].product for at in view.lines}
    at = next((at for at, row in enumerate(view.snapshot.products) if row.id == str(product) and at in seen), None)
    if at is None:
        raise not_found("主导产品", product)
    return at


def _cluster(view: View, cluster: UUID) -> int:
    seen = {view.snapshot.products[view.snapshot.lines[at].product].cluster for at in view.lines}
    at = next((at for at, row in enumerate(view.snapshot.clusters) if row.id == str(cluster) and at in seen), None)
    if at is None:
        raise not_found("集群", cluster)
    return at


ALL_SHIFTS = 1_000_000
"""Where an actor sees some lines only, what it may not see is taken out of all of them."""


def _seen(session: Session, actor: Actor, run_id: UUID) -> View:
    view = view_of(session, actor, run_id)
    session.rollback()  # nothing was written; the connection goes back before the engine is asked
    return view


def ask(engine: ResidentEngine, view: View, question: dict[str, Any]) -> tuple[Any, float]:
    """The engine's answer about a run, and milliseconds; whatever keeps it from one is a Problem."""
    began = time.monotonic()
    try:
        answer = engine.ask(view.run_id, question, lambda: _content(view))
    except EngineBusy as error:
        detail = "推演引擎正忙或正在装载这次匹配，请稍后再试。"
        raise Problem(503, "engine-busy", "推演引擎正忙", detail, headers={"Retry-After": "5"}) from error
    except EngineGone as error:
        detail = f"推演引擎两次中断（{error}），已记录；请稍后再试。"
        raise Problem(503, "engine-gone", "推演引擎中断", detail, headers={"Retry-After": "10"}) from error
    except EngineTooSmall as error:
        detail = "这次匹配的规模超出推演引擎的内存上限，请联系管理员调大。"
        raise Problem(503, "engine-too-small", "推演引擎内存不足", detail) from error
    except NotAnswered as error:
        raise _refused(error.answer) from error
    return answer, round((time.monotonic() - began) * 1000, 1)


def _content(view: View) -> Mapping[str, bytes]:
    """What makes the run ready: policy and snapshot as they were stored, and the amounts of its plan."""
    rows = [[row.line, row.supplier, row.capability, row.amount] for row in view.plan.suggestions]
    return {
        "policy": view.policy.model_dump_json().encode(),
        "snapshot": snapshot_to_json(view.snapshot),
        "suggested": orjson.dumps(rows),
    }


def _refused(answer: dict[str, Any]) -> Problem:
    if answer["refused"] == Refusal.UNKNOWN_PAIR:
        detail = "这个配对既不是候选，也不是一步之遥，只补齐一条不能使它合格。"
        return _invalid(f"/changes/{answer['position']}", detail, "unknown-pair")
    return Problem(500, "internal", "服务内部出错", "推演引擎没有回答，问题已记录。")


def _invalid(pointer: str, detail: str, code: str) -> Problem:
    fault = FieldError(pointer=pointer, detail=detail, code=code)
    return Problem(422, "validation", "提交的内容有误", "共 1 处需要更正。", [fault])
