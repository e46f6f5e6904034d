"""The server's time for each page and role over a province: p50 and p95 of 50 requests each; p95 at most 200 ms.

The stack runs as `make run` runs it, on the data of `tests.bench.province`, which are made first where they are not
there; one leader's best suggestions are approved, one is accepted and consented to. Requests come one after another
over one connection, with a browser's cookie; the time is from sending to the last byte, on loopback. What a page asks
for afterwards (scripts, styles, parts) is not in it. There is no rival: nothing else shows these pages.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from tests.bench.harness import Bench, parser, percentile
from tests.bench.province import FOLDER, Journal, go

LARGE = [["--scale", "medium"]]
WARM = 3
"""Requests before the clock starts: what a process keeps is read then."""
APPROVED = 20


class Look(NamedTuple):
    """A page, and who looks at it: a role, and the enterprise that it acts for."""

    role: str | None
    enterprise: str | None
    path: str


def approved(client: Any) -> dict[str, Any]:
    """Approve the best suggestions of the leader who has most of the best; who and what is then looked at."""
    found = client.get("/matching/v1/suggestions", order="best", state="proposed", limit=1000)["items"]
    (leader, _), *_ = Counter(row["leader_id"] for row in found if row["leader_id"]).most_common(1)
    chosen = [row for row in found if row["leader_id"] == leader][:APPROVED]
    for row in chosen:
        client.post(f"/matching/v1/suggestions/{row['id']}/approval", json={}, headers=_as_read(row))
    first, last = chosen[0], chosen[-1]
    return {
        "leader": leader,
        "supplier": first["supplier_id"],
        "product": first["product_id"],
        "agreed": first["id"],
        "need": last["need_id"],
        "suggestion": last["id"],
        "run": last["run_id"],
    }


def agreed(stack: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """Let leader and supplier take the first of them, so that there is a cooperation."""
    from shared.http.client import ApiClient
    from shared.security.actor import Role

    steps = ((Role.CHAIN_LEADER, "leader", "acceptance"), (Role.SUPPLIER, "supplier", "consent"))
    for role, who, step in steps:
        with ApiClient(stack.base_url, stack.token(role, UUID(known[who]))) as client:
            row = client.get(f"/matching/v1/suggestions/{known['agreed']}")
            client.post(f"/matching/v1/suggestions/{row['id']}/{step}", json={}, headers=_as_read(row))
    return {}


def _as_read(row: Mapping[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{row["version"]}"'}


def looks(known: Mapping[str, Any]) -> Iterator[Look]:
    """Every page with what it shows of this province."""
    run = f"/matching/runs/{known['run']}"
    visitor = ("/matching/front", "/catalog/sign-in", "/catalog/registration")
    reviewer = (
        "/matching/front",
        "/matching/suggestions?state=proposed&order=best",
        "/matching/suggestions?order=best",
        "/matching/suggestions?state=proposed&order=best&assigned=false",
        "/matching/suggestions?order=-amount&class_code=34&least_score=500",
        f"/matching/suggestions/{known['suggestion']}",
        "/matching/runs",
        run,
        f"{run}/gaps",
        f"{run}/gaps?by=product",
        f"{run}/near-misses",
        f"{run}/lines/{known['need']}",
        f"{run}/what-if",
        f"{run}/what-if?supplier={known['supplier']}",
        "/matching/rates",
        "/matching/rates?by=product&stage=suggested",
        "/matching/rates/comparison",
        "/matching/map",
        "/catalog/registrations?state=submitted",
        "/catalog/imports",
        "/catalog/audit",
        "/matching/audit",
    )
    leader = (
        "/matching/products",
        f"/matching/products/{known['product']}",
        f"/catalog/products/{known['product']}",
        f"/matching/products/{known['product']}/coverage",
        f"/matching/lines/{known['need']}",
        "/matching/rates?by=product",
        "/matching/cooperations",
        f"/matching/cooperations/{known['agreed']}",
        "/catalog/imports",
    )
    supplier = (
        "/matching/invitations",
        f"/matching/invitations/{known['agreed']}",
        "/matching/obstacles",
        "/matching/cooperations",
        "/catalog/capabilities",
    )
    yield from (Look(None, None, path) for path in visitor)
    yield from (Look("reviewer", None, path) for path in reviewer)
    yield from (Look("chain_leader", known["leader"], path) for path in leader)
    yield from (Look("supplier", known["supplier"], path) for path in supplier)


def timed(stack: Any, look: Look, count: int) -> tuple[list[float], int]:
    """Milliseconds of each request for a page, and the bytes of the answer; RuntimeError where it is refused."""
    import httpx

    from shared.http.auth import ACCESS_COOKIE

    cookies = {} if look.role is None else {ACCESS_COOKIE: _token(stack, look)}
    taken: list[float] = []
    with httpx.Client(base_url=stack.base_url, cookies=cookies, timeout=120, trust_env=False) as http:
        for at in range(WARM + count):
            began = time.perf_counter()
            answer = http.get(look.path)
            if at >= WARM:
                taken.append(1000 * (time.perf_counter() - began))
            if answer.status_code != 200:
                raise RuntimeError(f"{look.path} for {look.role}: {answer.status_code} {answer.text[:300]}")
    return taken, len(answer.content)


def _token(stack: Any, look: Look) -> str:
    """A token as a browser's cookie holds it."""
    from datetime import UTC, datetime, timedelta

    from shared.security.actor import Actor, Role
    from shared.security.keys import SigningKey

    enterprise = UUID(look.enterprise) if look.enterprise else None
    actor = Actor(f"bench:{look.role}", Role(look.role or ""), enterprise)
    return SigningKey(stack.keys.signing).sign(actor, timedelta(hours=2), datetime.now(UTC), "bench")


def measured(place: Path, count: int) -> list[tuple[Look, Sequence[float], int]]:
    """Each page's times on the stack of a province that is there."""
    from deploy.embedded.stack import running_stack
    from shared.http.client import ApiClient

    journal = Journal(place / "journal.json")
    with running_stack(place / "data") as stack, ApiClient(stack.base_url, stack.reviewer_token()) as client:
        known = journal.once("approve", lambda: approved(client))
        journal.once("agree", lambda: agreed(stack, known))
        return [(look, *timed(stack, look, count)) for look in looks(known)]


def main() -> None:
    """Measure each page of one province."""
    arguments = parser(__doc__)
    arguments.add_argument("--scale", choices=["small", "medium", "large"], default="medium")
    arguments.add_argument("--folder", type=Path, help="spreadsheets that are there already")
    arguments.add_argument("--place", type=Path, default=FOLDER, help="where the data and the journal are")
    arguments.add_argument("--count", type=int, default=50, help="requests for each page")
    asked = arguments.parse_args()
    bench = Bench("pages", asked)
    place = asked.place / asked.scale
    place.mkdir(parents=True, exist_ok=True)
    go(place, asked)
    for look, taken, size in measured(place, asked.count):
        note = f"p50 {percentile(taken, 50):.0f} ms, greatest {max(taken):.0f} ms, {size / 1024:,.0f} KB"
        what = f"{asked.scale}, {look.role or 'visitor'}: {_said(look.path)}"
        bench.figure(what, percentile(taken, 95), "ms p95", most=200, note=note)
        print(f"    {note}", flush=True)


def _said(path: str) -> str:
    """A page's address without the ids in it, so that figures of two provinces stand beside each other."""
    import re

    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path)


if __name__ == "__main__":
    main()
