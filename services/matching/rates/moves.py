"""What plans move: suggestions by state and run, by line, for the projected stages."""

import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Integer, Row, and_, inspect, or_, select, true
from sqlmodel import Session

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.mirror.service import MirrorEnterprise
from services.matching.rates.book import Book, Place
from services.matching.rates.definition import Definition, Stage
from services.matching.rates.origins import Viewpoint
from services.matching.rates.tally import Moved
from services.matching.runs.models import RunRecord, RunSnapshot
from services.matching.suggestions.rules import COMMITTED, MAIN_WAY, State
from services.matching.suggestions.service import Suggestion, still_to_come
from shared.db.upserts import among

RECORD = inspect(RunRecord).columns
SNAPSHOT = inspect(RunSnapshot).columns
SUGGESTION = inspect(Suggestion).columns
ENTERPRISE = inspect(MirrorEnterprise).columns

COUNTED: Mapping[Stage, frozenset[State]] = {
    Stage.CONTRACTED: frozenset(MAIN_WAY[MAIN_WAY.index(State.CONTRACTED) :]),
    Stage.ACCEPTED: frozenset(MAIN_WAY[MAIN_WAY.index(State.ACCEPTED) :]),
    Stage.APPROVED: COMMITTED,
    Stage.SUGGESTED: COMMITTED,
    Stage.ATTAINABLE: COMMITTED,
}
"""The states whose amounts a stage counts, whichever run they came from."""

UNDECIDED = frozenset({State.PROPOSED, State.DEFERRED})
OPEN = UNDECIDED | {State.SUPERSEDED}
"""States of a run's own suggestions that nobody has turned down: what the run suggested stays what it suggested."""


@dataclass(frozen=True)
class RunChosen:
    """The run that a projected stage comes from."""

    id: UUID
    policy: Policy


class Placed(NamedTuple):
    """An amount of a line at a supplier: 元 or lines by `basis`, less what the period's purchases show of it."""

    line: int
    supplier: str
    supplier_id: UUID
    region: str | None
    amount: int
    line_spend: int
    basis: str


@dataclass(frozen=True)
class Moves:
    """What is moved to local suppliers, by line; and the lines of amounts that go to one whom the scope leaves out."""

    by_line: dict[int, Moved]
    beyond_scope: Sequence[int] = ()


NO_MOVES = Moves({})

Gains = Mapping[str, int]
"""By product code, what an optimum moves on top of what is approved."""

MOST_GAINS = 32
_GAINS: OrderedDict[UUID, tuple[Gains, Gains]] = OrderedDict()


def run_named(session: Session, run_id: UUID) -> RunChosen | None:
    """A succeeded run; None where there is none of this id, or it has not succeeded."""
    statement = select(RECORD.run_id, RECORD.policy).where(RECORD.run_id == run_id)
    return _chosen(session.execute(statement).first())


def newest_run(session: Session, scope: Scope, radius_km: int | None, bases: Iterable[Basis]) -> RunChosen | None:
    """The newest succeeded run whose plan was made for this scope and one of these bases."""
    statement = (
        select(RECORD.run_id, RECORD.policy)
        .where(
            RECORD.policy["scope"].astext == scope,
            RECORD.policy["radius_km"].astext.cast(Integer).is_not_distinct_from(radius_km),
            RECORD.policy["basis"].astext.in_(list(bases)),
        )
        .order_by(RECORD.recorded_at.desc(), RECORD.run_id.desc())
        .limit(1)
    )
    return _chosen(session.execute(statement).first())


def read_placed(
    session: Session, book: Book, definition: Definition, lines: Collection[str] | None = None
) -> list[Placed]:
    """The suggestions that the definition's stage counts on top of what is local now, of all lines or of these."""
    statement = (
        select(
            SUGGESTION.line_key,
            SUGGESTION.supplier_id,
            SUGGESTION.supplier_key,
            still_to_come(str(definition.period.year)),
            SUGGESTION.line_spend,
            SUGGESTION.basis,
            ENTERPRISE.region,
        )
        .outerjoin(MirrorEnterprise, ENTERPRISE.id == SUGGESTION.supplier_id)
        .where(_counted(definition), true() if lines is None else among(SUGGESTION.line_key, lines))
    )
    position = book.lines.position
    return [
        Placed(position[key], name, id_, region, amount, of, basis)
        for key, id_, name, amount, of, basis, region in session.execute(statement).all()
        if key in position
    ]


