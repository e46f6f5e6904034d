"""The board of rates, two definitions side by side, and the map."""

import pytest

from tests.browser.conftest import Look


def test_the_board_shows_each_rate_with_its_definition(look: Look) -> None:
    page = look("reviewer").open("/matching/rates")
    assert "按采购金额（不含税）" in page.inner_text("#definition")
    assert page.locator(".rate").first.get_attribute("href") == "#definition"


@pytest.mark.parametrize("by", ["product", "leader", "city", "circle", "class", "all"])
def test_the_board_by_other_groups(look: Look, by: str) -> None:
    look("auditor").open(f"/matching/rates?by={by}&stage=suggested")


def test_a_definition_without_meaning_is_told_with_what_was_chosen(look: Look) -> None:
    window = look("leader")
    answer = window.page.goto(window.base + "/matching/rates?stage=attainable&by=class&period=2025")
    assert answer is not None and answer.status == 422
    assert "不能再按零部件的类别拆分" in window.page.inner_text("[role=alert]")
    assert window.page.input_value("[name=period]") == "2025"


def test_fields_left_empty_leave_the_address(look: Look) -> None:
    page = look("reviewer").open("/matching/rates?period=&by=city&radius_km=")
    assert page.url.endswith("/matching/rates?by=city")


def test_suppliers_see_no_board(look: Look) -> None:
    window = look("supplier")
    answer = window.page.goto(window.base + "/matching/rates")
    assert answer is not None and answer.status == 403
    assert "没有权限" in window.page.inner_text("[role=alert]")


def test_two_definitions_side_by_side(look: Look) -> None:
    page = look("reviewer").open("/matching/rates/comparison?right=actual/suppliers/province")
    assert "按供应商家数" in page.inner_text("#right")


def test_the_map(look: Look) -> None:
    page = look("reviewer").open("/matching/map")
    assert page.locator("#map canvas").count() == 1
    assert "济南" in page.inner_text("main")


def test_the_map_in_english_without_scripts(look: Look) -> None:
    window = look("organisation", scripts=False)
    window.page.goto(window.base + "/matching/map?lang=en")
    assert window.page.get_attribute("html", "lang") == "en"
