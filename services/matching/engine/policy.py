"""The policy of a run: what reviewers may set, versioned, and kept with the run's record."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pydantic import BaseModel, ConfigDict, Field


class Basis(StrEnum):
    """What the rate counts. `lines` counts each bought part by its local share, whatever it costs."""

    VALUE = "value"
    LINES = "lines"
    SUPPLIERS = "suppliers"


class Scope(StrEnum):
    """How near is local: by where the product's leader is, by its cluster, or by kilometres from the leader."""

    COUNTY = "county"
    CITY = "city"
    CLUSTER = "cluster"
    CIRCLE = "circle"
    PROVINCE = "province"
    RADIUS = "radius"


class Mode(StrEnum):
    """What a plan is to be best at; see `services.matching.engine.modes` for all but the first."""

    RAISE_RATE = "raise_rate"
    LEAST_CHANGE = "least_change"
    WITHIN_COST = "within_cost"
    SINGLE_SOURCE = "single_source"


class Trust(StrEnum):
    """How well a certificate is known, the weakest first."""

    SELF_DECLARED = "self_declared"
    DOCUMENT_SEEN = "document_seen"
    VERIFIED = "verified"


class Weights(BaseModel):
    """Parts of the score, in points; a score is their sum (0–1000), each part scaled by its own 0–1 measure."""

    model_config = ConfigDict(frozen=True)

    text: int = Field(340, ge=0)
    class_nearness: int = Field(160, ge=0)
    parameter_margin: int = Field(80, ge=0)
    extra_certificates: int = Field(50, ge=0)
    capacity_headroom: int = Field(90, ge=0)
    price: int = Field(90, ge=0)
    distance: int = Field(80, ge=0)
    lead_time: int = Field(60, ge=0)
    newcomer: int = Field(50, ge=0)


class Policy(BaseModel):
    """Everything a run may be told. Shares are fractions of 1."""

    model_config = ConfigDict(frozen=True)

    version: str = "2026-11"
    mode: Mode = Mode.RAISE_RATE
    mode_target: float = Field(0.5, ge=0, le=1, description="least_change: the share of all products together to reach")
    switching_per_pair: int = Field(0, ge=0, description="元 that a supplier new on a line costs, once (modes of cost)")
    switching_share: float = Field(
        0, ge=0, le=1, description="what each 元 moved costs beside the price (modes of cost)"
    )
    cost_tolerance: float = Field(0, ge=0, le=1, description="within_cost: τ, what may be spent beyond today's spend")
    time_limit_seconds: float = Field(
        30, gt=0, le=3600, description="how long a mode that is no flow may search; the result has its bound and gap"
    )
    basis: Basis = Basis.VALUE
    scope: Scope = Scope.CLUSTER
    radius_km: int | None = Field(None, ge=1, le=2000, description="scope radius: kilometres from the leader")
    home_province: str = "370000"
    candidates_per_need: int | None = Field(30, ge=1, description="k best kept per need; None: no cut-off")
    block_level: int = Field(3, ge=1, le=4, description="digits of the class code that form a block")
    text_floor: float = Field(
        0.2, ge=0, le=1, description="least text measure (share of the need's own words) of a candidate"
    )
    score_floor: int = Field(0, ge=0, le=1000)
    supplier_cap: float = Field(0.6, gt=0, le=1, description="dual-source cap: most of a line for one supplier")
    minimum_share: float = Field(0.15, ge=0, le=1, description="least of a line that is worth a new supplier")
    change_threshold: float = Field(
        0.005, ge=0, le=1, description="undecided proposals are changed only where that moves more by this share"
    )
    newcomer_share: float = Field(
        0, ge=0, le=1, description="least share of what is moved that goes to firms new to every supplier system"
    )
    require_verified: bool = True
    certificate_trust: Trust = Field(Trust.SELF_DECLARED, description="how well a certificate must be known to count")
    preferred_bonus: int = Field(
        50, ge=0, le=1000, description="points on top of the score for a supplier that the leader prefers, up to 1000"
    )
    limit_capacity: bool = True
    cool_off_days: int = Field(180, ge=0)
    weights: Weights = Weights()

    @classmethod
    def lines_mode(cls, home_province: str = "370000") -> "Policy":
        """For input without quantities or prices: each need counts 1, capacity is unlimited, verification is waived.

        A line of 1 cannot be split, so there is neither cap nor minimum; local is the province.
        """
        return cls(
            basis=Basis.LINES,
            scope=Scope.PROVINCE,
            home_province=home_province,
            supplier_cap=1,
            minimum_share=0,
            require_verified=False,
            limit_capacity=False,
        )


def exact_share(share: float) -> Fraction:
    """A share by its decimals as written: 0.15 is 3/20."""
    return Fraction(Decimal(str(share)))
