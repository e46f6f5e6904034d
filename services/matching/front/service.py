"""What the front pages show: the clusters' rates, as anybody may see them."""

from dataclasses import dataclass

from sqlmodel import Session

from services.matching.rates import service as rates
from services.matching.rates.definition import Stage, Terms
from services.matching.rates.schemas import RatesOut
from services.matching.rates.service import Question
from shared.db.acting import SERVICE, act_for
from shared.http.problems import Problem


@dataclass(frozen=True)
class Front:
    """The rates by cluster now, and as suggested; or the sentence that says why there are no suggested ones yet."""

    now: RatesOut
    planned: RatesOut | None
    reason: str | None


def front(session: Session) -> Front:
    """The clusters' totals. They are shown to anybody, and so the service itself asks: never a row of an enterprise."""
    act_for(session, SERVICE)
    now = rates.rates(session, SERVICE, Question(Terms(stage=Stage.LOCAL_NOW)))
    try:
        return Front(now, rates.rates(session, SERVICE, Question(Terms(stage=Stage.SUGGESTED))), None)
    except Problem as problem:
        return Front(now, None, problem.errors[0].detail if problem.errors else problem.title)
