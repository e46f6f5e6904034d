"""`audit verify` and `audit head` on a service's command line.

What they need is imported when they are called: other commands of the same program start without a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.audit.reading import Trail
    from shared.audit.verifying import Head

ANCHOR = typer.Option(help="以前由 audit head 打印、另存他处的“序号:哈希”")


def audit_commands(database_url: Callable[[], str], trail: Callable[[], Trail]) -> typer.Typer:
    """The commands of a service whose database is at `database_url()`."""
    commands = typer.Typer(help="审计链：核对，打印锚点。", no_args_is_help=True, add_completion=False)

    @commands.command("verify")
    def verify_chain(anchor: Annotated[str | None, ANCHOR] = None) -> None:
        """核对审计链；完整时打印最新的序号与哈希，否则指出第一条有问题的记录并以 1 结束。"""
        from shared.audit.verifying import Broken, verify
        from shared.db.database import Database

        kept = _anchor(anchor)
        database = Database(database_url(), pool_size=1)
        with database.session() as session:
            found = verify(session, trail().histories, kept)
        database.dispose()
        if isinstance(found, Broken):
            typer.echo(f"审计链已损坏。{found}。", err=True)
            raise typer.Exit(1)
        typer.echo(str(found.head))
        typer.echo(f"审计链完整：{found.head.number} 条，另有 {found.waiting} 条待封存。", err=True)

    @commands.command("head")
    def print_head() -> None:
        """打印最新的“序号:哈希”，请另存他处：日后据此核对，可发现链的末尾被截去或整条被重写。"""
        from shared.audit.verifying import head
        from shared.db.database import Database

        database = Database(database_url(), pool_size=1)
        with database.session() as session:
            typer.echo(str(head(session)))
        database.dispose()

    return commands


def _anchor(text: str | None) -> Head | None:
    from shared.audit.verifying import Head

    try:
        return Head.parse(text) if text is not None else None
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
