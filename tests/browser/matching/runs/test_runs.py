"""Runs: started with a policy, watched by stage, cancelled, and two beside each other."""

from services.matching.runs import execution
from services.matching.runs.rules import RunStatus
from tests.browser.conftest import Look
from tests.browser.matching.conftest import Desk
from tests.support.matching_runs import execute, request


def test_a_run_is_started_watched_and_cancelled(at_own_desk: Look, own_desk: Desk) -> None:
    window = at_own_desk("reviewer")
    page = window.open("/matching/runs")
    page.get_by_text("启动一次匹配").click()
    page.select_option("[name=scope]", "radius")
    page.fill("[name=note]", "半径试算")
    page.get_by_role("button", name="启动", exact=True).click()
    assert "须写明 radius_km" in page.inner_text('[role="alert"]')
    assert page.input_value("[name=note]") == "半径试算"
    page.fill("[name=radius_km]", "200")
    page.get_by_role("button", name="启动", exact=True).click()
    page.get_by_text("已启动。").wait_for()
    window.complaints.clear()  # the browser tells of a refusal (422) in its console
    window.check()
    run_id = page.url.rpartition("/")[2]
    with own_desk.database.session() as session:
        execution.report(session, run_id, RunStatus.RUNNING, "逐对判定")  # type: ignore[arg-type]
    page.get_by_text("逐对判定").wait_for()
    page.get_by_role("button", name="取消这次匹配").click()
    page.get_by_text("已由 browser:reviewer 取消。").wait_for()
    assert page.get_by_role("button", name="取消这次匹配").count() == 0
    view = execute(own_desk.database, request(own_desk.database, supplier_cap=0.5))
    assert view.run.failure is None
    page = window.open(f"/matching/runs/comparison?a={own_desk.run_id}&b={view.run.id}")
    assert "单家供应上限" in page.inner_text("main")


def test_a_result_leads_to_its_evidence(at_desk: Look, desk: Desk) -> None:
    window = at_desk("organisation")
    page = window.open("/matching/runs")
    assert page.get_by_text("启动一次匹配").count() == 0
    page = window.open(f"/matching/runs/{desk.run_id}")
    assert "示例机床集群" in page.inner_text("main")
    page.get_by_role("link", name="示例机床集群").click()
    assert page.url.endswith("/gaps?of=MACHINE")
