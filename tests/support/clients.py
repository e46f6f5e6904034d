"""Clients of servers that a whole session of tests shares."""

from collections.abc import Mapping

import httpx

#: A server ends idle connections after a few seconds, and a client that nobody uses any more would keep its end open
#: till the session is over: hundreds of them are more than a process may have.
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


def client(base: str, headers: Mapping[str, str], timeout: float = 60) -> httpx.Client:
    """A client that gives each connection back once it is answered."""
    return httpx.Client(base_url=base, headers=dict(headers), trust_env=False, timeout=timeout, limits=_NONE_KEPT)
