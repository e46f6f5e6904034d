"""Files on their way into the catalog: small ones in one call, large ones followed while a worker takes their steps."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.demo.__main__ import unanswered
from deploy.demo.sending import LARGE, NotImported, send
from services.catalog.app import create_app
from services.catalog.imports.stepwise import jobs
from services.catalog.settings import CatalogSettings
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.http.client import ApiClient
from shared.security.actor import Role
from tests.conftest import Signing, serving
from tests.spreadsheets import csv_bytes

ROWS = jobs.BIG + 200
HEADINGS = ["统一社会信用代码", "企业名称", "角色", "所在地区"]
FOREIGN = ["code", "name", "role", "place"]
MAPPING = b"""
[[sheet]]
file = "*.csv"
[[sheet.target]]
kind = "enterprises"
columns = {credit_code = "code", name = "name", roles = "role"}
"""


@pytest.fixture
def client(
    catalog_database: Database, catalog_database_url: str, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiClient]:
    """A client of a catalog with a worker at its side."""
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_database_url)
    monkeypatch.setenv("XIESHOU_JWKS_FILE", str(signing.jwks_file))
    over = threading.Event()

    def work() -> None:
        while not over.wait(jobs.PAUSE):
            jobs.work(catalog_database)

    worker = threading.Thread(target=work)
    with serving(create_app(CatalogSettings())) as base, ApiClient(base, signing.token(Role.REVIEWER)) as opened:
        worker.start()
        yield opened
        over.set()
        worker.join()


def written(folder: Path, headings: list[str], rows: int, width: int = 1) -> Path:
    path = folder / "企业.csv"
    table = [[make(number), f"第{number}厂（虚构）", "供应商", " " * width] for number in range(1, rows + 1)]
    path.write_bytes(csv_bytes([headings, *table]))
    return path


def test_a_large_file_is_followed_and_told_of(client: ApiClient, tmp_path: Path) -> None:
    path, told = written(tmp_path, HEADINGS, ROWS, 200), list[str]()
    assert path.stat().st_size > LARGE
    report = send(client, path, None, told.append)
    assert (report["state"], report["mode"], report["job"]) == ("applied", "valid_rows", None)
    assert [sheet["created"] for sheet in report["sheets"]] == [ROWS]
    assert told
    again = send(client, path, None, told.append)
    assert [sheet["unchanged"] for sheet in again["sheets"]] == [ROWS]


def test_a_mapping_goes_along_with_small_and_large_files(client: ApiClient, tmp_path: Path) -> None:
    (small,) = send(client, written(tmp_path, FOREIGN, 30), MAPPING, print)["sheets"]
    (large,) = send(client, written(tmp_path, FOREIGN, 30, LARGE // 30), MAPPING, print)["sheets"]
    assert (small["created"], large["unchanged"]) == (30, 30)


def test_a_mapping_that_is_none_is_said(client: ApiClient, tmp_path: Path) -> None:
    with pytest.raises(NotImported, match=r"^映射文件不是 UTF-8 的 TOML：Expected"):
        send(client, written(tmp_path, FOREIGN, 3, LARGE), b"[[sheet]", print)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (httpx.ReadTimeout(""), "服务在规定时间内没有应答（ReadTimeout）。请看日志 /data/logs，然后再运行一次。"),
        (httpx.ReadError(""), "服务连接中断（ReadError）。请看日志 /data/logs，然后再运行一次。"),
    ],
)
def test_a_call_without_an_answer_is_said_in_a_sentence(error: httpx.TransportError, sentence: str) -> None:
    assert unanswered(error, Path("/data")) == sentence
