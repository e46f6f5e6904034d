"""What the chain leader's pages show: products by stage, the lines of one, the candidates of a line side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.matching.engine.plan import SpendClass
from services.matching.gaps import service as gaps
from services.matching.gaps.schemas import DiagnosisRow, LineOut
from services.matching.leading.candidates import Candidate, candidates
from services.matching.mirror.service import MirrorNeed, MirrorProduct
from services.matching.rates import service as rates
from services.matching.rates.definition import By, Stage, Terms
from services.matching.rates.schemas import DefinitionOut, RateRow, RatesOut
from services.matching.rates.service import Question
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import State
from services.matching.suggestions.schemas import SuggestionOut
from services.matching.suggestions.service import Query, Suggestion
from shared.http.problems import Problem, not_found
from shared.security.actor import Actor, Role

STAGES = (Stage.LOCAL_NOW, Stage.CONTRACTED, Stage.ACCEPTED, Stage.APPROVED, Stage.SUGGESTED, Stage.ATTAINABLE)
MOST_WAITING = 50
#: What of a line's spend is local, or would be if all that is under way came about.
COVERED = (SpendClass.LOCAL_NOW, SpendClass.APPROVED, SpendClass.SUGGESTED)


@dataclass(frozen=True)
class Course:
    """A product's rates by stage; those of plans are missing where nothing was matched yet."""

    product: RateRow
    stages: Mapping[Stage, RateRow]


@dataclass(frozen=True)
class Home:
    """A leader's products, the suggestions that wait for its word, and why some stages are missing."""

    definitions: Mapping[Stage, DefinitionOut]
    products: Sequence[Course]
    waiting: Sequence[SuggestionOut]
    reason: str | None

    def percents(self, stage: Stage) -> list[float | None]:
        """The products' rates at a stage in per cent, for a picture."""
        rows = (course.stages.get(stage) for course in self.products)
        return [None if row is None or row.rate is None else float(row.rate * 100) for row in rows]

    @property
    def target(self) -> float | None:
        """The one target of all products in per cent; None where they have several."""
        found = {course.product.target for course in self.products}
        only = found.pop() if len(found) == 1 else None
        return None if only is None else float(only * 100)


@dataclass(frozen=True)
class LineRow:
    """A line of a product: where its spend is, what of it is or would be local (a share of 1), suggestions by state."""

    row: DiagnosisRow
    covered: int
    counted: int
    states: Mapping[State, int]

    @property
    def share(self) -> Decimal | None:
        """What is covered of what counts; None where nothing does."""
        return Decimal(self.covered) / self.counted if self.counted else None


@dataclass(frozen=True)
class ProductView:
    """One product: its way from now to the target and beyond, in 元, with a definition for each stage; its lines.

    `run` is what the lines are told by, if one was run.
    """

    product: MirrorProduct
    stages: Mapping[Stage, RateRow]
    definitions: Mapping[Stage, DefinitionOut]
    lines: Sequence[LineRow]
    run: UUID | None
    reason: str | None

    def steps(self, names: Mapping[Stage, str], target: str) -> list[dict[str, Any]]:
        """The way as amounts that add up, in whole 元: what each stage adds to local now; then target and attainable.

        `names` and `target` are what the steps are called.
        """
        found: list[dict[str, Any]] = []
        level = 0
        for stage in STAGES[:-1]:
            row = self.stages.get(stage)
            if row is not None:
                amount = int(row.numerator)
                whole = stage is Stage.LOCAL_NOW
                found.append({"name": names[stage], "amount": amount - (0 if whole else level), "whole": whole})
                level = amount
        now, most = self.stages.get(Stage.LOCAL_NOW), self.stages.get(Stage.ATTAINABLE)
        if now is not None and now.target is not None:
            found.append({"name": target, "amount": int(now.target * now.denominator), "whole": True})
        if most is not None:
            found.append({"name": names[Stage.ATTAINABLE], "amount": int(most.numerator), "whole": True})
        return found


@dataclass(frozen=True)
class LineView:
    """One line: what is asked, what a run says of it, and the candidates that its leader may know."""

    need: MirrorNeed
    product: MirrorProduct
    told: LineOut | None
    candidates: Sequence[Candidate]


def home(session: Session, actor: Actor) -> Home:
    """The products of a leader."""
    wanted = (Stage.LOCAL_NOW, Stage.APPROVED, Stage.SUGGESTED)
    found, reason = _by_stage(session, actor, wanted)
    rows = {stage: {row.id: row for row in told.rows} for stage, told in found.items()}
    waiting = suggestions.list_suggestions(session, actor, Query(states=(State.APPROVED,)), None, MOST_WAITING)
    return Home(
        definitions={stage: told.definition for stage, told in found.items()},
        products=[
            Course(row, {stage: of[row.id] for stage, of in rows.items() if row.id in of})
            for row in found[Stage.LOCAL_NOW].rows
        ],
        waiting=[SuggestionOut.of(row, actor) for row in waiting[:MOST_WAITING]],
        reason=reason,
    )


