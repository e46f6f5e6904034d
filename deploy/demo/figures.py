"""The report's figures, as plain values: what console, page and workbook show is read from here only.

Amounts are whole 元 (or counted lines in lines mode), targets 1/10000.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from shared.text.figures import say_percent, say_points, say_yuan

TEN_THOUSAND = 10_000


@dataclass(frozen=True)
class RateRow:
    """One cluster or one leading product, from spend to what is attainable.

    `spend` is the rate's denominator (exclusions are out), `moved` what the approved and suggested amounts add to
    `local_now`, `attainable` and `greedy` are amounts on the same scale as `projected`.
    """

    name: str
    owner: str
    spend: int
    local_now: int
    moved: int
    attainable: int
    greedy: int
    unknown: int
    target: int

    @property
    def projected(self) -> int:
        """Local now plus what the plan moves."""
        return self.local_now + self.moved

    def share(self, amount: int) -> str:
        """An amount as a share of the spend, in percent; it never reads as reaching the target when it does not."""
        return say_percent(amount, self.spend, Fraction(self.target, TEN_THOUSAND))

    @property
    def reached(self) -> bool:
        """Whether the projected share reaches the target, exactly, without rounding."""
        return self.spend > 0 and self.projected * TEN_THOUSAND >= self.target * self.spend

    @property
    def reaches_newly(self) -> bool:
        """Whether the plan carries the share over the target."""
        return self.reached and self.local_now * TEN_THOUSAND < self.target * self.spend


@dataclass(frozen=True)
class Step:
    """A step of the demo and the seconds that it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """Everything that the demo shows."""

    in_lines: bool
    premises: list[str]
    definition: str
    clusters: list[RateRow]
    products: list[RateRow]
    total: RateRow
    diagnosis: list[dict[str, Any]]
    unknown_reasons: list[dict[str, Any]]
    run: dict[str, Any]
    levers: list[dict[str, Any]]
    best: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    imports: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    steps: list[Step] = field(default_factory=list)

    def say(self, amount: int) -> str:
        """An amount in the report's own unit."""
        return f"{amount:,} 项" if self.in_lines else say_yuan(amount)

    @property
    def headline_row(self) -> RateRow:
        """The row worth telling: one that the plan carries over its target, else the largest gain in points."""
        rows = [row for row in self.clusters or self.products if row.spend]
        return max(rows or [self.total], key=lambda row: (row.reaches_newly, row.moved / max(row.spend, 1), row.name))

    def headline(self) -> str:
        """One sentence that a person would repeat."""
        row = self.headline_row
        if self.in_lines:
            return (
                f"全部 {self.total.spend} 项零部件里，{self.total.moved} 项在省内找到了对口企业："
                f"按项数计，可由省内配套的份额为 {self.total.share(self.total.projected)}。"
            )
        end = f"，越过 {say_percent(row.target, TEN_THOUSAND, places=0)} 的目标" if row.reaches_newly else ""
        return (
            f"{row.name}：把一年 {self.say(row.moved)}的采购转给本地企业，本地配套率从 "
            f"{row.share(row.local_now)} 升到 {row.share(row.projected)}"
            f"（{say_points(row.moved, row.spend)}）{end}。"
        )

    def optimum(self) -> str:
        """What is proven about the plan, and what a greedy one would have reached."""
        objective, bound, greedy = (self.run[name]["total"] for name in ("objective", "bound", "greedy"))
        base = self.total.projected - objective
        if objective == bound:
            proof = "等于上界，已证明最优"
        else:
            proof = f"上界 {self.say(bound)}，与最优的差距不超过 {say_percent(bound - objective, bound)}"
        said = f"方案移动 {self.say(objective)}（{proof}），合计配套率到 {self.total.share(base + objective)}"
        if greedy == objective:
            return f"{said}；从高分到低分逐对取用的贪心方案这次移动同样多。"
        return (
            f"{said}；从高分到低分逐对取用的贪心方案只移动 {self.say(greedy)}，到 {self.total.share(base + greedy)}。"
        )
