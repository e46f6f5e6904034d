"""Signing in as people do: link, password, authenticator, recovery code; tokens renewed on the way; signing out."""

import re

import pytest
from playwright.sync_api import expect

from shared.http.auth import ACCESS_COOKIE
from tests.browser.conftest import Look
from tests.browser.signing_in import accept, enrol, sign_in
from tests.support.looking import Onlooker
from tests.support.portal import Portal


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reviewer_from_the_first_link_to_signing_out(look: Look, portal: Portal, scripts: bool) -> None:
    window, email = look(scripts=scripts), f"shen-{int(scripts)}@office.example"
    accept(window, portal.first_link(email), scripts=scripts)
    sign_in(window, email)
    codes = enrol(window)
    assert len(codes) == 10
    expect(window.page.locator(".top-end")).to_contain_text("审核员")
    window.page.click(".top-end button")
    assert "您已退出登录" in window.page.inner_text("[role=status]")
    window.page.goto(window.base + "/matching/rates?by=city")
    sign_in(window, email)
    window.page.fill("[name=code]", "000000")
    window.page.click("main button[type=submit]")
    assert "验证码不正确" in window.page.inner_text("[role=alert]")
    window.page.fill("[name=code]", codes[0])
    window.page.click("main button[type=submit]")
    assert window.page.url.endswith("/matching/rates?by=city")
    _forget_token(window)
    window.page.goto(window.base + "/matching/rates?by=product")
    assert window.page.url.endswith("/matching/rates?by=product")
    window.page.goto(window.base + "/catalog/account")
    _forget_token(window)
    window.page.click(".top-end button")
    assert "您已退出登录" in window.page.inner_text("[role=status]")


def test_a_wrong_password_is_told_with_what_was_typed(look: Look) -> None:
    window = look()
    window.open("/catalog/sign-in")
    sign_in(window, "nobody@office.example", "wrong wrong wrong")
    assert "邮箱或密码不正确" in window.page.inner_text("[role=alert]")
    assert window.page.input_value("[name=email]") == "nobody@office.example"
    assert window.page.input_value("[name=password]") == ""


def test_a_link_that_is_over_says_so(look: Look) -> None:
    window = look()
    window.page.goto(window.base + "/catalog/link#" + "x" * 43)
    expect(window.page.locator("[role=alert]")).to_contain_text("没有这个链接")


def test_an_address_elsewhere_is_not_followed(look: Look) -> None:
    window = look()
    window.page.goto(window.base + "/catalog/sign-in?next=https://elsewhere.example/")
    assert re.search(r"next=(%2F|/)$", window.page.get_attribute("main form", "action") or "")


@pytest.mark.parametrize(
    "path", ["/catalog/sign-in", "/catalog/forgotten", "/catalog/link", "/catalog/sign-in?lang=en"]
)
def test_pages_before_signing_in(look: Look, path: str) -> None:
    look().open(path)


def test_a_forgotten_password_says_the_same_to_everybody(look: Look) -> None:
    window = look()
    window.open("/catalog/forgotten")
    window.page.fill("[name=email]", "nobody@office.example")
    window.page.click("main button[type=submit]")
    assert "如果有这个账号" in window.page.inner_text("[role=status]")


def test_a_form_of_another_site_changes_nothing(look: Look) -> None:
    window = look("reviewer")
    window.page.goto(window.base + "/catalog/sign-in")
    answer = window.context.request.post(
        window.base + "/catalog/account/role", form={"role": "reviewer", "csrf": "guessed"}
    )
    assert answer.status in (401, 403)


def _forget_token(window: Onlooker) -> None:
    """Ten minutes later: the browser has dropped the short token, the sign-in lasts."""
    window.context.clear_cookies(name=ACCESS_COOKIE)
