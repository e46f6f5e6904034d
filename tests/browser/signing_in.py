"""Getting in as people do: by a one-time link, a password and, for reviewers, an authenticator."""

from datetime import UTC, datetime

from shared.security.totp import code_at, step_of
from tests.support.looking import Onlooker

PASSWORD = "seven quiet herons"


def accept(window: Onlooker, link: str, *, scripts: bool = True) -> None:
    """Open a one-time link and choose a name and a password; without scripts the secret is copied by hand."""
    page = window.page
    page.goto(window.base + link)
    if not scripts:
        page.fill("[name=token]", link.partition("#")[2])
        page.click("main button[type=submit]")
    page.wait_for_selector("[name=password]")
    page.fill("[name=name]", "沈某")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    assert "请用邮箱和密码登录" in page.inner_text("[role=status]")


def sign_in(window: Onlooker, email: str, password: str = PASSWORD) -> None:
    """Fill in the form of signing in."""
    window.page.fill("[name=email]", email)
    window.page.fill("[name=password]", password)
    window.page.click("main button[type=submit]")


def enrol(window: Onlooker) -> list[str]:
    """Set up an authenticator; the recovery codes."""
    page = window.page
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    assert page.locator(".secret").is_visible(), page.inner_text("main")
    secret = page.inner_text(".secret").strip()
    page.fill("[name=code]", code_at(secret, step_of(datetime.now(UTC))))
    page.click("main button[type=submit]")
    codes: list[str] = page.locator(".codes li").all_inner_texts()
    page.click("main a.btn-primary")
    return codes
