"""Wire models of the rates."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from pydantic import BaseModel, Field

from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import Definition, Exclusion, Level, Stage
from services.matching.rates.facts import Group
from services.matching.rates.rules import SupportingRate, decimal_of
from shared.text.figures import say_percent

UNITS = {Basis.VALUE: "元", Basis.LINES: "个零部件", Basis.SUPPLIERS: "家"}
PLACES = {Basis.VALUE: 2, Basis.LINES: 6, Basis.SUPPLIERS: 0}


class By(StrEnum):
    """What the rows are about."""

    CLUSTER = "cluster"
    PRODUCT = "product"
    LEADER = "leader"
    CITY = "city"
    ALL = "all"


class DefinitionOut(BaseModel):
    """The definition that every rate of an answer has; `sentence` is fit to be cited with them."""

    basis: Basis
    unit: str = Field(description="numerator、denominator、unknown、excluded 的单位")
    scope: Scope
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
