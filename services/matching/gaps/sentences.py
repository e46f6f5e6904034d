"""What a diagnosis says in Chinese: why a line is where it is, what to do next, what a lever would bring. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.matching.engine.plan import NEAR_CLASSES, CapacityValue, CureSet, Lever, NearMiss, Plan, Rule, SpendClass
from services.matching.engine.policy import Basis
from services.matching.engine.snapshot import Line, Snapshot
from services.matching.gaps.labels import RULE_LABELS
from services.matching.gaps.rules import AFTER_UNKNOWN, most_removed
from shared.codes.classes import all_classes
from shared.codes.regions import city_of, region, short_name
from shared.text.figures import say_percent, say_points, say_yuan

NAMED = 3
"""How many reasons or places a sentence names before it says 等."""

_TAKEN = (SpendClass.EXCLUDED, SpendClass.LOCAL_NOW, SpendClass.APPROVED, SpendClass.SUGGESTED)
_NEXT_STEPS = {
    SpendClass.NOT_RELEASED: "请链主提高可释放份额",
    SpendClass.KEPT_BY_CAP: "再引入一家合格供应商，或放宽单家上限",
    SpendClass.BELOW_MINIMUM: "请供应商降低起订量，或由链主接受较小的份额",
    SpendClass.CAPACITY_TAKEN: "请合格企业扩充产能",
    SpendClass.ONE_OTHER_RULE: "查看候选企业各差哪一条，能由链主放宽的与链主商定",
    SpendClass.SEVERAL_RULES: "候选企业都有多条不符，可发布揭榜，征集能做的企业",
    SpendClass.NO_CANDIDATE: "没有能做的本地企业登记，可发布揭榜，征集能做的企业",
}
_CURES = {
    Rule.CERTIFICATE: "取得 {what}",
    Rule.PARAMETER: "把加工能力做到{what}",
    Rule.MOQ: "降低起订量（{what}）",
    Rule.LEAD_TIME: "缩短交期（{what}）",
    Rule.PRICE: "降低报价（{what}）",
}
"""By rule, what one supplier is to do about what one line asks."""

_LEVER_CURES = {
    **_CURES,
    Rule.PARAMETER: "使{what}达到要求",
    Rule.MOQ: "把起订量降到要求以内",
    Rule.LEAD_TIME: "把交期缩短到要求以内",
    Rule.PRICE: "把报价降到限价以内",
}
"""The same for many lines: a lever names schemes or parameters, and no figures."""


@dataclass(frozen=True)
class Obstacle:
    """One kind of near miss of a line: what is lacking, how many firms lack only this, the most that it could bring."""

    rule: Rule
    what: str
    firms: int
    potential: int


def say_amount(amount: int, basis: Basis) -> str:
    """An amount of the run: money, or counted parts."""
    return f"{amount} 项" if basis is Basis.LINES else say_yuan(amount)


def what_is_lacking(line: Line, near: NearMiss) -> str:
    """The certificates' schemes, or what was asked for: `IATF 16949`, `交期不超过 30 天`."""
    schemes = [asked.scheme for asked in line.certificates if asked.scheme in near.evidence.asked]
    if near.rule is Rule.CERTIFICATE and schemes:
        return "、".join(dict.fromkeys(schemes))
    return near.evidence.asked


def obstacles(line: Line, near_misses: Sequence[NearMiss]) -> list[Obstacle]:
    """The line's near misses by what is lacking, the greatest potential first."""
    by_what: dict[tuple[Rule, str], list[NearMiss]] = {}
    for near in near_misses:
        by_what.setdefault((near.rule, what_is_lacking(line, near)), []).append(near)
    found = [
        Obstacle(rule, what, len({near.supplier for near in same}), max(near.potential for near in same))
        for (rule, what), same in by_what.items()
    ]
    return sorted(found, key=lambda row: (-row.potential, -row.firms, row.rule, row.what))


def line_sentence(snapshot: Snapshot, plan: Plan, at: int, basis: Basis) -> str:
    """A line's way through the funnel and its next step.

    “检索到 30 项供给能力，合格 4 项，采用 2 项；12 家只缺 IATF 16949；下一步：…”
    """
    line, funnel = snapshot.lines[at], next(row for row in plan.funnels if row.line == at)
    lacking = obstacles(line, [row for row in plan.near_misses if row.line == at])
    parts = [f"检索到 {funnel.retrieved} 项供给能力，合格 {funnel.eligible} 项，采用 {funnel.taken} 项"]
    if funnel.class_guessed:
        parts.append(f"未填行业类别，按品名推断为 {_class_name(funnel.class_guessed)} 检索")
    if removed := most_removed(funnel)[:NAMED]:
        parts.append("，".join(f"{count} 项{RULE_LABELS[rule]}" for rule, count in removed))
    parts += [f"{row.firms} 家只差一步：{_lack(row)}" for row in lacking[:NAMED]]
    parts.append(f"下一步：{next_step(plan, at, lacking, basis)}")
    return "；".join(parts) + "。"


