"""Files that are made to do harm: each gets a refusal that says what to do, and costs a child at most 512 MiB."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from services.catalog.imports.files import apart
from services.catalog.imports.files.apart import MEMORY, read_apart
from services.catalog.imports.files.reading import MAX_BYTES
from services.catalog.imports.outcomes import FileProblem
from tests.spreadsheets import xlsx
from tests.support.waiting import wait_for

MIB = 2**20
BOOK = xlsx({"企业": [["统一社会信用代码", "企业名称", "角色"], ["91", "x（虚构）", "供应商"]]})
NOISE = os.urandom(96 * 1024)
"""Makes a small workbook large enough to be read apart."""


@pytest.fixture(autouse=True)
def peaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The children write their peak of memory at their end, those that live to see it."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    told = tmp_path / "peaks"
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, pathlib\n"
        "def tell():\n"
        "    peak = [row for row in open('/proc/self/status') if row.startswith('VmHWM')][0].split()[1]\n"
        f"    open({str(told)!r}, 'a').write(peak + '\\n')\n"
        "atexit.register(tell)\n",
        "utf-8",
    )
    return told


def problem(filename: str, content: bytes) -> tuple[str, str, str]:
    with pytest.raises(FileProblem) as caught:
        read_apart(filename, content)
    return caught.value.code, caught.value.message, caught.value.remedy


def repacked(changed: dict[str, bytes]) -> bytes:
    """The workbook with parts of its archive replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(BOOK)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in {*old.namelist(), *changed}:
            new.writestr(name, changed.get(name) or old.read(name))
        new.writestr("xl/media/noise.bin", NOISE)
    return stream.getvalue()


def understated(content: bytes, name: bytes, claimed: int) -> bytes:
    """The archive with another size claimed for a part, in its directory and before the part itself."""
    patched = bytearray(content)
    for mark, size_at, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = patched.find(mark)
        while at >= 0:
            if patched[at + name_at : at + name_at + len(name)] == name:
                patched[at + size_at : at + size_at + 4] = claimed.to_bytes(4, "little")
            at = patched.find(mark, at + 1)
    return bytes(patched)


def test_a_zip_bomb_is_known_by_its_directory() -> None:
    bomb = repacked({"xl/worksheets/sheet2.xml": bytes(410 * MIB)})
    assert len(bomb) < 4 * MIB
    assert problem("企业.xlsx", bomb) == (
        "too_large_unpacked",
        "工作簿展开后超过 400 MB",
        "请删去多余的工作表、图片和空白行列，或拆成几个文件",
    )


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_zip_bomb_that_lies_about_its_size(part: str) -> None:
    bomb = understated(repacked({part: b"<x>" + bytes(520 * MIB)}), part.encode(), 1000)
    code, _, remedy = problem("企业.xlsx", bomb)
    assert code in {"corrupted", "too_large_unpacked"}
    assert remedy


def test_a_sheet_as_large_as_excel_allows() -> None:
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    assert problem("企业.xlsx", repacked({"xl/worksheets/sheet1.xml": sheet})) == (
        "too_many_cells",
        "工作表“企业”的使用区域有 1048576 行 × 16384 列，过大",
        "请删去数据以外的行和列（常见：最末行、最末列有格式或空格），或拆成几个文件",
    )


def test_macros_whatever_the_name_says() -> None:
    book = repacked({"xl/vbaProject.bin": b"Sub Auto_Open()"})
    assert problem("企业.xlsx", book) == ("has_macros", "工作簿里有宏", "请另存为不带宏的 .xlsx 后再上传")
    assert problem("企业.xlsm", book)[:2] == ("wrong_extension", "不支持的文件类型“.xlsm”，只接受 .xlsx 和 .csv")


def test_entities_that_multiply() -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    book = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "lol">' + entities + b"]><workbook>&e9;</workbook>"
    assert problem("企业.xlsx", repacked({"xl/workbook.xml": book}))[0] == "corrupted"


def test_a_workbook_that_is_none() -> None:
    assert problem("企业.xlsx", NOISE)[:2] == ("not_xlsx", "扩展名是 .xlsx，内容却不是")
    assert problem("企业.csv", repacked({}))[:2] == ("not_csv", "扩展名是 .csv，内容却是 Excel 工作簿")


def test_more_than_any_file_may_have() -> None:
    assert problem("企业.csv", bytes(MAX_BYTES + 1)) == (
        "file_too_large",
        "文件超过 50 MB",
        "请按产品或期间拆成几个文件，分次导入",
    )


@pytest.mark.parametrize("content", [b"x" * (40 * MIB), b"a," * (20 * MIB), b'"' + b"a\n" * (20 * MIB)])
def test_a_csv_of_one_line(content: bytes) -> None:
    code, message, remedy = problem("企业.csv", content)
    assert code in {"one_long_line", "corrupted"}
    assert remedy == "请确认各行之间有换行；在 Excel 中重新另存为 .csv" or message.startswith("CSV 的引号")


def test_as_many_cells_as_fit_into_50_mb(peaks: Path) -> None:
    rows = b",".join([b"12"] * 2000) + b"\n"
    code, message, _ = problem("企业.csv", rows * (MAX_BYTES // len(rows)))
    assert (code, message) == ("too_large_unpacked", "读取这个文件需要的内存超过 512 MB")
    assert not peaks.exists() or max(map(int, peaks.read_text().split())) <= MEMORY // 1024


def test_an_honest_file_of_twenty_thousand_rows(peaks: Path) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["编码", "名称", "说明"], *([f"N{n}", "法兰", "锻件" * 200] for n in range(20_000))])
    (sheet,) = read_apart("表.csv", stream.getvalue().encode())
    assert (len(sheet.rows), sheet.rows[20_000]) == (20_001, ["N19999", "法兰", "锻件" * 200])
    assert max(map(int, peaks.read_text().split())) <= MEMORY // 1024


def test_a_csv_that_cannot_become_large_is_read_here(peaks: Path) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["编码", "名称"], *([f"N{n}", "法兰"] for n in range(20_000))])
    (sheet,) = read_apart("表.csv", stream.getvalue().encode())
    assert (len(sheet.rows), sheet.rows[20_000]) == (20_001, ["N19999", "法兰"])
    assert not peaks.exists()


def test_a_csv_of_nothing_but_cells_is_read_apart(peaks: Path) -> None:
    (sheet,) = read_apart("表.csv", (b"," * 999 + b"\n") * 1_000)
    assert (len(sheet.rows), len(sheet.rows[0])) == (1_000, 1_000)
    assert peaks.exists()


def test_a_reader_ends_with_who_started_it() -> None:
    script = (
        "import subprocess, sys, os, time\n"
        "command = [sys.executable, '-m', 'services.catalog.imports.files.apart', str(os.getpid()), 'x.csv']\n"
        "child = subprocess.Popen(command,"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path.cwd()) as parent:
        assert parent.stdout is not None
        reader = int(parent.stdout.readline())
        wait_for(lambda: b"imports.files.apart" in Path(f"/proc/{reader}/cmdline").read_bytes(), "the reader")
        time.sleep(1)
        parent.send_signal(signal.SIGKILL)
    wait_for(lambda: not _lives(reader), "the reader's end")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_comes_back_can_be_nothing_but_values() -> None:
    import pickle

    evil = pickle.dumps(("rows", [os.system]))
    with pytest.raises(pickle.UnpicklingError, match=r"posix\.system"):
        apart._Plain(io.BytesIO(evil)).load()
