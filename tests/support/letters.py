"""A real SMTP server on loopback that keeps the letters it gets."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

PATIENCE_SECONDS = 20
_LINK = r"/catalog/link#(\S+)"


class Letters:
    """What came, in its order; each is read once."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._kept: list[EmailMessage] = []
        self.url = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a letter."""
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        with self._arrived:
            self._kept.append(letter)
            self._arrived.notify_all()
        return "250 OK"

    def to(self, address: str, having: str = "") -> EmailMessage:
        """The oldest letter to an address (whose text has what a pattern says); it may still be on its way."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: self._found(address, having), PATIENCE_SECONDS)
            assert came, f"no letter to {address}"
            found = self._found(address, having)
            self._kept.remove(found[0])
            return found[0]

    def none_to(self, address: str) -> bool:
        """Whether nothing came for an address so far."""
        with self._arrived:
            return not self._found(address)

    def link_to(self, address: str) -> str:
        """The secret of the link in the oldest letter to an address."""
        found = re.search(_LINK, self.to(address, having=_LINK).get_content())
        assert found
        return found[1]

    def _found(self, address: str, having: str = "") -> list[EmailMessage]:
        to = (letter for letter in self._kept if letter["To"] == address)
        return [letter for letter in to if re.search(having, letter.get_content())]


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"post", b"p@ss word"), handled=False)


@contextmanager
def post_office(*, with_login: bool = False) -> Iterator[Letters]:
    """Serve SMTP on a loopback port; `letters.url` is the setting for it."""
    letters = Letters()
    options: dict[str, Any] = {"authenticator": _knows, "auth_require_tls": False, "auth_required": True}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=port, **(options if with_login else {}))
    controller.start()
    letters.url = f"smtp://{'post:p%40ss%20word@' if with_login else ''}127.0.0.1:{port}"
    yield letters
    controller.stop()
