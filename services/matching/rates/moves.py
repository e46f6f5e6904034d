"""What plans move: suggestions by state and run, summed by line for the projected stages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, inspect, or_, select
from sqlmodel import Session

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.mirror.service import MirrorEnterprise
from services.matching.rates.definition import Definition, Stage
from services.matching.rates.facts import ENTERPRISE, Facts
from services.matching.rates.ledger import Moved
from services.matching.runs.models import RunRecord
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import COMMITTED, State

RECORD = inspect(RunRecord).columns
SUGGESTION = inspect(Suggestion).columns


@dataclass(frozen=True)
class RunChosen:
    """The run that a projected stage comes from."""

    id: UUID
    policy: Policy


@dataclass(frozen=True)
class Moves:
    """By line key what is moved to local suppliers, and how many suggestions go to one that the scope leaves out."""

    by_line: dict[str, Moved]
    beyond_scope: int = 0


NO_MOVES = Moves({})


def run_named(session: Session, run_id: UUID) -> RunChosen | None:
    """A succeeded run; None where there is none of this id, or it has not succeeded."""
    row = session.get(RunRecord, run_id)
    return None if row is None else RunChosen(row.run_id, Policy.model_validate(row.policy))


def newest_run(session: Session, scope: Scope, bases: Iterable[Basis]) -> RunChosen | None:
    """The newest succeeded run whose plan was made for this scope and one of these bases."""
    statement = (
        select(RECORD.run_id, RECORD.policy)
        .where(
            RECORD.policy["scope"].astext == scope,
            RECORD.policy["basis"].astext.in_(list(bases)),
        )
        .order_by(RECORD.recorded_at.desc(), RECORD.run_id.desc())
        .limit(1)
    )
    row = session.execute(statement).first()
    return None if row is None else RunChosen(row.run_id, Policy.model_validate(row.policy))


def read_moves(session: Session, facts: Facts, definition: Definition, run: RunChosen | None) -> Moves:
    """The suggestions that the definition's stage counts on top of what is local now.

    As in a run's snapshot, an amount counts where its supplier is local by the asked scope, whichever scope it was
    suggested in.
    """
    seen = (need for need in facts.ledger.needs if need.product in facts.groups)
    anchors = {need.id: facts.ledger.products[need.product].anchor for need in seen}
    rows = [row for row in _suggestions(session, definition.stage, run) if row.line_key in anchors]
    local = [row for row in rows if _is_local(row, definition.scope, facts, anchors[row.line_key])]
    return Moves(_by_line(local), len(rows) - len(local))


def _suggestions(session: Session, stage: Stage, run: RunChosen | None) -> list[Row[Any]]:
    statement = (
        select(
            SUGGESTION.line_key,
            SUGGESTION.supplier_id,
            SUGGESTION.supplier_key,
            SUGGESTION.amount,
            SUGGESTION.line_spend,
            SUGGESTION.basis,
            ENTERPRISE.region,
        )
        .outerjoin(MirrorEnterprise, ENTERPRISE.id == SUGGESTION.supplier_id)
        .where(_counted(stage, run))
    )
    return list(session.execute(statement))


def _is_local(row: Row[Any], scope: Scope, facts: Facts, anchor: Anchor) -> bool:
    clusters = facts.memberships.get(row.supplier_id, ())
    return locality(scope, row.region, clusters, anchor) is Locality.LOCAL


def _counted(stage: Stage, run: RunChosen | None) -> ColumnElement[bool]:
    """Approved ones; for a run, those approved out of earlier runs, and its own that nobody has rejected.

    Ids of runs are UUIDv7: an earlier run has a smaller one.
    """
    approved = SUGGESTION.state.in_(COMMITTED)
    if run is None:
        return approved
    before = and_(approved, SUGGESTION.run_id < run.id)
    own = and_(SUGGESTION.run_id == run.id, SUGGESTION.state != State.REJECTED)
    return or_(before, own) if stage is Stage.SUGGESTED else before


def _by_line(rows: Iterable[Row[Any]]) -> dict[str, Moved]:
    """Amounts in 元 come from plans by value alone; shares and suppliers from all."""
    by_line: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_line[row.line_key].append(row)
    return {
        key: Moved(
            amount=sum(row.amount for row in same if row.basis == Basis.VALUE),
            share=sum((Fraction(row.amount, row.line_spend) for row in same if row.line_spend), Fraction(0)),
            suppliers=frozenset(row.supplier_key for row in same),
        )
        for key, same in by_line.items()
    }
