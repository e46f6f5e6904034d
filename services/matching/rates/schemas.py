"""Wire models of the rates."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import (
    EXCLUSIONS,
    By,
    Definition,
    Exclusion,
    Level,
    Period,
    Stage,
    Terms,
)
from services.matching.rates.facts import Group
from services.matching.rates.models import RateDefinition
from services.matching.rates.rules import SupportingRate, decimal_of, ratio
from shared.text.figures import say_percent

UNITS = {Basis.VALUE: "元", Basis.LINES: "个零部件", Basis.SUPPLIERS: "家"}
PLACES = {Basis.VALUE: 2, Basis.LINES: 6, Basis.SUPPLIERS: 0}


class DefinitionOut(BaseModel):
    """The definition that every rate of an answer has; `sentence` is fit to be cited with them."""

    basis: Basis
    unit: str = Field(description="numerator、denominator、unknown、excluded 的单位")
    scope: Scope
    radius_km: int | None = None
    period: str
    level: Level
    exclusions: list[Exclusion]
    stage: Stage
    run: UUID | None
    alone: bool = Field(description="每个产品单独求最优：各行不能同时达到，不可相加")
    sentence: str

    @classmethod
    def of(cls, definition: Definition) -> "DefinitionOut":
        """The wire form of a definition."""
        return cls(
            basis=definition.basis,
            unit=UNITS[definition.basis],
            scope=definition.scope,
            radius_km=definition.radius_km,
            period=str(definition.period),
            level=definition.level,
            exclusions=list(definition.exclusions),
            stage=definition.stage,
            run=None if definition.run is None else UUID(definition.run),
            alone=definition.alone,
            sentence=definition.sentence(),
        )


class RateRow(BaseModel):
    """One rate: exact counts, and shares of 1 rounded down to six places.

    `rate` counts the unknown as not local; with `if_unknown_local` it spans the range, `of_known` leaves it out.
    """

    key: str | None
    id: UUID | None
    name: str
    numerator: Decimal
    denominator: Decimal
    unknown: Decimal = Field(description="来源不明，含在分母中")
    excluded: Decimal = Field(description="剔除的，不在分母中")
    rate: Decimal | None = Field(description="分母为零时为空")
    if_unknown_local: Decimal | None
    of_known: Decimal | None
    target: Decimal | None
    reached: bool | None = Field(description="是否达到目标，按精确值比较")
    percent: str = Field(description="供显示；未达目标的不会因四舍五入显示为达到")

    @classmethod
    def of(cls, group: Group, rate: SupportingRate) -> "RateRow":
        """The wire form of a group's rate."""
        places = PLACES[rate.definition.basis]
        target = None if group.target is None else Fraction(group.target)
        no_answer = target is None or not rate.denominator
        return cls(
            key=group.key,
            id=group.id,
            name=group.name,
            numerator=decimal_of(rate.numerator, places),
            denominator=decimal_of(rate.denominator, places),
            unknown=decimal_of(rate.unknown, places),
            excluded=decimal_of(rate.excluded, places),
            rate=rate.rate,
            if_unknown_local=rate.if_unknown_local,
            of_known=rate.of_known,
            target=group.target,
            reached=None if no_answer else rate.numerator >= (target or 0) * rate.denominator,
            percent=say_percent(rate.numerator, rate.denominator, target),
        )


class RatesOut(BaseModel):
    """Rates with their one definition. `notes` say what could not be counted."""

    definition: DefinitionOut
    by: By
    rows: list[RateRow]
    total: RateRow | None = Field(description="全部各行合计；每个产品单独求最优时没有合计")
    notes: list[str]


