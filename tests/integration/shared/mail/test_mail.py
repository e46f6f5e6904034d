"""Letters by a real SMTP server, and what happens when it does not take them."""

import pytest
import structlog

from shared.mail.sending import LogMailer, Mail, MailNotSent, SmtpMailer, mailer_of
from tests.support.letters import post_office

LETTER = Mail("li@firm.example", "携手：邀请", "您好：\n链接 https://x.example/#abc\n")
SENDER = "携手 <xieshou@system.example>"


def test_a_letter_arrives_as_it_was_written() -> None:
    with post_office() as letters:
        SmtpMailer(letters.url, SENDER).send(LETTER)
        came = letters.to("li@firm.example")
    text = came.get_content().replace("\r\n", "\n")
    assert (came["Subject"], came["From"], text) == ("携手：邀请", SENDER, LETTER.text)
    assert came["Message-ID"].endswith("@system.example>")
    assert came["Auto-Submitted"] == "auto-generated"


# that a password without TLS is a bad idea is right, and there is no wire here
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_that_asks_for_a_password() -> None:
    with post_office(with_login=True) as letters:
        SmtpMailer(letters.url, SENDER).send(LETTER)
        assert letters.to("li@firm.example")["Subject"] == "携手：邀请"
        with pytest.raises(MailNotSent, match="530"):
            SmtpMailer(letters.url.replace("post:p%40ss%20word@", ""), SENDER).send(LETTER)
        with pytest.raises(MailNotSent, match="535"):
            SmtpMailer(letters.url.replace("p%40ss", "wrong"), SENDER).send(LETTER)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(MailNotSent, match="refused"):
        SmtpMailer("smtp://127.0.0.1:9", SENDER).send(LETTER)


def test_nothing_goes_to_another_machine_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office() as letters:
        # the same server under a name that is not this machine's: it offers no STARTTLS
        monkeypatch.setattr("socket.getaddrinfo", _always_loopback)
        with pytest.raises(MailNotSent, match="STARTTLS"):
            SmtpMailer(letters.url.replace("127.0.0.1", "mail.example"), SENDER).send(LETTER)
        assert letters.none_to("li@firm.example")


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_a_setting_that_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="XIESHOU_SMTP_URL 应形如"):
        mailer_of(url, SENDER)


def test_a_line_break_in_a_heading_is_refused() -> None:
    with post_office() as letters, pytest.raises(ValueError, match="linefeed"):
        SmtpMailer(letters.url, SENDER).send(Mail("li@firm.example", "a\nBcc: all@x.example", ""))


def test_without_a_server_letters_go_to_the_log() -> None:
    mailer = mailer_of(None, SENDER)
    assert isinstance(mailer, LogMailer)
    with structlog.testing.capture_logs() as lines:
        mailer.send(LETTER)
    assert [(line["to"], line["text"]) for line in lines] == [("li@firm.example", LETTER.text)]


def _always_loopback(_host: object, port: int, *_rest: object, **_options: object) -> list[object]:
    import socket

    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
