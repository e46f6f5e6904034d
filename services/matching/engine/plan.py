"""The plan: what the engine hands back. Positions refer to the snapshot's tables; amounts are whole 元."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import networkx as nx

from services.matching.engine.plan_graph import Node, plan_graph


class Verdict(StrEnum):
    """How a rule judged a pair."""

    MET = "met"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


class Rule(StrEnum):
    """The hard rules of eligibility, in the order in which they are tried."""

    VERIFIED = "verified"
    NOT_SELF = "not_self"
    NOT_RELATED = "not_related"
    NOT_IN_FULL = "not_in_full"
    LOCALITY = "locality"
    DISTANCE = "distance"
    CERTIFICATE = "certificate"
    PARAMETER = "parameter"
    UNIT = "unit"
    MOQ = "moq"
    LEAD_TIME = "lead_time"
    PRICE = "price"
    COOL_OFF = "cool_off"
    BLACKLISTED = "blacklisted"


class SpendClass(StrEnum):
    """Where a 元 of spend is, in the order of precedence: every 元 is in exactly one class."""

    EXCLUDED = "excluded"
    LOCAL_NOW = "local_now"
    APPROVED = "approved"
    SUGGESTED = "suggested"
    UNKNOWN_NOT_MOVED = "unknown_not_moved"
    NOT_RELEASED = "not_released"
    KEPT_BY_CAP = "kept_by_cap"
    BELOW_MINIMUM = "below_minimum"
    CAPACITY_TAKEN = "capacity_taken"
    NEAR_CERTIFICATE = "near_certificate"
    NEAR_PARAMETER = "near_parameter"
    NEAR_MOQ = "near_moq"
    NEAR_LEAD_TIME = "near_lead_time"
    NEAR_PRICE = "near_price"
    ONE_OTHER_RULE = "one_other_rule"
    SEVERAL_RULES = "several_rules"
    NO_CANDIDATE = "no_candidate"


NEAR_CLASSES = {
    Rule.CERTIFICATE: SpendClass.NEAR_CERTIFICATE,
    Rule.PARAMETER: SpendClass.NEAR_PARAMETER,
    Rule.MOQ: SpendClass.NEAR_MOQ,
    Rule.LEAD_TIME: SpendClass.NEAR_LEAD_TIME,
    Rule.PRICE: SpendClass.NEAR_PRICE,
}
"""The class of what one curable rule keeps away, in the order of precedence."""

CURABLE = frozenset(NEAR_CLASSES)
"""Rules that a supplier can come to meet: a pair blocked by exactly one of them is a near miss."""


@dataclass(frozen=True)
class Evidence:
    """One requirement of a pair: what was asked, what is offered, the verdict and a Chinese sentence."""

    rule: Rule
    verdict: Verdict
    asked: str
    offered: str
    sentence: str


@dataclass(frozen=True)
class Suggestion:
    """`amount` 元 of `line` to `supplier` by `capability`; `quantity` in 1/1000 units, rounded down; score 0–1000."""

    line: int
    supplier: int
    capability: int
    amount: int
    quantity: int | None
    score: int
    score_parts: dict[str, int]
    evidence: list[Evidence]


@dataclass(frozen=True)
class NearMiss:
    """A pair that one curable rule alone blocks; `potential` is the most 元 that the cure could bring to this line.

    `gain` is what the cure brings exactly, in 元 of the optimum without minimum over all products; None: not tried.
    `product_gain` says of which products, by position.
    """

    line: int
    supplier: int
    capability: int
    rule: Rule
    evidence: Evidence
    score: int
    potential: int
    gain: int | None = None
    product_gain: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Funnel:
    """A line's way: capabilities retrieved, eligible, taken; `removed` counts by the first failing rule.

    `class_guessed` is the industry class by which it was searched for, where the need names none and its words do.
    """

    line: int
    retrieved: int
    eligible: int
    taken: int
    removed: dict[Rule, int]
    class_guessed: str | None = None


@dataclass(frozen=True)
class Lever:
    """What curing all near misses of one kind in one city would bring, by an exact re-solve.

    `gain` 元 more is matched in all, of which `cluster_gain` by cluster position; `suppliers` are those concerned.
    """

    rule: Rule
    what: str
    city: str | None
    suppliers: list[int]
    gain: int
    cluster_gain: dict[int, int]


@dataclass(frozen=True)
class CapacityValue:
    """What more capacity of a capability brings, exactly, in 元 of the optimum without minimum.

    `step` 元 is the least that capacity grows by: 1 元, or a piece at the highest price at which it is offered; it
    brings `step_gain`. A tenth more is `tenth` 元, and brings `tenth_gain`, by product `product_gain`. `at_most` is
    what the dual says of that tenth, a bound only.
    """

    capability: int
    step: int
    step_gain: int
    tenth: int
    tenth_gain: int
    at_most: int
    product_gain: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Cure:
    """One thing that one supplier is to do: it meets `what` of `rule`, on all `lines` that this alone keeps away.

    `gain` 元 is what it brings to the product or cluster beside the cures before it in the set.
    """

    supplier: int
    rule: Rule
    what: str
    lines: list[int]
    gain: int


@dataclass(frozen=True)
class CureSet:
    """A small set of cures that brings a product, or a cluster's products together, to the target.

    One of `product` and `cluster` is its position. No line gets less than in the optimum.

    The optimum lacks `lacking` 元 of the target. The cures bring `gain`, which is that where it is `reached`; all cures
    together bring `most`, up to that. No set of fewer than `lower_bound` cures reaches it; None: no set does.
    """

    product: int | None
    lacking: int
    cures: list[Cure]
    gain: int
    most: int
    reached: bool
    lower_bound: int | None
    cluster: int | None = None


@dataclass(frozen=True)
class ModeOutcome:
    """How a mode that is not raise_rate ended: status optimal, feasible, infeasible or unreachable.

    `extra_cost` 元 more than today are spent (rounded up; negative: less). `local` of `counted` 元 are local with the
    plan, `asked` would reach the target (least_change; else None): it is reached if and only if `local` ≥ `asked`.
    Where it is unreachable, this plan comes nearest. `bound` is proven: the least cost in 元 (least_change that reaches
    it), or the most 元 that can be local; `gap` is the relative distance to it, None where nothing is proven.
    """

    mode: str
    status: str
    extra_cost: int
    local: int
    counted: int
    asked: int | None
    bound: int | None
    gap: float | None


@dataclass(frozen=True)
class NewcomerOutcome:
    """What the floor for firms new to every supplier system did: `newcomers` of `moved` 元 are theirs.

    `asked` is the share of the policy; `reached` tells whether the plan keeps it, exactly. `forgone` 元 the optimum
    loses by the floor: that is what it costs in rate.
    """

    asked: float
    reached: bool
    newcomers: int
    moved: int
    forgone: int


@dataclass(frozen=True)
class ProductTotals:
    """Per product, in 元: joint optimum without minimum, optimum of this product alone, a greedy plan's reach."""

    product: int
    attainable_joint: int
    attainable_alone: int
    greedy: int


