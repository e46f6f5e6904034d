"""An import step by step: the preview is what apply does, undo is what was before; refusals in the user's words."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.imports import service
from services.catalog.imports.headings import sources
from services.catalog.imports.headings.mapping import Mapping
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.states import STATE_NAMES, STEPS, State, Step
from services.catalog.imports.stepwise import inbox, steps, undoing
from services.catalog.products import service as products
from services.catalog.products.schemas import ProductWrite
from shared.codes.credit_code import make
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.spreadsheets import Sheets, csv_bytes, xlsx

REVIEWER = Actor("reviewer", Role.REVIEWER)
FIRM, OTHER = make(11), make(12)
HEAD = ["统一社会信用代码", "企业名称", "角色", "从业人员"]
FIRMS: Sheets = {"企业": [HEAD, [FIRM, "岱岳精工有限公司（虚构）", "供应商", 180]]}
OFFER_HEAD = ["供应商统一社会信用代码", "能力编码", "产品或工艺", "参数范围", "年剩余产能", "产能单位", "单价（元）"]
OFFERS: Sheets = {
    "供给能力": [
        OFFER_HEAD,
        [FIRM, "N1", "转向节锻件", "重量 5~35 kg", 5000, "件", 310],
        [FIRM, "N2", "轮毂", "外径 300~600 mm；壁厚 ≥4 mm", 800, "套", 150.5],
        [FIRM, "N3", "环保", None, None, None, None],
    ]
}

Send = Callable[..., Any]


@pytest.fixture
def send(session: Session) -> Send:
    """A function that uploads sheets and returns the draft."""

    def upload(sheets: Sheets, filename: str = "数据.xlsx", **options: Any) -> Any:
        return steps.upload(session, options.pop("actor", REVIEWER), filename, xlsx(sheets), **options)

    return upload


def written(session: Session, send: Send, sheets: Sheets) -> Any:
    """Everything from the upload to the catalog; the report."""
    draft = send(sheets)
    steps.preview(session, REVIEWER, draft.id)
    return steps.apply(session, REVIEWER, draft.id, Mode.VALID_ROWS)


def rows(session: Session, table: str) -> list[dict[str, Any]]:
    """A table's rows without what only counts writings."""
    found = session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
    return [{name: value for name, value in row.items() if name not in ("version", "updated_at")} for row in found]


def refused(caught: pytest.ExceptionInfo[Problem]) -> tuple[int, str, str, str]:
    problem = caught.value
    return problem.status, problem.kind, problem.title, problem.detail


class TestFromUploadToTheCatalog:
    def test_nothing_is_written_before_it_is_applied(self, session: Session, send: Send) -> None:
        draft = send(FIRMS)
        assert (draft.state, draft.sheets[0].kind, draft.sheets[0].sure) == (State.UPLOADED, "enterprises", True)
        report = steps.preview(session, REVIEWER, draft.id)
        assert (report.state, report.applied, report.sheets[0].created) == (State.PREVIEWED, False, 1)
        assert (rows(session, "enterprises"), rows(session, "outbox")) == ([], [])
        report = steps.apply(session, REVIEWER, draft.id, Mode.VALID_ROWS)
        assert (report.state, report.applied, report.sheets[0].created) == (State.APPLIED, True, 1)
        assert [row["name"] for row in rows(session, "enterprises")] == ["岱岳精工有限公司（虚构）"]
        assert rows(session, "import_files") == []

    def test_one_workbook_brings_both_ends_of_a_reference(self, session: Session, send: Send) -> None:
        report = written(session, send, {**OFFERS, **FIRMS})
        assert [(sheet.kind, sheet.created, sheet.to_be_looked_at) for sheet in report.sheets] == [
            ("enterprises", 1, 0),
            ("capabilities", 2, 1),
        ]

    def test_a_changed_row_tells_each_field_from_what_to_what(self, session: Session, send: Send) -> None:
        written(session, send, FIRMS)
        changed = [FIRM, "岱岳精工股份有限公司（虚构）", "供应商", 1200]
        draft = send({"企业": [HEAD, changed]})
        steps.preview(session, REVIEWER, draft.id)
        (row,) = service.page_rows(session, REVIEWER, draft.id, None, None, 10).items
        assert row.outcome == "changed"
        assert row.changes == {
            "name": ("岱岳精工有限公司（虚构）", "岱岳精工股份有限公司（虚构）"),
            "staff": (180, 1200),
        }
        assert rows(session, "enterprises")[0]["staff"] == 180

    def test_two_steps_write_what_one_step_writes(self, session: Session, send: Send) -> None:
        written(session, send, FIRMS)
        written(session, send, OFFERS)
        report = service.import_file(session, REVIEWER, "再来.xlsx", xlsx({**FIRMS, **OFFERS}))
        assert [(sheet.unchanged, sheet.changed, sheet.created) for sheet in report.sheets] == [(1, 0, 0), (2, 0, 0)]

    def test_what_the_data_moved_on_under_is_shown_again_first(self, session: Session, send: Send) -> None:
        draft = send(FIRMS)
        steps.preview(session, REVIEWER, draft.id)
        service.import_file(session, REVIEWER, "抢先.xlsx", xlsx(FIRMS))
        with pytest.raises(Problem) as caught:
            steps.apply(session, REVIEWER, draft.id, Mode.VALID_ROWS)
        assert refused(caught) == (
            409,
            "preview-outdated",
            "预览之后数据有变动，没有写入",
            "1 行的结果与预览不同（“企业”第 2 行）；预览已更新，请再看一遍后确认。",
        )
        fresh = service.get(session, REVIEWER, draft.id)
        assert (fresh.state, fresh.sheets[0].created, fresh.sheets[0].unchanged) == (State.PREVIEWED, 0, 1)
        assert steps.apply(session, REVIEWER, draft.id, Mode.VALID_ROWS).applied

    def test_all_or_nothing(self, session: Session, send: Send) -> None:
        draft = send({"企业": [*FIRMS["企业"], ["短", "短码（虚构）", "供应商", 1]]})
        steps.preview(session, REVIEWER, draft.id)
        with pytest.raises(Problem) as caught:
            steps.apply(session, REVIEWER, draft.id, Mode.ALL_OR_NOTHING)
        assert refused(caught)[1:] == (
            "rows-refused",
            "有行被拒绝，没有写入",
            "请改正后重新上传，或选择只导入其余各行。",
        )
        assert rows(session, "enterprises") == []

    def test_another_s_import_is_not_found(self, session: Session, send: Send) -> None:
        draft = send(FIRMS)
        leader = Actor("leader", Role.CHAIN_LEADER, draft.id)
        for step in (steps.preview, steps.cancel):
            with pytest.raises(Problem) as caught:
                step(session, leader, draft.id)
            assert caught.value.status == 404


