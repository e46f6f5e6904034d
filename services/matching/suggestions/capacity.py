"""What capabilities have to spare, and what accepted suggestions reserve of it: in pieces, or in 元 for a job shop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, func, literal, select
from sqlmodel import Session, col

from services.matching.engine.judgement.facts import unit_factor
from services.matching.engine.policy import Basis
from services.matching.mirror.service import MirrorCapability
from services.matching.runs.freeze.supply import YUAN
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.offers import Use, use_of
from services.matching.suggestions.rules import RESERVING
from shared.db.acting import beyond
from shared.db.upserts import among, sql_table
from shared.http.problems import Problem, conflict


@dataclass(frozen=True)
class Stock:
    """A capability's stock a year: `spare` as its supplier says (None: not stated, nothing to count against).

    `elsewhere` is what of the reserved other leaders have than the one who looks.
    """

    name: str
    unit: str
    spare: Fraction | None
    reserved: Fraction
    elsewhere: Fraction = Fraction(0)

    @property
    def left(self) -> Fraction | None:
        """What can still be reserved; never below zero, even where less is to spare than was reserved."""
        return None if self.spare is None else max(self.spare - self.reserved, Fraction(0))

    @property
    def use(self) -> Use | None:
        """How much of a year other leaders use."""
        return use_of(self.elsewhere, self.spare)


class Room:
    """What is left of capabilities and of lines; whoever asks holds their locks till the end of the transaction."""

    def __init__(self, session: Session, rows: Sequence[Suggestion], remedy: str = "可只接受一部分") -> None:
        """The room for `rows`, without what they have reserved themselves; `remedy`: what to do where some is left."""
        self._remedy = remedy
        _take_locks(session, rows)
        own = [row.id for row in rows]
        self._stocks = _stocks(session, {row.capability_key: row.capability_id for row in rows}, own)
        self._lines = _reserved_of_lines(session, {row.line_key for row in rows}, own)

    def take(self, row: Suggestion) -> None:
        """Reserve what the suggestion places; a 409 Problem where it no longer fits."""
        self.take_capability(row)
        self._of_line(row)

    def take_capability(self, row: Suggestion) -> None:
        """Reserve what it places of its capability alone."""
        stock = self._stocks.get(row.capability_key)
        if stock is None:
            raise conflict("供给能力已不在目录中", "供应商已撤下该供给能力，无法预留产能。", "capacity-exceeded")
        wanted = _taken(row.basis, row.placed_amount, row.placed_quantity, row.labels.get("unit"), stock.unit)
        if wanted is None or stock.left is None:
            return
        if wanted > stock.left:
            raise _too_much(stock, wanted, stock.left, self._remedy)
        self._stocks[row.capability_key] = Stock(stock.name, stock.unit, stock.spare, stock.reserved + wanted)

    def _of_line(self, row: Suggestion) -> None:
        key = (row.line_key, row.basis)
        left = row.line_spend - self._lines.get(key, 0)
        if row.placed_amount > left:
            detail = f"这条需求还有 {max(left, 0)} 未被接受的建议占用，不足以接受 {row.placed_amount}。"
            raise conflict("这条需求已被其他建议占用", detail, "line-exceeded")
        self._lines[key] = self._lines.get(key, 0) + row.placed_amount


def stock_of(session: Session, row: Suggestion) -> Stock | None:
    """The stock of a suggestion's capability as it is now; None where the mirror has lost it."""
    return stocks_of(session, [row], row.leader_key).get(row.capability_key)


def stocks_of(session: Session, rows: Sequence[Suggestion], leader: str | None) -> dict[str, Stock]:
    """The stocks of suggestions' capabilities by their keys as they are now, as a leader looks at them by its key."""
    return _stocks(session, {row.capability_key: row.capability_id for row in rows}, [], leader)


def stock_of_offer(session: Session, key: str, id: UUID) -> Stock | None:
    """The stock of a capability, by its natural key and its id; None where the mirror has lost it."""
    return _stocks(session, {key: id}, []).get(key)


