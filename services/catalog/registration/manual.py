"""docs/registration.md, made of the one table of transitions: `python -m services.catalog.registration.manual`.

A test compares the page with the table, and solves a challenge with the lines that the page prints.
"""

from collections.abc import Iterator

from services.catalog.registration.rules import (
    CHALLENGE_LIFE,
    DOCUMENT_NAMES,
    EMAIL_CODE_LIFE,
    LARGEST_DOCUMENT,
    LARGEST_DOCUMENTS,
    MOST_DOCUMENTS,
    REQUIRED,
    STATE_NAMES,
    TRANSITIONS,
    VERB_NAMES,
    Party,
    State,
    Verb,
)

PARTIES = {Party.APPLICANT: "申请人", Party.REVIEWER: "审核员"}
ROUTES = {
    Verb.SAVE: "PATCH /registrations/mine",
    Verb.SUBMIT: "POST /registrations/mine/submission",
    Verb.WITHDRAW: "POST /registrations/mine/withdrawal",
    Verb.REVIEW: "POST /registrations/{id}/review",
    Verb.RETURN: "POST /registrations/{id}/return",
    Verb.REFUSE: "POST /registrations/{id}/refusal",
    Verb.VERIFY: "POST /registrations/{id}/verification",
    Verb.UPHOLD: "POST /registrations/{id}/claim-decision",
    Verb.DENY: "POST /registrations/{id}/claim-decision",
}
"""Where each verb is used, below /catalog/v1."""

SOLVER = """import hashlib


def solve(challenge: str, bits: int) -> str:
    nonce = 0
    while True:
        found = hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()
        if int.from_bytes(found, "big") >> (256 - bits) == 0:
            return str(nonce)
        nonce += 1"""
"""What others may copy."""

_MB = 2**20


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 企业登记"
    yield ""
    yield "本页由 `services/catalog/registration/rules.py` 的流转表生成，不要手工修改："
    yield "`python -m services.catalog.registration.manual > docs/registration.md`。"
    yield ""
    yield from _steps()
    yield from _desk()
    yield from _proof()
    yield from _transitions()
    yield from _needed()
    yield from _claims()
    yield from _settings()


