"""`make run` from outside: the README's session with curl as it is printed, and logs that tell nothing of what is said.

Of the session only the port and the token's line are others. The logs are those of every process, PostgreSQL's too.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from deploy.embedded.stack import Stack
from shared.db.database import libpq_url
from tests.conftest import REPOSITORY
from tests.support.acting import AS_SERVICE
from tests.support.waiting import wait_for

SESSION = re.search(r"## The API\n.*?```sh\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
#: What the README says of each answer, and what curl says.
EXPECTED, ANSWERED = re.compile(r"  # (\d{3})\b"), re.compile(r" → (\d{3})$", re.MULTILINE)
MARKER = "Wacholder"


#: `.ci/run` installs curl, so that it is never passed over there.
NO_CURL = shutil.which("curl") is None and "CI" not in os.environ


@pytest.mark.skipif(NO_CURL, reason="curl is what the session is about")
def test_the_session_with_curl_works_as_printed(small_stack: Stack, tmp_path: Path) -> None:
    assert SESSION is not None
    printed = SESSION[1]
    script = re.sub(r"(?m)^TOKEN=.*$", f"TOKEN={small_stack.reviewer_token()}", printed)
    script = script.replace("http://127.0.0.1:8000", small_stack.base_url).replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=600, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    # `id` shows on stderr what it reads
    assert sorted(ANSWERED.findall(told)) == sorted(EXPECTED.findall(printed)), told
    assert '"status":"succeeded"' in done.stdout, told


#: Method, path, and what is sent beside; each says the marker where a secret or a payload may stand.
SAID = [
    ("GET", "/{0}/v1/{1}?q={2}", {}),
    ("GET", "/{0}/v1/{1}?{2}={2}", {}),
    ("GET", "/{0}/v1/{1}?after={2}", {}),
    ("GET", "/{0}/v1/{1}", {"headers": {"Authorization": "Bearer {2}"}}),
    ("GET", "/{0}/v1/{1}", {"headers": {"Authorization": "Basic {2}"}}),
    ("GET", "/{0}/v1/{1}", {"headers": {"Cookie": "xieshou-access={2}; xieshou-session={2}"}}),
    ("GET", "/{0}/v1/{1}", {"headers": {"X-Request-Id": "{2} {2}", "X-CSRF-Token": "{2}"}}),
    ("POST", "/{0}/v1/{1}", {"headers": {"Idempotency-Key": "{2}"}, "json": {"name": "{2}", "note": "{2}"}}),
    ("POST", "/{0}/v1/{1}", {"content": "{2}", "headers": {"Content-Type": "application/json"}}),
    ("POST", "/{0}/v1/{1}", {"data": {"name": "{2}"}}),
    ("PUT", "/{0}/v1/{1}", {"json": {"name": "{2}"}}),
]
OF_THE_CATALOG = [
    ("POST", "/catalog/v1/session", {"json": {"email": "{2}@firm.example", "password": "{2}"}}),
    ("POST", "/catalog/v1/password-resets", {"json": {"email": "{2}@firm.example"}}),
    ("POST", "/catalog/v1/links/inspection", {"json": {"token": "{2}"}}),
    ("POST", "/catalog/v1/oauth/token", {"data": {"grant_type": "client_credentials", "client_secret": "{2}"}}),
    ("GET", "/catalog/v1/session/oidc/callback?code={2}&state={2}", {}),
    ("POST", "/catalog/v1/imports", {"files": {"file": ("{2}.csv", "企业名称,角色\n{2},供应商\n")}}),
    # twice: what is there already is refused, in the end by the database
    *(("POST", "/catalog/v1/enterprises", {"json": {"name": "{2}", "source_key": "{2}", "is_supplier": True}}),) * 2,
    ("POST", "/catalog/v1/enterprises/bulk", {"content": '{{"name": "{2}"}}\n', "headers": {"Content-Type": "x"}}),
]
LISTS = {"catalog": "enterprises", "matching": "runs"}


def ask(http: httpx.Client, said: tuple[str, str, dict[str, object]], service: str) -> int:
    """The status of one such request."""
    method, path, beside = filled(said, service, LISTS[service])
    return http.request(method, path, **beside).status_code


def filled(value: object, *words: str) -> object:
    """The same with the service, its list and the marker in their places."""
    if isinstance(value, dict):
        return {name: filled(each, *words) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(filled(each, *words) for each in value)
    return value.format(*words, MARKER) if isinstance(value, str) else value


@contextmanager
def without(owner: str, table: str) -> Iterator[None]:
    """The database while one of its tables is gone: nobody has foreseen that."""
    with psycopg.connect(libpq_url(owner), autocommit=True, options=AS_SERVICE) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


def test_no_log_tells_what_was_said(small_stack: Stack) -> None:
    token, databases = small_stack.reviewer_token(), small_stack.databases
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=small_stack.base_url, headers=headers, trust_env=False, timeout=60) as http:
        told = {ask(http, said, service) for service in LISTS for said in SAID}
        told |= {ask(http, said, "catalog") for said in OF_THE_CATALOG}
        with without(databases.catalog_owner, "enterprises"), without(databases.matching_owner, "match_run"):
            broken = [
                ask(
                    http,
                    ("POST", "/catalog/v1/enterprises", {"json": {"name": "{2}", "source_key": "{2}:2"}}),
                    "catalog",
                ),
                ask(http, ("GET", "/catalog/v1/enterprises?q={2}", {}), "catalog"),
                ask(http, ("POST", "/matching/v1/runs", {"json": {"note": "{2}"}}), "matching"),
            ]
    assert broken == [500, 500, 500]
    assert {201, 202, 400, 401, 422} <= told

    def lines() -> list[str]:
        files = [(file.name, file.read_text("utf-8", "replace")) for file in small_stack.logs.iterdir()]
        return [f"{name}: {line}" for name, text in files for line in text.splitlines()]

    # who asked has the answer before the log has its line
    wait_for(lambda: sum("unexpected error" in line for line in lines()) == len(broken), "the log of three faults")
    assert [line for line in lines() if MARKER in line or token in line] == []
