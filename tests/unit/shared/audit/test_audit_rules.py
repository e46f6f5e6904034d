"""What the audit keeps of where a request came from."""

import pytest

from shared.audit.rules import agent_class, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("127.0.0.1", "127.0.0.0/24"),
        ("testclient", None),
        ("", None),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, network: str | None) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/18.0 Safari/605.1", "Safari"),
        ("Mozilla/5.0 Gecko/20100101 Firefox/140.0", "Firefox"),
        ("python-httpx/0.28", "program"),
        ("curl/8.5.0", "program"),
        ("", "unknown"),
    ],
)
def test_of_a_user_agent_the_kind_is_kept(agent: str, kind: str) -> None:
    assert agent_class(agent) == kind
