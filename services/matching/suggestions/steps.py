"""What a step asks for, whether the table allows it, and which columns it changes beside the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.parts import Part, WrongPart, part_of
from services.matching.suggestions.rules import TRANSITIONS, VERB_ZH, RefusedTransition, State, Verb, transition
from shared.http.problems import FieldError, Problem, conflict, forbidden
from shared.security.actor import Actor


@dataclass(frozen=True)
class Asked:
    """What is asked of suggestions: a verb, why, and what the verb wants to know besides.

    `amount` or `quantity` name the part that a leader accepts, `until` the day to which a suggestion is deferred.
    `values` are columns that a contract or its invoices change, `told` the 元 that the history tells of them.
    """

    verb: Verb
    reason: str = ""
    amount: int | None = None
    quantity: Decimal | None = None
    until: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    told: int | None = None


def allowed(state: State, asked: Asked, actor: Actor) -> State:
    """The state that the verb leads to, or the Problem that says why it does not."""
    try:
        return transition(state, asked.verb, actor.role, asked.reason)
    except RefusedTransition as refused:
        match refused.code:
            case "wrong_role":
                raise forbidden(refused.sentence) from refused
            case "reason_missing":
                raise invalid("reason", refused.sentence, "missing") from refused
            case _:
                raise conflict("配套建议的状态不允许这样做", refused.sentence, "wrong-state") from refused


def refuse_unsaid(asked: Asked, today: date) -> None:
    """A 422 Problem where the verb wants a reason or a day from whatever state, and none is said: before rows are read.

    Where many are asked for at once it is said once, and not of each.
    """
    if (
        all(row.needs_reason for (_, verb), row in TRANSITIONS.items() if verb is asked.verb)
        and not asked.reason.strip()
    ):
        raise invalid("reason", f"{VERB_ZH[asked.verb]}须说明理由。", "missing")
    if asked.verb is Verb.DEFER:
        _until(asked, today)


def changes(row: Suggestion, asked: Asked, today: date) -> dict[str, Any]:
    """What a verb changes beside the state."""
    match asked.verb:
        case Verb.ACCEPT:
            part = _part(row, asked)
            return {
                "agreed_amount": part.amount,
                "placed_amount": part.amount,
                "placed_quantity": part.quantity,
            }
        case Verb.DEFER:
            return {"deferred_until": _until(asked, today)}
        case Verb.RESTORE | Verb.REOPEN:
            return {
                "agreed_amount": None,
                "placed_amount": row.amount,
                "placed_quantity": row.quantity,
                "deferred_until": None,
            }
        case _:
            return dict(asked.values)


def _part(row: Suggestion, asked: Asked) -> Part:
    try:
        return part_of(Part(row.amount, row.quantity), asked.amount, asked.quantity)
    except WrongPart as wrong:
        raise invalid(wrong.field, wrong.sentence) from wrong


def _until(asked: Asked, today: date) -> date:
    if asked.until is None:
        raise invalid("until", "暂缓须写明到哪一天。", "missing")
    if asked.until <= today:
        raise invalid("until", "暂缓的日期应在今天之后。")
    return asked.until


def invalid(field: str, sentence: str, code: str = "value") -> Problem:
    """One field of the request is missing or wrong."""
    return Problem(
        422,
        "validation",
        "提交的内容有误",
        "共 1 处需要更正。",
        [FieldError(pointer=f"/{field}", detail=sentence, code=code)],
    )
