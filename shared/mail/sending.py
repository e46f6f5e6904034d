"""Send a mail: by SMTP where a server is set, else into the log, for development."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

TIMEOUT_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Mail:
    """A mail of plain text to one person."""

    to: str
    subject: str
    text: str


class MailNotSent(Exception):
    """The server did not take the mail."""


class Mailer(Protocol):
    """Sends mails."""

    def send(self, mail: Mail) -> None:
        """Send one; MailNotSent when nobody took it."""


class LogMailer:
    """Writes mails into the log: for development, where no mail server is."""

    def send(self, mail: Mail) -> None:
        """Write the mail, with the links in it."""
        structlog.get_logger("mail").info("mail", to=mail.to, subject=mail.subject, text=mail.text)


class SmtpMailer:
    """Sends by the server of a URL: smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS from the first byte).

    Without TLS nothing is sent, except on this machine itself.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("XIESHOU_SMTP_URL 应形如 smtp://用户:密码@主机:587 或 smtps://用户:密码@主机:465。")
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._tls_first = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """Hand the mail to the server; MailNotSent when it cannot be reached or refuses."""
        try:
            with self._connected() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(self._message(mail))
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(repr(error)) from error

    def _connected(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self._tls_first:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=tls)
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls") or self._host not in _LOOPBACK:
                server.starttls(context=tls)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.to, mail.subject
        message["Date"] = formatdate(localtime=False)
        # the sender's domain: the machine's own name is nobody's business
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def mailer_of(url: str | None, sender: str) -> Mailer:
    """The mailer for a setting: none means the log."""
    return SmtpMailer(url, sender) if url else LogMailer()
