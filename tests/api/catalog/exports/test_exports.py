"""Exports: the list itself, under the filters in force, as far as the caller sees it."""

import csv
import inspect
import io

import httpx
import pytest
from openpyxl import load_workbook

from services.catalog.app import ROUTERS
from services.catalog.exports import VOCABULARY
from shared.http.exports import columns, listings
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER

LISTS = {listing.route.path: listing for listing in listings(ROUTERS)}
#: What the lists that answer a question are asked.
ASKED = {
    "/catalog/v1/codes/processes/nearest": {"text": "压铸"},
    "/catalog/v1/codes/materials/nearest": {"text": "铝合金"},
    "/catalog/v1/search": {"q": "阀门"},
}
PLAIN = [path for path in LISTS if "{" not in path]


def told(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def most(path: str) -> dict[str, int]:
    """What asks a list for as many rows as it tells at once."""
    if "limit" not in inspect.signature(LISTS[path].route.endpoint).parameters:
        return {}
    return {"limit": 1000 if LISTS[path].is_paged else 5000 if "/codes/" in path else 100}


@pytest.mark.parametrize("path", LISTS)
def test_every_column_has_a_chinese_heading(path: str) -> None:
    headings = [column.heading for column in columns(LISTS[path].item, VOCABULARY)]
    assert headings
    assert [heading for heading in headings if heading.isascii()] == []
    assert len(set(headings)) == len(headings)


def test_an_export_of_a_code_list_is_not_cut_where_the_list_is(reading: Served) -> None:
    client = reading.client(REVIEWER)
    regions = client.get("/codes/regions", params={"limit": 5000}).json()
    assert len(told(client.get("/codes/regions.csv"))) - 1 == len(regions) > 20
    assert len(told(client.get("/codes/regions.csv", params={"limit": 5}))) - 1 == 5


@pytest.mark.parametrize("path", PLAIN)
def test_an_export_has_every_row_of_the_list(reading: Served, path: str) -> None:
    client, asked = reading.client(REVIEWER), ASKED.get(path, {})
    listed = path.removeprefix("/catalog/v1")
    answer = client.get(listed, params={**most(path), **asked}).json()
    items = answer[LISTS[path].field] if LISTS[path].field else answer
    rows = told(client.get(f"{listed}.csv", params=asked))
    assert len(rows) == 1 + len(items)
    book = load_workbook(io.BytesIO(client.get(f"{listed}.xlsx", params=asked).content))
    # the audit tells of the first export when it is exported again
    assert book.worksheets[0].max_row == 1 + len(items) + (path == "/catalog/v1/audit")
    assert book["说明"]["B3"].value == ("；".join(f"{name}={value}" for name, value in asked.items()) or "无")


def test_the_filters_in_force_hold_and_are_told(reading: Served) -> None:
    client, leader = reading.client(REVIEWER), str(reading.world.enterprises["B"])
    rows = told(client.get("/needs.csv", params={"leader": leader}))
    assert [dict(zip(rows[0], row, strict=True))["零部件编码"] for row in rows[1:]] == ["BED"]
    answer = client.get("/needs.xlsx", params={"leader": leader})
    assert load_workbook(io.BytesIO(answer.content))["说明"]["B3"].value == f"leader={leader}"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


def test_codes_are_told_in_words_and_ids_are_left_out(reading: Served) -> None:
    rows = told(reading.client(REVIEWER).get("/enterprises.csv", params={"role": "supplier", "status": "verified"}))
    assert not {"id", "version"} & set(rows[0])
    assert {dict(zip(rows[0], row, strict=True))["状态"] for row in rows[1:]} == {"已核验"}


def test_who_sees_less_exports_less(reading: Served) -> None:
    supplier = reading.world.supplier("near")
    rows = told(reading.client(supplier).get("/capabilities.csv"))
    assert len(rows) == 1 + len(reading.client(supplier).get("/capabilities").json()["items"])
    assert reading.client(None).get("/capabilities.csv").status_code == 401


@pytest.mark.parametrize("path", ["/needs.pdf", "/needs.csv?leader=none"])
def test_an_unknown_form_or_a_bad_filter_is_a_problem(reading: Served, path: str) -> None:
    answer = reading.client(REVIEWER).get(path)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation")
