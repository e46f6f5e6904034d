"""A served catalog with a clock that tests move, a real post office, and people who have got in by invitation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.app import create_app, identity_of
from services.catalog.enterprises import service as enterprises
from services.catalog.identity.passwords import Passwords
from services.catalog.settings import CatalogSettings
from shared.mail.sending import SmtpMailer
from shared.security.actor import Actor, Role
from shared.security.encryption import Encryption
from shared.security.keys import SigningKey
from shared.security.tokens import sign_token
from shared.security.totp import code_at, step_of
from tests.conftest import Clone, Signing, clone, serving
from tests.support import catalog_world, clients
from tests.support.catalog_world import REVIEWER, World, firm
from tests.support.letters import Letters, post_office

PASSWORD = "seven quiet herons"
QUICK = Argon2Hasher(time_cost=1, memory_cost=512, parallelism=1)


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self._now += timedelta(**by)


@dataclass(frozen=True)
class Desk:
    """The served application and what surrounds it."""

    app: FastAPI
    base: str
    world: World
    clock: MovedClock
    letters: Letters
    signing: Signing
    stack: ExitStack

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """A new client, with a token or without; it keeps cookies."""
        told = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}
        return self.stack.enter_context(clients.client(f"{self.base}/catalog/v1", told))

    def token(self, actor: Actor) -> str:
        """A long token, as the command line prints it."""
        return sign_token(self.signing.private_key, actor, timedelta(days=300), self.clock())

    @property
    def operator(self) -> httpx.Client:
        """A reviewer with a token of the command line."""
        return self.client(self.token(Actor("operator", Role.REVIEWER)))

    def firm(self, *, leader: bool = False) -> UUID:
        """A new enterprise."""
        with self.app.state.database.session() as session:
            row = firm(uuid4().int % 10**8, f"新{uuid4().hex[:6]}", leader=leader)
            (outcome,) = enterprises.upsert_enterprises(session, REVIEWER, [row])
            session.commit()
            return outcome.id

    def invited(self, email: str, **into: Any) -> str:
        """Invite somebody; the secret of the link in the letter."""
        asked = {name: str(value) if isinstance(value, UUID) else value for name, value in into.items()}
        answer = self.operator.post("/invitations", json={"email": email, **asked})
        assert answer.status_code == 201, answer.text
        return self.letters.link_to(email)

    def person(self, name: str, **into: Any) -> str:
        """Somebody new who has accepted an invitation; the e-mail address."""
        email = f"{name}-{uuid4().hex[:8]}@firm.example"
        said = {"token": self.invited(email, **into), "name": f"{name}某", "password": PASSWORD}
        answer = self.client().post("/links/completion", json=said)
        assert answer.status_code == 204, answer.text
        return email

    def sign_in(self, email: str, http: httpx.Client | None = None, **more: Any) -> httpx.Client:
        """A browser that has signed in; it says the csrf by itself."""
        http = http or self.client()
        answer = http.post("/session", json={"email": email, "password": PASSWORD, **more})
        assert answer.status_code == 201, answer.text
        if csrf := answer.json().get("csrf"):
            http.headers["X-CSRF-Token"] = csrf
        return http

    def reviewer(self) -> tuple[httpx.Client, str, str]:
        """A reviewer who has signed in and enrolled: the browser, the address, the authenticator's secret."""
        email = self.person("shen", kind="reviewer")
        http = self.sign_in(email)
        secret = http.post("/session/totp", json={"password": PASSWORD}).json()["secret"]
        answer = http.post("/session/totp/confirmation", json={"code": self.code(secret)})
        assert answer.status_code == 200, answer.text
        return http, email, secret

    def code(self, secret: str, ahead: int = 0) -> str:
        """What the authenticator shows now, or some steps later."""
        return code_at(secret, step_of(self.clock()) + ahead)


@contextmanager
def open_desk(
    urls: Clone,
    signing: Signing,
    letters: Letters,
    more: Mapping[str, Any] = MappingProxyType({}),
    **changed: Callable[[MovedClock], Any],
) -> Iterator[Desk]:
    """Serve the small world; `more` are further settings, `changed` replaces means of identity."""
    settings = CatalogSettings.model_construct(database_url=urls.app, jwks_file=signing.jwks_file, **more)
    clock = MovedClock()
    means = replace(
        identity_of(settings),
        clock=clock,
        signing_key=SigningKey(signing.key_file),
        passwords=Passwords(QUICK),
        encryption=encryption_of(signing),
        mailer=SmtpMailer(letters.url, "携手 <xieshou@system.example>"),
        **{name: make(clock) for name, make in changed.items()},
    )
    app = create_app(settings, means)
    with app.state.database.session() as session:
        world = catalog_world.build(session)
    with ExitStack() as stack:
        base = stack.enter_context(serving(app))
        yield Desk(app, base, world, clock, letters, signing, stack)


@contextmanager
def open_office(
    server: EmbeddedServer, signing: Signing, documents: Path, origins: Sequence[str] = ()
) -> Iterator[Desk]:
    """A served catalog where firms register: with an easy proof of work, and letters that arrive."""
    settings = {
        "documents_folder": documents,
        "proof_bits": 8,
        "draft_days": 30,
        "registration_origins": list(origins),
    }
    with (
        post_office() as letters,
        clone(server, "catalog") as urls,
        open_desk(urls, signing, letters, settings) as opened,
    ):
        yield opened


def encryption_of(signing: Signing) -> Encryption:
    """What encrypts authenticators' secrets, with a key of this session."""
    encryption = Encryption(signing.key_file.with_name("secrets.json"))
    encryption.create()
    return encryption


def detail_of(answer: httpx.Response) -> tuple[int, str]:
    """The status and the sentence of a refusal."""
    return answer.status_code, answer.json()["detail"]
