"""What a supporting rate means: its definition, as values and as one Chinese sentence that can be cited with it.

There is no single official definition of 本地配套率; GRI 204-1 asks whoever publishes such a number to publish its
definition too. So no rate leaves this package without one.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from services.matching.engine.policy import Basis, Scope


class Stage(StrEnum):
    """How far along a counted 元 is. Only `actual` is from purchases; the others start from needs.

    From `local_now` on each stage holds what the one before it does, down to `suggested`.
    """

    ACTUAL = "actual"
    LOCAL_NOW = "local_now"
    CONTRACTED = "contracted"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    SUGGESTED = "suggested"
    ATTAINABLE = "attainable"


class By(StrEnum):
    """What a row of rates is about. City and circle are the leader's, the class that of the part."""

    CLUSTER = "cluster"
    PRODUCT = "product"
    LEADER = "leader"
    CITY = "city"
    CIRCLE = "circle"
    CLASS = "class"
    ALL = "all"


class Level(StrEnum):
    """Which parts count."""

    BOUGHT_LEAF_PARTS = "bought_leaf_parts"


class Exclusion(StrEnum):
    """What leaves numerator and denominator alike."""

    RELATED_PARTY = "related_party"
    TOLL_PROCESSING = "toll_processing"
    ENERGY_WATER = "energy_water"


class InvalidPeriod(ValueError):
    """The period is neither a year (2025) nor a quarter (2025Q3)."""


@dataclass(frozen=True)
class Period:
    """A year, or one quarter of it."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `2025` or `2025Q3`; raises InvalidPeriod."""
        match = re.fullmatch(r"(\d{4})(?:Q([1-4]))?", text.strip().upper())
        if match is None:
            raise InvalidPeriod(f"统计期“{text}”应写作 2025 或 2025Q3")
        return cls(int(match[1]), int(match[2]) if match[2] else None)

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The periods of purchases (2025, 2025Q3 or 2025-07) that lie wholly within this one.

        A purchase booked for a whole year is in no quarter: nobody can say how much of it is.
        """
        quarters = [self.quarter] if self.quarter else [1, 2, 3, 4]
        months = [f"{self.year}-{3 * (quarter - 1) + month:02d}" for quarter in quarters for month in (1, 2, 3)]
        whole = [] if self.quarter else [str(self.year)]
        return (*whole, *(f"{self.year}Q{quarter}" for quarter in quarters), *months)

    def contains(self, period: str) -> bool:
        """Whether a purchase of `period` lies wholly within this one."""
        return period in self.spellings

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def chinese(self) -> str:
        """As people say it: 2025 年, 2025 年第 3 季度."""
        return f"{self.year} 年第 {self.quarter} 季度" if self.quarter else f"{self.year} 年"


def days_of(period: str) -> tuple[date, date]:
    """The first and the last day of a purchase's period (2025, 2025Q3, 2025-07); raises InvalidPeriod."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", period)
    if match is not None:
        first = last = int(match[2])
        year = int(match[1])
    else:
        parsed = Period.parse(period)
        year, quarter = parsed.year, parsed.quarter
        first, last = (1, 12) if quarter is None else (3 * quarter - 2, 3 * quarter)
    year = max(year, date.min.year)
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


EXCLUSIONS = (Exclusion.RELATED_PARTY, Exclusion.TOLL_PROCESSING, Exclusion.ENERGY_WATER)

