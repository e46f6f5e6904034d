"""Exports of matching's lists: what is on the screen, with its definition, in the words of those who read it."""

import csv
import io
import re
from collections.abc import Callable

import httpx
import pytest
from openpyxl import load_workbook

from services.matching.app import ROUTERS
from services.matching.exports import VOCABULARY
from shared.http.exports import columns, listings
from shared.security.actor import Role
from tests.support.small_province import R2

Client = Callable[..., httpx.Client]
LISTS = {listing.route.path: listing for listing in listings(ROUTERS)}
AS_OF = r"目录数据截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d，滞后 \d+ 秒。|尚未读到目录的全部数据。|正在从头重读目录；.+"
OF_A_RUN = [
    "diagnosis",
    "near-misses",
    "levers",
    "products",
    "cure-sets",
    "capacity-values",
    "single-sources",
    "concentration",
]


def told(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("path", LISTS)
def test_every_column_has_a_chinese_heading_of_its_own(path: str) -> None:
    headings = [column.heading for column in columns(LISTS[path].item, VOCABULARY)]
    assert headings
    assert [heading for heading in headings if heading.isascii()] == []
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("what", OF_A_RUN)
def test_what_a_run_tells_is_exported_row_by_row(reading_as: Client, what: str) -> None:
    reviewer = reading_as(Role.REVIEWER)
    shown = reviewer.get(f"/runs/{R2}/{what}").json()["items"]
    assert len(told(reviewer.get(f"/runs/{R2}/{what}.csv"))) == len(shown)


def test_a_rate_goes_out_with_its_definition(reading_as: Client) -> None:
    reviewer, asked = reading_as(Role.REVIEWER), {"stage": "local_now", "by": "product"}
    shown = reviewer.get("/rates", params=asked).json()
    book = load_workbook(io.BytesIO(reviewer.get("/rates.xlsx", params=asked).content))
    assert book.worksheets[0].max_row == 1 + len(shown["rows"])
    notes = dict(book["说明"].iter_rows(values_only=True))
    assert notes["口径"] == shown["definition"]["sentence"]
    assert notes["筛选条件"] == "stage=local_now；by=product"
    assert re.fullmatch(AS_OF, notes["数据时间"])
    rows = told(reviewer.get("/rates.csv", params=asked))
    assert [row["配套率"] for row in rows] == [row["percent"] for row in shown["rows"]]


def test_a_diagnosis_names_its_classes(reading_as: Client) -> None:
    rows = told(reading_as(Role.REVIEWER).get(f"/runs/{R2}/diagnosis.csv"))
    assert rows[0]["各类去向"].startswith("剔除：200；现已本地：140；已批准：50")
