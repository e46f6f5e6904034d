"""The command line, over a real database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.catalog.__main__ import app, main
from services.catalog.imports.templates import TEMPLATES
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.security.actor import Role
from shared.security.tokens import InvalidToken, TokenVerifier
from tests.conftest import Clone, Signing
from tests.support import catalog_world
from tests.support.feed_pages import page

ENTERPRISES = (
    "统一社会信用代码,企业名称,角色,所在地区\n{code},甲船舶（虚构）,供应商,青岛\n{bad},乙（虚构）,供应商,青岛\n"
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, catalog_clone: Clone, signing: Signing) -> None:
    """The settings of a test's own database and keys."""
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_clone.app)
    monkeypatch.setenv("CATALOG_OWNER_DATABASE_URL", catalog_clone.owner)
    monkeypatch.setenv("CATALOG_SIGNING_KEY_FILE", str(signing.key_file))
    monkeypatch.setenv("XIESHOU_JWKS_FILE", str(signing.jwks_file))


def run(*arguments: str) -> str:
    """Run a command that succeeds; what it printed on the standard output."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def end_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that fails; the sentence that it ends with."""
    monkeypatch.setattr("sys.argv", ["catalog", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err.strip()


def test_a_token_names_its_enterprise_and_clusters(catalog_database: Database, signing: Signing) -> None:
    with catalog_database.session() as session:
        world = catalog_world.build(session)
    leader = signing.verifier.actor(run("token", "--role", "chain_leader", "--enterprise", make(1)).strip())
    assert (leader.role, leader.enterprise_id) == (Role.CHAIN_LEADER, world.enterprises["A"])
    words = ["token", "--role", "cluster_organisation", "--cluster", "SHIP", "--cluster", "TOOL"]
    organisation = signing.verifier.actor(run(*words).strip())
    assert organisation.cluster_ids == set(world.clusters.values())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--role", "supplier", "--enterprise", "91"], "没有统一社会信用代码为 91 的企业。"),
        (["--role", "cluster_organisation", "--cluster", "NONE"], "没有编码为 NONE 的集群。"),
        (["--role", "supplier"], "角色 supplier 需要指明企业（统一社会信用代码）。"),
    ],
)
def test_a_token_for_nobody_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert end_of(monkeypatch, capsys, "token", *arguments) == sentence


def test_a_token_for_what_an_enterprise_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], catalog_database: Database
) -> None:
    with catalog_database.session() as session:
        catalog_world.build(session)
    said = end_of(monkeypatch, capsys, "token", "--role", "chain_leader", "--enterprise", make(3))
    assert said == "企业“丙阀门（虚构）”不是链主企业，不能为它领取角色 chain_leader 的令牌。"


def test_keys_are_renewed_and_issued_tokens_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CATALOG_SIGNING_KEY_FILE", str(tmp_path / "signing.json"))
    monkeypatch.setenv("XIESHOU_JWKS_FILE", str(tmp_path / "jwks.json"))
    old = run("token", "--role", "auditor").strip()
    said = CliRunner().invoke(app, ["rotate-keys"]).output
    assert said.startswith("已换用新的签名密钥。旧密钥验证到 2")
    renewed, verifier = run("token", "--role", "auditor").strip(), TokenVerifier(tmp_path / "jwks.json")
    assert verifier.actor(old).role is verifier.actor(renewed).role is Role.AUDITOR
    said = CliRunner().invoke(app, ["rotate-keys", "--at-once"]).output
    assert said.strip() == "已换用新的签名密钥。旧密钥签发的令牌已全部失效。"
    for token in (old, renewed):
        with pytest.raises(InvalidToken):
            verifier.actor(token)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("CATALOG_DATABASE_URL")
    assert end_of(monkeypatch, capsys, "migrate") == "缺少设置：CATALOG_DATABASE_URL"


def test_migrating_twice_is_fine() -> None:
    run("migrate")
    run("migrate")


def test_an_import_prints_what_became_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "企业.csv"
    file.write_text(ENTERPRISES.format(code=make(5), bad=make(6)[:-1]), "utf-8")
    output = CliRunner().invoke(app, ["import", str(file)]).output
    assert "企业：新增 1，修改 0，未变 0，重复 0，拒绝 1，待查看 0" in output
    assert "企业 第 3 行 统一社会信用代码" in output
    whole = CliRunner().invoke(app, ["import", str(file), "--mode", "all_or_nothing"])
    assert (whole.exit_code, "企业.csv：没有写入" in whole.output) == (1, True)


def test_the_templates_are_written(tmp_path: Path) -> None:
    run("templates", str(tmp_path / "模板"))
    assert {path.stem for path in (tmp_path / "模板").iterdir()} == {template.title for template in TEMPLATES.values()}


def test_a_new_epoch_begins(catalog_database: Database) -> None:
    with catalog_database.session() as session:
        before = page(session, None, 1)["epoch"]
        run("new-epoch")
        session.rollback()
        assert page(session, None, 1)["epoch"] != before