class TestSteps:
    @pytest.mark.parametrize(
        ("state", "step"),
        [(state, step) for step, (allowed, _) in STEPS.items() for state in State if state not in allowed],
    )
    def test_every_step_that_may_not_be_taken(self, session: Session, send: Send, state: State, step: Step) -> None:
        draft = send(FIRMS)
        session.execute(text("UPDATE imports SET state = :state"), {"state": state.value})
        with pytest.raises(Problem) as caught:
            _take(session, draft.id, step)
        assert refused(caught)[:3] == (409, "wrong-state", "当前状态不允许此操作")
        assert caught.value.detail.startswith(f"该导入现为“{STATE_NAMES[state]}”。")

    def test_a_cancelled_import_is_over(self, session: Session, send: Send) -> None:
        draft = send(FIRMS)
        assert steps.cancel(session, REVIEWER, draft.id).state is State.CANCELLED
        assert rows(session, "import_files") == []


def _take(session: Session, id: Any, step: Step) -> None:
    match step:
        case Step.MAP:
            steps.map_columns(session, REVIEWER, id, _mapping())
        case Step.PREVIEW:
            steps.preview(session, REVIEWER, id)
        case Step.APPLY:
            steps.apply(session, REVIEWER, id, Mode.VALID_ROWS)
        case Step.CANCEL:
            steps.cancel(session, REVIEWER, id)
        case Step.UNDO:
            undoing.undo(session, REVIEWER, id, "")


def _mapping() -> Mapping:
    columns = {"credit_code": "税号", "name": "厂名"}
    target = {"kind": "enterprises", "columns": columns, "constants": {"roles": "供应商"}}
    return Mapping.model_validate({"source": "名录", "sheet": [{"target": [target]}]})


