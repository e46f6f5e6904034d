"""Random secrets: what their bearer keeps is told once, what we keep of it is a digest."""

import base64
import hashlib
import hmac
import secrets


def new_secret() -> str:
    """256 random bits, safe in URLs, cookies and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the database keeps of a random secret: SHA-256, for nobody guesses 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(given: str, kept: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how far they are."""
    return hmac.compare_digest(given.encode(), kept.encode())


def derived(secret: str, purpose: str) -> str:
    """Another secret out of one, for one purpose; who knows it cannot tell the first (HMAC-SHA256)."""
    mac = hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
