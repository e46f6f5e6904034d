"""The hard rules about who the supplier is and where: each gives its evidence with a sentence.

A rule is a function of the facts and a pair. It returns one evidence per thing that was asked.
"""

from services.matching.engine.judgement.facts import Facts, Pair, distance
from services.matching.engine.judgement.sayings import say_cities, say_place
from services.matching.engine.locality import Locality, current_region, locality
from services.matching.engine.plan import Evidence, Rule, Verdict
from services.matching.engine.policy import Policy, Scope
from shared.codes.regions import circle_of, city_of
from shared.text.figures import say_yuan

_STATUS = {"verified": "已核验", "submitted": "已提交、尚未核验", "suspended": "已暂停", "retired": "已注销"}


def evidence(rule: Rule, met: bool, asked: str, offered: str, sentence: str) -> Evidence:
    """Evidence of something that was asked."""
    return Evidence(rule, Verdict.MET if met else Verdict.FAILED, asked, offered, sentence)


def not_asked(rule: Rule, sentence: str, offered: str = "") -> Evidence:
    """Evidence of something that nobody asked."""
    return Evidence(rule, Verdict.NOT_ASKED, "", offered, sentence)


def admitted(status: str, policy: Policy) -> bool:
    """Whether a firm of this status may supply: verified, or at least submitted where the policy waives that."""
    return status == "verified" or (status == "submitted" and not policy.require_verified)


def verified(facts: Facts, pair: Pair) -> list[Evidence]:
    """The enterprise is active, and verified unless the policy waives that."""
    status = pair.supplier.status
    offered = _STATUS.get(status, status)
    met = admitted(status, facts.policy)
    if met and status != "verified":
        return [not_asked(Rule.VERIFIED, "本次匹配不要求企业已核验", offered)]
    sentence = "企业已核验" if met else f"要求企业已核验且在册，该企业{offered}"
    return [evidence(Rule.VERIFIED, met, "已核验且在册", offered, sentence)]


def not_self(_: Facts, pair: Pair) -> list[Evidence]:
    """The supplier is not the leader itself."""
    if pair.product.leader_key is None:
        return [not_asked(Rule.NOT_SELF, "未指明链主企业")]
    met = pair.supplier.key != pair.product.leader_key
    sentence = "与链主不是同一企业" if met else "要求由链主以外的企业配套，该企业就是链主自己"
    return [evidence(Rule.NOT_SELF, met, "链主以外的企业", pair.supplier.name, sentence)]


def not_related(facts: Facts, pair: Pair) -> list[Evidence]:
    """No equity link between supplier and leader, as far as their purchases tell."""
    met = (pair.product.leader_key, pair.capability.supplier) not in facts.related
    offered = "未见股权关联" if met else "与链主有股权关联"
    sentence = "未见与链主的股权关联" if met else "要求供应商与链主无股权关联，该企业是链主的关联方"
    return [evidence(Rule.NOT_RELATED, met, "非关联方", offered, sentence)]


def not_in_full(facts: Facts, pair: Pair) -> list[Evidence]:
    """The supplier does not already have the whole line."""
    amount, counted = facts.existing_amount(pair), pair.line.spend - pair.line.excluded
    if amount == 0:
        return [evidence(Rule.NOT_IN_FULL, True, "尚未独家供应", "尚未供应", "该企业尚未供应此零部件")]
    met = amount < counted
    already = f"已供应 {say_yuan(amount)}"
    sentence = f"该企业{already}，还可增加" if met else f"要求尚有可增加的份额，该企业{already}，此零部件已全部由其供应"
    return [evidence(Rule.NOT_IN_FULL, met, "尚未独家供应", already, sentence)]


