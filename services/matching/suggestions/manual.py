"""docs/suggestions.md, made of the one table of transitions: `python -m services.matching.suggestions.manual`.

A test compares the page with the table, so that neither tells another story than the other.
"""

from collections.abc import Iterator

from services.matching.suggestions.rules import (
    COMMITTED,
    COOLING,
    MAIN_WAY,
    PROPOSING,
    RESERVING,
    STATE_ZH,
    TRANSITIONS,
    USUAL_WAITING,
    VERB_ZH,
    State,
    Verb,
)
from shared.security.actor import Role

ROLE_ZH = {
    Role.REVIEWER: "审核人",
    Role.CLUSTER_ORGANISATION: "集群促进组织",
    Role.CHAIN_LEADER: "链主",
    Role.SUPPLIER: "供应商",
    Role.SERVICE: "系统",
}
ROUTES = {
    Verb.APPROVE: "POST /suggestions/{id}/approval",
    Verb.REJECT: "POST /suggestions/{id}/rejection",
    Verb.DEFER: "POST /suggestions/{id}/deferral",
    Verb.RESTORE: "POST /suggestions/{id}/restoration",
    Verb.REOPEN: "POST /suggestions/{id}/reopening",
    Verb.ACCEPT: "POST /suggestions/{id}/acceptance",
    Verb.CONSENT: "POST /suggestions/{id}/consent",
    Verb.DECLINE: "POST /suggestions/{id}/refusal",
    Verb.WITHDRAW: "POST /suggestions/{id}/withdrawal",
    Verb.CONTRACT: "POST /cooperations/{id}/contract",
    Verb.AMEND: "PUT /cooperations/{id}/contract",
    Verb.END: "POST /suggestions/{id}/ending",
}
"""Where people use a verb, below /matching/v1; what is missing only the system does."""
BY_ITSELF = {
    Verb.SUPERSEDE: "新的匹配任务发布时，仍待审核的旧建议被取代；暂缓的日期到了，而该需求与该供应商已有较新的建议。",
    Verb.EXPIRE: "某一状态停留过久（见下表）。",
    Verb.RESTORE: "暂缓的日期到了。",
    Verb.REOPEN: "供应商或链主被暂停、注销，或需求所要求的证书失效；原因消除之前不能再次通过。",
    Verb.INVOICE: "镜像中有合同期内该链主向该供应商采购该零部件的记录；可部分，可全部。",
    Verb.REVERT: "这些采购记录被更正或删除，不再有计入合同的采购。",
    Verb.END: f"合同到期已满 {USUAL_WAITING.settlement} 天（可设置）。",
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 配套建议的状态与流转"
    yield ""
    yield "本页由 `services/matching/suggestions/rules.py` 的流转表生成，不要手工修改："
    yield "`python -m services.matching.suggestions.manual > docs/suggestions.md`。"
    yield ""
    yield from _diagram()
    yield from _states()
    yield from _transitions()
    yield from _by_itself()
    yield from _expiry()
    yield from _meanings()


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"  {state}: {STATE_ZH[state]}" for state in State)
    yield f"  [*] --> {State.PROPOSED}"
    for state, verb in _ordered():
        yield f"  {state} --> {TRANSITIONS[state, verb].to}: {VERB_ZH[verb]}"
    yield "```"
    yield ""


def _states() -> Iterator[str]:
    yield "## 状态"
    yield ""
    yield "| 状态 | 名称 | 主路 | 下次匹配保留其金额 | 预留产能 | 冷静期内排除该配对 |"
    yield "|---|---|---|---|---|---|"
    for state in State:
        marks = [state in group for group in (MAIN_WAY, COMMITTED, RESERVING, COOLING)]
        yield f"| `{state}` | {STATE_ZH[state]} | " + " | ".join("是" if mark else "" for mark in marks) + " |"
    yield ""


def _transitions() -> Iterator[str]:
    yield "## 流转"
    yield ""
    yield "表中没有的一律拒绝：状态不允许答 409，角色不允许答 403，缺理由答 422，版本已变答 412。"
    yield ""
    yield "| 从 | 动作 | 到 | 谁 | 须说明理由 | 接口（/matching/v1 之下） |"
    yield "|---|---|---|---|---|---|"
    for state, verb in _ordered():
        row = TRANSITIONS[state, verb]
        who = "、".join(ROLE_ZH[role] for role in Role if role in row.roles)
        reason = "是" if row.needs_reason else ""
        people = row.roles != {Role.SERVICE}
        route = f"`{ROUTES[verb]}`" if people else ""
        yield f"| {STATE_ZH[state]} | {VERB_ZH[verb]} `{verb}` | {STATE_ZH[row.to]} | {who} | {reason} | {route} |"
    yield ""


def _by_itself() -> Iterator[str]:
    yield "## 系统自行进行的"
    yield ""
    yield "| 动作 | 何时 |"
    yield "|---|---|"
    yield from (f"| {VERB_ZH[verb]} | {when} |" for verb, when in BY_ITSELF.items())
    yield ""


def _expiry() -> Iterator[str]:
    yield "## 多久无人处理即过期"
    yield ""
    yield '天数是缺省值，可用工作进程的设置 `MATCHING_WAITING_DAYS` 改变，如 `{"approved": 45}`。'
    yield ""
    yield "| 状态 | 天 |"
    yield "|---|---|"
    yield from (f"| {STATE_ZH[state]} | {days} |" for state, days in USUAL_WAITING.expiry().items())
    yield ""


def _meanings() -> Iterator[str]:
    yield "## 规则"
    yield ""
    who = "、".join(ROLE_ZH[role] for role in Role if role in PROPOSING)
    yield f"- 建议由匹配任务提出，也可以由{who}人工提出（`POST /suggestions`）：按同样的要求逐项核对，走同一条路。"
    yield "- 人工提出的在审核之前不被新的匹配任务取代，除非该任务也提出同一配对；那时新的一条注明由谁提出。"
    yield "- 链主可以按元或按件接受一部分；其余部分回到下一次匹配。合同折合每年的金额不得超过双方同意的金额。"
    yield "- 自链主接受起预留产能，不超过供给能力所余；第二条放不下时答 409，并说明尚余多少。"
    yield "- 整批处理（`POST /suggestions/batches`）全部执行，或一条也不执行；不能执行的逐条列出。"
    yield "- 暂缓期间和冷静期内，下一次匹配不再提出该需求与该供应商的配对；恢复后立即解除。"
    yield "- 供应商在通过后看到零部件、类别、数量级和要求；链主接受后看到所求数量；同意后双方相互可见。"
    yield "- 采购完全落在合同所及的月份内才计入合同；只记到年度的采购，须合同覆盖全年。委托加工和能源水费不计。"


def _ordered() -> list[tuple[State, Verb]]:
    """The rows of the table, by state and verb in the order in which they are declared."""
    states, verbs = list(State), list(Verb)
    return sorted(TRANSITIONS, key=lambda step: (states.index(step[0]), verbs.index(step[1])))


if __name__ == "__main__":
    print(page(), end="")
