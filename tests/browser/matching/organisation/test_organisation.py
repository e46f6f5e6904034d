"""A cluster organisation gets the reviewer's pages for its clusters: nothing of others, and nothing it may not use."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.browser.matching.conftest import Desk
from tests.support.feed_world import World

#: The product that is in no cluster, and so concerns no organisation.
OTHERS = "示例剪板机"
PAGES = (
    "/matching/front",
    "/matching/suggestions?order=best",
    "/matching/runs",
    "/matching/runs/{run}",
    "/matching/runs/{run}/gaps",
    "/matching/runs/{run}/gaps?by=product",
    "/matching/runs/{run}/near-misses",
    "/matching/runs/{run}/lines/{need}",
    "/matching/runs/{run}/what-if",
    "/matching/rates",
    "/matching/rates?by=product&stage=suggested",
    "/matching/map",
    "/matching/products/{product}",
    "/matching/lines/{need}",
    "/matching/lines/{need}/proposal",
)


def leads_on(page: Page) -> list[str]:
    """Where the page leads within matching."""
    found = page.locator("main a[href], nav a[href]").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    return sorted({each for each in found if each.startswith("/matching/")})


@pytest.mark.parametrize("path", PAGES)
def test_each_page_shows_its_own_and_leads_where_it_may_go(at_desk: Look, desk: Desk, path: str) -> None:
    world = World()
    known = {"run": desk.run_id, "need": world.id("P1/H-100"), "product": world.id("P1")}
    window = at_desk("organisation")
    page = window.open(path.format(**known))
    assert OTHERS not in page.inner_text("main")
    assert page.locator("main form[method=post]").count() == 0
    for address in leads_on(page):
        answer = page.request.get(desk.base + address)
        assert answer.status == 200, address
        assert OTHERS not in answer.text(), address


def test_a_run_tells_what_it_comes_to_for_its_clusters_alone(at_desk: Look, desk: Desk) -> None:
    whole, own = (
        at_desk(who).open(f"/matching/runs/{desk.run_id}").inner_text("main") for who in ("reviewer", "organisation")
    )
    assert "上界" in whole and "一步之遥" in whole
    assert "上界" not in own and "可达" in own
