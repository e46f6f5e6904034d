"""The use case of the rates: answer a question with rates that carry their definition."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.rates.definition import Definition, InvalidPeriod, Period, Stage
from services.matching.rates.facts import Facts, Group, Groups, newest_year, read_facts
from services.matching.rates.ledger import CountedLine, actual_lines, projected_lines, unassigned
from services.matching.rates.moves import NO_MOVES, Moves, RunChosen, newest_run, read_moves, run_named
from services.matching.rates.rules import SupportingRate, raised, supporting_rate
from services.matching.rates.schemas import By, DefinitionOut, RateRow, RatesOut
from services.matching.runs import service as runs
from shared.http.problems import FieldError, Problem, not_found
from shared.security.actor import Actor

CHINA = timedelta(hours=8)
WITHOUT_PLANS = frozenset({Stage.ACTUAL, Stage.LOCAL_NOW})
OF_RUNS = frozenset({Stage.SUGGESTED, Stage.ATTAINABLE})
EVERYTHING = Group(None, "全部")
GROUP_OF: dict[By, Callable[[Groups], Group]] = {
    By.CLUSTER: lambda groups: groups.cluster,
    By.PRODUCT: lambda groups: groups.product,
    By.LEADER: lambda groups: groups.leader,
    By.CITY: lambda groups: groups.city,
    By.ALL: lambda _: EVERYTHING,
}

Gains = Mapping[str, int]
"""By product code, what an optimum moves on top of what is approved."""


@dataclass(frozen=True)
class Question:
    """What is asked. Without `period` the newest year with purchases; without `run` the newest fitting one."""

    basis: Basis = Basis.VALUE
    scope: Scope = Scope.CLUSTER
    stage: Stage = Stage.ACTUAL
    by: By = By.CLUSTER
    period: str | None = None
    run: UUID | None = None


def rates(session: Session, actor: Actor, question: Question) -> RatesOut:
    """The rates that `actor` may see. Raises a 422 Problem for a combination that has no meaning."""
    run = _run(session, question)
    definition = _definition(session, question, run)
    home_province = (run.policy if run else Policy()).home_province
    facts = read_facts(session, actor, definition.period, home_province)
    moves = NO_MOVES if definition.stage in WITHOUT_PLANS else read_moves(session, facts, definition, run)
    lines = _lines(facts, definition, moves)
    gains = _gains(session, actor, question, run)
    rows = _rows(facts, lines, definition, gains, question.by)
    return RatesOut(
        definition=DefinitionOut.of(definition),
        by=question.by,
        rows=rows,
        total=None if definition.alone else _rows(facts, lines, definition, gains, By.ALL)[0],
        notes=_notes(facts, definition, moves, lines),
    )


def definition_of_run(
    policy: Policy, period: Period, run_id: UUID, stage: Stage, *, alone: bool = False
) -> DefinitionOut:
    """The definition of a rate that a run's record gives at one of the projected stages."""
    definition = Definition(policy.basis, policy.scope, period, stage, run=str(run_id), alone=alone)
    return DefinitionOut.of(definition)


def _run(session: Session, question: Question) -> RunChosen | None:
    """The run that a projected stage comes from, checked to fit the question."""
    if question.stage not in OF_RUNS:
        if question.run is not None:
            raise _wrong("run", "匹配任务只用于“建议”和“可达”两个阶段。")
        return None
    bases = _bases(question)
    if question.run is None:
        newest = newest_run(session, question.scope, bases)
        if newest is None:
            raise _wrong("stage", "还没有按这一范围和口径成功完成的匹配任务，请先匹配，或换一个阶段。")
        return newest
    run = run_named(session, question.run)
    if run is None:
        raise not_found("已完成的匹配任务", question.run)
    if run.policy.scope != question.scope:
        raise _wrong("scope", f"该匹配任务的本地范围是 {run.policy.scope}，不能按另一范围计算；请另行匹配。")
    if run.policy.basis not in bases:
        raise _wrong("basis", f"该匹配任务按 {run.policy.basis} 计算，给不出按 {question.basis} 的配套率。")
    return run


