"""What the audit keeps of where a request came from, less than the request told; and its changes in a cell."""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from typing import Any

#: Before others: a browser calls itself Mozilla, and so do many programs that name themselves as well.
_PROGRAMS = ("curl", "wget", "python", "httpx", "java", "go-http", "node", "axios", "postman", "bot")
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def network_of(address: str) -> str | None:
    """The network of an address, which names an office and not a person: /24, of IPv6 /48; None for no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def agent_class(agent: str) -> str:
    """What kind of program a `User-Agent` tells of: a browser by its family, a program, or nothing known.

    >>> agent_class("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox'
    >>> agent_class("curl/8.5.0"), agent_class("")
    ('program', 'unknown')
    """
    if any(name in agent.lower() for name in _PROGRAMS):
        return "program"
    return next((family for token, family in _BROWSERS if token in agent), "unknown")


def in_a_cell(changes: Sequence[Mapping[str, Any]] | str) -> str | None:
    """The changes of an entry as a spreadsheet shows them, states as JSON; what is words already stays so.

    A row's fields may be called anything: no heading or wording of a list applies to them.
    """
    if isinstance(changes, str):
        return changes
    return "；".join(f"{each['kind']} {each['entity']} {each['op']} {_states(each)}" for each in changes) or None


def _states(change: Mapping[str, Any]) -> str:
    told = {name: change[name] for name in ("before", "after", "concealed") if change[name]}
    return json.dumps(told, ensure_ascii=False)
