"""From the engine's answers to their wire models, reduced to what the actor sees."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.matching.engine.plan import CureSet
from services.matching.gaps.remedies import cure_set_out
from services.matching.gaps.rules import By, Group, Totals
from services.matching.gaps.sentences import say_amount
from services.matching.gaps.service import definition_of
from services.matching.gaps.view import View
from services.matching.gaps.wire import party, points_of, share_of, unit_of
from services.matching.rates.definition import Stage
from services.matching.what_if.schemas import (
    AskedCureSet,
    AttainableRow,
    ShiftOut,
    WhatIfOut,
    WhatIfRequest,
)

NAMED = 3
"""How many products or clusters a sentence names."""


def what_if_out(view: View, answer: dict[str, Any], request: WhatIfRequest, milliseconds: float) -> WhatIfOut:
    """What the changes bring."""
    moved = answer["moved_before"], answer["moved_after"]
    total = _row(view.total(), *moved)
    by = {by: [_row(row, *moved) for row in view.totals(by)] for by in (By.PRODUCT, By.CLUSTER)}
    changed = {by: [row for row in rows if row.gain] for by, rows in by.items()}
    seen = set(view.lines)
    shifts = [row for row in answer["shifts"] if row["line"] in seen]
    return WhatIfOut(
        run=view.run_id,
        unit=unit_of(view),
        definition=definition_of(view, Stage.ATTAINABLE),
        total=total,
        products=changed[By.PRODUCT],
        clusters=changed[By.CLUSTER],
        shifts=[_shift(view, row) for row in shifts[: request.shifts]],
        shifted=answer["shifted"] if len(seen) == len(view.snapshot.lines) else len(shifts),
        milliseconds=milliseconds,
        sentence=_sentence(view, total, changed[By.CLUSTER]),
    )


def asked_cure_set(view: View, row: CureSet, milliseconds: float) -> AskedCureSet:
    """A set of cures that was sought when asked for."""
    return AskedCureSet(
        **cure_set_out(view, row).model_dump(),
        run=view.run_id,
        unit=unit_of(view),
        definition=definition_of(view, Stage.ATTAINABLE),
        milliseconds=milliseconds,
    )


def _row(row: Totals, before: list[int], after: list[int]) -> AttainableRow:
    base = row.local_now + row.approved
    was, now = (sum(moved[at] for at in row.products) for moved in (before, after))
    group: Group = row.group
    return AttainableRow(
        key=group.key,
        id=None if group.id is None else UUID(group.id),
        name=group.name,
        counted=row.counted,
        attainable_before=was,
        attainable_after=now,
        gain=now - was,
        points=points_of(now - was, row.counted),
        rate_before=share_of(base + was, row.counted),
        rate_after=share_of(base + now, row.counted),
    )


def _shift(view: View, row: dict[str, Any]) -> ShiftOut:
    line, known = view.snapshot.lines[row["line"]], row["capability"] < len(view.snapshot.capabilities)
    capability = view.snapshot.capabilities[row["capability"]] if known else None
    return ShiftOut(
        need_id=UUID(line.id),
        line=line.key,
        part_name=line.part_name,
        supplier=None if capability is None else party(view, capability.supplier),
        capability_id=None if capability is None else UUID(capability.id),
        before=row["before"],
        after=row["after"],
    )


def _sentence(view: View, total: AttainableRow, clusters: Iterable[AttainableRow]) -> str:
    """`可达的配套多出 300 万元：示例集群 +3.1 个百分点`."""
    if not total.gain:
        return "可达的配套金额不变。"
    amount = say_amount(abs(total.gain), view.policy.basis)
    ranked = sorted(clusters, key=lambda row: -abs(row.gain))[:NAMED]
    said = "，".join(f"{row.name} {row.points or 0:+.2f} 个百分点" for row in ranked)
    return f"可达的配套{'多出' if total.gain > 0 else '减少'} {amount}{'：' + said if said else ''}。"