class TestMappings:
    FOREIGN = csv_bytes([["税号", "厂名"], [FIRM, "岱岳精工有限公司（虚构）"]])

    def test_headings_are_guessed_and_agreed_to(self, session: Session) -> None:
        sheet = csv_bytes([["信用代码", "公司名称", "企业角色", "颜色"], [FIRM, "岱岳精工（虚构）", "供应商", "红"]])
        draft = steps.upload(session, REVIEWER, "九月.csv", sheet)
        (guess,) = draft.sheets
        assert (guess.kind, guess.sure, guess.missing) == ("enterprises", False, [])
        assert [(column.column, column.field) for column in guess.columns] == [
            ("A", "credit_code"),
            ("B", "name"),
            ("C", "roles"),
            ("D", None),
        ]
        assert guess.columns[1].samples == ["岱岳精工（虚构）"]
        steps.map_columns(session, REVIEWER, draft.id, Mapping.model_validate(draft.proposed))
        assert steps.preview(session, REVIEWER, draft.id).sheets[0].created == 1

    def test_a_kept_mapping_reads_the_next_file_by_itself(self, session: Session) -> None:
        sources.keep(session, REVIEWER, "名录", _mapping())
        draft = steps.upload(session, REVIEWER, "十月.csv", self.FOREIGN)
        assert (draft.sheets[0].mapped, draft.sheets[0].sure, draft.proposed) == (True, True, None)
        assert steps.preview(session, REVIEWER, draft.id).sheets[0].created == 1

    def test_a_named_source(self, session: Session) -> None:
        sources.keep(session, REVIEWER, "名录", _mapping())
        assert steps.upload(session, REVIEWER, "十月.csv", self.FOREIGN, source="名录").sheets[0].mapped
        sources.forget(session, REVIEWER, "名录")
        with pytest.raises(Problem) as caught:
            steps.upload(session, REVIEWER, "十月.csv", self.FOREIGN, source="名录")
        assert refused(caught)[:3] == (404, "not-found", "没有这个来源")

    def test_sources_of_others_are_not_seen(self, session: Session, send: Send) -> None:
        written(session, send, FIRMS)
        (firm,) = enterprises.by_keys(session, [FIRM]).values()
        sources.keep(session, REVIEWER, "名录", _mapping())
        assert sources.listed(session, Actor("sme", Role.SUPPLIER, firm)) == []

    def test_a_field_that_the_kind_does_not_have(self, session: Session, send: Send) -> None:
        wrong = _mapping().model_dump(mode="json", by_alias=True)
        wrong["sheet"][0]["target"][0]["columns"] = {"nmae": "厂名"}
        with pytest.raises(Problem) as caught:
            steps.map_columns(session, REVIEWER, send(FIRMS).id, Mapping.model_validate(wrong))
        assert caught.value.detail == "映射文件：enterprises 没有字段“nmae”。是否为“name”？。"


class TestUndo:
    def test_all_that_was_created_is_gone_and_the_feed_says_so(self, session: Session, send: Send) -> None:
        report = written(session, send, {**FIRMS, **OFFERS})
        undone = undoing.undo(session, REVIEWER, report.id, "传错了表")
        assert (undone.state, undone.applied) == (State.UNDONE, False)
        assert (rows(session, "enterprises"), rows(session, "capabilities")) == ([], [])
        told = [(row["kind"], row["op"]) for row in rows(session, "outbox")]
        assert told[-3:] == [("capability", "delete"), ("capability", "delete"), ("enterprise", "delete")]
        reasons = session.execute(text("SELECT DISTINCT reason FROM history WHERE op = 'delete'")).scalars().all()
        assert reasons == ["撤销导入“数据.xlsx”：传错了表"]

    def test_what_was_changed_is_as_before(self, session: Session, send: Send) -> None:
        written(session, send, {**FIRMS, **OFFERS})
        before = rows(session, "enterprises"), rows(session, "capabilities")
        cheaper = [
            OFFER_HEAD,
            [FIRM, "N1", "转向节", "重量 6~40 kg", 1, "吨", 1],
            [FIRM, "N9", "前桥", None, 1, "件", 2],
        ]
        report = written(session, send, {"供给能力": cheaper, "企业": [HEAD, [FIRM, "改名（虚构）", "供应商", 9]]})
        assert rows(session, "capabilities") != before[1]
        undoing.undo(session, REVIEWER, report.id, "")
        assert (rows(session, "enterprises"), rows(session, "capabilities")) == before

    def test_rows_that_somebody_changed_since_stand_in_the_way(self, session: Session, send: Send) -> None:
        report = written(session, send, FIRMS)
        written(session, send, {"企业": [HEAD, [FIRM, "改名（虚构）", "供应商", 9]]})
        with pytest.raises(Problem) as caught:
            undoing.undo(session, REVIEWER, report.id, "")
        assert refused(caught) == (
            409,
            "changed-since",
            "导入之后有变动，不能撤销",
            "有 1 行在导入之后又被改过；请先核对这些行，逐行修改，不能整体撤销。",
        )
        assert [error.detail[:21] for error in caught.value.errors] == ["企业“改名（虚构）”已由 reviewer"]
        assert rows(session, "enterprises")[0]["name"] == "改名（虚构）"

    def test_what_others_refer_to_stays(self, session: Session, send: Send) -> None:
        report = written(session, send, {"企业": [HEAD, [FIRM, "岱岳重工（虚构）", "链主企业", 20000]]})
        (leader,) = enterprises.by_keys(session, [FIRM]).values()
        # all of a test is one transaction, to whose end the signature of the import would hold
        session.execute(text("SELECT set_config('xieshou.import_id', '', true)"))
        products.upsert_products(session, REVIEWER, [ProductWrite(code="P", name="重卡", leader_id=leader)])
        session.commit()
        with pytest.raises(Problem) as caught:
            undoing.undo(session, REVIEWER, report.id, "")
        assert (caught.value.status, caught.value.title) == (409, "企业仍被引用")
        session.rollback()
        assert service.get(session, REVIEWER, report.id).state is State.APPLIED

    def test_an_undone_import_can_be_sent_again(self, session: Session, send: Send) -> None:
        report = written(session, send, FIRMS)
        undoing.undo(session, REVIEWER, report.id, "")
        assert written(session, send, FIRMS).sheets[0].created == 1


