"""Roles and databases on the embedded server, by the file that a DBA would run (deploy/postgres/provision.sql)."""

import os
import subprocess
from pathlib import Path

from deploy.embedded.place import ServerTrouble
from deploy.embedded.postgres import EmbeddedServer

SCRIPT = Path(__file__).resolve().parents[1] / "postgres" / "provision.sql"
CATALOG = "xieshou_catalog"
MATCHING = "xieshou_matching"


def provision(server: EmbeddedServer) -> None:
    """Make what is missing; nothing changes the second time."""
    passwords = server.passwords
    secrets = {f"{role.upper()}_PASSWORD": word for role, word in passwords.items() if role != "postgres"}
    _psql(server, {**secrets, "PGPASSWORD": passwords["postgres"]}, "-f", str(SCRIPT))


def drop_databases(server: EmbeddedServer) -> None:
    """Drop both databases, also under the feet of whoever is connected."""
    statements = [f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in (CATALOG, MATCHING)]
    commands = [part for statement in statements for part in ("-c", statement)]
    _psql(server, {"PGPASSWORD": server.passwords["postgres"]}, *commands)


def _psql(server: EmbeddedServer, secrets: dict[str, str], *arguments: str) -> None:
    """Run psql as the superuser; passwords go through the environment, never through the command line."""
    client = [str(server.place.binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    where = ["-h", server.socket_folder, "-U", "postgres", "-d", "postgres"]
    quiet = {"PGOPTIONS": "-c client_min_messages=warning", "PGCLIENTENCODING": "UTF8"}
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **quiet, **secrets}
    done = subprocess.run([*client, *where, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerTrouble(f"数据库初始化失败：{done.stderr.strip()}")
