"""`audit verify` and `audit head` on a service's command line."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from shared.audit.reading import Trail
from shared.audit.verifying import Broken, Head, Whole, head, verify
from shared.db.database import Database

T = TypeVar("T")


def audit_commands(database_url: Callable[[], str], trail: Trail) -> typer.Typer:
    """The commands of a service whose database is at `database_url()`."""
    commands = typer.Typer(help="审计链：核对，打印锚点。", no_args_is_help=True, add_completion=False)

    @commands.command("verify")
    def verify_chain(
        anchor: Annotated[str | None, typer.Option(help="以前由 audit head 打印、另存他处的“序号:哈希”")] = None,
    ) -> None:
        """核对审计链；完整时打印最新的序号与哈希，否则指出第一条有问题的记录并以 1 结束。"""
        kept = _anchor(anchor)
        found = _read(database_url(), lambda database: _verified(database, trail, kept))
        if isinstance(found, Broken):
            typer.echo(f"审计链已损坏。{found}。", err=True)
            raise typer.Exit(1)
        typer.echo(str(found.head))
        typer.echo(f"审计链完整：{found.head.number} 条，另有 {found.waiting} 条待封存。", err=True)

    @commands.command("head")
    def print_head() -> None:
        """打印最新的“序号:哈希”，请另存他处：日后据此核对，可发现链的末尾被截去或整条被重写。"""
        typer.echo(str(_read(database_url(), _head)))

    return commands


def _anchor(text: str | None) -> Head | None:
    try:
        return Head.parse(text) if text is not None else None
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _read(url: str, read: Callable[[Database], T]) -> T:
    database = Database(url, pool_size=1)
    try:
        return read(database)
    finally:
        database.dispose()


def _verified(database: Database, trail: Trail, anchor: Head | None) -> Whole | Broken:
    with database.session() as session:
        return verify(session, trail.histories, anchor)


def _head(database: Database) -> Head:
    with database.session() as session:
        return head(session)