def product(session: Session, actor: Actor, product_id: UUID) -> ProductView:
    """One product with its lines; a 404 Problem where the actor sees none."""
    row = _product(session, actor, product_id)
    found, reason = _by_stage(session, actor, STAGES)
    own = {stage: next((each for each in told.rows if each.id == row.id), None) for stage, told in found.items()}
    run = _run_of(found)
    return ProductView(
        product=row,
        stages={stage: each for stage, each in own.items() if each is not None},
        definitions={stage: told.definition for stage, told in found.items()},
        lines=_lines(session, actor, row, run),
        run=run,
        reason=reason,
    )


def line(session: Session, actor: Actor, need_id: UUID) -> LineView:
    """One line with its candidates, the best first; a 404 Problem where the actor sees none."""
    need = session.get(MirrorNeed, need_id)
    if need is None:
        raise not_found("零部件需求", need_id)
    row = _product(session, actor, need.product_id)
    return LineView(need, row, _told(session, actor, need_id), candidates(session, actor, row, need_id))


def coverage(session: Session, actor: Actor, product_id: UUID) -> list[LineRow]:
    """The lines of a product, for whoever shows its bill; a 404 Problem where the actor sees none."""
    row = _product(session, actor, product_id)
    return _lines(session, actor, row, newest_run(session))


def newest_run(session: Session) -> UUID | None:
    """The run that suggestions and what is attainable come from by the usual definition; None before the first."""
    try:
        run = rates.define(session, Question(Terms(stage=Stage.SUGGESTED), By.PRODUCT))[0].run
    except Problem:
        return None
    return None if run is None else UUID(run)


def _by_stage(session: Session, actor: Actor, stages: Sequence[Stage]) -> tuple[dict[Stage, RatesOut], str | None]:
    """The rates by product at each stage; without a run those of its stages are missing, and a sentence says why."""
    found, reason = {}, None
    for stage in stages:
        try:
            found[stage] = rates.rates(session, actor, Question(Terms(stage=stage), By.PRODUCT))
        except Problem as problem:
            if problem.status != 422:
                raise
            reason = problem.errors[0].detail if problem.errors else problem.title
    return found, reason


def _run_of(found: Mapping[Stage, RatesOut]) -> UUID | None:
    told = found.get(Stage.SUGGESTED)
    return None if told is None else told.definition.run


def _product(session: Session, actor: Actor, product_id: UUID) -> MirrorProduct:
    """A product of the mirror that the actor may see: its own, or of its clusters; reviewers see all."""
    row = session.get(MirrorProduct, product_id)
    own = row is not None and (
        actor.sees_everything
        or (actor.role is Role.CHAIN_LEADER and row.leader_id is not None and row.leader_id == actor.enterprise_id)
        or (actor.role is Role.CLUSTER_ORGANISATION and row.cluster_id in actor.cluster_ids)
    )
    if row is None or not own:
        raise not_found("主导产品", product_id)
    return row


def _lines(session: Session, actor: Actor, product: MirrorProduct, run: UUID | None) -> list[LineRow]:
    """The lines as the run recorded them, those with most still open first; none before the first run."""
    if run is None:
        return []
    states = _states(session, actor, product.id)
    found = [_line_row(row, states) for row in gaps.lines_of(session, actor, run, product.code)]
    return sorted(found, key=lambda each: each.covered - each.counted)


def _line_row(row: DiagnosisRow, states: Mapping[UUID | None, Mapping[State, int]]) -> LineRow:
    amounts = {part.name: part.amount for part in row.parts}
    covered = sum(amounts.get(name, 0) for name in COVERED)
    return LineRow(row, covered, row.spend - amounts.get(SpendClass.EXCLUDED, 0), states.get(row.id, {}))


def _states(session: Session, actor: Actor, product_id: UUID) -> dict[UUID | None, Counter[State]]:
    """How many suggestions of each need of a product are in which state, as far as the actor sees them."""
    statement = (
        select(col(Suggestion.need_id), col(Suggestion.state), func.count())
        .where(col(Suggestion.product_id) == product_id, suggestions.visible(actor))
        .where(col(Suggestion.state) != State.SUPERSEDED)
        .group_by(col(Suggestion.need_id), col(Suggestion.state))
    )
    found: dict[UUID | None, Counter[State]] = {}
    for need, state, count in session.execute(statement):
        found.setdefault(need, Counter())[State(state)] = count
    return found


def _told(session: Session, actor: Actor, need_id: UUID) -> LineOut | None:
    """What the newest run says of a line; None where it does not know it yet."""
    run = newest_run(session)
    try:
        return None if run is None else gaps.line(session, actor, run, need_id)
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
