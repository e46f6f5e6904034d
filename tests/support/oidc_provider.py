"""A small OpenID Connect provider in a process of its own: `python -m tests.support.oidc_provider DESCRIPTOR`.

It really signs (RS256), checks PKCE, the client's secret, the redirect address, and that a code counts once. Who has
signed in there, and what is wrong with its next answer, is told to it by `POST /control`.
"""

import base64
import hashlib
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "xieshou-test", "provider's secret: a+b"


class Provider:
    """Its key, its codes, and what a test has told it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.told: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.turn_key()

    def turn_key(self) -> None:
        """Sign with another key from now on."""
        self.key = RSAKey.generate_key(2048, auto_kid=True)

    def authorise(self, asked: dict[str, str]) -> str:
        """The address to send the browser back to."""
        if refusal := self.told.get("error"):
            return f"{asked['redirect_uri']}?{urlencode({'error': refusal, 'state': asked['state']})}"
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, "session_state": "more"}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str], authorization: str) -> Response:
        """The ID token for a code."""
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        good = asked is not None and asked["code_challenge"] == challenge.rstrip(b"=").decode()
        if not good or authorization != f"Basic {expected}" or asked["redirect_uri"] != form["redirect_uri"]:  # type: ignore[index]
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert asked is not None
        return JSONResponse({"id_token": self._signed(asked), "access_token": "x", "token_type": "Bearer"})

    def _signed(self, asked: dict[str, str]) -> str:
        now = self.told.get("now", time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": int(now), "exp": int(now) + 300, "nonce": asked["nonce"]}
        claims = {**usual, **self.told.get("claims", {})}
        key = RSAKey.generate_key(2048) if self.told.get("forged") else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key, algorithms=["RS256"])


def create_app(issuer: str) -> FastAPI:
    """The provider's application."""
    app, provider = FastAPI(), Provider(issuer)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, str]:
        return {
            "issuer": provider.told.get("issuer", issuer),
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        return RedirectResponse(provider.authorise(dict(request.query_params)), 302)

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return provider.exchange(form, request.headers.get("Authorization", ""))

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet([provider.key]).as_dict(private=False))

    @app.post("/control")
    async def control(request: Request) -> None:
        provider.told = await request.json()
        if provider.told.get("turn_key"):
            provider.turn_key()

    return app


@contextmanager
def provider_process() -> Iterator[str]:
    """Run the provider beside us; its issuer. It ends with the context."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "tests.support.oidc_provider", str(listener.fileno()), issuer]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
    # the listener is the child's: whoever calls waits for it to accept
    httpx.get(f"{issuer}/keys", timeout=60, trust_env=False).raise_for_status()
    yield issuer
    process.terminate()
    process.wait(20)


if __name__ == "__main__":
    served = uvicorn.Server(uvicorn.Config(create_app(sys.argv[2]), log_level="warning", ws="none"))
    served.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
