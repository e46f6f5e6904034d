"""The catalog's command line, `python -m services.catalog …`: serve, migrate, token, import, seed, templates …"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID, uuid4

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import OperationalError

from services.catalog.app import create_app, identity_of, office_of
from services.catalog.audit.trail import TRAIL
from services.catalog.clusters import service as clusters
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.rules import Standing
from services.catalog.feed.epochs import begin_epoch
from services.catalog.identity.rules import is_email, normal_email
from services.catalog.identity.second_factor import renew_encryption
from services.catalog.identity.service import IncompleteActor, create_keys, first_account, issue_token, rotate_keys
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportReport
from services.catalog.imports.service import import_file
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.imports.workbooks import template_workbook
from services.catalog.personal_data import service as personal_data
from services.catalog.registration.samples import register_samples
from services.catalog.seed import Scale, write_province
from services.catalog.settings import (
    CatalogSettings,
    DatabaseSettings,
    KeySettings,
    LinkSettings,
    MigrationSettings,
    SecretsSettings,
    WorkerSettings,
)
from services.catalog.worker import main as work
from shared.audit import acting
from shared.audit.acting import Act
from shared.audit.command import audit_commands
from shared.clock import utc_now
from shared.codes.credit_code import normalise
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.http.problems import Problem
from shared.http.responses import json_bytes
from shared.observability.logs import configure_logs
from shared.security.actor import Actor, Role
from shared.security.encryption import Encryption

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

app = typer.Typer(help="携手的目录服务：谁能做什么，谁需要什么。", no_args_is_help=True, add_completion=False)
app.add_typer(audit_commands(lambda: DatabaseSettings().database_url, lambda: TRAIL), name="audit")
person = typer.Typer(help="一个人的个人信息：打印，删除。", no_args_is_help=True, add_completion=False)
app.add_typer(person, name="person")
_OPERATOR = Actor("command line", Role.REVIEWER)
"""Who works at the server's own command line: nobody with an account."""
_CONSOLE = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
say = _CONSOLE.print


