"""The states of a registration and the one table of its transitions; what it must say before it is submitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a registration is on its way."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    VERIFIED = "verified"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What moves a registration, or changes it in place."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    REVIEW = "review"
    RETURN = "return"
    REFUSE = "refuse"
    VERIFY = "verify"
    UPHOLD = "uphold"
    DENY = "deny"


class Party(StrEnum):
    """Whose verb it is."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"


class DocumentKind(StrEnum):
    """What a document shows."""

    LICENCE = "licence"
    CERTIFICATE = "certificate"
    OTHER = "other"


STATE_NAMES: Mapping[State, str] = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "已提交",
    State.IN_REVIEW: "审核中",
    State.RETURNED: "已退回",
    State.VERIFIED: "已通过",
    State.REFUSED: "未通过",
    State.WITHDRAWN: "已撤回",
}

VERB_NAMES: Mapping[Verb, str] = {
    Verb.SAVE: "修改",
    Verb.SUBMIT: "提交",
    Verb.WITHDRAW: "撤回",
    Verb.REVIEW: "开始审核",
    Verb.RETURN: "退回",
    Verb.REFUSE: "驳回",
    Verb.VERIFY: "通过",
    Verb.UPHOLD: "认定认领",
    Verb.DENY: "驳回认领",
}

DOCUMENT_NAMES: Mapping[DocumentKind, str] = {
    DocumentKind.LICENCE: "营业执照",
    DocumentKind.CERTIFICATE: "资质证书",
    DocumentKind.OTHER: "其他材料",
}

HOLDING = (State.SUBMITTED, State.IN_REVIEW, State.RETURNED)
"""States in which a registration holds its credit code: another one of the same code becomes a claim."""

EDITABLE = (State.DRAFT, State.RETURNED)
"""States in which the applicant may change what it says."""

OPEN_FOR_REVIEW = (State.SUBMITTED, State.IN_REVIEW)
"""States that wait for a reviewer."""


@dataclass(frozen=True)
class Transition:
    """A row of the table: the state it leads to, whose verb it is, whether it needs a reason, and for which kind.

    `claim` None means for registrations and claims alike.
    """

    to: State
    party: Party
    needs_reason: bool = False
    claim: bool | None = None


_APPLICANT, _REVIEWER = Party.APPLICANT, Party.REVIEWER

TRANSITIONS: Mapping[tuple[State, Verb], Transition] = {
    (State.DRAFT, Verb.SAVE): Transition(State.DRAFT, _APPLICANT),
    (State.DRAFT, Verb.SUBMIT): Transition(State.SUBMITTED, _APPLICANT),
    (State.DRAFT, Verb.WITHDRAW): Transition(State.WITHDRAWN, _APPLICANT),
    (State.SUBMITTED, Verb.WITHDRAW): Transition(State.WITHDRAWN, _APPLICANT),
    (State.SUBMITTED, Verb.REVIEW): Transition(State.IN_REVIEW, _REVIEWER),
    (State.IN_REVIEW, Verb.WITHDRAW): Transition(State.WITHDRAWN, _APPLICANT),
    (State.IN_REVIEW, Verb.RETURN): Transition(State.RETURNED, _REVIEWER),
    (State.IN_REVIEW, Verb.REFUSE): Transition(State.REFUSED, _REVIEWER, needs_reason=True, claim=False),
    (State.IN_REVIEW, Verb.VERIFY): Transition(State.VERIFIED, _REVIEWER, claim=False),
    (State.IN_REVIEW, Verb.UPHOLD): Transition(State.VERIFIED, _REVIEWER, needs_reason=True, claim=True),
    (State.IN_REVIEW, Verb.DENY): Transition(State.REFUSED, _REVIEWER, needs_reason=True, claim=True),
    (State.RETURNED, Verb.SAVE): Transition(State.RETURNED, _APPLICANT),
    (State.RETURNED, Verb.SUBMIT): Transition(State.SUBMITTED, _APPLICANT),
    (State.RETURNED, Verb.WITHDRAW): Transition(State.WITHDRAWN, _APPLICANT),
    (State.RETURNED, Verb.REFUSE): Transition(State.REFUSED, _REVIEWER, needs_reason=True),
}


class RefusedTransition(Exception):
    """A verb that a registration's state does not allow, or a missing reason; `sentence` says which, in Chinese."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def transition(state: State, verb: Verb, party: Party, *, is_claim: bool, reason: str = "") -> State:
    """Return the state that `verb` leads to from `state`, or raise RefusedTransition.

    The codes are `wrong_state`, `wrong_party`, `is_claim`, `no_claim` and `reason_missing`.
    """
    row = TRANSITIONS.get((state, verb))
    if row is None:
        raise RefusedTransition("wrong_state", f"该申请{STATE_NAMES[state]}，不能再{VERB_NAMES[verb]}。")
    if row.party is not party:
        raise RefusedTransition("wrong_party", f"您不能{VERB_NAMES[verb]}这份申请。")
    if row.claim is False and is_claim:
        raise RefusedTransition("is_claim", "这是对已有企业或同码申请的认领，请用“认领决定”处理。")
    if row.claim is True and not is_claim:
        raise RefusedTransition("no_claim", "这不是认领，请直接通过、退回或驳回。")
    if row.needs_reason and not reason.strip():
        raise RefusedTransition("reason_missing", f"{VERB_NAMES[verb]}须说明理由。")
    return row.to


def verbs_for(state: State, party: Party, *, is_claim: bool) -> list[Verb]:
    """What a party may do with a registration in this state."""
    rows = ((verb, row) for (at, verb), row in TRANSITIONS.items() if at is state and row.party is party)
    return [verb for verb, row in rows if row.claim is None or row.claim is is_claim]


#: What must be said before a registration is submitted, and in which words it is asked for.
REQUIRED: Mapping[str, str] = {
    "credit_code": "请填写统一社会信用代码。",
    "name": "请填写企业名称，与营业执照一致。",
    "region": "请选择所在地区。",
    "class_code": "请选择行业类别。",
    "contact_name": "请填写联系人姓名。",
    "contact_email": "请填写联系邮箱。",
    "capabilities": "请至少填写一项供给能力。",
}

EMAIL_CODE_LIFE = timedelta(hours=1)
CHALLENGE_LIFE = timedelta(minutes=10)
MOST_DOCUMENTS = 20
LARGEST_DOCUMENT = 10 * 2**20
LARGEST_DOCUMENTS = 40 * 2**20
