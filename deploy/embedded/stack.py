"""The whole of Xieshou by one call: databases, migrations, both services on one loopback port, the worker."""

import os
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx

from deploy.embedded import locks
from deploy.embedded.databases import Databases, open_databases
from deploy.embedded.place import ServerTrouble, somebody_elses
from deploy.embedded.postgres import say_on_stderr
from deploy.embedded.supervisor import Child, Supervisor
from shared.security.actor import Actor, Role
from shared.security.encryption import Encryption
from shared.security.keys import SigningKey, create_keys, write_private

START_SECONDS = 90.0
#: Longer than a demo; the feed's token is signed anew at each start.
SERVICE_TOKEN = timedelta(days=400)


@dataclass(frozen=True)
class Keys:
    """The files that the services read their keys and tokens from."""

    folder: Path

    @property
    def signing(self) -> Path:
        """The catalog's private key."""
        return self.folder / "signing.json"

    @property
    def published(self) -> Path:
        """The key set that both services verify with."""
        return self.folder / "jwks.json"

    @property
    def secrets(self) -> Path:
        """What the catalog encrypts authenticators' secrets with."""
        return self.folder / "secrets.json"

    @property
    def feed_token(self) -> Path:
        """The token by which matching reads the feed."""
        return self.folder / "matching.token"

    def write(self) -> None:
        """Make what is missing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_keys(self.signing, self.published)
        Encryption(self.secrets).create()
        write_private(self.feed_token, self.token(Actor("matching", Role.SERVICE), SERVICE_TOKEN))

    def token(self, actor: Actor, lifetime: timedelta) -> str:
        """A token for an actor."""
        return SigningKey(self.signing).sign(actor, lifetime, datetime.now(UTC))


@dataclass(frozen=True)
class Stack:
    """A running stack: where it is, and tokens for it."""

    base_url: str
    logs: Path
    databases: Databases
    keys: Keys
    supervisor: Supervisor

    def reviewer_token(self) -> str:
        """A token of a reviewer, for a day."""
        return self.token(Role.REVIEWER)

    def token(
        self,
        role: Role,
        enterprise_id: UUID | None = None,
        cluster_ids: Collection[UUID] = (),
        lifetime: timedelta = timedelta(days=1),
    ) -> str:
        """A token for a role and whom it acts for."""
        actor = Actor(f"embedded:{role}", role, enterprise_id, frozenset(cluster_ids))
        return self.keys.token(actor, lifetime)

    def wait_until_healthy(self) -> None:
        """Return when both services answer and reach their databases."""
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.base_url, timeout=5, trust_env=False) as http:
            while not all(_healthy(http, f"/{service}/health") for service in ("catalog", "matching")):
                failed = next((child for child in self.supervisor.children if child.deaths >= 3), None)
                if failed is not None or time.monotonic() > deadline:
                    raise ServerTrouble(_why(failed or self.supervisor.children[0]))
                time.sleep(0.1)


def _healthy(http: httpx.Client, path: str) -> bool:
    try:
        return http.get(path).is_success
    except httpx.TransportError:
        return False


def _why(child: Child) -> str:
    """The end of the log of a process that does not come up."""
    lines = child.log.read_text("utf-8", "replace").splitlines() if child.log.exists() else []
    return f"{child.title}没有启动成功，日志 {child.log} 的末尾是：\n" + "\n".join(lines[-15:])


@contextmanager
def running_stack(
    data_dir: Path,
    port: int = 0,
    fresh: bool = False,
    say: Callable[[str], None] = say_on_stderr,
) -> Iterator[Stack]:
    """Start everything on the data folder and wait till it is healthy; end everything on leaving.

    `port` 0 takes a free one. `fresh` empties the embedded databases first. Raises ServerTrouble, whose message says
    in one Chinese sentence what is the matter.
    """
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as exits:
        exits.enter_context(_alone(data_dir))
        databases = exits.enter_context(open_databases(data_dir, fresh=fresh, say=say))
        keys = Keys(data_dir / "keys")
        keys.write()
        listener = exits.enter_context(_listen(port))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        logs = data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        children = _children(logs, databases, keys, base_url, listener.fileno())
        supervisor = exits.enter_context(Supervisor(children, databases.server, say))
        stack = Stack(base_url, logs, databases, keys, supervisor)
        stack.wait_until_healthy()
        yield stack


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One stack per data folder."""
    try:
        lock = locks.open_lock(data_dir / "stack.lock")
    except PermissionError as error:
        raise somebody_elses(data_dir) from error
    try:
        if not locks.try_exclusive(lock):
            raise ServerTrouble(f"数据文件夹 {data_dir} 上已有一套服务在运行：请先停止它，再运行一次。")
        yield
    finally:
        os.close(lock)


