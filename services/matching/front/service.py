"""What the front pages show: the clusters' rates, as anybody may see them, and what waits for those who review."""

from dataclasses import dataclass

from sqlmodel import Session

from services.matching.cooperation.funnel import By, Cohort, funnel
from services.matching.cooperation.stages import Funnel
from services.matching.rates import service as rates
from services.matching.rates.definition import Stage, Terms
from services.matching.rates.schemas import RatesOut
from services.matching.rates.service import Question
from services.matching.runs import service as runs
from services.matching.runs.service import RunView
from shared.db.acting import SERVICE, act_for
from shared.http.problems import Problem
from shared.security.actor import Actor, Role


@dataclass(frozen=True)
class Front:
    """The rates by cluster now, and as suggested; or the sentence that says why there are no suggested ones yet."""

    now: RatesOut
    planned: RatesOut | None
    reason: str | None


@dataclass(frozen=True)
class Desk:
    """Where a reviewer begins: how far suggestions have come, and the newest run (None: there is none yet)."""

    funnel: Funnel
    newest: RunView | None


REVIEWING = frozenset({Role.REVIEWER, Role.CLUSTER_ORGANISATION, Role.AUDITOR})


def desk(session: Session, actor: Actor) -> Desk:
    """The desk of somebody who reviews, or looks at what is reviewed, as far as the actor sees it."""
    (whole,) = funnel(session, actor, By.ALL, Cohort())
    newest = runs.list_runs(session, actor, None, 1)
    return Desk(whole.funnel, newest[0] if newest else None)


def front(session: Session) -> Front:
    """The clusters' totals. They are shown to anybody, and so the service itself asks: never a row of an enterprise."""
    act_for(session, SERVICE)
    now = rates.rates(session, SERVICE, Question(Terms(stage=Stage.LOCAL_NOW)))
    try:
        return Front(now, rates.rates(session, SERVICE, Question(Terms(stage=Stage.SUGGESTED))), None)
    except Problem as problem:
        return Front(now, None, problem.errors[0].detail if problem.errors else problem.title)
