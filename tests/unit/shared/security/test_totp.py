"""One-time passwords against the vectors of RFC 4226 and RFC 6238."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from shared.security.totp import code_at, matching_step, new_totp_secret, provisioning_uri, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 23, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert code_at(SECRET, counter) == code


@pytest.mark.parametrize(
    ("second", "code"),
    # the RFC shows eight digits; six are the last of them
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_rfc_6238_appendix_b(second: int, code: str) -> None:
    assert code_at(SECRET, step_of(datetime.fromtimestamp(second, UTC))) == code


@pytest.mark.parametrize(("off", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(off: int, found: bool) -> None:
    step = step_of(NOW)
    assert matching_step(SECRET, code_at(SECRET, step + off), NOW, None) == (step + off if found else None)


def test_a_used_step_and_those_before_it_count_no_more() -> None:
    step = step_of(NOW)
    assert matching_step(SECRET, code_at(SECRET, step), NOW, step) is None
    assert matching_step(SECRET, code_at(SECRET, step - 1), NOW, step) is None
    later = NOW + timedelta(seconds=30)
    assert matching_step(SECRET, code_at(SECRET, step + 1), later, step) == step + 1


def test_secrets_are_160_random_bits() -> None:
    assert len(base64.b32decode(new_totp_secret())) == 20
    assert new_totp_secret() != new_totp_secret()
    with pytest.raises(ValueError, match="base 32"):
        code_at("not base 32!", 1)


def test_the_address_for_the_authenticator() -> None:
    uri = provisioning_uri("ABC", "li@firm.example", "A B")
    assert uri == "otpauth://totp/A%20B%3Ali%40firm.example?secret=ABC&issuer=A%20B"