def _listen(port: int) -> closing[socket.socket]:
    """The port, held by us: while the web process restarts, callers wait instead of being refused."""
    try:
        return closing(socket.create_server(("127.0.0.1", port), backlog=256))
    except OSError as error:
        raise ServerTrouble(
            f"端口 {port} 不能使用（{error.strerror}）：请换一个，例如 make run PORT={port + 1}。"
        ) from error


#: What an operator may set for the catalog in the embedded start too: letters, sign-in from outside, registration.
OPERATORS = (
    "XIESHOU_PUBLIC_URL",
    "XIESHOU_SMTP_URL",
    "XIESHOU_MAIL_FROM",
    "CATALOG_OIDC_ISSUER",
    "CATALOG_OIDC_CLIENT_ID",
    "CATALOG_OIDC_CLIENT_SECRET",
    "CATALOG_REGISTRATION_ORIGINS",
    "CATALOG_DOCUMENTS_FOLDER",
    "CATALOG_DRAFT_DAYS",
    "CATALOG_PROOF_BITS",
)


def catalog_environment(databases: Databases, keys: Keys) -> dict[str, str]:
    """The catalog's settings."""
    return {
        "CATALOG_DOCUMENTS_FOLDER": str(keys.folder.parent / "documents"),
        **{name: os.environ[name] for name in OPERATORS if name in os.environ},
        "CATALOG_DATABASE_URL": databases.catalog,
        "CATALOG_SIGNING_KEY_FILE": str(keys.signing),
        "CATALOG_SECRETS_KEY_FILE": str(keys.secrets),
        "XIESHOU_JWKS_FILE": str(keys.published),
    }


def matching_environment(databases: Databases, keys: Keys, base_url: str) -> dict[str, str]:
    """Matching's settings."""
    return {
        "MATCHING_DATABASE_URL": databases.matching,
        "XIESHOU_JWKS_FILE": str(keys.published),
        "CATALOG_URL": base_url,
        "MATCHING_CATALOG_TOKEN_FILE": str(keys.feed_token),
        "MATCHING_SHOWS_RATES": os.environ.get("MATCHING_SHOWS_RATES", "true"),
    }


def bare_environment() -> dict[str, str]:
    """Our own environment without the services' settings: each process gets those that it needs."""
    ours = ("CATALOG_", "MATCHING_", "XIESHOU_")
    inherited: Mapping[str, str] = os.environ
    return {name: value for name, value in inherited.items() if not name.startswith(ours)}


def _children(logs: Path, databases: Databases, keys: Keys, base_url: str, listener: int) -> list[Child]:
    """One process that serves both services, and for each service one that works."""
    base = {**bare_environment(), "PYTHONUNBUFFERED": "1"}
    matching = {**base, **matching_environment(databases, keys, base_url)}
    catalog = {**base, **catalog_environment(databases, keys)}
    both = {**matching, **catalog}
    return [
        Child("网页与接口服务", "deploy.embedded.web", [str(listener)], both, logs / "web.log", [listener]),
        Child("匹配工作进程", "services.matching", ["worker"], matching, logs / "worker.log"),
        Child("目录工作进程", "services.catalog", ["worker"], catalog, logs / "catalog-worker.log"),
    ]
