"""The use case of the rates: answer a question with rates that carry their definition."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import numpy as np
from sqlmodel import Session

from services.matching.clock import CHINA
from services.matching.engine.policy import Basis, Policy
from services.matching.rates import facts, tally
from services.matching.rates.book import NONE
from services.matching.rates.bought import Purchases
from services.matching.rates.definition import By, Definition, Period, Stage, Terms
from services.matching.rates.facts import Group, newest_year, seen_products
from services.matching.rates.moves import NO_MOVES, Gains, Moves, RunChosen, newest_run, read_gains, run_named
from services.matching.rates.origins import Viewpoint
from services.matching.rates.rules import SupportingRate, raised, ratio
from services.matching.rates.schemas import DefinitionOut, RateRow, RatesOut
from services.matching.rates.sharing import Flags
from services.matching.rates.shelf import OpenBook, mask_of, open_book, read_at_one_moment
from services.matching.rates.tally import Sheet
from services.matching.runs import service as runs
from shared.db.acting import beyond
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor

WITHOUT_PLANS = frozenset({Stage.ACTUAL, Stage.LOCAL_NOW})
OF_RUNS = frozenset({Stage.SUGGESTED, Stage.ATTAINABLE})


@dataclass(frozen=True)
class Question:
    """What is asked; without `run` the newest fitting one."""

    terms: Terms = field(default_factory=Terms)
    by: By = By.CLUSTER
    run: UUID | None = None


@dataclass(frozen=True)
class Counted:
    """All that a definition counts for an actor, to be told by any groups."""

    definition: Definition
    opened: OpenBook
    bought: Purchases
    seen: Flags
    sheet: Sheet
    moves: Moves
    gains: Gains


def rates(session: Session, actor: Actor, question: Question) -> RatesOut:
    """The rates that `actor` may see. Raises a 422 Problem for a combination that has no meaning."""
    read_at_one_moment(session)
    counted = count(session, actor, question)
    whole = None if counted.definition.alone else RateRow.of(*rows(counted, By.ALL)[0])
    return RatesOut(
        definition=DefinitionOut.of(counted.definition),
        by=question.by,
        rows=[RateRow.of(group, rate) for group, rate in rows(counted, question.by)],
        total=whole,
        notes=_notes(counted),
    )


def definition_of_run(
    policy: Policy, period: Period, run_id: UUID, stage: Stage, *, alone: bool = False
) -> DefinitionOut:
    """The definition of a rate that a run's record gives at one of the projected stages."""
    definition = Definition(
        policy.basis, policy.scope, period, stage, run=str(run_id), alone=alone, radius_km=policy.radius_km
    )
    return DefinitionOut.of(definition)


def define(session: Session, question: Question) -> tuple[Definition, Policy]:
    """What the question's terms mean today, and the policy of the run that it takes; raises 422 and 404 Problems."""
    with beyond(session):
        run = _run(session, question)
    alone = question.terms.stage is Stage.ATTAINABLE and question.by is By.PRODUCT
    definition = definition_today(session, question.terms)
    return replace(definition, run=None if run is None else str(run.id), alone=alone), run.policy if run else Policy()


def definition_today(session: Session, terms: Terms) -> Definition:
    """What the terms mean today, whichever run is taken."""
    return definition_in(terms, terms.period or usual_period(session))


def usual_period(session: Session) -> Period:
    """The period that is meant where none is said: the newest year with purchases, else this one."""
    with beyond(session):
        newest = newest_year(session)
    return newest or Period(datetime.now(UTC).astimezone(CHINA).year)


def definition_in(terms: Terms, usual: Period) -> Definition:
    """What the terms mean where `usual` is the usual period."""
    return Definition(
        basis=terms.basis,
        scope=terms.scope,
        period=terms.period or usual,
        stage=terms.stage,
        exclusions=terms.exclusions,
        radius_km=terms.radius_km,
    )


def count(session: Session, actor: Actor, question: Question) -> Counted:
    """Count what the question's definition counts, as far as the actor may see it.

    Books are kept for all who ask, and so read beyond the actor's rows; `seen` says what of them it is shown.
    """
    with beyond(session):
        return _counted(session, actor, question)


def _counted(session: Session, actor: Actor, question: Question) -> Counted:
    definition, policy = define(session, question)
    opened, marks = open_book(session)
    viewpoint = Viewpoint(definition.scope, policy.home_province, definition.radius_km)
    planned = definition.stage not in WITHOUT_PLANS
    moves = opened.moves(session, definition, viewpoint, marks) if planned else NO_MOVES
    sheet = opened.sheet(session, definition, viewpoint, moves, marks)
    return Counted(
        definition=definition,
        opened=opened,
        bought=opened.purchases(session, definition.period),
        seen=seen_products(opened.book, actor),
        sheet=sheet,
        moves=moves,
        gains=_gains(session, definition),
    )