def _bases(question: Question) -> list[Basis]:
    """The bases of plans that can answer: 元 come only from plans by value; shares of lines from any plan."""
    if question.basis is Basis.VALUE:
        return [Basis.VALUE]
    if question.stage is Stage.SUGGESTED:
        return [Basis.VALUE, Basis.LINES]
    if question.basis is Basis.SUPPLIERS:
        raise _wrong("basis", "“可达”是使本地金额（或零部件数）最多的方案，没有按供应商家数的可达配套率。")
    return [Basis.LINES]


def _definition(session: Session, question: Question, run: RunChosen | None) -> Definition:
    return Definition(
        basis=question.basis,
        scope=question.scope,
        period=_period(session, question),
        stage=question.stage,
        run=None if run is None else str(run.id),
        alone=question.stage is Stage.ATTAINABLE and question.by is By.PRODUCT,
    )


def _period(session: Session, question: Question) -> Period:
    if question.period is None:
        return newest_year(session) or Period((datetime.now(UTC) + CHINA).year)
    try:
        return Period.parse(question.period)
    except InvalidPeriod as error:
        raise _wrong("period", str(error)) from error


def _lines(facts: Facts, definition: Definition, moves: Moves) -> list[CountedLine]:
    """The lines of the products that the actor may see."""
    if definition.stage is Stage.ACTUAL:
        found = actual_lines(facts.ledger, definition.scope)
    else:
        found = projected_lines(facts.ledger, definition.scope, definition.basis, moves.by_line)
    return [line for line in found if line.need.product in facts.groups]


def _gains(session: Session, actor: Actor, question: Question, run: RunChosen | None) -> Gains:
    if run is None or question.stage is not Stage.ATTAINABLE:
        return {}
    snapshot, plan, _ = runs.plan_of(session, actor, run.id)
    alone = question.by is By.PRODUCT
    return {
        snapshot.products[row.product].key: row.attainable_alone if alone else row.attainable_joint
        for row in plan.products
    }


def _rows(facts: Facts, lines: list[CountedLine], definition: Definition, gains: Gains, by: By) -> list[RateRow]:
    """One row per group, in the order of the keys; what belongs to no group comes last."""
    members: dict[Group, set[str]] = defaultdict(set)
    for code, groups in facts.groups.items():
        members[GROUP_OF[by](groups)].add(code)
    if by is By.ALL:
        members[EVERYTHING] |= set()
    ordered = sorted(members, key=lambda group: (group.key is None, group.key or ""))
    by_product: dict[str, list[CountedLine]] = defaultdict(list)
    for line in lines:
        by_product[line.need.product].append(line)
    return [RateRow.of(group, _rate(by_product, members[group], definition, gains)) for group in ordered]


def _rate(
    by_product: Mapping[str, list[CountedLine]], codes: set[str], definition: Definition, gains: Gains
) -> SupportingRate:
    origins = [line.origins for code in sorted(codes) for line in by_product.get(code, [])]
    rate = supporting_rate(origins, definition)
    return raised(rate, sum(gains.get(code, 0) for code in codes), definition)


def _notes(facts: Facts, definition: Definition, moves: Moves, lines: list[CountedLine]) -> list[str]:
    """What could not be counted, one sentence each."""
    ledger = replace(facts.ledger, needs=[need for need in facts.ledger.needs if need.product in facts.groups])
    unspent = len(ledger.needs) - len(lines) if definition.stage is not Stage.ACTUAL else 0
    beyond = unassigned(facts.ledger) if definition.stage is Stage.ACTUAL else 0
    said = [
        (beyond, f"另有 {beyond} 元采购的零部件不在任何主导产品的需求中，未计入。"),
        (facts.coarse, f"另有 {facts.coarse} 元采购只记到年度，不属于任何季度，未计入。"),
        (unspent, f"{unspent} 条需求缺数量或单价，没有金额，未计入。"),
        (moves.beyond_scope, f"另有 {moves.beyond_scope} 条建议的供应商不在这一本地范围内，未计入。"),
        (
            facts.unnamed if definition.basis is Basis.SUPPLIERS else 0,
            f"{facts.unnamed} 组采购未写供应商，不计入家数。",
        ),
    ]
    return [sentence for amount, sentence in said if amount]


def _wrong(parameter: str, detail: str) -> Problem:
    """A combination of parameters that has no meaning."""
    error = FieldError(pointer=f"/{parameter}", detail=detail, code="combination", location="query")
    return Problem(422, "wrong-combination", "这样的口径组合不成立", detail, [error])
