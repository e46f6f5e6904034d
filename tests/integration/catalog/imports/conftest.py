"""Files made in a test, and importing them into a fresh catalog."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook
from sqlmodel import Session

from services.catalog.imports import service
from services.catalog.imports.schemas import ImportReport
from shared.db.database import Database
from shared.security.actor import Actor, Role

REVIEWER = Actor("reviewer", Role.REVIEWER)

Sheets = Mapping[str, Sequence[Sequence[Any]]]


def xlsx(sheets: Sheets) -> bytes:
    """A workbook of sheets, each a heading row and rows of values."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv_bytes(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    """A CSV file as Excel writes it."""
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode(encoding)


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        yield opened


@pytest.fixture
def take(session: Session) -> Callable[..., ImportReport]:
    """A function that imports sheets (or a file's bytes) and returns the report."""

    def import_sheets(content: Sheets | bytes, filename: str = "数据.xlsx", **options: Any) -> ImportReport:
        made = content if isinstance(content, bytes) else xlsx(content)
        actor = options.pop("actor", REVIEWER)
        return service.import_file(session, actor, filename, made, **options)

    return import_sheets


def stranger(role: Role) -> Actor:
    """An actor of an enterprise that nobody registered."""
    return Actor("stranger", role, uuid4())
