"""Points over time: each run and each change of the purchases leaves the rates of that moment, with their definitions.

The worker looks for what has no points yet, so that an interrupted one is made up for; an occasion is written whole,
once. Points are counted for everybody, by all groups; who reads them sees those that are its own.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import structlog
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col

from services.matching.mirror import service as mirror
from services.matching.rates.definition import By, Stage, Terms
from services.matching.rates.facts import Group
from services.matching.rates.models import (
    MirrorChange,
    RateDefinition,
    RateOccasion,
    RatePoint,
    RateStated,
    SuggestionChange,
)
from services.matching.rates.moves import RunChosen, run_named
from services.matching.rates.rules import SupportingRate, decimal_of
from services.matching.rates.schemas import PLACES, DefinitionOut, TermsIn
from services.matching.rates.service import OF_RUNS, Question, count, rows
from services.matching.rates.shelf import read_at_one_moment
from services.matching.runs.models import RunRecord
from shared.db.database import Database
from shared.db.ids import new_id
from shared.db.upserts import sql_table
from shared.http.problems import Problem
from shared.security.actor import Actor, Role

RUN, IMPORT = "run", "import"
RECORDER = Actor("rates", Role.SERVICE)
PAUSE = 2.0
"""Seconds between two looks; an import is over when its purchases have not changed for one of them."""
MARKS_KEPT = 1000
OVERTAKEN = frozenset({"40001", "23505"})
"""What the database says to who is slower: a serialization failure, or that the occasion is there already."""


@dataclass(frozen=True)
class Look:
    """What a look found: how often the mirror's purchases had changed by then."""

    purchases: int


async def record_for_ever(database: Database) -> NoReturn:
    """Leave points for what happens, for ever."""
    last: Look | None = None
    while True:
        last = await asyncio.to_thread(look_and_record, database, last)
        await asyncio.sleep(PAUSE)


def look_and_record(database: Database, last: Look | None) -> Look:
    """Leave points for each run without any, and for purchases that changed, but no more since the last look."""
    with database.session() as session:
        runs, look = _runs_without_points(session), Look(_purchase_changes(session))
        changed = look == last and not mirror.position(session).rebuilding and _is_new(session, look)
    for run in runs:
        _record_once(database, RUN, run)
    if changed:
        _record_once(database, IMPORT, str(look.purchases))
    return look


def _record_once(database: Database, cause: str, key: str) -> None:
    """Record an occasion; another worker may have been quicker."""
    try:
        with database.session() as session:
            record(session, cause, key, datetime.now(UTC))
    except (OperationalError, IntegrityError) as error:
        if getattr(error.orig, "sqlstate", None) not in OVERTAKEN:
            raise
        structlog.get_logger("rates").info("points left by another worker", cause=cause, key=key)


def record(session: Session, cause: str, key: str, now: datetime) -> None:
    """Leave the points of an occasion, all of one moment and in one transaction; a second time changes nothing."""
    read_at_one_moment(session)
    session.execute(delete(SuggestionChange).where(col(SuggestionChange.id) < _oldest_mark(session)))
    taken = select(col(RateOccasion.id)).where(col(RateOccasion.cause) == cause, col(RateOccasion.cause_key) == key)
    if session.execute(taken).first() is None:
        occasion = RateOccasion(cause=cause, cause_key=key, at=now)
        session.add(occasion)
        session.flush()
        run = run_named(session, UUID(key)) if cause == RUN else None
        for question in _questions(session, run):
            _state(session, occasion.id, question)
    session.commit()


def _oldest_mark(session: Session) -> int:
    newest = session.execute(select(func.max(col(SuggestionChange.id)))).scalar_one()
    return (newest or 0) - MARKS_KEPT


def _runs_without_points(session: Session) -> list[str]:
    occasions = select(col(RateOccasion.cause_key)).where(col(RateOccasion.cause) == RUN)
    known = set(session.execute(occasions).scalars())
    recorded = session.execute(select(col(RunRecord.run_id)).order_by(col(RunRecord.run_id))).scalars()
    return [str(run) for run in recorded if str(run) not in known]


def _purchase_changes(session: Session) -> int:
    statement = select(col(MirrorChange.changes)).where(col(MirrorChange.kind) == "purchase")
    found: int = session.execute(statement).scalar_one()
    return found


def _is_new(session: Session, look: Look) -> bool:
    """Whether there are purchases, and nobody has left points of them as they are."""
    known = select(col(RateOccasion.id)).where(
        col(RateOccasion.cause) == IMPORT, col(RateOccasion.cause_key) == str(look.purchases)
    )
    return look.purchases > 0 and session.execute(known).first() is None


def _questions(session: Session, run: RunChosen | None) -> Iterator[Question]:
    """What is counted at an occasion: the usual definition, the saved ones, and the run's own, each at its stages."""
    usual = [Terms(stage=stage) for stage in Stage]
    saved = [
        TermsIn.model_validate(row).terms() for row in session.execute(select(col(RateDefinition.terms))).scalars()
    ]
    own = [] if run is None else [_terms_of(run, stage) for stage in Stage]
    for terms in dict.fromkeys([*usual, *saved, *own]):
        fits = run is not None and terms.stage in OF_RUNS and terms == _terms_of(run, terms.stage)
        yield Question(terms, By.ALL, run.id if run is not None and fits else None)


def _terms_of(run: RunChosen, stage: Stage) -> Terms:
    return Terms(run.policy.basis, run.policy.scope, stage, run.policy.radius_km)


def _state(session: Session, occasion: UUID, question: Question) -> None:
    """Write the points of one definition; of attainable rates the products' are another one, each alone."""
    attainable = question.terms.stage is Stage.ATTAINABLE
    together = [by for by in By if not (attainable and by in (By.PRODUCT, By.CLASS))]
    _write(session, occasion, question, together)
    if attainable:
        _write(session, occasion, replace(question, by=By.PRODUCT), [By.PRODUCT])


def _write(session: Session, occasion: UUID, question: Question, told_by: Iterable[By]) -> None:
    """Where nothing can be counted (there is no run to count by, a saved definition fits none), the log says why."""
    try:
        counted = count(session, RECORDER, question)
    except Problem as problem:
        why = problem.errors[0].detail if problem.errors else problem.detail or problem.title
        log = structlog.get_logger("rates")
        log.warning("no points left", series=question.terms.series, occasion=str(occasion), reason=why)
        return
    definition = DefinitionOut.of(counted.definition).model_dump(mode="json")
    stated = RateStated(id=new_id(), occasion_id=occasion, series=question.terms.series, definition=definition)
    session.add(stated)
    session.flush()
    points = [_point(stated.id, by, group, rate) for by in told_by for group, rate in rows(counted, by) if _tells(rate)]
    if points:
        session.execute(insert(sql_table(RatePoint)), points)


def _tells(rate: SupportingRate) -> bool:
    return bool(rate.denominator or rate.excluded)


def _point(stated: UUID, by: By, group: Group, rate: SupportingRate) -> dict[str, Any]:
    places = PLACES[rate.definition.basis]
    return {
        "stated_id": stated,
        "by": by,
        "key": group.key or "",
        "name": group.name,
        "leader_id": group.leader,
        "cluster_id": group.cluster,
        "numerator": decimal_of(rate.numerator, places),
        "denominator": decimal_of(rate.denominator, places),
        "unknown": decimal_of(rate.unknown, places),
        "excluded": decimal_of(rate.excluded, places),
        "target": group.target,
    }
