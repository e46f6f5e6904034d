"""Use cases of proposals by hand: look at a pair as of today, and propose it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.clock import CHINA
from services.matching.disclosure import service as disclosure
from services.matching.engine.judgement.eligibility import Bench, Ruling
from services.matching.engine.judgement.facts import Facts, Pair, gather
from services.matching.engine.judgement.scores import score_parts
from services.matching.engine.plan import Rule
from services.matching.engine.plan import Suggestion as Planned
from services.matching.mirror.service import MirrorCapability, MirrorNeed, MirrorProduct
from services.matching.proposing.offers import OfferFound, offers
from services.matching.proposing.rules import (
    Room,
    Share,
    below_order,
    beyond,
    overrulable,
    rooms,
    share_of,
    text_measure,
)
from services.matching.proposing.schemas import ProposalIn
from services.matching.rates import service as rates
from services.matching.rates.definition import By, Stage, Terms
from services.matching.rates.facts import Group
from services.matching.rates.rules import SupportingRate
from services.matching.rates.service import Question
from services.matching.runs import service as runs
from services.matching.runs.freeze.around import catalogue_around
from services.matching.runs.freeze.build import build_snapshot
from services.matching.runs.freeze.keys import line_key
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.effect import Standing
from services.matching.suggestions.events import Step
from services.matching.suggestions.parts import WrongPart
from services.matching.suggestions.publishing import row_of
from services.matching.suggestions.rules import MAIN_WAY, PROPOSING, STATE_ZH, State
from services.matching.suggestions.service import Suggestion
from services.matching.suggestions.turns import take_proposing_turn
from shared.db.acting import SERVICE, read_beyond
from shared.http.problems import FieldError, Problem, forbidden, not_found
from shared.security.actor import Actor

__all__ = ["AlreadyProposed", "Asked", "OfferFound", "Prospect", "asked_for", "consider", "offers", "propose"]

LIVING = frozenset({*MAIN_WAY, State.DEFERRED})
"""States in which a suggestion stands for its pair: another of the same pair would count twice."""


class AlreadyProposed(Problem):
    """A 409: a living suggestion stands for the pair; `suggestion_id` is the one."""

    def __init__(self, row: Suggestion) -> None:
        detail = f"该需求与该供应商已有一条{STATE_ZH[State(row.state)]}的配套建议（编号 {row.id}），请处理那一条。"
        super().__init__(409, "already-proposed", "该配对已有配套建议", detail)
        self.suggestion_id = row.id


@dataclass(frozen=True)
class Asked:
    """The need for which something is proposed, and its product."""

    need: MirrorNeed
    product: MirrorProduct


@dataclass(frozen=True)
class Prospect:
    """A pair as a run of today would judge it, by the policy of the newest run; `living` stands for the pair already.

    `stock` is what the capability has to spare; None: the mirror has lost it.
    """

    run_id: UUID
    facts: Facts
    pair: Pair
    ruling: Ruling
    rooms: list[Room]
    stock: suggestions.Stock | None
    living: Suggestion | None

    @property
    def most(self) -> int:
        """The most that can be proposed as far as the line goes, in 元 (or lines)."""
        return min(room.most for room in self.rooms)

    @property
    def needs_note(self) -> bool:
        """Whether it is one step away, and may be proposed for a reason."""
        return overrulable(self.ruling) is not None

    @property
    def possible(self) -> bool:
        """Whether it can be proposed at all."""
        return self.living is None and self.most > 0 and (self.ruling.eligible or self.needs_note)


def asked_for(session: Session, actor: Actor, need_id: UUID) -> Asked:
    """A need for which the actor may propose: any for reviewers, their clusters' for organisations; else a 404."""
    statement = (
        select(MirrorNeed, MirrorProduct)
        .join(MirrorProduct, col(MirrorProduct.id) == MirrorNeed.product_id)
        .where(col(MirrorNeed.id) == need_id)
    )
    if not actor.sees_everything:
        statement = statement.where(col(MirrorProduct.cluster_id).in_(actor.cluster_ids))
    row = session.execute(statement).first()
    if row is None:
        raise not_found("零部件需求", need_id)
    return Asked(*row)


def consider(session: Session, asked: Asked, capability_id: UUID, now: datetime) -> Prospect:
    """Judge the pair by today's facts; what else there is of it is read as well, from here on to the transaction's end.

    Raises Problems: 404 for a capability that is none, 409 before the first run.
    """
    read_beyond(session)
    capability = session.get(MirrorCapability, capability_id)
    if capability is None:
        raise not_found("供给能力", capability_id)
    run_id, policy = runs.newest_policy(session)
    today = now.astimezone(CHINA).date()
    key = line_key(asked.product.code, asked.need.part_code)
    decided = suggestions.decisions(session, policy, today, [key])
    parties = {row.capability_key.rpartition("/")[0] for row in decided.approved}
    catalogue = catalogue_around(session, asked.need, capability.supplier_id, parties)
    facts = gather(build_snapshot(catalogue, decided, policy, today, ""), policy)
    at = next((at for at, row in enumerate(facts.snapshot.capabilities) if row.id == str(capability_id)), None)
    if at is None:
        raise not_found("供给能力", capability_id)
    pair = facts.pair(0, at)
    return Prospect(
        run_id=run_id,
        facts=facts,
        pair=pair,
        ruling=Bench(facts).judge(pair),
        rooms=rooms(facts, pair),
        stock=suggestions.stock_of_offer(session, pair.capability.key, capability_id),
        living=_living(session, pair),
    )


