"""The report in the terminal, in Chinese."""

from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.figures import TEN_THOUSAND, RateRow, Report
from shared.text.figures import say_percent

SHOWN_PROBLEMS = 12
SHOWN_LEVERS = 5
TELLING_RULES = {"locality", "distance", "certificate", "parameter", "lead_time", "price"}


def show(report: Report, console: Console) -> None:
    """Print the whole report."""
    console.rule("[bold]携手 · 结果")
    console.print(f"[bold]{report.headline()}[/]\n")
    for premise in report.premises:
        console.print(f"· {premise}")
    if report.clusters:
        console.print(_rates("集群（主导产品合计）", report, [*report.clusters, report.total]))
    console.print(_rates("主导产品（可达到 = 该产品单独求得的最优）", report, report.products))
    console.print(f"口径：{report.definition}\n")
    console.print(_diagnosis(report))
    for lever in report.levers[:SHOWN_LEVERS]:
        console.print(f"杠杆：{lever['sentence']}")
    console.print(f"\n{report.optimum()}\n")
    _best(report, console)
    console.print("用时：" + " · ".join(f"{step.name} {step.seconds:.1f} 秒" for step in report.steps))


def show_imports(report: Report, console: Console) -> None:
    """Print what was read, and the first problems with what to do about each."""
    table = Table("文件", "行", "新增", "变更", "未变", "待查看", "拒绝", title="读入")
    for row in report.imports:
        counts = ("rows", "created", "changed", "unchanged", "to_be_looked_at", "refused")
        table.add_row(row["label"], *(f"{row[name]:,}" for name in counts))
    console.print(table)
    problems = report.problems
    for problem in problems[:SHOWN_PROBLEMS]:
        console.print(
            f"  {problem['sheet']} 第 {problem['row']} 行 {problem['column'] or ''}"
            f"「{problem['value'] or ''}」{problem['message']} {problem['remedy']}",
            markup=False,
        )
    if len(problems) > SHOWN_PROBLEMS:
        console.print(f"  … 共 {len(problems)} 个问题，其余见 report.html")


def _rates(title: str, report: Report, rows: list[RateRow]) -> Table:
    table = Table(title=title)
    for heading in ("名称", "采购额", "现在", "+建议", "建议后", "可达到", "目标", ""):
        table.add_column(heading, justify="left" if heading == "名称" else "right", overflow="fold")
    for row in rows:
        table.add_row(
            row.name,
            report.say(row.spend),
            row.share(row.local_now),
            report.say(row.moved),
            row.share(row.projected),
            row.share(row.attainable),
            say_percent(row.target, TEN_THOUSAND, places=0),
            "[green]达到[/]" if row.reached else "[red]未达[/]" if row.spend else "—",
        )
    return table


def _diagnosis(report: Report) -> Table:
    table = Table("类别", title="每一项在哪里" if report.in_lines else "每一元在哪里")
    table.add_column("项" if report.in_lines else "元", justify="right")
    table.add_column("占比", justify="right")
    total = sum(part["amount"] for part in report.diagnosis)
    for part in report.diagnosis:
        if part["amount"]:
            table.add_row(part["label"], f"{part['amount']:,}", say_percent(part["amount"], total))
        if part["class"] == "unknown_not_moved":
            for reason in report.unknown_reasons:
                share = say_percent(reason["amount"], total)
                table.add_row(f"  其中：{reason['label']}", f"{reason['amount']:,}", share, style="dim")
    table.add_row("合计", f"{total:,}", say_percent(total, total), style="bold")
    return table


def _best(report: Report, console: Console) -> None:
    console.print("[bold]最好的十条建议（已批准）[/]" if report.best else "没有建议。")
    for number, item in enumerate(report.best, 1):
        console.print(
            f"{number:>2}. {item['part_name']}（{item['product_name']}）→ {item['supplier_name']}"
            f" · {report.say(item['amount'])} · 得分 {item['score']}",
            markup=False,
        )
        console.print("    " + "；".join(_evidence(item)), markup=False, style="dim")


def _evidence(item: dict[str, Any]) -> list[str]:
    """What speaks for a suggestion: the requirements that were asked and are met; the whole is in the report."""
    return [
        piece["sentence"] for piece in item["evidence"] if piece["verdict"] == "met" and piece["rule"] in TELLING_RULES
    ]