def local(facts: Facts, pair: Pair) -> list[Evidence]:
    """The supplier is local in the policy's scope; unknown is not local."""
    supplier, anchor = pair.supplier, facts.anchors[pair.line.product]
    asked, place = _asked_scope(facts.policy, pair), say_place(supplier.region)
    if asked is None:
        return [evidence(Rule.LOCALITY, False, "本地", place, _nowhere(facts.policy.scope))]
    found = locality(facts.policy.scope, supplier.region, supplier.cluster_keys, anchor)
    member = anchor.cluster_key in supplier.cluster_keys and facts.policy.scope is Scope.CLUSTER
    offered = f"{place}（集群成员）" if member else place
    said = {
        Locality.LOCAL: f"要求{asked}，该企业在{offered}",
        Locality.OUTSIDE: f"要求{asked}，该企业在{offered}，不属本地",
        Locality.UNKNOWN: f"要求{asked}，该企业仅知在{offered}，无法判断是否本地",
    }[found]
    if supplier.region is None and found is Locality.UNKNOWN:
        said = f"要求{asked}，该企业未登记所在地区，无法判断是否本地"
    return [evidence(Rule.LOCALITY, found is Locality.LOCAL, asked, offered, said)]


def near(_: Facts, pair: Pair) -> list[Evidence]:
    """The distance to the leader keeps the line's hard limit (molten aluminium does not travel far)."""
    limit = pair.line.distance_limit_km
    if limit is None:
        return [not_asked(Rule.DISTANCE, "未限定运距")]
    asked = f"距链主不超过 {limit} 千米"
    kilometres = distance(pair)
    if kilometres is None:
        place = say_place(pair.supplier.region)
        sentence = f"要求{asked}，该企业或链主的所在地不够具体（{place}），无法确定距离"
        return [evidence(Rule.DISTANCE, False, asked, "距离不明", sentence)]
    offered = f"约 {kilometres:.0f} 千米"
    return [evidence(Rule.DISTANCE, kilometres <= limit, asked, offered, f"要求{asked}，该企业{offered}")]


def cool_off(facts: Facts, pair: Pair) -> list[Evidence]:
    """No reviewer rejected this pair within the cool-off."""
    reason = facts.rejected.get((pair.line_position, pair.capability.supplier))
    if reason is None:
        return [not_asked(Rule.COOL_OFF, "冷静期内未被退回")]
    sentence = f"该企业与此需求的配对在 {facts.policy.cool_off_days} 天冷静期内曾被退回：{reason}"
    return [evidence(Rule.COOL_OFF, False, "冷静期内未被退回", f"曾被退回：{reason}", sentence)]


def blacklisted(facts: Facts, pair: Pair) -> list[Evidence]:
    """The leader has not named this supplier as one that it does not take; of all others nothing is said."""
    reason = facts.blacklisted.get((pair.line_position, pair.capability.supplier))
    if reason is None:
        return []
    because = f"：{reason}" if reason else ""
    sentence = f"链主已声明不采用该企业{because}"
    return [evidence(Rule.BLACKLISTED, False, "未被链主列为不采用", f"链主不采用{because}", sentence)]


def _asked_scope(policy: Policy, pair: Pair) -> str | None:
    """What local means for the pair's product; None where nothing can be local."""
    scope = policy.scope
    if scope is Scope.PROVINCE:
        return f"在{say_place(policy.home_province)}内"
    if scope is Scope.CLUSTER:
        return _asked_cluster(pair)
    leader = current_region(pair.product.leader_region)
    if scope is Scope.RADIUS:
        return None if leader is None else f"在链主所在地（{say_place(leader)}）{policy.radius_km} 千米以内"
    city = None if leader is None else city_of(leader)
    if leader is None or city is None or (scope is Scope.COUNTY and leader == city):
        return None
    if scope is Scope.CIRCLE:
        return f"与链主同在{circle_of(city) or say_place(city)}"
    return f"与链主同在{say_place(leader if scope is Scope.COUNTY else city)}"


def _asked_cluster(pair: Pair) -> str | None:
    if pair.cluster is None:
        return None
    return f"在“{pair.cluster.name}”所含城市（{say_cities(pair.cluster.cities)}）或为其成员"


def _nowhere(scope: Scope) -> str:
    if scope is Scope.CLUSTER:
        return "该产品未归入任何集群，按集群口径没有本地企业"
    return "链主的所在地不够具体，按此口径无法判断哪些企业是本地"
