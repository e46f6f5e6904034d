"""The commands that operators run on keys and on a person's data, each as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.embedded.postgres import EmbeddedServer
from shared.audit.sealing import seal
from shared.security.actor import Actor, Role
from shared.security.tokens import InvalidToken, TokenVerifier
from tests.conftest import Clone, Signing, clone
from tests.support.identity_desk import Desk, detail_of, encryption_of, open_desk
from tests.support.letters import post_office


@pytest.fixture(scope="module")
def urls(embedded_server: EmbeddedServer) -> Iterator[Clone]:
    """The database that the tests of this file share."""
    with clone(embedded_server, "catalog") as made:
        yield made


@pytest.fixture(scope="module")
def desk(urls: Clone, signing: Signing) -> Iterator[Desk]:
    """A served catalog with people in it, over the same database and keys as the commands'."""
    with post_office() as letters, open_desk(urls, signing, letters) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(signing: Signing) -> Path:
    """Where the keys of the session are."""
    return signing.key_file.parent


def command(urls: Clone, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m services.catalog …` as an operator calls it, with the keys of a folder."""
    told = {
        "CATALOG_DATABASE_URL": urls.app,
        "CATALOG_SIGNING_KEY_FILE": str(folder / "key.json"),
        "XIESHOU_JWKS_FILE": str(folder / "jwks.json"),
        "CATALOG_SECRETS_KEY_FILE": str(folder / "secrets.json"),
    }
    asked = [sys.executable, "-m", "services.catalog", *words]
    return subprocess.run(asked, env=os.environ | told, capture_output=True, text=True, timeout=120, check=False)


def test_rotated_secrets_open_with_the_new_key_alone(desk: Desk, urls: Clone, signing: Signing, folder: Path) -> None:
    _, email, secret = desk.reviewer()
    file = folder / "secrets.json"
    older = json.loads(file.read_text("utf-8"))
    kept = _kept(desk, email)
    done = command(urls, folder, "rotate-secrets")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "已换用新的加密钥匙，重新加密 1 个验证器。" in done.stderr
    newer = json.loads(file.read_text("utf-8"))
    assert list(newer["keys"]) == [newer["current"]] and newer["current"] not in older["keys"]
    assert encryption_of(signing).is_newest(_kept(desk, email)) and not encryption_of(signing).is_newest(kept)
    desk.clock.forward(minutes=2)
    waiting = desk.sign_in(email)
    assert waiting.post("/session/code", json={"code": desk.code(secret)}).status_code == 200
    again = command(urls, folder, "rotate-secrets")
    assert "重新加密 1 个验证器。" in again.stderr


def test_rotated_keys_verify_older_tokens_until_they_expire_unless_at_once(urls: Clone, tmp_path: Path) -> None:
    own, published = tmp_path, tmp_path / "jwks.json"
    made = command(urls, own, "keys")
    assert made.returncode == 0 and str(published) in made.stderr
    old = command(urls, own, "token", "--role", "reviewer").stdout.strip()
    kept = command(urls, own, "rotate-keys")
    assert "旧密钥验证到" in kept.stderr
    new = command(urls, own, "token", "--role", "reviewer").stdout.strip()
    verifier = TokenVerifier(published)
    assert {verifier.actor(each).role for each in (old, new)} == {Role.REVIEWER}
    assert "旧密钥签发的令牌已全部失效。" in command(urls, own, "rotate-keys", "--at-once").stderr
    for each in (old, new):
        with pytest.raises(InvalidToken):
            TokenVerifier(published).actor(each)


def test_a_person_is_told_and_then_erased(desk: Desk, urls: Clone, folder: Path) -> None:
    email = desk.person("zhuge", kind="enterprise", enterprise_id=desk.firm())
    (account,) = desk.operator.get("/accounts", params={"email": email}).json()["items"]
    told = command(urls, folder, "person", "export", account["id"])
    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout)
    assert (said["account"]["email"], said["account"]["name"]) == (email, "zhuge某")
    assert [each["kind"] for each in said["memberships"]] == ["enterprise"]
    done = command(urls, folder, "person", "erase", account["id"], "--reason", "本人申请")
    assert (done.returncode, done.stderr.strip()) == (0, "已删除。")
    assert email not in command(urls, folder, "person", "export", account["id"]).stdout
    assert detail_of(desk.client().post("/session", json={"email": email, "password": "seven quiet herons"}))[0] == 401
    seal(desk.app.state.database)
    auditor = desk.client(desk.token(Actor("auditor", Role.AUDITOR)))
    read, erased, *_ = auditor.get("/audit", params={"entity": account["id"]}).json()["items"]
    assert (read["actor"], read["verb"]) == ("command line", "export_person")
    assert (erased["actor"], erased["verb"], erased["reason"]) == ("command line", "erase_person", "本人申请")


def test_a_person_who_is_not_there_is_refused_in_a_sentence(urls: Clone, folder: Path) -> None:
    nobody = command(urls, folder, "person", "export", str(uuid4()))
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "没有这个账号" in nobody.stderr and "Traceback" not in nobody.stderr
    unsaid = command(urls, folder, "person", "erase", str(uuid4()))
    assert unsaid.returncode == 2 and "--reason" in unsaid.stderr


def _kept(desk: Desk, email: str) -> str:
    with desk.app.state.database.session() as session:
        found = session.execute(text("SELECT totp_secret FROM accounts WHERE email = :email"), {"email": email})
        return str(found.scalar_one())