def propose(session: Session, actor: Actor, said: ProposalIn, now: datetime) -> Suggestion:
    """Propose a pair; from here on it goes the way of the matcher's own suggestions. Commits.

    Raises Problems: 403 who may not propose, 404 no such need or capability, 409 a living suggestion of the pair or no
    run yet, 422 what the pair does not meet, each requirement by itself, or what is missing.
    """
    if actor.role not in PROPOSING:
        raise forbidden("只有审核员和集群促进组织可以人工提出配套建议。")
    asked = asked_for(session, actor, said.need_id)
    take_proposing_turn(session)
    prospect = consider(session, asked, said.capability_id, now)
    if prospect.living is not None:
        raise AlreadyProposed(prospect.living)
    errors = _unmet(prospect, said.note)
    share = _share(prospect, said, errors)
    row = _row(session, actor, prospect, share, now)
    errors += _too_much(session, prospect, row, share, said)
    if errors:
        raise _refused(errors)
    session.add(row)
    session.flush()
    suggestions.record(session, [Step(row.id, None, State.PROPOSED)], None, actor, said.note.strip(), now)
    session.commit()
    return row


def _living(session: Session, pair: Pair) -> Suggestion | None:
    """The newest suggestion that stands for the pair of line and supplier, whoever proposed it."""
    statement = (
        select(Suggestion)
        .where(col(Suggestion.line_key) == pair.line.key, col(Suggestion.supplier_key) == pair.supplier.key)
        .where(col(Suggestion.state).in_(LIVING))
        .order_by(col(Suggestion.id).desc())
        .limit(1)
    )
    found: Suggestion | None = session.execute(statement).scalar_one_or_none()
    return found


def _unmet(prospect: Prospect, note: str) -> list[FieldError]:
    """What the pair does not meet, requirement by requirement; a near miss for which a reason is given passes."""
    near = overrulable(prospect.ruling)
    if near is not None and note.strip():
        return []
    if near is not None:
        return [_error("note", f"只差一项：{near.sentence}。供需双方能够商定的，可在说明中写明理由后提出。", "missing")]
    return [_error("capability_id", f"{each.sentence}。", each.rule) for each in prospect.ruling.failures()]


def _share(prospect: Prospect, said: ProposalIn, errors: list[FieldError]) -> Share:
    try:
        return share_of(prospect.pair.line, prospect.facts.policy.basis, said.amount, said.quantity)
    except WrongPart as wrong:
        raise _refused([*errors, _error(wrong.field, wrong.sentence, "value")]) from wrong


def _too_much(
    session: Session, prospect: Prospect, row: Suggestion, share: Share, said: ProposalIn
) -> list[FieldError]:
    """Where more is proposed than the line, the cap or the capability has room for, or less than the least order."""
    field = "amount" if said.quantity is None else "quantity"
    said_of_line = [beyond(room, share, prospect.facts) for room in prospect.rooms]
    found = [_error(field, each, "too-much") for each in said_of_line if each]
    order = below_order(prospect.pair, share)
    if order:
        found.append(_error(field, order, Rule.MOQ))
    try:
        suggestions.Room(session, [row], "请减少数量").take_capability(row)
    except Problem as problem:
        found.append(_error(field, problem.detail, problem.kind))
    return found


def _row(session: Session, actor: Actor, prospect: Prospect, share: Share, now: datetime) -> Suggestion:
    """The suggestion that is proposed, with the evidence as it is today."""
    facts, pair = prospect.facts, prospect.pair
    parts = score_parts(facts, pair, text_measure(pair))
    planned = Planned(
        line=pair.line_position,
        supplier=pair.capability.supplier,
        capability=pair.capability_position,
        amount=share.amount,
        quantity=share.quantity,
        score=sum(parts.values()),
        score_parts=parts,
        evidence=prospect.ruling.evidence,
    )
    effect = _effect(session, prospect, share.amount)
    values = row_of(prospect.run_id, facts.snapshot, planned, facts.policy, effect, now)
    levels = disclosure.levels(session, {values["need_id"]: values["leader_id"]})
    return Suggestion(**values, proposed_by=actor.subject, disclosure=levels[values["need_id"]])


def _effect(session: Session, prospect: Prospect, amount: int) -> dict[str, Any]:
    """What it does to the rates of its product and its cluster, on top of what is local now and approved."""
    policy, product = prospect.facts.policy, prospect.pair.product
    terms = Terms(policy.basis, policy.scope, Stage.APPROVED, policy.radius_km)
    counted = rates.count(session, SERVICE, Question(terms))

    def standing(by: By, key: str) -> dict[str, Any] | None:
        found = [(group, rate) for group, rate in rates.rows(counted, by) if group.key == key]
        return next((_standing(*each).with_amount(amount) for each in found), None)

    cluster = None if prospect.pair.cluster is None else standing(By.CLUSTER, prospect.pair.cluster.key)
    return {
        "amount": amount,
        "product": standing(By.PRODUCT, product.key),
        "cluster": cluster,
        "definition": counted.definition.sentence(),
    }


def _standing(group: Group, rate: SupportingRate) -> Standing:
    return Standing(group.key or "", group.name, int(rate.numerator), int(rate.denominator))


def _error(field: str, sentence: str, code: str) -> FieldError:
    return FieldError(pointer=f"/{field}", detail=sentence, code=code)


def _refused(errors: list[FieldError]) -> Problem:
    return Problem(422, "not-eligible", "该配对不能提出", f"有 {len(errors)} 项不符合要求，逐项列在下面。", errors)
