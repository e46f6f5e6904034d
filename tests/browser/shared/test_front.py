"""The front page, as visitors and each role see it."""

import pytest

from tests.browser.conftest import Look


@pytest.mark.parametrize("who", [None, "reviewer", "leader", "supplier", "organisation", "auditor"])
def test_front_page(look: Look, who: str | None) -> None:
    page = look(who).open("/")
    assert page.get_by_role("heading", level=1).is_visible()


def test_an_unknown_address_is_told_on_a_page(look: Look) -> None:
    visitor = look()
    answer = visitor.page.goto(visitor.base + "/matching/nowhere")
    assert answer is not None and answer.status == 404
    assert "没有这个地址" in visitor.page.inner_text("main")


def test_who_has_not_signed_in_is_sent_to_do_so(look: Look) -> None:
    page = look().open("/catalog/account")
    assert page.url.endswith("/catalog/sign-in?next=%2Fcatalog%2Faccount")
