"""Wire models of the supply network. Amounts are whole 元 a year, or counted parts where the run counts lines."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.matching.engine.supply_graph.concentration import GroupedBy
from services.matching.engine.supply_graph.supply import Stage


class Level(StrEnum):
    """How the U.S. Department of Justice calls a concentration: a yardstick from another field."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Answer(BaseModel):
    """What every answer says: the run, how far it counts, in what unit, and what to know of the figures."""

    run: UUID
    stage: Stage = Field(description="统计到哪一阶段：当前采购、加上已批准、再加上本次建议")
    unit: str
    notes: list[str]


class Firm(BaseModel):
    """An enterprise with its city."""

    id: UUID
    key: str
    name: str
    city: str | None
    city_name: str | None


class PartLine(BaseModel):
    """A bought part of a product."""

    need_id: UUID
    key: str
    part_name: str
    product_name: str
    leader_name: str | None


class NodeOut(BaseModel):
    """A thing to draw; `unnamed` of a line: 元 whose supplier nobody named."""

    id: str
    kind: str = Field(description="firm 供应商、line 零部件、product 主导产品、leader 链主（也可能供货）")
    key: str
    name: str
    uuid: UUID | None
    city: str | None
    amount: int
    unnamed: int | None


class LinkOut(BaseModel):
    """An arrow to draw; `stage` is null between part, product and leader."""

    source: str
    target: str
    stage: Stage | None
    amount: int


class ExtentOut(BaseModel):
    """How much there is."""

    lines: int
    suppliers: int
    spend: int


class NetworkOut(Answer):
    """A picture, and how much of what it is about it shows."""

    nodes: list[NodeOut]
    links: list[LinkOut]
    shown: ExtentOut
    total: ExtentOut


class SingleSourceOut(BaseModel):
    """A line of which one supplier has all that is attributed; `certain`: nothing of it is unnamed."""

    line: PartLine
    supplier: Firm
    amount: int
    spend: int
    unnamed: int
    certain: bool


class SingleSourcesOut(Answer):
    """The lines with one source, the greatest amount first; `lines` and `amount` are of all, not only those shown."""

    lines: int
    amount: int
    items: list[SingleSourceOut]


class LostLine(BaseModel):
    """What a loss does to one line; where lines compete for the same capacity, one way of several."""

    line: PartLine
    lost: int
    recovered: int
    stopped: int


class CriticalFirmOut(BaseModel):
    """A firm's loss: what it supplies, what others take over, what stops.

    `least` would stop even if every other firm gave each line all it has; `together` stops when this firm and all
    before it in the list are gone.
    """

    firm: Firm
    supplied: int
    recovered: int
    stopped: int
    least: int
    together: int
    lines: int
    worst: list[LostLine] = Field(description="停供最多的几条")
    sentence: str


class WorstSetOut(BaseModel):
    """k firms whose joint loss is great, found step by step; no k firms stop more than `at_most`."""

    firms: list[Firm]
    stopped: int
    at_most: int


class CriticalFirmsOut(Answer):
    """The firms whose loss, each by itself, stops most: by solving again. `solved` of `firms` had to be solved."""

    k: int
    firms: int
    solved: int
    items: list[CriticalFirmOut]
    together: WorstSetOut = Field(description="同时失去时停供最多的 k 家（逐步求得，不保证最优）")


class Thresholds(BaseModel):
    """From where on a concentration is called moderate and high, and who says so."""

    moderate: int
    high: int
    source: str


class ConcentrationOut(BaseModel):
    """A group's Herfindahl–Hirschman indexes (0–10,000), of suppliers and of cities, over what is attributed.

    With what is unnamed the suppliers' index lies between `least` and `most`; `level` is that of `suppliers`.
    """

    key: str | None
    name: str
    leader_name: str | None
    named: int
    unnamed: int
    count: int
    suppliers: int
    cities: int
    least: int
    most: int
    level: Level
    greatest: Firm
    lines: int


class ConcentrationsOut(Answer):
    """Concentration by group, the greatest amount first, and of all together; `groups` counts all groups."""

    by: GroupedBy
    groups: int
    items: list[ConcentrationOut]
    total: ConcentrationOut | None
    thresholds: Thresholds


class DamageOut(BaseModel):
    """What an outage does to a product or a cluster."""

    key: str | None
    id: UUID | None
    name: str
    lost: int
    recovered: int
    stopped: int


class OutageOut(Answer):
    """All suppliers of a region are gone; `coarse` suppliers are known only by a wider place, and go on here."""

    region: str
    region_name: str
    suppliers: list[Firm]
    coarse: int
    lost: int
    recovered: int
    stopped: int
    clusters: list[DamageOut]
    products: list[DamageOut]
    sentence: str


class TierRow(BaseModel):
    """A firm and how many steps it stands behind the end of its longest chain; `in_circle`: firms supply each other."""

    key: str
    name: str
    tier: int
    in_circle: bool
    buys: int
    sells: int


class TiersOut(Answer):
    """The firms by tier; `depth` is the last one, `firms` counts all."""

    depth: int
    firms: int
    items: list[TierRow]


class CommunityOut(BaseModel):
    """A group of firms: what they deal among themselves and with others; `name` is that of its greatest firm."""

    number: int
    name: str
    firms: int
    leaders: int
    inside: int
    across: int


class MemberOut(BaseModel):
    """A firm to draw, in the colour of its community; `amount` is what it buys and sells."""

    id: str
    key: str
    name: str
    city: str | None
    leader: bool
    community: int
    amount: int


class TradeOut(BaseModel):
    """An arrow to draw: the leader `source` buys `amount` of `target`; between communities: both ways together."""

    source: str
    target: str
    amount: int


class CommunitiesOut(Answer):
    """All groups and what they deal with each other; of the firms and their trades those that are shown."""

    modularity: float = Field(description="模块度：0 为没有分组，越接近 1 分组越分明")
    firms: int
    communities: list[CommunityOut]
    between: list[TradeOut]
    nodes: list[MemberOut]
    links: list[TradeOut]
