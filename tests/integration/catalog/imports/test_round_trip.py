"""What is written as exports write comes back unchanged, in every kind of row: texts that begin like formulas too."""

import io
from collections.abc import Callable, Iterator
from typing import IO

import pytest
from sqlmodel import Session, select

from services.catalog.clusters.models import Cluster
from services.catalog.imports import service
from services.catalog.imports.templates import TEMPLATES, ImportKind
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.security.actor import Actor, Role
from shared.spreadsheets.writing import Table, write_text, write_workbook

REVIEWER = Actor("reviewer", Role.REVIEWER)
LEADER, SUPPLIER = make(1), make(2)

ROWS: dict[ImportKind, list[dict[str, str]]] = {
    ImportKind.ENTERPRISES: [
        {"credit_code": LEADER, "name": "=示例整机有限公司（虚构）", "short_name": "-整机", "roles": "链主企业"},
        {"credit_code": SUPPLIER, "name": "'+示例铸造有限公司（虚构）", "short_name": "@铸造", "roles": "供应商"},
    ],
    ImportKind.CERTIFICATES: [
        {
            **{"enterprise": SUPPLIER, "scheme": "ISO 9001", "number": "-9001", "scope": "=铸件", "issuer": "+认证"},
            "valid_until": "2027-01-01",
        }
    ],
    ImportKind.TITLES: [{"enterprise": SUPPLIER, "title": "专精特新中小企业", "number": "=7"}],
    ImportKind.RELATIONS: [{"owner": LEADER, "owned": SUPPLIER, "share": "51%"}],
    ImportKind.PREFERENCES: [
        {"leader": LEADER, "supplier": SUPPLIER, "part_code": "@X1", "stance": "优先", "reason": "- 交货及时"}
    ],
    ImportKind.CLUSTERS: [{"code": "=C1", "name": "+示例动力集群", "tier": "省级", "cities": "济南"}],
    ImportKind.CLUSTER_MEMBERS: [{"cluster": "=C1", "enterprise": SUPPLIER}],
    ImportKind.PRODUCTS: [{"code": "-P1", "name": "=示例柴油机", "leader": LEADER, "unit": "台"}],
    ImportKind.BOM_LINES: [
        {"product": "-P1", "parent": "", "part_code": "@A1", "part_name": "+机构", "unit": "套"},
        {"product": "-P1", "parent": "@A1", "part_code": "@X1", "part_name": "'=曲轴", "unit": "件"},
    ],
    ImportKind.NEEDS: [
        {"product": "-P1", "part_code": "@X1", "part_name": "'=曲轴", "unit": "件", "text": "+锻件，调质"}
    ],
    ImportKind.PURCHASES: [
        {
            **{"leader": LEADER, "document": "=D1", "part_code": "@X1", "supplier_name": "@外地示例公司"},
            **{"period": "2025", "quantity": "-3", "amount": "-4500.5"},
        }
    ],
    ImportKind.CAPABILITIES: [{"supplier": SUPPLIER, "code": "+K1", "name": "曲轴", "text": "=锻造与数控加工"}],
}
FORMS: dict[str, Callable[[IO[bytes], Table], None]] = {"csv": write_text, "xlsx": write_workbook}


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        yield opened


def sent(session: Session, kind: ImportKind, form: str) -> dict[str, int]:
    """Write a kind's rows as exports write them, and import the file: what became of how many rows."""
    template, rows, file = TEMPLATES[kind], ROWS[kind], io.BytesIO()
    columns = [column for column in template.columns if column.field in rows[0]]
    table = [[row[column.field] for column in columns] for row in rows]
    FORMS[form](file, Table(template.title, [column.heading for column in columns], table))
    report = service.import_file(session, REVIEWER, f"{template.title}.{form}", file.getvalue())
    assert [problem.message for problem in report.problems] == []
    (sheet,) = (sheet for sheet in report.sheets if sheet.kind is kind)
    return {"created": sheet.created, "changed": sheet.changed, "unchanged": sheet.unchanged}


def test_every_kind_comes_back_unchanged(session: Session) -> None:
    assert list(ROWS) == list(ImportKind)
    for kind, rows in ROWS.items():
        assert sent(session, kind, "csv") == {"created": len(rows), "changed": 0, "unchanged": 0}, kind
    for kind, rows in ROWS.items():
        for form in FORMS:
            assert sent(session, kind, form) == {"created": 0, "changed": 0, "unchanged": len(rows)}, (kind, form)
    assert [(cluster.code, cluster.name) for cluster in session.exec(select(Cluster))] == [("=C1", "+示例动力集群")]
