"""Letters to applicants. None holds the code to follow a registration by: that is told once, to who began it."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalog.registration.models import Registration
from services.catalog.registration.rules import State
from shared.mail.sending import Mail

_TOLD: Mapping[State, str] = {
    State.RETURNED: "已退回，请按下列意见更正后重新提交",
    State.REFUSED: "未通过",
    State.VERIFIED: "已通过。邀请您管理本企业的链接将在另一封邮件中送达",
}


def email_code(to: str, code: str) -> Mail:
    """The code that proves that somebody reads the mail to this address."""
    text = f"您好：\n\n您正在携手登记企业，邮箱验证码是：\n{code}\n\n1 小时内有效。如果不是您本人操作，请不必理会。\n"
    return Mail(to, "携手：邮箱验证码", text)


def decided(registration: Registration) -> Mail:
    """What a reviewer decided about a registration."""
    state = State(registration.state)
    lines = [f"“{registration.name}”的企业登记申请{_TOLD[state]}。", *_corrections(registration.returned)]
    if registration.reason:
        lines.append(f"说明：{registration.reason}")
    text = "您好：\n\n" + "\n".join(lines) + "\n\n请凭登记时得到的查询码查看详情。\n"
    return Mail(registration.contact_email or "", "携手：企业登记申请的进展", text)


def owner_joins(to: str, registration: Registration) -> Mail:
    """What an owner learns when somebody else is to own the enterprise too."""
    told = f"有人凭统一社会信用代码认领了“{registration.name}”，经审核员认定，已受邀成为本企业的负责人。"
    return Mail(to, "携手：本企业将有新的负责人", f"您好：\n\n{told}\n如有异议，请立即联系管理员。\n")


def _corrections(returned: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"- {each['pointer']}：{each['reason']}" for each in returned]
