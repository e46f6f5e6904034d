"""The diagnosis of a run: where each 元 is, checked to add up, by line, product and cluster. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.matching.engine.plan import Funnel, Plan, Rule, SpendClass
from services.matching.engine.snapshot import Line, Snapshot
from shared.codes.classes import all_classes
from shared.codes.regions import city_of, short_name

UNGROUPED = "未归入集群"
PRECEDENCE = list(SpendClass)
AFTER_UNKNOWN = PRECEDENCE[PRECEDENCE.index(SpendClass.UNKNOWN_NOT_MOVED) + 1 :]


class By(StrEnum):
    """What a row of a diagnosis or of the totals is about. The city is the leader's, the class that of the part."""

    CLUSTER = "cluster"
    PRODUCT = "product"
    LEADER = "leader"
    CITY = "city"
    CLASS = "class"
    LINE = "line"


class DiagnosisMismatch(ValueError):
    """A diagnosis that does not add up: it names the line and the two amounts, and must not be shown."""


@dataclass(frozen=True)
class Group:
    """A row's subject; `key` is None for what belongs to no cluster."""

    key: str | None
    id: str | None
    name: str


@dataclass(frozen=True)
class Diagnosis:
    """Where the spend of a group is: every 元 in exactly one class; `unknown_reasons` splits the unknown not moved."""

    group: Group
    lines: list[int]
    spend: int
    classes: dict[SpendClass, int]
    unknown_reasons: dict[SpendClass, int]


@dataclass(frozen=True)
class Totals:
    """A group's way from now to what is attainable, in 元; what is added at each step, not the sums.

    `attainable_alone` is None for several products: their own optima cannot be had together.
    """

    group: Group
    products: list[int]
    target: int | None
    spend: int
    excluded: int
    unknown: int
    local_now: int
    approved: int
    suggested: int
    attainable_joint: int
    attainable_alone: int | None
    greedy: int

    @property
    def counted(self) -> int:
        """The rate's denominator."""
        return self.spend - self.excluded


def check(snapshot: Snapshot, plan: Plan) -> None:
    """Raise DiagnosisMismatch unless every line's classes add up to its spend and agree with snapshot and plan."""
    if len(plan.diagnosis) != len(snapshot.lines) or len(plan.unknown_reasons) != len(snapshot.lines):
        raise DiagnosisMismatch(f"{len(plan.diagnosis)} diagnoses for {len(snapshot.lines)} lines")
    suggested = [0] * len(snapshot.lines)
    for row in plan.suggestions:
        suggested[row.line] += row.amount
    for at, line in enumerate(snapshot.lines):
        classes = plan.diagnosis[at]
        unknown = classes.get(SpendClass.UNKNOWN_NOT_MOVED, 0)
        pairs = {
            "spend": (sum(classes.values()), line.spend),
            "origins": (line.excluded + line.local_now + line.committed + line.outside + line.unknown, line.spend),
            SpendClass.EXCLUDED: (classes.get(SpendClass.EXCLUDED, 0), line.excluded),
            SpendClass.LOCAL_NOW: (classes.get(SpendClass.LOCAL_NOW, 0), line.local_now),
            SpendClass.APPROVED: (classes.get(SpendClass.APPROVED, 0), line.committed),
            SpendClass.SUGGESTED: (classes.get(SpendClass.SUGGESTED, 0), suggested[at]),
            SpendClass.UNKNOWN_NOT_MOVED: (sum(plan.unknown_reasons[at].values()), unknown),
        }
        wrong = [f"{name}: {found} ≠ {due}" for name, (found, due) in pairs.items() if found != due]
        if wrong or min(classes.values(), default=0) < 0:
            raise DiagnosisMismatch(f"line {line.key}: {'; '.join(wrong) or 'a negative amount'}")


def most_removed(funnel: Funnel) -> list[tuple[Rule, int]]:
    """How many capabilities each rule removed from a line, the most first; equal ones in the order of the rules."""
    order = list(Rule)
    found = [(rule, count) for rule, count in funnel.removed.items() if count]
    return sorted(found, key=lambda item: (-item[1], order.index(item[0])))


def lines_of_products(snapshot: Snapshot, seen: Sequence[int]) -> dict[int, list[int]]:
    """The seen lines of each product that has any."""
    found: dict[int, list[int]] = {}
    for at in seen:
        found.setdefault(snapshot.lines[at].product, []).append(at)
    return found


def diagnose(snapshot: Snapshot, plan: Plan, by: By, seen: Sequence[int]) -> list[Diagnosis]:
    """The diagnoses of the seen lines by what is asked for: in the snapshot's order, or in that of the keys."""
    return [_diagnosis(group, plan, snapshot, lines) for group, lines in _grouped(snapshot, by, seen)]


def diagnose_all(snapshot: Snapshot, plan: Plan, seen: Sequence[int]) -> Diagnosis:
    """The seen lines together."""
    return _diagnosis(Group(None, None, "合计"), plan, snapshot, list(seen))


