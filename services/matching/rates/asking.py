"""The definition of a rate as a form asks for it, out of the address of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.matching.engine.policy import Basis, Scope
from services.matching.rates.api import read_terms
from services.matching.rates.definition import EXCLUSIONS, By, Exclusion, Stage, Terms
from services.matching.rates.service import Question


@dataclass(frozen=True)
class Asked:
    """What the form says, as it was typed; `question` is what it means."""

    by: By
    basis: Basis
    scope: Scope
    radius_km: int | None
    stage: Stage
    period: str | None
    include: list[Exclusion]
    run: UUID | None

    def question(self) -> Question:
        """The question; raises the Problems (422) of a period or a combination that has no meaning."""
        return Question(self.terms(), self.by, self.run)

    def terms(self) -> Terms:
        """The terms alone."""
        radius = self.radius_km if self.scope is Scope.RADIUS else None
        return read_terms(self.basis, self.scope, radius, self.stage, self.period, self.excluded)

    @property
    def excluded(self) -> str:
        """What is left out, as the API asks for it."""
        return ",".join(each for each in EXCLUSIONS if each not in self.include)

    def of_api(self) -> Mapping[str, Any]:
        """The same question in the API's parameters, for the export of what is on the screen."""
        radius = self.radius_km if self.scope is Scope.RADIUS else None
        said = {
            "by": self.by,
            "basis": self.basis,
            "scope": self.scope,
            "stage": self.stage,
            "radius_km": radius,
            "period": self.period,
            "run": self.run,
        }
        told = {name: str(value) for name, value in said.items() if value is not None}
        return told if not self.include else {**told, "exclusions": self.excluded}


def read_asked(
    by: By = By.CLUSTER,
    basis: Basis = Basis.VALUE,
    scope: Scope = Scope.CLUSTER,
    radius_km: Annotated[int | None, Query(ge=1, le=2000)] = None,
    stage: Stage = Stage.ACTUAL,
    period: Annotated[str | None, Query(max_length=6)] = None,
    include: Annotated[list[Exclusion] | None, Query()] = None,
    run: UUID | None = None,
) -> Asked:
    """What the form says. What is ticked is counted; nothing ticked leaves all three kinds out, as is usual."""
    return Asked(by, basis, scope, radius_km, stage, period, include or [], run)
