"""Why nobody is let in, in the words that people read."""

from services.catalog.identity.rules import Stage
from shared.http.problems import FieldError, Problem


def wrong_password() -> Problem:
    """The same for an unknown address as for a wrong password."""
    return Problem(401, "sign-in-failed", "登录没有成功", "邮箱或密码不正确。")


def wrong_code() -> Problem:
    """The code is not the authenticator's, or was used."""
    return Problem(401, "code-wrong", "验证码不正确", "请输入验证器上当前的 6 位数字（每个只能用一次），或一个恢复码。")


def unfinished(stage: Stage) -> Problem:
    """What a sign-in still lacks."""
    if stage is Stage.CODE:
        return Problem(401, "code-required", "需要验证码", "请在 code 中带上验证器上的 6 位数字，或一个恢复码。")
    return Problem(403, "enrolment-required", "需要先绑定验证器", "审核员请先在浏览器中登录并绑定动态验证码。")


def refused_password(pointer: str, why: str) -> Problem:
    """A new password that is too short or easily guessed."""
    return Problem(422, "password", "密码不符合要求", why, [FieldError(pointer=pointer, detail=why, code="password")])