def _steps() -> Iterator[str]:
    minutes = int(EMAIL_CODE_LIFE.total_seconds() // 60)
    yield "## 申请人的步骤（/catalog/v1 之下，不需要账号）"
    yield ""
    yield "1. `GET /registrations/challenge` 取题，`POST /registrations` 带上答案开始登记。"
    yield "   回答中的 `registration_code` 是查询码，只告知这一次；以后每个请求都放在 `Registration-Code` 头中。"
    yield "   带 `catalog.write` 令牌的程序不必答题。"
    yield "2. `PATCH /registrations/mine` 填写（可多次，带 `If-Match`）；"
    yield "   `POST /registrations/mine/proposals` 按产品推荐行业类别，按统一社会信用代码与注册地推荐地区。"
    yield f"3. `POST /registrations/mine/email-codes` 发验证码到联系邮箱（{minutes} 分钟内有效），"
    yield "   `POST /registrations/mine/email-verification` 验证。"
    yield "4. `POST /registrations/mine/documents` 上传材料：PDF、JPEG、PNG，按内容判断；"
    yield f"   每份至多 {LARGEST_DOCUMENT // _MB} MB，合计至多 {LARGEST_DOCUMENTS // _MB} MB、{MOST_DOCUMENTS} 份。"
    yield "5. `POST /registrations/mine/submission` 提交；`GET /registrations/mine` 查看进展，退回的逐项更正后再提交。"
    yield "6. 通过后，联系邮箱收到邀请，打开链接即成为本企业的负责人。"
    yield ""
    yield "查询码有误、草稿过期，一律答同样的 404。"
    yield ""


def _desk() -> Iterator[str]:
    yield "## 审核员的页面（/catalog/registrations）"
    yield ""
    yield "- 列表按等待时间排，可按状态、登记或认领、城市、名称、代码筛选，筛选都在网址中，可导出。"
    yield "- 一份申请的页面逐项列出所填与核对的结果：代码与校验位、登记机关的地区、按产品推荐的行业、规模、"
    yield "  能力与证书、材料、同码的申请与名称相近的企业；认领时与现有记录对照。"
    yield "- 退回：在要更正的各项旁边写怎样更正。认领成立或通过之后，可在同一页把这家企业的旧记录并入。"
    yield "- 版本已变时，页面告知，并保留已写的意见。审计在 `/catalog/audit` 与 `/matching/audit`。"
    yield ""


def _proof() -> Iterator[str]:
    minutes = int(CHALLENGE_LIFE.total_seconds() // 60)
    yield "## 工作量证明"
    yield ""
    yield "找一个 `nonce`，使 SHA-256（`题目:nonce` 的 UTF-8 字节）开头有 `bits` 个二进制零；"
    yield "平均须试 2 的 `bits` 次方次。"
    yield f"题目由本系统签名，{minutes} 分钟内有效，只能用一次。参考解法："
    yield ""
    yield "```python"
    yield SOLVER
    yield "```"
    yield ""


def _transitions() -> Iterator[str]:
    yield "## 流转"
    yield ""
    yield "表中没有的一律拒绝：状态不允许答 409，缺理由答 422，版本已变答 412。"
    yield ""
    yield "| 从 | 动作 | 到 | 谁 | 须说明理由 | 只对 | 接口（/catalog/v1 之下） |"
    yield "|---|---|---|---|---|---|---|"
    for state, verb in _ordered():
        row = TRANSITIONS[state, verb]
        only = {None: "", True: "认领", False: "登记"}[row.claim]
        reason = "是" if row.needs_reason else ""
        names = f"{STATE_NAMES[state]} | {VERB_NAMES[verb]} `{verb}` | {STATE_NAMES[row.to]} | {PARTIES[row.party]}"
        yield f"| {names} | {reason} | {only} | `{ROUTES[verb]}` |"
    yield ""


def _needed() -> Iterator[str]:
    yield "## 提交前必须填写"
    yield ""
    yield from (f"- `{name}`：{sentence}" for name, sentence in REQUIRED.items())
    yield f"- 材料：{'、'.join(DOCUMENT_NAMES.values())}三类，其中营业执照必须上传；联系邮箱须已验证。"
    yield ""


def _claims() -> Iterator[str]:
    yield "## 认领与合并"
    yield ""
    yield "- 一个统一社会信用代码只有一家有效企业。代码已属于某家企业，或已有同码的申请在办，"
    yield "  后提交的即为**认领**，由审核员决定。"
    yield "- 认领成立：申请人成为该企业的负责人，所填的内容补入企业；企业原有而申请未填的不变。已暂停的企业须先恢复；"
    yield "  已注销的企业重新生效。"
    yield "- `POST /enterprises/{id}/mergers` 把另一条记录并入：证书、称号、股权、集群、产品、采购、能力和成员都转来，"
    yield "  两边相同的只留一份；被并入的记录注销，它的名称与代码留作曾用名，以后按旧代码导入的数据归入保留的企业。"
    yield "  它的程序（机器客户端）须重新登记。"
    yield "- 不能合并的：任一方已暂停或注销；双方各有主导产品或采购台账；双方之间有采购；只有被并入的一方有代码。"
    yield ""


def _settings() -> Iterator[str]:
    yield "## 设置"
    yield ""
    yield "| 变量 | 含义 | 缺省 |"
    yield "|---|---|---|"
    yield "| `CATALOG_REGISTRATION_ORIGINS` | 可以嵌入登记的网站，如 `https://park.example`，逗号分隔 | 无 |"
    folder = "存放材料的文件夹，不要放在网站目录内；工作进程也须设置，才会清理"
    yield f"| `CATALOG_DOCUMENTS_FOLDER` | {folder} | `.xieshou/documents` |"
    yield "| `CATALOG_DRAFT_DAYS` | 草稿多少天无人修改即删除 | 30 |"
    yield "| `CATALOG_PROOF_BITS` | 工作量证明的难度 | 18 |"


def _ordered() -> list[tuple[State, Verb]]:
    """The rows of the table, by state and verb in the order in which they are declared."""
    states, verbs = list(State), list(Verb)
    return sorted(TRANSITIONS, key=lambda step: (states.index(step[0]), verbs.index(step[1])))


if __name__ == "__main__":
    print(page(), end="")