def _counted(definition: Definition) -> ColumnElement[bool]:
    """By state; for a run, what was approved out of earlier runs, and its own that nobody has turned down.

    What people proposed and nobody has decided is open whichever run came since. Ids of runs are UUIDv7: an earlier
    run has a smaller one.
    """
    reached = SUGGESTION.state.in_(COUNTED[definition.stage])
    if definition.run is None:
        return reached
    run = UUID(definition.run)
    before = and_(reached, SUGGESTION.run_id < run)
    own = and_(SUGGESTION.run_id == run, SUGGESTION.state.in_(COMMITTED | OPEN))
    by_hand = and_(SUGGESTION.run_id < run, SUGGESTION.state.in_(UNDECIDED), SUGGESTION.proposed_by.is_not(None))
    return or_(before, own, by_hand) if definition.stage is Stage.SUGGESTED else before


def read_gains(session: Session, run: UUID) -> tuple[Gains, Gains]:
    """What a run's optimum moves of each product: of all together, and of each alone.

    A record never changes, so that what was read of the last few is kept; of the large plan only the totals are read.
    """
    if run not in _GAINS:
        statement = (
            select(SNAPSHOT.content, RECORD.plan)
            .join(RunRecord, RECORD.run_id == SNAPSHOT.run_id)
            .where(RECORD.run_id == run)
        )
        snapshot, plan = (orjson.loads(zlib.decompress(each)) for each in session.execute(statement).one())
        keys, totals = snapshot["products"]["key"], plan["products"]
        while len(_GAINS) >= MOST_GAINS:
            _GAINS.popitem(last=False)
        _GAINS[run] = (
            {keys[row["product"]]: row["attainable_joint"] for row in totals},
            {keys[row["product"]]: row["attainable_alone"] for row in totals},
        )
    return _GAINS[run]


def moves_of(placed: Iterable[Placed], book: Book, viewpoint: Viewpoint) -> Moves:
    """What moves to local suppliers.

    As in a run's snapshot, an amount counts where its supplier is local by the asked scope, whichever scope it was
    suggested in.
    """
    numbers: dict[Anchor, int] = {}
    anchor_of = [numbers.setdefault(viewpoint.anchor(product), len(numbers)) for product in book.products]
    anchors, product_of = list(numbers), book.lines.product.tolist()
    known: dict[tuple[int, str], bool] = {}
    by_line: dict[int, list[Placed]] = defaultdict(list)
    beyond = []
    for row in placed:
        pair = anchor_of[product_of[row.line]], row.supplier
        if pair not in known:
            place = viewpoint.place(Place(row.region, book.memberships.get(row.supplier_id, ())))
            where = locality(viewpoint.scope, place.region, place.clusters, anchors[pair[0]])
            known[pair] = where is Locality.LOCAL
        if known[pair]:
            by_line[row.line].append(row)
        else:
            beyond.append(row.line)
    return Moves({line: _moved(rows) for line, rows in by_line.items()}, beyond)


def replaced(before: Moves, again: Moves, lines: Container[int]) -> Moves:
    """What moves, with that of some lines as it was read again."""
    stay = {line: moved for line, moved in before.by_line.items() if line not in lines}
    return Moves(
        stay | again.by_line, [*(line for line in before.beyond_scope if line not in lines), *again.beyond_scope]
    )


def _moved(rows: Sequence[Placed]) -> Moved:
    """Amounts in 元 come from plans by value alone; shares and suppliers from all."""
    shares = [Fraction(row.amount, row.line_spend) for row in rows if row.line_spend]
    return Moved(
        amount=sum(row.amount for row in rows if row.basis == Basis.VALUE),
        share=shares[0] if len(shares) == 1 else sum(shares, Fraction(0)),
        suppliers=frozenset(row.supplier for row in rows),
    )


def _chosen(row: Row[Any] | None) -> RunChosen | None:
    return None if row is None else RunChosen(row.run_id, Policy.model_validate(row.policy))
