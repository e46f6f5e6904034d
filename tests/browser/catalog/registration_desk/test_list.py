"""The list of registrations: what waits the longest first, filters in the address, who may look."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.support.applicant import in_review, submitted
from tests.support.identity_desk import Desk

LIST = "/catalog/registrations"


def names(page: Page) -> list[str]:
    """The firms that are listed."""
    return page.locator("tbody th a").all_inner_texts()


def test_the_longest_waiting_first_under_filters_in_the_address(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    first = submitted(office, name="列表甲阀门（虚构）").get()
    office.clock.forward(days=3)
    claim = submitted(office, name="列表乙阀门（虚构）", credit_code=first["credit_code"])
    in_review(office, name="列表丙阀门（虚构）", region="370602")
    window = at_office("reviewer")
    page = window.open(LIST)
    assert page.url.endswith("?state=submitted&sort=submitted_at")
    page.fill("[name=q]", "列表")
    page.get_by_role("button", name="筛选").click()
    assert names(page) == ["列表甲阀门（虚构）", "列表乙阀门（虚构）"]
    assert "3 天" in page.locator("tbody tr").first.inner_text()
    page.get_by_role("link", name="提交时间").click()
    assert names(page) == ["列表乙阀门（虚构）", "列表甲阀门（虚构）"]
    page.select_option("[name=claim]", label="认领已有企业")
    page.get_by_role("button", name="筛选").click()
    assert names(page) == ["列表乙阀门（虚构）"]
    assert {"state=submitted", "claim=true", "sort=-submitted_at"} <= {*page.url.partition("?")[2].split("&")}
    export = page.get_by_role("link", name="导出 xlsx").get_attribute("href") or ""
    assert "claim=true" in export and page.request.get(window.base + export).status == 200
    page.goto(f"{window.base}{LIST}?sort=submitted_at&q=列表&region=370600")
    assert names(page) == ["列表丙阀门（虚构）"]
    page.get_by_role("link", name="列表丙阀门").click()
    assert page.get_by_role("heading", level=1).inner_text() == "列表丙阀门（虚构）"
    page = window.open(f"{LIST}?state=withdrawn&q=列表")
    assert "没有符合这些条件的申请" in page.inner_text("main")
    assert claim.get()["is_claim"]


def test_an_organisation_reads_what_concerns_its_clusters(at_office: Look, office: Desk) -> None:
    belong(office, "3443")
    own = in_review(office, name="集群甲阀门（虚构）")
    submitted(office, name="集群乙阀门（虚构）", region="370100")
    window = at_office("cluster_organisation")
    page = window.open(f"{LIST}?q=集群")
    assert names(page) == ["集群甲阀门（虚构）"]
    page = window.open(f"{LIST}/{own.id}")
    told = page.inner_text("main")
    assert "生产球墨铸铁阀门" in told and "球墨铸铁阀门 · 每年富余产能 1,200 件" in told
    assert "王示例" not in told and own.email not in told
    assert page.locator("main form, main button").count() == 0


def belong(office: Desk, trade: str) -> None:
    """Let the ships' member be of a trade, and so the cluster."""
    path = f"/enterprises/{office.world.enterprises['near']}"
    version = office.operator.get(path).headers["ETag"]
    office.operator.patch(path, json={"class_code": trade}, headers={"If-Match": version}).raise_for_status()


@pytest.mark.parametrize("who", ["supplier", "chain_leader"])
def test_firms_do_not_look(at_office: Look, office: Desk, who: str) -> None:
    window = at_office(who)
    for path in (LIST, f"{LIST}/{submitted(office).id}"):
        answer = window.page.goto(window.base + path)
        assert answer is not None and answer.status == 403
        assert "此操作只对这些角色开放" in window.page.inner_text("main")
