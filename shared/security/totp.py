"""Time-based one-time passwords (RFC 6238 over RFC 4226): six digits, a step of 30 seconds, HMAC-SHA1.

These are the only parameters that every authenticator application understands. SHA-1 is no weakness here: HMAC needs
no freedom from collisions.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

DIGITS = 6
STEP_SECONDS = 30
#: Steps that a clock may go wrong either way.
TOLERANCE = 1


def new_totp_secret() -> str:
    """160 random bits in base 32, as RFC 4226 advises."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(moment: datetime) -> int:
    """The number of the step that a moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The code of a step (RFC 4226, 5.3: dynamic truncation)."""
    mac = hmac.new(_key(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: str, code: str, moment: datetime, last_used: int | None) -> int | None:
    """The step whose code this is, near `moment` and later than the last one used; None when there is none.

    A code counts once (RFC 6238, 5.2): who reads it over a shoulder is too late.
    """
    now = step_of(moment)
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        fresh = last_used is None or step > last_used
        if fresh and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """The address that authenticator applications read as a QR code."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)


def _key(secret: str) -> bytes:
    """The bytes of a secret in base 32; ValueError when it is none."""
    try:
        return base64.b32decode(secret, casefold=True)
    except binascii.Error as error:
        raise ValueError("not base 32") from error
