"""The definition of a rate as a form asks for it, out of the address of a page and back into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query

from services.matching.engine.policy import Basis, Scope
from services.matching.rates.api import read_terms
from services.matching.rates.definition import EXCLUSIONS, By, Exclusion, Stage, Terms
from services.matching.rates.service import Question

BOARD = "/matching/rates"


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

    @classmethod
    def of(cls, terms: Terms, by: By) -> Self:
        """What the form says where it asks for these terms."""
        include = [each for each in EXCLUSIONS if each not in terms.exclusions]
        period = None if terms.period is None else str(terms.period)
        return cls(by, terms.basis, terms.scope, terms.radius_km, terms.stage, period, include, None)

    def address(self) -> str:
        """The board's address that asks so."""
        return BOARD + "?" + urlencode([*self._said().items(), *(("include", each) for each in self.include)])

    def to_save(self) -> Mapping[str, Any]:
        """The terms as a definition is saved; raises the Problems (422) of what has no meaning."""
        terms = self.terms()
        said = {name: value for name, value in self._said().items() if name not in ("by", "run")}
        return {**said, "exclusions": list(terms.exclusions)}

    def of_api(self) -> Mapping[str, Any]:
        """The same question in the API's parameters, for the export of what is on the screen."""
        told = self._said()
        return told if not self.include else {**told, "exclusions": self.excluded}

    def _said(self) -> dict[str, str]:
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
        return {name: str(value) for name, value in said.items() if value is not None}


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