def totals(snapshot: Snapshot, plan: Plan, by: By, seen: Sequence[int]) -> list[Totals]:
    """The way from now to attainable of clusters or products whose lines are seen."""
    return [_totals(group, snapshot, plan, lines) for group, lines in _grouped(snapshot, by, seen)]


def totals_all(snapshot: Snapshot, plan: Plan, seen: Sequence[int]) -> Totals:
    """The seen lines' products together."""
    return _totals(Group(None, None, "合计"), snapshot, plan, list(seen))


def _grouped(snapshot: Snapshot, by: By, seen: Sequence[int]) -> Iterator[tuple[Group, list[int]]]:
    if by is By.LINE:
        for at in seen:
            line = snapshot.lines[at]
            yield Group(line.key, line.id, line.part_name), [at]
        return
    if by in _KEYED:
        yield from _by_key(snapshot, _KEYED[by], seen)
        return
    products = lines_of_products(snapshot, seen)
    if by is By.PRODUCT:
        for at, lines in sorted(products.items()):
            product = snapshot.products[at]
            yield Group(product.key, product.id, product.name), lines
        return
    clusters: dict[int | None, list[int]] = {}
    for at, lines in sorted(products.items()):
        clusters.setdefault(snapshot.products[at].cluster, []).extend(lines)
    for position in sorted(clusters, key=lambda item: (item is None, item or 0)):
        yield cluster_group(snapshot, position), clusters[position]


def _by_key(
    snapshot: Snapshot, group_of: Callable[[Snapshot, Line], Group], seen: Sequence[int]
) -> Iterator[tuple[Group, list[int]]]:
    """The lines by a group that each tells, in the order of the keys; what has none comes last."""
    found: dict[Group, list[int]] = {}
    for at in seen:
        found.setdefault(group_of(snapshot, snapshot.lines[at]), []).append(at)
    yield from sorted(found.items(), key=lambda item: (item[0].key is None, item[0].key or ""))


def _leader(snapshot: Snapshot, line: Line) -> Group:
    row = snapshot.products[line.product]
    return Group(row.leader_key, row.leader_id, row.leader_name or "未登记链主")


def _city(snapshot: Snapshot, line: Line) -> Group:
    region = snapshot.products[line.product].leader_region
    city = city_of(region) if region else None
    return Group(None, None, "所在城市不明") if city is None else Group(city, None, short_name(city))


def _class(_: Snapshot, line: Line) -> Group:
    found = all_classes().get(line.class_code or "")
    return Group(None, None, "未分类") if found is None else Group(found.code, None, found.name)


_KEYED = {By.LEADER: _leader, By.CITY: _city, By.CLASS: _class}


def cluster_group(snapshot: Snapshot, position: int | None) -> Group:
    """A cluster as a group; None: what belongs to none."""
    if position is None:
        return Group(None, None, UNGROUPED)
    cluster = snapshot.clusters[position]
    return Group(cluster.key, cluster.id, cluster.name)


def _diagnosis(group: Group, plan: Plan, snapshot: Snapshot, lines: list[int]) -> Diagnosis:
    return Diagnosis(
        group=group,
        lines=lines,
        spend=sum(snapshot.lines[at].spend for at in lines),
        classes=_summed(PRECEDENCE, (plan.diagnosis[at] for at in lines)),
        unknown_reasons=_summed(AFTER_UNKNOWN, (plan.unknown_reasons[at] for at in lines)),
    )


def _summed(classes: list[SpendClass], rows: Iterable[Mapping[SpendClass, int]]) -> dict[SpendClass, int]:
    sums = dict.fromkeys(classes, 0)
    for row in rows:
        for name, amount in row.items():
            sums[name] = sums.get(name, 0) + amount
    return sums


def _totals(group: Group, snapshot: Snapshot, plan: Plan, lines: list[int]) -> Totals:
    """All lines of a product are seen or none is, so that its totals belong to these lines."""
    rows = [snapshot.lines[at] for at in lines]
    products = sorted({row.product for row in rows})
    by_product = {row.product: row for row in plan.products}
    found = [by_product[at] for at in products]
    targets = {snapshot.products[at].target for at in products}
    return Totals(
        group=group,
        products=products,
        target=targets.pop() if len(targets) == 1 else None,
        spend=sum(row.spend for row in rows),
        excluded=sum(row.excluded for row in rows),
        unknown=sum(plan.diagnosis[at].get(SpendClass.UNKNOWN_NOT_MOVED, 0) for at in lines),
        local_now=sum(row.local_now for row in rows),
        approved=sum(row.committed for row in rows),
        suggested=sum(plan.diagnosis[at].get(SpendClass.SUGGESTED, 0) for at in lines),
        attainable_joint=sum(row.attainable_joint for row in found),
        attainable_alone=found[0].attainable_alone if len(found) == 1 else None,
        greedy=sum(row.greedy for row in found),
    )