def say(amount: Fraction) -> str:
    """At most three places, rounded down."""
    cut = Decimal(int(amount * 1000)) / 1000
    return f"{cut:,f}".rstrip("0").rstrip(".") if cut % 1 else f"{int(cut):,}"


def _take_locks(session: Session, rows: Iterable[Suggestion]) -> None:
    """One lock per capability and per line, always in the same order, so that two batches never wait for each other."""
    keys = {f"capability {row.capability_key}" for row in rows} | {f"line {row.line_key}" for row in rows}
    wanted = func.unnest(literal(sorted(keys), ARRAY(Text))).column_valued("wanted")
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(wanted, 0))))


def _stocks(session: Session, ids: dict[str, UUID], without: list[UUID], leader: str | None = None) -> dict[str, Stock]:
    """The stock of each capability by its key; those that the mirror has lost are missing."""
    found = select(MirrorCapability).where(among(sql_table(MirrorCapability).c.id, ids.values()))
    with beyond(session):
        rows: dict[UUID, MirrorCapability] = {row.id: row for row in session.execute(found).scalars()}
        reserved = _reserved(session, list(ids), without)
    return {key: _stock(rows[id], reserved.get(key, []), leader) for key, id in ids.items() if id in rows}


def _stock(row: MirrorCapability, reserved: Sequence[Any], leader: str | None) -> Stock:
    factor = YUAN.get(row.capacity_unit or "", 1)
    unit = "元" if row.capacity_unit in YUAN else row.capacity_unit or ""
    spare = None if row.spare_capacity is None else Fraction(row.spare_capacity) * factor
    others = [each for each in reserved if each.leader_key != leader]
    return Stock(row.name, unit, spare, _all_taken(reserved, unit), _all_taken(others, unit))


def _all_taken(reserved: Iterable[Any], unit: str) -> Fraction:
    taken = (_taken(each.basis, each.placed_amount, each.placed_quantity, each.unit, unit) for each in reserved)
    return sum((part for part in taken if part is not None), Fraction(0))


def _taken(basis: str, amount: int, quantity: Decimal | None, unit: str | None, stock_unit: str) -> Fraction | None:
    """What a suggestion takes of a stock, in the stock's unit; None where nobody can say."""
    if stock_unit == "元":
        return Fraction(amount) if basis == Basis.VALUE else None
    factor = unit_factor(unit, stock_unit or None)
    return None if quantity is None or factor is None else Fraction(quantity) * factor


def _reserved(session: Session, keys: list[str], without: list[UUID]) -> dict[str, list[Any]]:
    statement = select(
        col(Suggestion.capability_key),
        col(Suggestion.leader_key),
        col(Suggestion.basis),
        col(Suggestion.placed_amount),
        col(Suggestion.placed_quantity),
        col(Suggestion.labels)["unit"].astext.label("unit"),
    ).where(
        among(sql_table(Suggestion).c.capability_key, keys),
        col(Suggestion.state).in_(RESERVING),
        ~among(sql_table(Suggestion).c.id, without),
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row.capability_key, []).append(row)
    return found


def _reserved_of_lines(session: Session, keys: set[str], without: list[UUID]) -> dict[tuple[str, str], int]:
    statement = (
        select(col(Suggestion.line_key), col(Suggestion.basis), func.sum(col(Suggestion.placed_amount)))
        .where(
            among(sql_table(Suggestion).c.line_key, keys),
            col(Suggestion.state).in_(RESERVING),
            ~among(sql_table(Suggestion).c.id, without),
        )
        .group_by(col(Suggestion.line_key), col(Suggestion.basis))
    )
    return {(line, basis): int(amount) for line, basis, amount in session.execute(statement)}


def _too_much(stock: Stock, wanted: Fraction, left: Fraction, remedy: str) -> Problem:
    """Says what is left and never what others have reserved, which would tell their demand."""
    detail = f"供给能力“{stock.name}”尚余 {say(left)} {stock.unit}可预留，不足所需的 {say(wanted)} {stock.unit}；"
    return conflict(
        "产能不足", detail + (f"{remedy}。" if left else "请等待产能释放或下一次匹配。"), "capacity-exceeded"
    )
