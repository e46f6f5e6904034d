"""The command line of the matching service: serve, migrate, worker, solve, flow.

Each command imports what it needs itself: `solve` starts once per run, and in a third of the time without the web
framework and the database.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.audit.command import audit_commands

if TYPE_CHECKING:
    from shared.audit.reading import Trail

cli = typer.Typer(help="携手的匹配服务。", no_args_is_help=True, add_completion=False)


def _database_url() -> str:
    from services.matching.settings import DatabaseSettings

    return DatabaseSettings().database_url


def _trail() -> "Trail":
    from services.matching.audit.trail import TRAIL

    return TRAIL


cli.add_typer(audit_commands(_database_url, _trail), name="audit")


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口")] = 8001,
) -> None:
    """提供 HTTP 接口。"""
    import uvicorn

    from services.matching.app import create_app
    from services.matching.settings import MatchingSettings
    from shared.observability.logs import configure_logs

    configure_logs()
    uvicorn.run(create_app(MatchingSettings()), host=host, port=port, ws="none", server_header=False, access_log=False)


@cli.command()
def migrate() -> None:
    """把数据库升级到最新版本（以库主的身份）。"""
    from services.matching.settings import MigrationSettings
    from shared.db.migrate import upgrade

    upgrade(Path(__file__).parent / "migrations", MigrationSettings().url)


@cli.command()
def worker() -> None:
    """执行匹配任务，并跟随目录的变更；收到 SIGTERM 时结束。"""
    from services.matching.settings import WorkerSettings
    from services.matching.worker import DatabaseGone, main
    from shared.observability.logs import configure_logs

    configure_logs()
    try:
        main(WorkerSettings())
    except DatabaseGone as gone:
        typer.echo(f"数据库无法使用，工作进程结束：{gone}", err=True)
        raise typer.Exit(1) from gone


@cli.command()
def solve(
    parent: Annotated[int | None, typer.Option(help="父进程号：它一结束，本进程也结束")] = None,
) -> None:
    """由标准输入读口径与快照（各一行 JSON），向标准输出写方案；供工作进程调用。"""
    from services.matching.runs.solving import solve_stdin
    from shared.processes.lifeline import die_with_parent

    if parent is not None:
        die_with_parent(parent)
    solve_stdin()


@cli.command("warm-up")
def warm_up(
    parent: Annotated[int | None, typer.Option(help="父进程号：它一结束，本进程也结束")] = None,
) -> None:
    """预先编译匹配引擎（安装或升级后一次，一两分钟）；不做也可，那样第一次匹配时才编译。"""
    from services.matching.engine import warm_up as engine
    from shared.processes.lifeline import die_with_parent

    if parent is not None:
        die_with_parent(parent)
    engine.warm_up()


@cli.command()
def resident(
    parent: Annotated[int | None, typer.Option(help="父进程号：它一结束，本进程也结束")] = None,
    memory_mb: Annotated[int, typer.Option(help="最多使用的内存（MB）", min=256)] = 6144,
) -> None:
    """常驻引擎：保留最近的匹配结果，逐行回答“如果……会怎样”；供网页服务调用。"""
    from services.matching.what_if.resident import answer_stdin
    from shared.processes.lifeline import die_with_parent

    if parent is not None:
        die_with_parent(parent)
    answer_stdin(memory_mb)


@cli.command()
def assign(file: Annotated[Path, typer.Argument(help="一个分配问题的 JSON 文件")]) -> None:
    """把各行整行（或按份额）分给供应商：最低采购额，或最高本地占比；输出一行 JSON。

    status：optimal 已证明最优；feasible 到时限时的最好方案；infeasible 无法在产能与 max_cost 内供齐；
    unreachable 已证明达不到 min_local_share，此时 reachable_share 是所给方案的本地占比，即找到的最高值，
    与 bound（已证明的上限）相等时就是能达到的最高值；unknown 到时限时既没有合格的方案，也没有证明。
    """
    import os
    import sys

    from services.matching.assign_command import AssignRefused, assign_file

    try:
        typer.echo(assign_file(file))
        sys.stdout.flush()
        os._exit(0)  # without waiting for threads that still solve within the time limit
    except AssignRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from refused


@cli.command()
def flow(
    file: Annotated[Path | None, typer.Argument(help="DIMACS 文件；不写则读标准输入", show_default=False)] = None,
) -> None:
    """求解一个 DIMACS 格式的最小费用流，输出一行 JSON。"""
    import json

    from services.matching.flow_command import FlowRefused, solve_file

    try:
        typer.echo(json.dumps(solve_file(file)))
    except FlowRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from refused


@cli.command()
def rank(
    corpus: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="语料：每行 {id, text 或 texts, class}")],
    queries: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="查询：每行 {id, text, class}")],
    top: Annotated[int, typer.Option(help="每条查询给出几条", min=1)] = 10,
) -> None:
    """按匹配任务所用的检索给语料排序：每条查询输出一行 JSON（query、ids、scores）。"""
    import sys

    from shared.text.lines import BadLine, rank_lines

    try:
        with corpus.open("rb") as documents, queries.open("rb") as asked:
            for line in rank_lines(str(corpus), documents, str(queries), asked, top):
                sys.stdout.buffer.write(line)
    except BadLine as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(2) from bad


if __name__ == "__main__":
    cli()
