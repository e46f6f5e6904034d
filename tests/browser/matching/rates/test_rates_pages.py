"""The board of rates, two definitions side by side, and the map."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look

NEARBY = "/matching/rates?by=leader&scope=radius&radius_km=200&include=related_party"


def save(page: Page, name: str) -> str:
    """Save the definition that the board shows; what the page says then."""
    if page.locator("#saved").get_attribute("open") is None:
        page.locator("#saved summary").click()
    page.fill("#saved [name=name]", name)
    page.get_by_role("button", name="保存当前口径").click()
    return page.inner_text("main")


def exported(page: Page, label: str) -> Mapping[str, str]:
    """The headers of what a link to an export gives."""
    answer = page.request.get(page.get_by_role("link", name=label, exact=True).evaluate("link => link.href"))
    assert answer.ok, answer.text()
    headers: Mapping[str, str] = answer.headers
    return headers


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
    page.locator("#map canvas").first.wait_for()
    assert "济南" in page.inner_text("main")


def test_the_map_in_english_without_scripts(look: Look) -> None:
    window = look("organisation", scripts=False)
    window.page.goto(window.base + "/matching/map?lang=en")
    assert window.page.get_attribute("html", "lang") == "en"


def test_a_definition_is_saved_opened_compared_and_retired(look_at_own: Look) -> None:
    window = look_at_own("reviewer")
    page = window.open(NEARBY)
    assert "口径已保存。" in save(page, "周边 200 公里，含关联交易")
    window.check()
    page.goto(window.base + "/matching/rates?by=city")
    page.locator("#saved summary").click()
    page.get_by_role("link", name="周边 200 公里，含关联交易", exact=True).click()
    assert page.input_value("[name=radius_km]") == "200"
    assert page.is_checked("[name=include][value=related_party]")
    assert page.input_value("[name=by]") == "city"
    page.goto(window.base + "/matching/rates?basis=lines&scope=county")
    page.locator("#saved summary").click()
    page.get_by_role("link", name="与当前并排").click()
    window.check()
    assert "实际 · 零部件数 · 区县" in page.locator("#f-left option:checked").inner_text()
    assert "200 千米以内" in page.inner_text("#right")
    for label in ("导出左边", "导出右边"):
        assert "spreadsheetml" in exported(page, label)["content-type"]
    page.goto(window.base + NEARBY)
    assert "周边 200 公里，含关联交易" in page.inner_text("#definition")
    page.locator("#saved summary").click()
    page.get_by_role("button", name="不再保留").click()
    assert "已不再保留这个口径" in page.inner_text("[role=status]")
    assert page.input_value("[name=radius_km]") == "200"


def test_a_name_that_is_taken_is_told_and_what_was_typed_is_kept_without_scripts(look_at_own: Look) -> None:
    window = look_at_own("reviewer", scripts=False)
    page = window.page
    page.goto(window.base + NEARBY)
    assert "口径已保存。" in save(page, "周边")
    page.goto(window.base + "/matching/rates?scope=province")
    assert "已有名为“周边”的口径，请换一个名称。" in save(page, "周边")
    assert page.input_value("#saved [name=name]") == "周边"
    assert page.input_value("[name=scope]") == "province"
    assert "口径已保存。" in save(page, "全省")


def test_only_reviewers_save(look: Look) -> None:
    for who in ("auditor", "leader", "organisation"):
        page = look(who).open("/matching/rates")
        assert page.get_by_role("button", name="保存当前口径").count() == 0


def test_the_board_is_exported_as_it_is_shown(look: Look) -> None:
    page = look("reviewer").open("/matching/rates?by=city&scope=city&period=2025")
    assert "spreadsheetml" in exported(page, "导出 xlsx")["content-type"]
