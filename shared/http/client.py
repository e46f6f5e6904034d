"""The one HTTP client: time-outs, retries, tokens, and problem details as exceptions."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import httpx
import stamina
from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

# stamina would print through structlog to stdout, where command lines write their results
set_on_retry_hooks([LoggingOnRetryHook])

TIMEOUT = httpx.Timeout(60, connect=5)


class ApiProblem(Exception):
    """The other side answered with an error; the members are those of the problem details."""

    def __init__(self, status: int, type: str, title: str, detail: str, errors: list[dict[str, Any]]) -> None:
        super().__init__(f"{status} {title} {detail}".rstrip())
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """The exception for a response; one that is no problem detail (a proxy's page) keeps its beginning."""
        if not response.headers.get("content-type", "").startswith("application/problem+json"):
            return cls(response.status_code, "about:blank", response.reason_phrase, response.text[:300], [])
        body = response.json()
        return cls(response.status_code, body["type"], body["title"], body.get("detail", ""), body.get("errors", []))


def _worth_retrying(error: Exception, idempotent: bool) -> bool:
    """A refused connection never reached anybody; the rest may have, so only what may be repeated is."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return True
    if isinstance(error, ApiProblem):
        return idempotent and error.status in (502, 503)
    return idempotent and isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)


class ApiClient:
    """A service's API as seen by a program; close it, or use it as a context manager.

    Calls that may be repeated are those by GET and those with an `Idempotency-Key`; they are tried again for
    `patience` seconds while the service is not there.
    """

    def __init__(self, base_url: str, token: str | None = None, *, patience: float = 15.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # no proxy from the environment: services talk to each other directly
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT, trust_env=False)
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """GET: parsed JSON, or bytes of anything else. Parameters that are None are left out."""
        return self._call("GET", path, params=params)

    def post(
        self,
        path: str,
        json: Any = None,
        files: Any = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """POST a JSON body, or a form with files."""
        return self._call("POST", path, json=json, files=files, data=data, headers=headers, params=params)

    def put(self, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """PUT a JSON body."""
        return self._call("PUT", path, json=json, headers=headers)

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        after = params.pop("after", None)
        while True:
            page = self.get(path, after=after, **params)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """One call with its retries."""
        params = {name: value for name, value in (options.pop("params", None) or {}).items() if value is not None}
        idempotent = method == "GET" or "Idempotency-Key" in (options.get("headers") or {})
        for attempt in stamina.retry_context(
            on=lambda error: _worth_retrying(error, idempotent), attempts=None, timeout=self._patience, wait_max=1.0
        ):
            with attempt:
                return self._send(method, path, params=params, **options)
        raise AssertionError("stamina either returns or raises")

    def _send(self, method: str, path: str, **options: Any) -> Any:
        """One request; its body, or an ApiProblem."""
        response = self._http.request(method, path, **options)
        if response.is_error:
            raise ApiProblem.of(response)
        if "json" in response.headers.get("content-type", ""):
            return response.json()
        return response.content