class TermsIn(BaseModel):
    """What a rate is asked for by. Without `period` it is the newest year with purchases, each time anew."""

    model_config = ConfigDict(extra="forbid")

    basis: Basis = Field(Basis.VALUE, description="按金额、零部件或供应商家数")
    scope: Scope = Field(Scope.CLUSTER, description="什么算本地")
    radius_km: int | None = Field(None, ge=1, le=2000, description="范围为 radius 时，距链主所在地多少千米以内")
    stage: Stage = Field(Stage.ACTUAL, description="实际，或以需求推算的各阶段")
    period: str | None = Field(None, description="2025 或 2025Q3；不写则为有采购的最近一年", max_length=6)
    exclusions: list[Exclusion] = Field(list(EXCLUSIONS), description="剔除哪些采购，分子分母都不计")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if (self.scope is Scope.RADIUS) != (self.radius_km is not None):
            raise ValueError("scope 为 radius 时须写明 radius_km（千米），其他范围不写。")
        if self.stage is Stage.ATTAINABLE and self.basis is Basis.SUPPLIERS:
            raise ValueError("“可达”是使本地金额（或零部件数）最多的方案，没有按供应商家数的可达配套率。")
        if self.period is not None:
            Period.parse(self.period)
        return self

    def terms(self) -> Terms:
        """As values; exclusions in one order, each once."""
        return Terms(
            basis=self.basis,
            scope=self.scope,
            stage=self.stage,
            radius_km=self.radius_km,
            period=None if self.period is None else Period.parse(self.period),
            exclusions=tuple(each for each in EXCLUSIONS if each in self.exclusions),
        )


class SavedIn(BaseModel):
    """A definition to be saved with a name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    terms: TermsIn


class SavedOut(BaseModel):
    """A saved definition; `sentence` is what it says today, `series` names its points over time."""

    id: UUID
    name: str
    version: int
    terms: TermsIn
    series: str
    sentence: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, row: RateDefinition, definition: Definition) -> Self:
        """The wire form of a saved definition."""
        terms = TermsIn.model_validate(row.terms)
        return cls(
            id=row.id,
            name=row.name,
            version=row.version,
            terms=terms,
            series=terms.terms().series,
            sentence=definition.sentence(),
            created_by=row.created_by,
            created_at=row.created_at,
        )


class SideIn(BaseModel):
    """One side of a comparison: a saved definition, or terms; `run` for the stages that come from one."""

    model_config = ConfigDict(extra="forbid")

    definition: UUID | None = Field(None, description="一个已保存的口径；与 terms 二者写一")
    terms: TermsIn | None = None
    run: UUID | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.definition is None) == (self.terms is None):
            raise ValueError("definition（已保存的口径）与 terms（口径的各项）须写且只写一个。")
        return self


class ComparisonIn(BaseModel):
    """Two definitions to be put side by side."""

    model_config = ConfigDict(extra="forbid")

    by: By = By.CLUSTER
    left: SideIn
    right: SideIn


class ComparedRow(BaseModel):
    """A group's two rates; `difference` is right less left as shares of 1, where both have one."""

    key: str | None
    id: UUID | None
    name: str
    left: RateRow | None
    right: RateRow | None
    difference: Decimal | None
    points: str = Field(description="百分点，供显示")


class ComparisonOut(BaseModel):
    """Two definitions side by side, each with its sentence; rows of the same group stand together."""

    by: By
    left: DefinitionOut
    right: DefinitionOut
    rows: list[ComparedRow]
    total: ComparedRow | None
    left_notes: list[str]
    right_notes: list[str]


class PointRow(BaseModel):
    """A group's rate at an occasion."""

    key: str | None
    name: str
    numerator: Decimal
    denominator: Decimal
    unknown: Decimal
    excluded: Decimal
    rate: Decimal | None
    target: Decimal | None
    percent: str

    @classmethod
    def of(cls, row: Any) -> Self:
        """The wire form of a stored point."""
        part, whole = Fraction(row.numerator), Fraction(row.denominator)
        target = None if row.target is None else Fraction(row.target)
        return cls(
            key=row.key or None,
            name=row.name,
            numerator=row.numerator,
            denominator=row.denominator,
            unknown=row.unknown,
            excluded=row.excluded,
            rate=ratio(part, whole),
            target=row.target,
            percent=say_percent(part, whole, target),
        )


class OccasionOut(BaseModel):
    """What a run or an import left: points with the definition that they were counted by."""

    at: datetime
    cause: str = Field(description="run 匹配任务，import 采购数据有变")
    run: UUID | None
    definition: DefinitionOut
    rows: list[PointRow]
