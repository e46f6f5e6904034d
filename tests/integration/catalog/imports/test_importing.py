"""Imports into a real database: references, cycles, rights, idempotence, all or nothing, and the record of it all."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.imports import service
from services.catalog.imports.outcomes import Mode, Outcome
from services.catalog.imports.schemas import ImportReport
from services.catalog.imports.templates import ImportKind
from shared.codes.credit_code import make
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.spreadsheets import Sheets, csv_bytes

Take = Callable[..., ImportReport]

LEADER, OTHER_LEADER, SMITH, NOBODY = make(1), make(2), make(3), make(4)
REVIEWER = Actor("reviewer", Role.REVIEWER)

FIRMS = [
    ["统一社会信用代码", "企业名称", "角色", "所在地区", "从业人员", "营业收入（万元）"],
    [LEADER, "岱宗重汽集团（虚构）", "链主企业", "济南市", 20000, 5000000],
    [OTHER_LEADER, "海岱动力集团（虚构）", "链主企业、供应商", "潍坊市", 9000, 900000],
    [SMITH, "沂蒙锻造有限公司（虚构）", "供应商", "临沂市兰山区", 180, 9000],
]
PRODUCTS = [
    ["产品编码", "产品名称", "链主统一社会信用代码", "集群编码", "年产量", "计量单位"],
    ["ZK", "重型载货汽车", LEADER, "JQ", 1000, "辆"],
    ["FDJ", "柴油发动机", OTHER_LEADER, None, 500, "台"],
]
CLUSTERS = [["集群编码", "集群名称", "层级", "所含城市"], ["JQ", "动力与重汽（虚构）", "国家级", "济南、潍坊"]]
MEMBERS = [["集群编码", "统一社会信用代码"], ["JQ", SMITH]]
BILL = [
    ["产品编码", "上级编码", "零部件编码", "零部件名称", "单位用量", "计量单位"],
    ["ZK", None, "QQ", "前桥", 1, "件"],
    ["ZK", "QQ", "ZJ", "转向节", 2, "件"],
    ["ZK", None, "LG", "轮毂", 4, "件"],
    ["ZK", "QQ", "LG", "轮毂", 2, "件"],
]
NEEDS = [
    ["产品编码", "零部件编码", "零部件名称", "单价（元）", "所需证书", "参数要求"],
    ["ZK", "ZJ", "转向节", 320.5, "IATF 16949；GB/T 19001@2026-12-31", "重量 ≤ 35 kg；材质 = 42CrMo"],
    ["ZK", "LG", "轮毂", 150, None, None],
]
PURCHASES = [
    [
        "链主统一社会信用代码",
        "单据号",
        "零部件编码",
        "供应商统一社会信用代码",
        "供应商名称",
        "供应商所在地",
        "期间",
        "金额（元，不含税）",
    ],
    [LEADER, "F-1", "ZJ", SMITH, None, None, "2025Q3", "12.5万元"],
    [LEADER, "F-2", "ZJ", None, "某外省锻件厂（虚构）", "江苏", "2025-07", 300000],
    [LEADER, "F-3", "LG", None, None, "不详", "2025", "-1,200.00"],
]
CERTIFICATES = [
    ["统一社会信用代码", "证书体系", "证书编号", "有效期止"],
    [SMITH, "IATF16949", "XG-16949-01", "2027-04-30"],
]
CAPABILITIES = [
    ["供应商统一社会信用代码", "产品或工艺", "年剩余产能", "产能单位", "单价（元）"],
    [SMITH, "转向节锻件", 5000, "件", 310],
]
EVERYTHING: Sheets = {
    "供给能力": CAPABILITIES,
    "采购台账": PURCHASES,
    "配套需求": NEEDS,
    "物料清单": BILL,
    "主导产品": PRODUCTS,
    "集群成员": MEMBERS,
    "集群": CLUSTERS,
    "资质证书": CERTIFICATES,
    "企业": FIRMS,
}
LOOP: Sheets = {
    "物料清单": [
        BILL[0],
        ["ZK", None, "A", "驾驶室", 1, "件"],
        ["ZK", "A", "B", "车门", 2, "件"],
        ["ZK", "B", "C", "门锁", 1, "件"],
        ["ZK", "C", "A", "驾驶室", 1, "件"],
        ["ZK", "A", "D", "座椅", 2, "件"],
    ]
}
ONE_BAD: Sheets = {**EVERYTHING, "资质证书": [*CERTIFICATES, [SMITH, "ISO 9001", "X", "长期"]]}


def count(session: Session, table: str) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def refusals(report: ImportReport) -> list[tuple[Any, ...]]:
    return [(p.sheet, p.row, p.column, p.message, p.remedy) for p in report.problems]


def without(sheets: Sheets, *titles: str) -> Sheets:
    return {title: rows for title, rows in sheets.items() if title not in titles}


class TestTheWholeWay:
    def test_one_workbook_with_everything_whatever_the_order_of_its_sheets(self, take: Take, session: Session) -> None:
        report = take(EVERYTHING)
        assert report.problems == []
        assert report.applied
        assert {sheet.kind: sheet.created for sheet in report.sheets} == {
            ImportKind.ENTERPRISES: 3,
            ImportKind.CERTIFICATES: 1,
            ImportKind.CLUSTERS: 1,
            ImportKind.CLUSTER_MEMBERS: 1,
            ImportKind.PRODUCTS: 2,
            ImportKind.BOM_LINES: 4,
            ImportKind.NEEDS: 2,
            ImportKind.PURCHASES: 3,
            ImportKind.CAPABILITIES: 1,
        }
        assert count(session, "enterprises") == 3

    def test_needs_get_their_quantities_from_the_bill(self, take: Take, session: Session) -> None:
        take(EVERYTHING)
        found = session.execute(text("SELECT part_code, annual_quantity FROM needs ORDER BY 1")).all()
        assert [(code, int(quantity)) for code, quantity in found] == [("LG", 6000), ("ZJ", 2000)]

    def test_the_same_file_twice_changes_nothing_and_tells_the_feed_nothing(self, take: Take, session: Session) -> None:
        take(EVERYTHING)
        before = count(session, "outbox")
        again = take(EVERYTHING)
        assert sum(sheet.unchanged for sheet in again.sheets) == sum(sheet.rows for sheet in again.sheets) == 18
        assert count(session, "outbox") == before

    def test_a_changed_cell_changes_its_row_alone(self, take: Take, session: Session) -> None:
        take(EVERYTHING)
        before = count(session, "outbox")
        changed = [CAPABILITIES[0], [SMITH, "转向节锻件", 2500, "件", 310]]
        report = take({**EVERYTHING, "供给能力": changed})
        assert {sheet.kind: sheet.changed for sheet in report.sheets if sheet.changed} == {ImportKind.CAPABILITIES: 1}
        assert count(session, "outbox") == before + 1

    def test_columns_that_a_file_does_not_have_stay_as_they_are(self, take: Take, session: Session) -> None:
        take(EVERYTHING)
        take({"企业": [["统一社会信用代码", "企业名称", "角色"], [SMITH, "沂蒙锻造有限公司（虚构）", "供应商"]]})
        assert (
            session.execute(text("SELECT staff FROM enterprises WHERE credit_code = :c"), {"c": SMITH}).scalar() == 180
        )

    def test_csv_in_gb18030(self, take: Take) -> None:
        report = take(csv_bytes(FIRMS, "gb18030"), "企业.csv")
        assert [(sheet.sheet, sheet.created) for sheet in report.sheets] == [("企业", 3)]


class TestReferences:
    def test_an_unknown_enterprise_says_what_to_import_first(self, take: Take) -> None:
        take({"企业": FIRMS})
        report = take({"资质证书": [CERTIFICATES[0], [NOBODY, "ISO 9001", "X", "2027-01-01"]]})
        assert refusals(report) == [
            (
                "资质证书",
                2,
                "统一社会信用代码",
                f"没有统一社会信用代码为 {NOBODY} 的企业",
                "请先导入“企业”表中的这一行，或核对编码是否写错",
            )
        ]

    def test_an_enterprise_that_was_refused_in_the_same_file_is_pointed_to(self, take: Take) -> None:
        bad = [*FIRMS[:1], [SMITH, "沂蒙锻造有限公司（虚构）", "供应商", "火星", 1, 1]]
        report = take({"企业": bad, "资质证书": CERTIFICATES})
        assert refusals(report)[1][3:] == (
            f"没有统一社会信用代码为 {SMITH} 的企业",
            "它在“企业”第 2 行，但那一行被拒绝；请先改正那一行",
        )

    def test_an_unknown_cluster_and_an_unknown_product(self, take: Take) -> None:
        take({"企业": FIRMS})
        report = take({"主导产品": PRODUCTS, "配套需求": NEEDS})
        assert [refusal[:4] for refusal in refusals(report)] == [
            ("主导产品", 2, "集群编码", "没有编码为 JQ 的集群"),
            ("配套需求", 2, "产品编码", "没有编码为 ZK 的产品"),
            ("配套需求", 3, "产品编码", "没有编码为 ZK 的产品"),
        ]

    def test_two_keys_of_two_enterprises(self, take: Take) -> None:
        mapping = """
        source = "来源"
        [[sheet]]
        [[sheet.target]]
        kind = "enterprises"
        columns = { source_key = "编号", credit_code = "代码", name = "名称" }
        constants = { roles = "供应商" }
        """.encode()
        head = ["编号", "代码", "名称"]
        take(csv_bytes([head, ["1", "", "甲（虚构）"], ["2", SMITH, "乙（虚构）"]]), "x.csv", mapping=mapping)
        report = take(csv_bytes([head, ["1", SMITH, "甲（虚构）"]]), "x.csv", mapping=mapping)
        assert refusals(report)[0][3] == "统一社会信用代码与来源编号分属两家已登记的企业"
        report = take(csv_bytes([head, ["2", "", "乙（虚构）"], ["", SMITH, "乙（虚构）"]]), "x.csv", mapping=mapping)
        assert {refusal[3] for refusal in refusals(report)} == {
            "第 2 行、第 3 行是同一家企业，却有不同的统一社会信用代码或来源编号"
        }


class TestCycles:
    def test_a_cycle_is_named_and_its_rows_are_refused(self, take: Take) -> None:
        take(without(EVERYTHING, "物料清单"))
        report = take(LOOP)
        cycle = "物料清单成环：驾驶室（A） → 车门（B） → 门锁（C） → 驾驶室（A）"
        remedy = "请核对第 3 行、第 4 行、第 5 行的上级编码，去掉其中一条"
        assert refusals(report) == [("物料清单", row, "上级编码", cycle, remedy) for row in (3, 4, 5)]
        assert report.sheets[0].created == 2

    def test_a_line_that_closes_a_cycle_with_stored_ones_is_refused(self, take: Take) -> None:
        take(EVERYTHING)
        report = take({"物料清单": [BILL[0], ["ZK", "ZJ", "QQ", "前桥", 1, "件"]]})
        assert refusals(report) == [
            (
                "物料清单",
                2,
                "上级编码",
                "物料清单成环：前桥（QQ） → 转向节（ZJ） → 前桥（QQ）",
                "请核对第 2 行的上级编码，去掉其中一条",
            )
        ]


class TestAllOrNothing:
    def test_one_refused_row_and_nothing_is_written(self, take: Take, session: Session) -> None:
        report = take(ONE_BAD, mode=Mode.ALL_OR_NOTHING)
        assert not report.applied
        assert report.notes == ["有行被拒绝，按“全部或不导入”没有写入任何数据；各表的计数是试算的结果"]
        assert refusals(report) == [("资质证书", 3, "有效期止", "不是日期", "请填写如 2027-04-30 的日期")]
        assert [count(session, table) for table in ("enterprises", "products", "needs", "outbox")] == [0, 0, 0, 0]
        assert count(session, "imports") == 1

    def test_valid_rows_are_written_without_the_bad_one(self, take: Take, session: Session) -> None:
        assert take(ONE_BAD).applied
        assert [count(session, table) for table in ("enterprises", "certificates")] == [3, 1]

    def test_rows_to_be_looked_at_do_not_stand_in_the_way(self, take: Take, session: Session) -> None:
        doubtful = [*CAPABILITIES, [SMITH, "废料", 5, "吨", 1]]
        report = take({**EVERYTHING, "供给能力": doubtful}, mode=Mode.ALL_OR_NOTHING)
        assert report.applied
        assert report.sheets[-1].to_be_looked_at == 1
        assert count(session, "capabilities") == 1

    def test_a_missing_column_refuses_too(self, take: Take, session: Session) -> None:
        report = take({"企业": FIRMS, "集群": [["集群编码", "集群名称"], ["a", "b"]]}, mode=Mode.ALL_OR_NOTHING)
        assert not report.applied
        assert count(session, "enterprises") == 0


class TestWhoMayImportWhat:
    @pytest.fixture
    def own(self, take: Take, session: Session) -> Callable[[Role, str], Actor]:
        take(EVERYTHING)

        def actor(role: Role, code: str) -> Actor:
            return Actor("own", role, enterprises.by_keys(session, [code])[code])

        return actor

    def test_a_chain_leader_imports_its_own_and_only_that(self, take: Take, own: Callable[[Role, str], Actor]) -> None:
        rows = [*PRODUCTS, ["XIN", "新车型", LEADER, None, 10, "辆"], ["WU", "无主产品", None, None, 1, "台"]]
        report = take({"主导产品": rows}, actor=own(Role.CHAIN_LEADER, LEADER))
        (sheet,) = report.sheets
        assert (sheet.unchanged, sheet.created, sheet.refused) == (1, 1, 2)
        assert [refusal[1:] for refusal in refusals(report)] == [
            (
                3,
                "链主统一社会信用代码",
                "不是本企业的数据，或没有登记",
                "只能导入本企业的数据；请核对编码，或请审核员导入",
            ),
            (5, "链主统一社会信用代码", "“链主统一社会信用代码”不能为空", "请填写本企业的统一社会信用代码"),
        ]

    def test_another_leaders_product_cannot_be_taken_over(self, take: Take, own: Callable[[Role, str], Actor]) -> None:
        leader = own(Role.CHAIN_LEADER, LEADER)
        report = take({"主导产品": [PRODUCTS[0], ["FDJ", "夺来的产品", LEADER, None, 1, "台"]]}, actor=leader)
        assert refusals(report)[0][2:] == ("产品编码", "产品编码已被使用", "请换一个编码，如在前面加上企业简称")

    def test_it_is_not_told_whether_others_products_exist(self, take: Take, own: Callable[[Role, str], Actor]) -> None:
        leader = own(Role.CHAIN_LEADER, LEADER)
        rows = [NEEDS[0], ["FDJ", "X", "活塞", 1, None, None], ["没有", "X", "活塞", 1, None, None]]
        report = take({"配套需求": rows}, actor=leader)
        assert {refusal[2:] for refusal in refusals(report)} == {
            ("产品编码", "不是本企业的数据，或没有登记", "只能导入本企业的数据；请核对编码，或请审核员导入")
        }

    def test_kinds_of_others_are_refused_row_by_row(self, take: Take, own: Callable[[Role, str], Actor]) -> None:
        report = take({"企业": FIRMS, "配套需求": NEEDS}, actor=own(Role.CHAIN_LEADER, LEADER))
        assert [(sheet.kind, sheet.refused, sheet.unchanged) for sheet in report.sheets] == [
            (ImportKind.ENTERPRISES, 3, 0),
            (ImportKind.NEEDS, 0, 2),
        ]
        assert refusals(report)[0][2:] == (
            None,
            "您无权导入“企业”",
            "您可以导入：主导产品、物料清单、配套需求、采购台账、供应商偏好；其他请联系审核员",
        )

    def test_a_supplier_imports_its_own_certificates_and_capabilities(
        self, take: Take, own: Callable[[Role, str], Actor]
    ) -> None:
        rows = [*CAPABILITIES, [OTHER_LEADER, "曲轴", 1, "件", 1], [NOBODY, "曲轴", 1, "件", 1]]
        report = take({"供给能力": rows, "资质证书": CERTIFICATES}, actor=own(Role.SUPPLIER, SMITH))
        assert [(sheet.unchanged, sheet.refused) for sheet in report.sheets] == [(1, 0), (1, 2)]
        assert {refusal[3] for refusal in refusals(report)} == {"不是本企业的数据，或没有登记"}

    def test_a_supplier_cannot_say_that_its_certificate_was_checked(
        self, take: Take, own: Callable[[Role, str], Actor]
    ) -> None:
        rows = [[*CERTIFICATES[0], "核验程度"], [SMITH, "ISO 9001", "Z-1", "2030-01-01", "已核验"]]
        report = take({"资质证书": rows}, actor=own(Role.SUPPLIER, SMITH))
        assert refusals(report)[0][2:] == ("核验程度", "核验程度由审核员确定", "请填写“自行申报”，或留空")

    @pytest.mark.parametrize("role", [Role.CLUSTER_ORGANISATION, Role.SERVICE])
    def test_others_may_not_import(self, take: Take, role: Role) -> None:
        with pytest.raises(Problem, match="403 forbidden"):
            take({"企业": FIRMS}, actor=Actor("x", role))


class TestNeedsAndBills:
    def test_a_need_of_a_part_that_the_leader_makes(self, take: Take) -> None:
        take(EVERYTHING)
        report = take({"配套需求": [NEEDS[0][:3], ["ZK", "QQ", "前桥"], ["ZK", "DZ", "不在清单中的垫子"]]})
        assert refusals(report) == [
            (
                "配套需求",
                2,
                "零部件编码",
                "该零部件在物料清单中是自制件，不是外购件",
                "请改填它下级的外购件；若整件外购，请在物料清单的“自制或外购”列填“外购”",
            )
        ]
        assert report.sheets[0].created == 1


class TestTheRecord:
    def test_the_report_can_be_read_again(self, take: Take, session: Session) -> None:
        report = take(ONE_BAD)
        kept = service.get(session, REVIEWER, report.id)
        assert kept == report
        assert kept.created_at is not None
        (card,) = service.page(session, REVIEWER, None, 10).items
        assert (card.id, card.problem_count, card.sheets) == (report.id, 1, report.sheets)

    def test_rows_are_kept_as_sent_and_as_understood(self, take: Take, session: Session) -> None:
        report = take(ONE_BAD)
        (refused,) = service.page_rows(session, REVIEWER, report.id, Outcome.REFUSED, None, 10).items
        assert refused.raw == {"统一社会信用代码": SMITH, "证书体系": "ISO 9001", "证书编号": "X", "有效期止": "长期"}
        assert refused.cleaned == {"enterprise": SMITH, "scheme": "ISO 9001", "number": "X"}
        assert [problem.code for problem in refused.problems] == ["no_date"]

    def test_rows_come_page_by_page_in_the_order_of_the_file(self, take: Take, session: Session) -> None:
        report = take(EVERYTHING)
        seen, after = [], None
        while True:
            page = service.page_rows(session, REVIEWER, report.id, None, after, 5)
            seen += [(row.kind, row.row) for row in page.items]
            after = page.next
            if after is None:
                break
        assert len(seen) == 18
        assert seen == sorted(seen, key=lambda item: (list(ImportKind).index(item[0]), item[1]))

    def test_an_enterprise_sees_its_own_imports(self, take: Take, session: Session) -> None:
        first = take(EVERYTHING)
        supplier = Actor("own", Role.SUPPLIER, enterprises.by_keys(session, [SMITH])[SMITH])
        own = take({"供给能力": CAPABILITIES}, actor=supplier)
        assert [card.id for card in service.page(session, supplier, None, 10).items] == [own.id]
        assert len(service.page(session, REVIEWER, None, 10).items) == 2
        with pytest.raises(Problem, match="404"):
            service.get(session, supplier, first.id)
