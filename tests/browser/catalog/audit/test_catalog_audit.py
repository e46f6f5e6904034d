"""The catalog's audit on its pages: who did what to what and when, and what one thing was before and after."""

from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from shared.codes.credit_code import make
from shared.security.actor import Actor, Role
from shared.ui.figures import CHINA
from tests.browser.conftest import Look
from tests.support.applicant import in_review
from tests.support.identity_desk import Desk

AUDIT = "/catalog/audit"


def person(office: Desk) -> tuple[httpx.Client, str]:
    """A reviewer's client, and who that is."""
    who = f"reviewer-{uuid4().hex[:6]}"
    return office.client(office.token(Actor(who, Role.REVIEWER))), who


def changed(http: httpx.Client, times: int = 2) -> str:
    """An enterprise whose staff has changed so many times; its id."""
    firm = {"credit_code": make(uuid4().int % 10**9), "name": "审计阀门（虚构）", "is_supplier": True, "staff": 100}
    id = str(http.post("/enterprises", json=firm).json()["id"])
    for at in range(times):
        headers, reason = {"If-Match": f'"{at + 1}"'}, {"reason": f"核对年报 {at}"}
        answer = http.patch(f"/enterprises/{id}", json={"staff": 101 + at}, headers=headers, params=reason)
        assert answer.status_code == 200, answer.text
    return id


def test_one_thing_before_and_after(at_office: Look, office: Desk) -> None:
    http, who = person(office)
    id = changed(http)
    window = at_office("auditor")
    page = window.open(f"{AUDIT}?kind=enterprise&entity={id}")
    newest = page.locator("tbody tr.of-one").first.inner_text()
    assert [word for word in ("从业人员", "101", "102", "修改") if word not in newest] == []
    row = page.locator("tbody tr").first.inner_text()
    assert who in row and "核对年报 1" in row and "修改企业" in row and "127.0.0.0/24" in row
    page.locator("tbody th a").first.click()
    page = window.open(page.url.removeprefix(window.base))
    assert "变更前后" in page.inner_text("main") and "102" in page.inner_text(".before-after")
    page.get_by_role("link", name=who).click()
    assert page.url.endswith(f"?who={who}") and page.locator("tbody > tr").count() == 3
    page.goto(f"{page.url}&lang=en")
    assert "Did what" in page.inner_text("main")


def test_filters_stay_in_the_address_and_pages_turn_without_scripts(at_office: Look, office: Desk) -> None:
    http, who = person(office)
    changed(http, 50)
    window = at_office("reviewer", scripts=False)
    page, today = window.page, datetime.now(CHINA).date()
    page.goto(window.base + AUDIT)
    page.fill("[name=who]", who)
    page.select_option("[name=kind]", label="企业")
    page.fill("[name=since]", (today - timedelta(days=1)).isoformat())
    page.fill("[name=until]", (today + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="筛选").click()
    assert f"who={who}" in page.url and "kind=enterprise" in page.url and "entity" not in page.url
    assert page.locator("tbody > tr").count() == 50
    export = page.get_by_role("link", name="导出 xlsx").get_attribute("href") or ""
    assert page.request.get(window.base + export).status == 200
    page.get_by_role("link", name="下一页").click()
    assert page.locator("tbody > tr").count() == 1 and "新增" in page.inner_text("tbody")
    page.goto(f"{window.base}{AUDIT}?who={who}&until={today - timedelta(days=2)}")
    assert "没有符合这些条件的审计记录" in page.inner_text("main")
    page.goto(f"{window.base}{AUDIT}?since=20261123")
    assert "应为日期" in page.inner_text('[role="alert"]')


def test_a_registration_leads_to_what_the_audit_has_of_it(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = in_review(office)
    window = at_office("reviewer")
    page = window.open(f"/catalog/registrations/{applicant.id}")
    page.get_by_role("link", name="审计中的这份申请").click()
    told = page.inner_text("tbody")
    assert "开始审核申请" in told and "operator" in told and "contact_email" in told
    assert applicant.email not in told
    window.check()


@pytest.mark.parametrize("who", ["supplier", "chain_leader", "cluster_organisation"])
def test_others_do_not_read_it(at_office: Look, who: str) -> None:
    window = at_office(who)
    for path in (AUDIT, f"{AUDIT}/1"):
        answer = window.page.goto(window.base + path)
        assert answer is not None and answer.status == 403


def test_an_entry_that_is_not_there(at_office: Look) -> None:
    window = at_office("auditor")
    answer = window.page.goto(f"{window.base}{AUDIT}/{2**40}")
    assert answer is not None and answer.status == 404
    assert "没有这个审计记录" in window.page.inner_text("main")