class Refused(Exception):
    """A command that cannot be carried out; the message says why, in Chinese."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口", min=0, max=65535)] = 8000,
) -> None:
    """启动服务，按 Ctrl-C 结束。"""
    configure_logs()
    # a long poll of the feed must not keep a server that is to end
    web = create_app(CatalogSettings())
    uvicorn.run(web, host=host, port=port, timeout_graceful_shutdown=3, server_header=False, access_log=False)


@app.command()
def worker() -> None:
    """在请求之外做服务该做的事：整理变更流，处理大文件的导入。按 Ctrl-C 结束。"""
    configure_logs()
    work(WorkerSettings())


@app.command()
def migrate() -> None:
    """把数据库升级到最新版本。"""
    upgrade(MIGRATIONS, MigrationSettings().url)
    say("数据库已是最新版本。")


@app.command("new-epoch")
def new_epoch() -> None:
    """让变更流开始新的纪元，跟随者从头读取。用 pg_dump 的备份恢复时会自动如此；把旧的数据文件放回原处之后才须执行。"""
    database = Database(DatabaseSettings().database_url, pool_size=1)
    with database.session() as session:
        begin_epoch(session, uuid4())
    database.dispose()
    say("变更流已开始新的纪元。")


@app.command("sample-registrations")
def sample_registrations() -> None:
    """登记几家虚构企业的申请（草稿、已提交、审核中、已退回），供演示审核之用；已有的不再登记。"""
    settings = CatalogSettings()
    database = Database(settings.database_url, pool_size=1)
    count = register_samples(database, office_of(settings, identity_of(settings)))
    database.dispose()
    say(f"登记了 {count} 份虚构企业的申请。")


@app.command()
def keys() -> None:
    """生成签名密钥（已有则不变），并发布公钥。"""
    settings = KeySettings()
    create_keys(settings.signing_key_file, settings.jwks_file)
    if settings.secrets_key_file is not None:
        Encryption(settings.secrets_key_file).create()
    say(f"公钥在 {settings.jwks_file}。")


@app.command("rotate-keys")
def rotate(
    at_once: Annotated[bool, typer.Option("--at-once", help="旧密钥已泄露：全部令牌立即失效")] = False,
) -> None:
    """换一把签名密钥；旧密钥签发的令牌在到期前仍然有效。"""
    settings = KeySettings()
    create_keys(settings.signing_key_file, settings.jwks_file)
    until = rotate_keys(settings.signing_key_file, settings.jwks_file, datetime.now(UTC), at_once=at_once)
    kept = f"旧密钥验证到 {until.isoformat(timespec='minutes')}。" if until else "旧密钥签发的令牌已全部失效。"
    say(f"已换用新的签名密钥。{kept}")


@app.command("rotate-secrets")
def rotate_secrets() -> None:
    """换一把加密验证器密钥的钥匙，并用它重新加密已有的；中断之后可再执行一次。"""
    settings = SecretsSettings()
    encryption = Encryption(settings.secrets_key_file)
    encryption.create()
    encryption.rotate()
    database = Database(settings.database_url, pool_size=1)
    with database.session() as session:
        renewed = renew_encryption(session, encryption)
    database.dispose()
    encryption.forget_older()
    say(f"已换用新的加密钥匙，重新加密 {renewed} 个验证器。")


@app.command("first-account")
def open_first_account(email: Annotated[str, typer.Argument(help="审核员的邮箱")]) -> None:
    """打印一个一次性链接，用来开通第一个审核员账号，或让丢失密码和验证器的审核员重新进入。"""
    if not is_email(address := normal_email(email)):
        raise Refused(f"“{email}”不是有效的邮箱地址。")
    settings = LinkSettings()
    database = Database(settings.database_url, pool_size=1)
    with database.session() as session:
        url = first_account(session, utc_now(), settings.public_url.rstrip("/"), address)
    database.dispose()
    say("请在 24 小时内用浏览器打开下面的链接设置密码，只能用一次：")
    typer.echo(url)


@person.command("export")
def export_person(account: Annotated[UUID, typer.Argument(help="账号的编号")]) -> None:
    """打印系统中关于一个人的全部内容（JSON）。"""
    database = Database(DatabaseSettings().database_url, pool_size=1)
    with database.session() as session:
        acting.follow(session, lambda: Act(_OPERATOR.subject, "export_person"))
        told = personal_data.tell(session, account)
    database.dispose()
    typer.echo(json_bytes(told).decode())


@person.command("erase")
def erase_person(
    account: Annotated[UUID, typer.Argument(help="账号的编号")],
    reason: Annotated[str, typer.Option(help="原因，记入审计")],
) -> None:
    """注销账号，删除其姓名、邮箱、设备与联系方式；所做的事仍在审计中，只留编号。"""
    database = Database(DatabaseSettings().database_url, pool_size=1)
    with database.session() as session:
        acting.follow(session, lambda: Act(_OPERATOR.subject, "erase_person"))
        version = personal_data.account(session, account)["version"]
        personal_data.erase(session, utc_now, _OPERATOR, account, version, reason)
    database.dispose()
    say("已删除。")


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="角色")],
    enterprise: Annotated[str | None, typer.Option(help="所代表企业的统一社会信用代码")] = None,
    cluster: Annotated[list[str] | None, typer.Option(help="所代表集群的编码，可多次给出")] = None,
    days: Annotated[int, typer.Option(help="有效天数", min=1, max=400)] = 30,
) -> None:
    """签发并打印一个令牌。"""
    settings = KeySettings()
    create_keys(settings.signing_key_file, settings.jwks_file)
    firm = _one_enterprise(enterprise)
    text = issue_token(
        settings.signing_key_file,
        role,
        now=datetime.now(UTC),
        enterprise_id=firm[0] if firm else None,
        standing=firm[1] if firm else None,
        cluster_ids=_some_clusters(cluster or []),
        lifetime=timedelta(days=days),
    )
    typer.echo(text)


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=".xlsx 或 .csv 文件")],
    mode: Annotated[Mode, typer.Option(help="有行被拒绝时：导入其余各行，或全部不导入")] = Mode.VALID_ROWS,
    kind: Annotated[ImportKind | None, typer.Option(help="数据种类；工作表或文件名已写明时不必给")] = None,
    mapping: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="外来表头的映射文件")] = None,
) -> None:
    """以审核员身份导入文件，逐个打印结果；有文件没有写入时以 1 结束。"""
    actor = Actor("command line", Role.REVIEWER)
    mapped = mapping.read_bytes() if mapping else None
    database, failed = Database(DatabaseSettings().database_url), False
    for file in files:
        with database.session() as session:
            report = import_file(session, actor, file.name, file.read_bytes(), mode, kind, mapped)
        _print_report(report)
        failed = failed or not report.applied
    database.dispose()
    raise typer.Exit(int(failed))


@app.command()
def seed(
    out: Annotated[Path, typer.Option(help="写入的文件夹")] = Path("out/demo/input"),
    scale: Annotated[Scale, typer.Option(help="规模")] = Scale.SMALL,
    seed: Annotated[int, typer.Option(help="随机种子；相同的种子写出相同的表")] = 1,
) -> None:
    """写出一个虚构省份的电子表格。"""
    summary = write_province(out, scale, seed)
    for name, rows in summary.rows.items():
        say(f"{out / name}　{rows} 行")


@app.command()
def templates(folder: Annotated[Path, typer.Argument(help="写入的文件夹")]) -> None:
    """写出全部导入模板。"""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, template in TEMPLATES.items():
        path = folder / f"{template.title}.xlsx"
        path.write_bytes(template_workbook(kind))
        say(str(path))


@app.command()
def classify(top: Annotated[int, typer.Option(help="每条文字给出几个类别", min=1)] = 5) -> None:
    """由标准输入逐行读 {id, text}，给出行业类别（GB/T 4754-2017 小类）：每行输出 id、codes、scores。"""
    from shared.text.lines import BadLine, classify_lines  # loads the machine code, which no other command needs

    try:
        for line in classify_lines("标准输入", sys.stdin.buffer, top):
            sys.stdout.buffer.write(line)
    except BadLine as bad:
        say(str(bad))
        raise typer.Exit(2) from bad


def _one_enterprise(credit_code: str | None) -> tuple[UUID, Standing] | None:
    """The enterprise with a credit code and what it is; the command ends when there is none."""
    if credit_code is None:
        return None
    code = normalise(credit_code)
    database = Database(DatabaseSettings().database_url, pool_size=1)
    with database.session() as session:
        found = enterprises.by_keys(session, [code])
        standings = enterprises.standings(session, found.values())
    database.dispose()
    if code not in found:
        raise Refused(f"没有统一社会信用代码为 {code} 的企业。")
    return found[code], standings[found[code]]


def _some_clusters(codes: list[str]) -> list[UUID]:
    """The clusters with these codes; the command ends when one is missing."""
    if not codes:
        return []
    database = Database(DatabaseSettings().database_url, pool_size=1)
    with database.session() as session:
        found = clusters.by_codes(session, codes)
    database.dispose()
    if missing := [code for code in codes if code not in found]:
        raise Refused(f"没有编码为 {'、'.join(missing)} 的集群。")
    return list(found.values())


def _print_report(report: ImportReport) -> None:
    """What became of a file: counts by sheet, then the problems, each with its place and remedy."""
    say(f"{report.filename}：{'已导入' if report.applied else '没有写入'}")
    for sheet in report.sheets:
        counts = f"新增 {sheet.created}，修改 {sheet.changed}，未变 {sheet.unchanged}，重复 {sheet.repeated}"
        say(f"  {sheet.sheet}：{counts}，拒绝 {sheet.refused}，待查看 {sheet.to_be_looked_at}")
    for note in report.notes:
        say(f"  说明：{note}")
    for problem in report.problems:
        say(f"  {problem.sheet} 第 {problem.row} 行 {problem.column or ''}：{problem.message}。{problem.remedy}。")


def main() -> None:
    """Run the command; what is missing or refused is said in a sentence, not in a traceback."""
    try:
        app()
    except (Refused, IncompleteActor, OSError) as error:
        _end(str(error))
    except Problem as problem:
        _end(f"{problem.title}。{problem.detail}")
    except ValidationError as error:
        _end("缺少设置：" + "、".join(str(each["loc"][0]) for each in error.errors()))
    except OperationalError:
        _end("数据库无法连接，请检查 CATALOG_DATABASE_URL。")


def _end(sentence: str) -> NoReturn:
    say(sentence)
    sys.exit(1)


if __name__ == "__main__":
    main()
