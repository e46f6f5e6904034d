"""What is on the screen can be taken along: each page that shows a list leads to its workbook, for whoever sees it."""

import pytest

from tests.browser.conftest import Look
from tests.support.portal import Portal

#: Who looks where, and what the workbooks there are of.
PAGES = (
    ("reviewer", "/matching/suggestions?state=proposed", 1),
    ("reviewer", "/matching/runs", 1),
    ("organisation", "/matching/runs/{run}", 2),
    ("reviewer", "/matching/runs/comparison?a={run}&b={run}", 2),
    ("reviewer", "/matching/runs/{run}/gaps?by=product", 1),
    ("reviewer", "/matching/runs/{run}/near-misses", 1),
    ("leader", "/matching/rates?scope=radius&radius_km=200&include=related_party", 1),
    ("auditor", "/matching/rates/comparison", 2),
    ("organisation", "/matching/map?stage=local_now&period=2025", 2),
    ("leader", "/matching/products", 1),
    ("leader", "/matching/products/{ship}", 2),
    ("leader", "/catalog/products/{ship}", 1),
    ("supplier", "/matching/invitations", 1),
)


@pytest.mark.parametrize(("who", "path", "least"), PAGES)
def test_a_page_leads_to_its_workbooks(look: Look, portal: Portal, who: str, path: str, least: int) -> None:
    window = look(who, scripts=False)
    window.page.goto(window.base + path.format(run=portal.run_id, ship=portal.world.products["A-1"]))
    found = window.page.locator('a[href*=".xlsx"]').evaluate_all("links => links.map(link => link.href)")
    assert len(found) >= least, window.page.inner_text("main")
    for address in found:
        answer = window.page.request.get(address)
        assert answer.ok, f"{address}: {answer.text()}"
        assert "spreadsheetml" in answer.headers["content-type"]