class TestRowsToBeLookedAt:
    def test_a_reviewer_takes_one_as_it_is(self, session: Session, send: Send) -> None:
        report = written(session, send, {**FIRMS, **OFFERS})
        (waiting,) = inbox.page(session, None, None, 10).items
        assert (waiting.import_id, waiting.raw["产品或工艺"]) == (report.id, "环保")
        taken = inbox.take(session, REVIEWER, waiting.id, "环保设备，已电话核实")
        assert (taken.outcome, taken.decided_by, taken.reason) == ("created", "reviewer", "环保设备，已电话核实")
        assert [row["code"] for row in rows(session, "capabilities")] == ["N1", "N2", "N3"]
        counts = service.get(session, REVIEWER, report.id).sheets[1]
        assert (counts.created, counts.to_be_looked_at) == (3, 0)
        with pytest.raises(Problem) as caught:
            inbox.refuse(session, REVIEWER, waiting.id, "")
        assert refused(caught)[2:] == ("这一行不在待查看之列", "可能已有人处理，或这次导入没有写入。")

    def test_a_reviewer_refuses_one(self, session: Session, send: Send) -> None:
        written(session, send, {**FIRMS, **OFFERS})
        (waiting,) = inbox.page(session, None, None, 10).items
        assert inbox.refuse(session, REVIEWER, waiting.id, "不是产品").outcome == "refused"
        assert inbox.page(session, None, None, 10).items == []

    def test_a_taken_row_is_undone_with_its_import(self, session: Session, send: Send) -> None:
        report = written(session, send, {**FIRMS, **OFFERS})
        (waiting,) = inbox.page(session, None, None, 10).items
        inbox.take(session, REVIEWER, waiting.id, "")
        undoing.undo(session, REVIEWER, report.id, "")
        assert rows(session, "capabilities") == []


class TestKinds:
    def test_titles_relations_and_preferences_by_spreadsheet(self, session: Session, send: Send) -> None:
        firms = [*FIRMS["企业"], [OTHER, "岱宗重汽集团（虚构）", "链主企业", 20000]]
        titles = [["统一社会信用代码", "称号", "级别", "认定日期"], [FIRM, "省级制造业单项冠军", None, "2025-05-01"]]
        owners = [["股东统一社会信用代码", "被投资企业统一社会信用代码", "持股比例"], [OTHER, FIRM, "51%"]]
        likes = [["链主统一社会信用代码", "供应商统一社会信用代码", "态度", "原因"], [OTHER, FIRM, "优先", "质量稳定"]]
        report = written(session, send, {"企业": firms, "企业称号": titles, "股权关系": owners, "供应商偏好": likes})
        assert report.problems == []
        assert [(row["title"], row["level"]) for row in rows(session, "titles")] == [("champion", "provincial")]
        assert [str(row["share"]) for row in rows(session, "relations")] == ["0.5100"]
        assert [(row["stance"], row["part_code"]) for row in rows(session, "preferences")] == [("preferred", "")]
        undoing.undo(session, REVIEWER, report.id, "")
        for table in ("titles", "relations", "preferences", "enterprises"):
            assert rows(session, table) == []

    def test_processes_and_materials_by_any_of_their_names(self, session: Session, send: Send) -> None:
        written(session, send, FIRMS)
        head = [*OFFER_HEAD, "工艺", "材料"]
        offers = [
            [FIRM, "N1", "转向节锻件", None, None, None, None, "压铸", "SUS304"],
            [FIRM, "N2", "转向节锻件", None, None, None, None, "点石成金", None],
        ]
        report = written(session, send, {"供给能力": [head, *offers]})
        assert [(row["processes"], row["materials"]) for row in rows(session, "capabilities")] == [(["压铸"], ["304"])]
        assert [(problem.row, problem.column, problem.code) for problem in report.problems] == [
            (3, "工艺", "unknown_process")
        ]
