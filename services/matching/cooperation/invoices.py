"""Purchases move contracts on by themselves: what the mirror tells of a pair counts to its contract, partly or in full.

Everything is counted anew each time, and only what differs is written: a second time changes nothing, and a purchase
that was corrected or deleted takes its contract back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, delete, func, insert, select
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.cooperation.models import Cooperation, CountedPurchase
from services.matching.cooperation.rules import Bought, Contract, Pair, Share, allot, by_year
from services.matching.mirror.service import MirrorPurchase
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import USUAL_WAITING, State, Verb, Waiting
from services.matching.suggestions.service import WORKER, Asked, Suggestion
from shared.db.upserts import among, sql_table

RUNNING = (State.CONTRACTED, State.INVOICED)
ZERO = Decimal(0)


@dataclass(frozen=True)
class _Running:
    """A running contract, as it was read without lock."""

    contract: Contract
    version: int


def tend(session: Session, now: datetime, waiting: Waiting = USUAL_WAITING) -> dict[Verb, int]:
    """Count purchases to their contracts, and end those whose time to settle has passed; how many of each.

    Each commits by itself, and locks in the order of the ids.
    """
    counts = {Verb.INVOICE: _settle(session, now)}
    session.commit()
    counts[Verb.END] = _end(session, waiting.settlement, now)
    session.commit()
    return counts


def _settle(session: Session, now: datetime) -> int:
    running = _running(session)
    bought = _bought(session, {each.contract.pair for each in running.values()})
    shares = allot((each.contract for each in running.values()), bought)
    stored = _stored(session, list(running))
    different = [id for id in running if set(shares[id]) != stored.get(id, set())]
    rows = _lock(session, different)
    moved = [row for row in rows if row.version == running[row.id].version]
    for row in moved:
        _count(session, row, running[row.id].contract, shares[row.id], now)
    return len(moved)


def _count(session: Session, row: Suggestion, contract: Contract, shares: Sequence[Share], now: datetime) -> None:
    """Write what counts to one contract, and move its suggestion where the 元 have changed."""
    table = sql_table(CountedPurchase)
    session.execute(delete(table).where(table.c.suggestion_id == row.id))
    values = [{"suggestion_id": row.id, **vars(share)} for share in shares]
    if values:
        session.execute(insert(table), values)
    years = by_year(shares)
    if years != row.invoiced_by_year:
        suggestions.apply(session, WORKER, [row], _asked(row, contract, years), now)


def _asked(row: Suggestion, contract: Contract, years: Mapping[str, int]) -> Asked:
    total = sum(years.values())
    values = {"invoiced_by_year": dict(years), "invoiced_amount": total}
    if total == 0:
        return Asked(Verb.REVERT, "采购记录已更正或删除，不再有计入合同的采购", values=values, told=0)
    full = "，已全部开票" if total >= contract.amount else ""
    corrected = "（采购记录有更正）" if total < row.invoiced_amount else ""
    reason = f"累计开票 {total} 元，合同 {contract.amount} 元{full}{corrected}"
    return Asked(Verb.INVOICE, reason, values=values, told=total)


def _running(session: Session) -> dict[UUID, _Running]:
    part = col(Suggestion.labels)["part_code"].astext
    statement = (
        select(
            col(Suggestion.id),
            col(Suggestion.version),
            col(Suggestion.leader_id),
            part,
            col(Suggestion.supplier_id),
            col(Cooperation.first_day),
            col(Cooperation.last_day),
            col(Cooperation.amount),
        )
        .join(Cooperation, col(Cooperation.suggestion_id) == Suggestion.id)
        .where(col(Suggestion.state).in_(RUNNING), col(Suggestion.leader_id).is_not(None), col(Cooperation.amount) > 0)
    )
    return {
        row[0]: _Running(Contract(row[0], (row[2], row[3], row[4]), row[5], row[6], row[7]), row[1])
        for row in session.execute(statement)
    }


def _bought(session: Session, pairs: set[Pair]) -> list[Bought]:
    """What of these pairs' purchases may count; toll processing, energy and water are no purchase of the part."""
    if not pairs:
        return []
    table, columns = sql_table(MirrorPurchase), list(zip(*sorted(pairs, key=str), strict=True))
    kinds: tuple[Any, ...] = (Uuid(), Text(), Uuid())
    arrays = [
        bindparam(f"pair_{at}", list(values), type_=ARRAY(kind))
        for at, (values, kind) in enumerate(zip(columns, kinds, strict=True))
    ]
    wanted = func.unnest(*arrays).table_valued("leader_id", "part_code", "supplier_id", name="wanted").render_derived()
    same = and_(*(table.c[name] == wanted.c[name] for name in ("leader_id", "part_code", "supplier_id")))
    statement = (
        select(table.c.id, table.c.leader_id, table.c.part_code, table.c.supplier_id, table.c.period, table.c.amount)
        .join(wanted, same)
        .where(~table.c.toll_processing, ~table.c.energy_water)
    )
    spent = _spent(session, pairs)
    return [
        Bought(row[0], (row[1], row[2], row[3]), row[4], row[5] - min(spent.get(row[0], ZERO), max(row[5], ZERO)))
        for row in session.execute(statement)
    ]


def _spent(session: Session, pairs: set[Pair]) -> dict[UUID, Decimal]:
    """What of each purchase counts to contracts that have ended: they keep it, and it counts to no other."""
    counted = sql_table(CountedPurchase).c
    statement = (
        select(counted.purchase_id, func.sum(counted.amount))
        .join(Suggestion, col(Suggestion.id) == counted.suggestion_id)
        .where(
            col(Suggestion.state) == State.ENDED,
            among(sql_table(Suggestion).c.supplier_id, {supplier for _, _, supplier in pairs}),
        )
        .group_by(counted.purchase_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _stored(session: Session, ids: Sequence[UUID]) -> dict[UUID, set[Share]]:
    """What was counted before."""
    table = sql_table(CountedPurchase)
    statement = select(table).where(among(table.c.suggestion_id, ids))
    found: dict[UUID, set[Share]] = {}
    for row in session.execute(statement):
        found.setdefault(row.suggestion_id, set()).add(Share(row.purchase_id, row.period, row.amount))
    return found


def _lock(session: Session, ids: Sequence[UUID]) -> list[Suggestion]:
    table = sql_table(Suggestion)
    statement = select(Suggestion).where(among(table.c.id, ids), table.c.state.in_(RUNNING)).order_by(table.c.id)
    return list(session.execute(statement.with_for_update().execution_options(populate_existing=True)).scalars())


def _end(session: Session, days: int, now: datetime) -> int:
    """End the contracts that ran out long enough ago for their invoices to have come in."""
    settled = now.astimezone(CHINA).date() - timedelta(days=days)
    over = select(col(Cooperation.suggestion_id)).where(col(Cooperation.last_day) < settled)
    rows = _lock(session, list(session.execute(over).scalars()))
    suggestions.apply(session, WORKER, rows, Asked(Verb.END, f"合同到期已满 {days} 天"), now)
    return len(rows)
