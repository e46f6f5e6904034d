"""The command line of the matching service: serve, migrate, worker, solve."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import psycopg
import typer
import uvicorn
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from services.matching.app import create_app
from services.matching.runs.child import die_with, solve_stdin
from services.matching.settings import MatchingSettings, MigrationSettings, WorkerSettings
from services.matching.worker import quieten, work
from shared.db.migrate import upgrade

cli = typer.Typer(help="携手的匹配服务。", no_args_is_help=True, add_completion=False)


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口")] = 8001,
) -> None:
    """提供 HTTP 接口。"""
    uvicorn.run(create_app(MatchingSettings()), host=host, port=port, ws="none", server_header=False)


@cli.command()
def migrate() -> None:
    """把数据库升级到最新版本（以库主的身份）。"""
    upgrade(Path(__file__).parent / "migrations", MigrationSettings().url)


@cli.command()
def worker() -> None:
    """执行匹配任务，并跟随目录的变更；收到 SIGTERM 时结束。"""
    quieten()
    try:
        asyncio.run(work(WorkerSettings()))
    except* (SQLAlchemyError, ConnectorException, psycopg.Error) as group:
        print(f"数据库无法使用，工作进程结束：{_first_line(group)}", file=sys.stderr)
        raise SystemExit(1) from None


@cli.command()
def solve(
    parent: Annotated[int | None, typer.Option(help="父进程号：它一结束，本进程也结束")] = None,
) -> None:
    """由标准输入读口径与快照（各一行 JSON），向标准输出写方案；供工作进程调用。"""
    if parent is not None:
        die_with(parent)
    solve_stdin()


def _first_line(group: BaseExceptionGroup[BaseException]) -> str:
    """The innermost cause, in one line."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    cause = error.__cause__ or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


if __name__ == "__main__":
    cli()