@dataclass(frozen=True)
class Objective:
    """The lexicographic objective: 元 moved that count toward targets, 元 moved in all, score-weighted 元."""

    toward_target: int
    total: int
    weighted_score: int


@dataclass(frozen=True)
class Plan:
    """A plan with its bound.

    `bound` is the flow's optimum after the pairs are gone whose capacity is below their minimum: no plan
    reaches more.
    `gap` = (bound.total − objective.total) / bound.total (0 when bound.total is 0). `diagnosis[i]` belongs to line i
    and adds up to its spend; `unknown_reasons[i]` splits its UNKNOWN_NOT_MOVED by the classes after that one.
    """

    objective: Objective
    bound: Objective
    greedy: Objective
    gap: float
    suggestions: list[Suggestion] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
    funnels: list[Funnel] = field(default_factory=list)
    diagnosis: list[dict[SpendClass, int]] = field(default_factory=list)
    unknown_reasons: list[dict[SpendClass, int]] = field(default_factory=list)
    products: list[ProductTotals] = field(default_factory=list)
    levers: list[Lever] = field(default_factory=list)
    capacity_values: list[CapacityValue] = field(default_factory=list)
    cures: list[CureSet] = field(default_factory=list)
    cluster_cures: list[CureSet] = field(default_factory=list)
    mode: ModeOutcome | None = None
    newcomers: NewcomerOutcome | None = None

    def to_networkx(
        self, product_of: Sequence[int], *, around: Node | None = None, steps: int | None = None
    ) -> nx.DiGraph:
        """The suggestions as a graph, supplier → capability → line → product with 元; see `plan_graph`."""
        return plan_graph(self.suggestions, product_of, around=around, steps=steps)
