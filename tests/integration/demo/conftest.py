"""A province of one leader, one part and two makers, small enough to work out by hand, and the demo on it."""

import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from deploy.demo.__main__ import play
from deploy.demo.console import show
from deploy.demo.figures import Report
from deploy.embedded.postgres import REPOSITORY, EmbeddedServer
from shared.codes.credit_code import make

LEADER, JINAN, WEIFANG = make(1), make(2), make(3)

SHEETS: dict[str, list[list[str]]] = {
    "企业": [
        ["统一社会信用代码", "企业名称", "角色", "所在地区"],
        [LEADER, "示例整机有限公司（虚构）", "链主企业", "济南"],
        [JINAN, "示例曲轴有限公司（虚构）", "供应商", "济南"],
        [WEIFANG, "示例锻造有限公司（虚构）", "供应商", "潍坊"],
    ],
    "集群": [["集群编码", "集群名称", "层级", "所含城市"], ["C1", "示例动力集群", "省级", "济南、潍坊"]],
    "主导产品": [
        ["产品编码", "产品名称", "链主统一社会信用代码", "集群编码", "年产量", "计量单位"],
        ["P1", "示例柴油机", LEADER, "C1", "1000", "台"],
    ],
    "物料清单": [
        ["产品编码", "上级编码", "零部件编码", "零部件名称", "单位用量", "计量单位"],
        ["P1", "", "A1", "曲柄连杆机构", "1", "套"],
        ["P1", "A1", "X1", "曲轴", "1", "件"],
    ],
    "配套需求": [
        ["产品编码", "零部件编码", "零部件名称", "计量单位", "单价（元）", "行业类别"],
        ["P1", "X1", "曲轴", "件", "1000", "3412"],
    ],
    "采购台账": [
        ["链主统一社会信用代码", "单据号", "零部件编码", "供应商名称", "供应商所在地", "期间", "金额（元，不含税）"],
        [LEADER, "D1", "X1", "外地示例公司", "上海市", "2025", "1000000"],
    ],
    "供给能力": [
        ["供应商统一社会信用代码", "产品或工艺", "行业类别", "年剩余产能", "产能单位"],
        [JINAN, "柴油机曲轴", "3412", "600", "件"],
        [WEIFANG, "曲轴", "3412", "300", "件"],
    ],
}


Demo = Callable[[Path], tuple[Report, str]]


@dataclass(frozen=True)
class Played:
    """A played demo: its report, what it printed, and the folder of its files."""

    report: Report
    printed: str
    out: Path


def write(folder: Path, sheets: dict[str, list[list[str]]]) -> Path:
    """Write the sheets as CSV files."""
    folder.mkdir(exist_ok=True)
    for title, rows in sheets.items():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        (folder / f"{title}.csv").write_text(text.getvalue(), "utf-8-sig")
    return folder


@contextmanager
def playing(out: Path, *, samples: bool = False) -> Iterator[Demo]:
    """A demo with databases of its own, which are removed at the end; with `samples` firms register, too."""
    data = Path(tempfile.mkdtemp(prefix="test-demo-", dir=REPOSITORY / ".xieshou"))

    def run(folder: Path) -> tuple[Report, str]:
        printed = io.StringIO()
        console = Console(file=printed, width=200)
        report = play(folder, data, out, console, samples=samples)
        show(report, console)
        return report, printed.getvalue()

    yield run
    EmbeddedServer(data / "postgres").erase()
    shutil.rmtree(data)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Plays the demo on a folder; answers its report and what it printed. The files are in `out` beside it."""
    with playing(tmp_path / "out") as run:
        yield run


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo as it was played on the sheets above, for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("played")
    with playing(folder / "out", samples=True) as run:
        yield Played(*run(write(folder / "in", SHEETS)), folder / "out")
