"""The embedded start's command line: `python -m deploy.embedded serve | postgres | catalog …`."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deploy.embedded.databases import open_databases
from deploy.embedded.place import REPOSITORY, ServerTrouble
from deploy.embedded.postgres import say_on_stderr
from deploy.embedded.stack import (
    Keys,
    bare_environment,
    catalog_environment,
    running_stack,
)

DATA = REPOSITORY / ".xieshou"
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(help="在本机一次启动携手的全部服务。", no_args_is_help=True, add_completion=False)
DataFolder = Annotated[Path, typer.Option("--data", help="数据文件夹")]


def wait_for_the_end() -> None:
    """Sleep till ctrl-C."""
    with suppress(KeyboardInterrupt):
        while True:
            signal.pause()


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="端口（只在本机监听）", min=0, max=65535)] = 8000,
    data: DataFolder = DATA,
) -> None:
    """启动数据库、两个服务和工作进程，按 Ctrl-C 结束。"""
    with running_stack(data, port) as stack:
        print(f"携手已启动：{stack.base_url}（按 Ctrl-C 结束；日志在 {stack.logs}）", flush=True)
        print("领取令牌：.venv/bin/python -m deploy.embedded catalog token --role reviewer", flush=True)
        wait_for_the_end()


@app.command()
def postgres(data: DataFolder = DATA) -> None:
    """只启动内嵌数据库并打印两个数据库的地址，按 Ctrl-C 结束（调试用）。"""
    with open_databases(data.absolute(), fresh=False, say=say_on_stderr) as databases:
        print(f"CATALOG_DATABASE_URL={databases.catalog}")
        print(f"MATCHING_DATABASE_URL={databases.matching}", flush=True)
        wait_for_the_end()


@app.command(context_settings=PASS_ON, add_help_option=False)
def catalog(context: typer.Context) -> None:
    """在内嵌环境中运行 services.catalog 的命令，例如 token --role reviewer。"""
    with open_databases(DATA, fresh=False, say=say_on_stderr) as databases:
        keys = Keys(DATA / "keys")
        keys.write()
        settings = {**bare_environment(), **catalog_environment(databases, keys)}
        command = [sys.executable, "-m", "services.catalog", *context.args]
        done = subprocess.run(command, env=settings, check=False)
    raise typer.Exit(done.returncode)


def end_on_sigterm(*_: object) -> NoReturn:
    """Unwind as for any other exit, so that what we started ends with us."""
    raise SystemExit(128 + signal.SIGTERM)


def main() -> None:
    """Run the command; what the server cannot do is said in a sentence, not in a traceback."""
    signal.signal(signal.SIGTERM, end_on_sigterm)
    try:
        app()
    except ServerTrouble as trouble:
        say_on_stderr(str(trouble))
        sys.exit(1)


if __name__ == "__main__":
    main()
