"""`audit verify` and `audit head` on both command lines: what they print, and how they end."""

import psycopg
import pytest
from typer.testing import CliRunner

from services.catalog.__main__ import app as catalog
from services.matching.__main__ import cli as matching
from shared.audit.sealing import seal
from shared.audit.verifying import EMPTY
from shared.db.database import Database
from tests.conftest import Clone
from tests.integration.shared.audit.test_chain import open_account

RUN = CliRunner()


def test_a_whole_chain_a_broken_one_and_an_anchor(catalog_clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_clone.app)
    database = Database(catalog_clone.app, pool_size=1)
    for email in ("a@firm.example", "b@firm.example"):
        open_account(database, email)
    seal(database)
    database.dispose()
    head = RUN.invoke(catalog, ["audit", "head"]).stdout.strip()
    assert head.startswith("2:")
    whole = RUN.invoke(catalog, ["audit", "verify", "--anchor", head])
    assert (whole.exit_code, whole.stdout.strip()) == (0, head)
    assert whole.stderr.strip() == "审计链完整：2 条，另有 0 条待封存。"
    with psycopg.connect(catalog_clone.owner, autocommit=True) as owner:
        owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_entry SET actor = 'somebody else' WHERE id = 2")
    broken = RUN.invoke(catalog, ["audit", "verify"])
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr.strip() == "审计链已损坏。第 2 条（记录编号 2）：内容与封存时不同。"


def test_an_anchor_that_is_none(catalog_clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_DATABASE_URL", catalog_clone.app)
    refused = RUN.invoke(catalog, ["audit", "verify", "--anchor", "2:abc"])
    assert (refused.exit_code, refused.stderr.strip()) == (2, "锚点应为“序号:哈希”，即 audit head 打印的一行。")


def test_matching_has_the_same(matching_clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHING_DATABASE_URL", matching_clone.app)
    assert RUN.invoke(matching, ["audit", "head"]).stdout.strip() == str(EMPTY)
    assert RUN.invoke(matching, ["audit", "verify"]).exit_code == 0