def rows(counted: Counted, by: By) -> list[tuple[Group, SupportingRate]]:
    """One row per group, in the order of the keys; what belongs to no group comes last."""
    found = facts.seen_groups(counted.opened.book, counted.opened.groups(by), counted.seen, by)
    definition = counted.definition
    counts = tally.count(counted.sheet, found.line, len(found.groups), definition.basis)
    told = []
    for at, (group, one) in enumerate(zip(found.groups, counts, strict=True)):
        share = ratio(one.numerator, one.denominator)
        rate = SupportingRate(one.numerator, one.denominator, one.unknown, one.excluded, share, definition)
        if counted.gains:
            codes = {counted.opened.book.products[product].code for product in found.products[at]}
            rate = raised(rate, sum(counted.gains.get(code, 0) for code in codes), definition)
        told.append((group, rate))
    return told


def _run(session: Session, question: Question) -> RunChosen | None:
    """The run that a projected stage comes from, checked to fit the question."""
    terms = question.terms
    if terms.stage not in OF_RUNS:
        if question.run is not None:
            raise _wrong("run", "匹配任务只用于“建议”和“可达”两个阶段。")
        return None
    if terms.stage is Stage.ATTAINABLE and question.by is By.CLASS:
        raise _wrong("by", "“可达”按产品求得，不能再按零部件的类别拆分。")
    bases = _bases(terms)
    if question.run is None:
        newest = newest_run(session, terms.scope, terms.radius_km, bases)
        if newest is None:
            raise _wrong("stage", "还没有按这一范围和口径成功完成的匹配任务，请先匹配，或换一个阶段。")
        return newest
    return _fitting(session, run_named(session, question.run), question.run, terms, bases)


def _fitting(session: Session, run: RunChosen | None, run_id: UUID, terms: Terms, bases: list[Basis]) -> RunChosen:
    if run is None:
        raise runs.not_there_yet(session, run_id)
    if (run.policy.scope, run.policy.radius_km) != (terms.scope, terms.radius_km):
        raise _wrong("scope", f"该匹配任务的本地范围是 {run.policy.scope}，不能按另一范围计算；请另行匹配。")
    if run.policy.basis not in bases:
        raise _wrong("basis", f"该匹配任务按 {run.policy.basis} 计算，给不出按 {terms.basis} 的配套率。")
    return run


def _bases(terms: Terms) -> list[Basis]:
    """The bases of plans that can answer: 元 come only from plans by value; shares of lines from any plan."""
    if terms.basis is Basis.VALUE:
        return [Basis.VALUE]
    if terms.stage is Stage.SUGGESTED:
        return [Basis.VALUE, Basis.LINES]
    if terms.basis is Basis.SUPPLIERS:
        raise _wrong("basis", "“可达”是使本地金额（或零部件数）最多的方案，没有按供应商家数的可达配套率。")
    return [Basis.LINES]


def _gains(session: Session, definition: Definition) -> Gains:
    if definition.run is None or definition.stage is not Stage.ATTAINABLE:
        return {}
    together, alone = read_gains(session, UUID(definition.run))
    return alone if definition.alone else together


def _notes(counted: Counted) -> list[str]:
    """What could not be counted, one sentence each."""
    book, bought, seen, definition = counted.opened.book, counted.bought, counted.seen, counted.definition
    asked, actual = seen[book.lines.product], definition.stage is Stage.ACTUAL
    by_value, by_suppliers = definition.basis is Basis.VALUE, definition.basis is Basis.SUPPLIERS
    beyond = facts.unassigned(book, bought, seen) if actual else Decimal(0)
    coarse = facts.coarse(book, bought, seen)
    unspent = int((asked & (book.lines.spend == NONE)).sum()) if by_value and not actual else 0
    elsewhere = int(asked[np.array(counted.moves.beyond_scope, np.int64)].sum())
    unnamed = facts.unnamed(book, bought, seen, mask_of(definition.exclusions)) if by_suppliers else 0
    said = [
        (beyond, f"另有 {_yuan(beyond)} 元采购的零部件不在任何主导产品的需求中，未计入。"),
        (coarse, f"另有 {_yuan(coarse)} 元采购只记到年度，不属于任何季度，未计入。"),
        (unspent, f"{unspent} 条需求缺数量或单价，没有金额，未计入。"),
        (elsewhere, f"另有 {elsewhere} 条建议的供应商不在这一本地范围内，未计入。"),
        (unnamed, f"{unnamed} 组采购未写供应商，不计入家数。"),
    ]
    return [sentence for amount, sentence in said if amount]


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}".removesuffix(".00")


def _wrong(parameter: str, detail: str) -> Problem:
    """A combination of parameters that has no meaning."""
    error = FieldError(pointer=f"/{parameter}", detail=detail, code="combination", location="query")
    return Problem(422, "wrong-combination", "这样的口径组合不成立", detail, [error])