_BASES = {
    Basis.VALUE: "按采购金额（不含税）",
    Basis.LINES: "按零部件（每个外购零部件计 1，按其本地份额折算）",
    Basis.SUPPLIERS: "按供应商家数（同一供应商只计一次，对所统计的任一产品属本地即计为本地）",
}
_SCOPES = {
    Scope.COUNTY: "以链主所在区县为本地",
    Scope.CITY: "以链主所在市为本地",
    Scope.CLUSTER: "以集群所含城市和集群成员为本地",
    Scope.CIRCLE: "以链主所在经济圈为本地",
    Scope.PROVINCE: "以全省为本地",
    Scope.RADIUS: "以链主所在地 {radius_km} 千米以内为本地（区县中心点的直线距离，只知到市或省的须各区县都在其内）",
}
_LEVELS = {Level.BOUGHT_LEAF_PARTS: "统计主导产品物料清单中外购的末级零部件"}
_EXCLUSIONS = {
    Exclusion.RELATED_PARTY: "关联交易",
    Exclusion.TOLL_PROCESSING: "委托加工",
    Exclusion.ENERGY_WATER: "能源水费",
}
STAGE_NAMES = {
    Stage.ACTUAL: "实际",
    Stage.LOCAL_NOW: "现状（按需求推算）",
    Stage.CONTRACTED: "已签约",
    Stage.ACCEPTED: "双方已接受",
    Stage.APPROVED: "已批准",
    Stage.SUGGESTED: "建议",
    Stage.ATTAINABLE: "可达",
}
_PROJECTED = "以配套需求的年度金额乘以统计期内采购的来源比例推算"
_STAGES = {
    Stage.ACTUAL: "按统计期内实际采购计算",
    Stage.LOCAL_NOW: _PROJECTED + "，不是实际发生数",
    Stage.CONTRACTED: _PROJECTED + "，加已签约（含已开票）的配套建议，不是实际发生数",
    Stage.ACCEPTED: _PROJECTED + "，加链主与供应商均已接受（含已签约）的配套建议，不是实际发生数",
    Stage.APPROVED: _PROJECTED + "，加已批准的配套建议，不是实际发生数",
    Stage.SUGGESTED: _PROJECTED + "，加已批准的和本次匹配未被否决的配套建议，不是实际发生数",
    Stage.ATTAINABLE: _PROJECTED + "，加已批准的配套建议和不设最低份额的联合最优方案，是上限而不是实际发生数",
}
_ALONE = _PROJECTED + "，加已批准的配套建议和只为该产品求得的最优方案；各产品不能同时达到，不可相加"


@dataclass(frozen=True)
class Terms:
    """What a rate is asked for by, before it is known which period and which run that means.

    Without `period` it is the newest year with purchases.
    """

    basis: Basis = Basis.VALUE
    scope: Scope = Scope.CLUSTER
    stage: Stage = Stage.ACTUAL
    radius_km: int | None = None
    period: Period | None = None
    exclusions: tuple[Exclusion, ...] = EXCLUSIONS

    @property
    def series(self) -> str:
        """Names the points over time that these terms make."""
        scope = self.scope if self.radius_km is None else f"{self.scope} {self.radius_km}"
        return "/".join((self.stage, self.basis, scope, str(self.period or "newest"), "+".join(self.exclusions)))


@dataclass(frozen=True)
class Definition:
    """The definition of a rate. `run` is the match run's id for the stages that come from one.

    `alone` says of an attainable rate that each product's optimum was sought without regard to the others;
    `radius_km` belongs to scope radius.
    """

    basis: Basis
    scope: Scope
    period: Period
    stage: Stage
    run: str | None = None
    level: Level = Level.BOUGHT_LEAF_PARTS
    exclusions: tuple[Exclusion, ...] = EXCLUSIONS
    alone: bool = False
    radius_km: int | None = None

    def sentence(self) -> str:
        """The whole definition as one Chinese sentence, fit to be cited beside the number."""
        parts = [
            f"本地配套率（{STAGE_NAMES[self.stage]}）：{_BASES[self.basis]}",
            _SCOPES[self.scope].format(radius_km=self.radius_km),
            f"统计期 {self.period.chinese}",
            _LEVELS[self.level],
            "剔除" + "、".join(_EXCLUSIONS[item] for item in self.exclusions) if self.exclusions else "不作剔除",
            "来源不明的计入分母、不计为本地并单独列示",
            _ALONE if self.alone else _STAGES[self.stage],
        ]
        if self.run is not None:
            parts.append(f"匹配任务 {self.run}")
        return "，".join(parts) + "。"