def next_step(plan: Plan, at: int, lacking: Sequence[Obstacle], basis: Basis) -> str:
    """What would move most of what is still outside: the cure of the largest class that is left."""
    left = {name: plan.diagnosis[at].get(name, 0) + plan.unknown_reasons[at].get(name, 0) for name in AFTER_UNKNOWN}
    largest = max(left, key=lambda name: left[name], default=None)
    if largest is None or not left[largest]:
        moved = sum(plan.diagnosis[at].get(name, 0) for name in _TAKEN)
        return "该零部件已无可转移的采购" if moved else "补全该零部件的年需求量与单价"
    cures = [row for row in lacking if NEAR_CLASSES[row.rule] is largest]
    if cures:
        best = cures[0]
        most = say_amount(min(best.potential, left[largest]), basis)
        return f"{_CURES[best.rule].format(what=best.what)}，至多可多配套 {most}"
    return f"{_NEXT_STEPS.get(largest, '请差一步的企业补齐')}（涉及 {say_amount(left[largest], basis)}）"


def lever_sentence(snapshot: Snapshot, lever: Lever, counted: dict[int | None, int], basis: Basis) -> str:
    """What curing one kind of near miss in one city brings: `潍坊 2 家企业取得 IATF 16949：… +3.1 个百分点`.

    `counted` is the rate's denominator by cluster position. The clusters are named by what they gain, at most three.
    """
    place = short_name(lever.city) if lever.city and region(lever.city) else "各市"
    effect = _said_clusters(snapshot, lever.cluster_gain, counted)
    cure = _LEVER_CURES[lever.rule].format(what=lever.what)
    return f"{place} {len(lever.suppliers)} 家企业{cure}：{effect}（多配套 {say_amount(lever.gain, basis)}）"


def capacity_sentence(
    snapshot: Snapshot,
    row: CapacityValue,
    gain: int,
    by_cluster: Mapping[int, int],
    counted: dict[int | None, int],
    basis: Basis,
) -> str:
    """What a tenth more of a capability's capacity brings; `gain` and `by_cluster` are of what the reader sees."""
    capability = snapshot.capabilities[row.capability]
    who = f"{_named(snapshot, capability.supplier)}的“{capability.name}”"
    effect = _said_clusters(snapshot, by_cluster, counted)
    return f"{who}产能再增一成（{say_amount(row.tenth, basis)}）：{effect}（多配套 {say_amount(gain, basis)}）"


def cure_set_sentence(name: str, row: CureSet, basis: Basis) -> str:
    """What a set of cures does for a product or a cluster, and what is proven of its size."""
    lacking = say_amount(row.lacking, basis)
    if not row.lacking:
        return f"“{name}”在最优方案中已达到目标。"
    if not row.reached:
        most = say_amount(row.most, basis)
        return f"“{name}”距目标还差 {lacking}，所有一步之遥都补齐也只能多配套 {most}，达不到目标。"
    count = len(row.cures)
    proof = "不能更少" if count == row.lower_bound else f"至少要 {row.lower_bound} 项"
    return f"“{name}”距目标还差 {lacking}，补齐以下 {count} 项即可达到（{proof}）。"


def cure_sentence(snapshot: Snapshot, rule: Rule, what: str, supplier: int) -> str:
    """What one supplier is to do: `示例铸造一厂（潍坊）取得 IATF 16949`."""
    return f"{_named(snapshot, supplier)}{_LEVER_CURES[rule].format(what=what)}"


def near_sentence(snapshot: Snapshot, near: NearMiss, basis: Basis) -> str:
    """One near miss: who, where, what is lacking for which part, and the most that it could bring."""
    line = snapshot.lines[near.line]
    share = say_percent(near.potential, line.spend, places=1)
    return (
        f"{_named(snapshot, near.supplier)}可做“{line.part_name}”，只差一步：{near.evidence.sentence}；"
        f"补齐后至多可配套 {say_amount(near.potential, basis)}（占该零部件的 {share}）。"
    )


def _named(snapshot: Snapshot, supplier: int) -> str:
    """A supplier with its city: `示例铸造一厂（潍坊）`."""
    row = snapshot.suppliers[supplier]
    city = city_of(row.region) if row.region else None
    return f"{row.name}（{short_name(city)}）" if city else row.name


def _said_clusters(snapshot: Snapshot, gained: Mapping[int, int], counted: dict[int | None, int]) -> str:
    """`示例集群 +3.1 个百分点`, of those that gain most of their rate."""
    gains = sorted(gained.items(), key=lambda item: (-_share(item, counted), item[0]))
    said = [
        f"{snapshot.clusters[at].name} {say_points(gain, counted.get(at, 0))}" for at, gain in gains[:NAMED] if gain
    ]
    more = " 等" if len(gains) > NAMED else ""
    return f"{'，'.join(said)}{more}" if said else "不在任何集群中"


def _class_name(code: str) -> str:
    known = all_classes().get(code)
    return f"{code} {known.name}" if known else code


def _share(item: tuple[int, int], counted: dict[int | None, int]) -> Fraction:
    at, gain = item
    return Fraction(gain, max(counted.get(at, 0), 1))


def _lack(row: Obstacle) -> str:
    return f"缺 {row.what}" if row.rule is Rule.CERTIFICATE else f"{RULE_LABELS[row.rule]}（要求{row.what}）"
