"""`python -m deploy.demo`: spreadsheets in, a reviewed plan and its report out."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from deploy.demo.collect import collect
from deploy.demo.console import show, show_imports
from deploy.demo.figures import Report
from deploy.demo.inputs import NoInput, find_inputs
from deploy.demo.journey import DemoFailed, Journey
from deploy.demo.page import write_page
from deploy.demo.sending import NotImported
from deploy.demo.workbook import write_workbook
from deploy.embedded.place import ServerTrouble
from deploy.embedded.stack import Stack, bare_environment, catalog_environment, running_stack
from shared.http.client import ApiClient, ApiProblem

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".xieshou"
OUT = ROOT / "out" / "demo"
WIDTH_WITHOUT_TERMINAL = 120
PAGE = "http://127.0.0.1:8000/"
"""Where `make run` shows the demo's result: the rates by cluster, each with its definition and its evidence."""


def main(
    folder: Annotated[Path | None, typer.Option("--input", help="放有表格的文件夹；默认为虚构省份")] = None,
    seed: Annotated[int, typer.Option(help="虚构省份的随机种子")] = 1,
    data: Annotated[Path, typer.Option(help="数据文件夹")] = DATA,
    out: Annotated[Path, typer.Option(help="报告写到哪里")] = OUT,
) -> None:
    """导入表格、核验企业、匹配、批准最好的十条建议，写出报告。"""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    try:
        input_folder = folder or province(out / "input", seed, console)
        report = play(input_folder, data, out, console, samples=folder is None)
    except (NoInput, DemoFailed, NotImported, ServerTrouble, ApiProblem) as trouble:
        raise gave_up(str(trouble), console) from None
    except httpx.TransportError as error:
        raise gave_up(unanswered(error, data), console) from None
    show(report, console)
    invite(out, folder is None, console)


def gave_up(why: str, console: Console) -> typer.Exit:
    """Say why the demo ends here."""
    console.print(f"演示没有完成：{why}", style="red", markup=False, soft_wrap=True)
    return typer.Exit(1)


def unanswered(error: httpx.TransportError, data: Path) -> str:
    """What became of a call that has no answer, in a sentence."""
    happened = "在规定时间内没有应答" if isinstance(error, httpx.TimeoutException) else "连接中断"
    return f"服务{happened}（{type(error).__name__}）。请看日志 {data / 'logs'}，然后再运行一次。"


def province(folder: Path, seed: int, console: Console) -> Path:
    """The folder of the fictitious province, written at the first time; what people changed in it is kept."""
    if not folder.exists():
        console.print(f"生成虚构省份的表格（种子 {seed}）：{folder}", markup=False, soft_wrap=True)
        command = ["services.catalog", "seed", "--scale", "small", "--seed", str(seed), "--out", str(folder)]
        subprocess.run([sys.executable, "-m", *command], check=True)
    return folder


def play(folder: Path, data: Path, out: Path, console: Console, *, samples: bool = False) -> Report:
    """The whole demo on fresh databases in `data`, and its files in `out`; with `samples` registrations to be reviewed.

    They come last: what is counted and matched knows nothing of them.
    """
    inputs = find_inputs(folder)
    if inputs.mapping:
        console.print(f"表头映射：{inputs.mapping.name}", markup=False)
    with running_stack(data, fresh=True) as stack, ApiClient(stack.base_url, stack.reviewer_token()) as client:
        journey = Journey(client, console)
        journey.go(inputs)
        report = collect(journey)
        if samples:
            register_samples(stack, console)
    with journey.step("报告"):
        out.mkdir(parents=True, exist_ok=True)
        write_page(report, out / "report.html")
        write_workbook(report, out / "suggestions.xlsx")
    show_imports(report, console)
    return report


def register_samples(stack: Stack, console: Console) -> None:
    """Let fictitious firms register, by a command of the catalog: a reviewer finds something to decide."""
    settings = {**bare_environment(), **catalog_environment(stack.databases, stack.keys)}
    command = [sys.executable, "-m", "services.catalog", "sample-registrations"]
    done = subprocess.run(command, env=settings, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise DemoFailed(f"虚构企业的登记申请没有写入：{done.stderr.strip()[-500:]}")
    console.print(f"{done.stderr.strip()}网页的“企业登记审核”里可以看到。", markup=False, soft_wrap=True)


def invite(out: Path, fictitious: bool, console: Console) -> None:
    """Where the files are, and what to try next."""
    said = f"报告：{out / 'report.html'}\n表格：{out / 'suggestions.xlsx'}（汇总表都是公式，可复算）"
    said += f"\n网页：运行 make run，再打开 {PAGE}"
    if fictitious:
        said += (
            f"\n试一试：在 {out / 'input'} 里改坏一个单元格，或把某家的“年剩余产能”减半，再运行 make demo；"
            "删去这个文件夹就会重新生成。"
        )
    console.print(said, markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
