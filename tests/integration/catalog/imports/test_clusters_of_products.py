"""Products in a file of their leader: only into clusters that it belongs to; the other rows are imported."""

from sqlmodel import Session

from services.catalog.imports import service
from shared.codes.credit_code import make
from tests.spreadsheets import xlsx
from tests.support import catalog_world


def test_a_row_with_a_foreign_cluster_is_refused_alone(session: Session) -> None:
    world = catalog_world.build(session)
    headings = ["产品编码", "产品名称", "链主统一社会信用代码", "集群编码"]
    rows = [["A-1", "散货船", make(1), "SHIP"], ["A-2", "渡船", make(1), "TOOL"], ["A-3", "拖轮", make(1), None]]
    content = xlsx({"主导产品": [headings, *rows]})
    report = service.import_file(session, world.leader("A"), "产品.xlsx", content)
    (sheet,) = report.sheets
    assert (sheet.unchanged, sheet.refused, sheet.created) == (1, 1, 1)
    (problem,) = report.problems
    assert (problem.row, problem.column, problem.message) == (3, "集群编码", "本企业不是这个集群的成员")
    assert problem.remedy == "请填写本企业所属的集群，或留空，或请审核员填写"
