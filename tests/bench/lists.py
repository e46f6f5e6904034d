"""A list of 50 needs over HTTP for a machine of their leader: beside the ORM with `response_model`, and a bare route.

Ours is the service as its command serves it: with token, scope, row-level security, limits, allowance, request ids and
a line of log. The rival asks the same rows of the same database under the same policies for the same token, as
FastAPI's documentation teaches (SQLModel's objects through `response_model`), in an application that does nothing else;
the bare route answers the same bytes out of memory, to anybody. Each is a server process of its own, asked over one
kept connection; all three must answer the same.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

from tests.bench.harness import Bench, Rival, once, parser
from tests.support.acting import AS_SERVICE

if TYPE_CHECKING:
    from fastapi import FastAPI

QUICK = [["--rounds", "7"]]
LEAST = 2.5
LEADERS, PRODUCTS, NEEDS = 20, 10, 50
ADDRESS = "/catalog/v1/needs?limit=50"


@dataclass(frozen=True)
class Place:
    """A catalog of a server of this run, the file of its keys, and the token of a leader's machine."""

    url: str
    keys: str
    token: str


def asked(which: str, place: Place, calls: int) -> Callable[[], str]:
    """Asks a server of its own `calls` times for the list, one after the other; what it answered."""
    where, _ = started(which, place)
    return lambda: _asked(where, place, calls)


def worked(which: str, place: Place, calls: int) -> Callable[[], float]:
    """Seconds of processors that a server of its own spends on `calls` answers."""
    from tests.bench.feed_cpu import processor_seconds

    where, pid = started(which, place)

    def run() -> float:
        began = processor_seconds([pid])
        _asked(where, place, calls)
        return processor_seconds([pid]) - began

    return run


def started(which: str, place: Place) -> tuple[Any, int]:
    """A server's address and process."""
    listener = socket.create_server(("127.0.0.1", 0))
    where, command = listener.getsockname(), f"from tests.bench.lists import serve; serve({which!r})"
    said = {"LISTS_FD": str(listener.fileno()), "LISTS_URL": place.url, "LISTS_KEYS": place.keys}
    said["LISTS_PARENT"] = str(os.getpid())  # with which the server ends
    child = subprocess.Popen(
        [sys.executable, "-c", command],
        env={**os.environ, **said},
        pass_fds=[listener.fileno()],
        stderr=subprocess.DEVNULL,
    )
    listener.close()
    return where, child.pid


def _asked(where: Any, place: Place, calls: int) -> str:
    wanted = f"GET {ADDRESS} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {place.token}\r\n\r\n".encode()
    with socket.create_connection(where, timeout=300) as connection:
        for _ in range(calls):
            connection.sendall(wanted)
            body = _body(connection)
    return body.decode()


def _body(connection: socket.socket) -> bytes:
    """The body of one answer: nothing of a client's comfort, so that what is measured is the server."""
    head, _, body = b"", b"", b""
    while b"\r\n\r\n" not in head:
        head += _some(connection)
    head, _, body = head.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += _some(connection)
    return body


def _some(connection: socket.socket) -> bytes:
    found = connection.recv(2**18)
    assert found, "the server ended the connection"
    return found


def serve(which: str) -> None:
    """The server process: `ours`, `orm` or `bare`."""
    import uvicorn

    from shared.observability.logs import configure_logs
    from shared.processes.lifeline import die_with_parent

    die_with_parent(int(os.environ["LISTS_PARENT"]))
    configure_logs()
    apps: dict[str, Callable[[], FastAPI]] = {"ours": _ours, "orm": _orm, "bare": _bare}
    listener = socket.socket(fileno=int(os.environ["LISTS_FD"]))
    options = uvicorn.Config(apps[which](), server_header=False, access_log=False, log_level="warning", ws="none")
    uvicorn.Server(options).run(sockets=[listener])


def _ours() -> "FastAPI":
    from services.catalog.app import create_app
    from services.catalog.settings import CatalogSettings
    from shared.http.traffic import Allowance

    said = {"CATALOG_DATABASE_URL": os.environ["LISTS_URL"], "XIESHOU_JWKS_FILE": os.environ["LISTS_KEYS"]}
    app = create_app(CatalogSettings.model_validate(said))
    app.state.allowance = Allowance(10**9, 10**9)
    return app


def _orm() -> "FastAPI":
    from fastapi import Depends, FastAPI
    from sqlmodel import Session, col, select

    from services.catalog.enterprises.models import Enterprise
    from services.catalog.products.access import visible
    from services.catalog.products.models import Need, Product
    from services.catalog.products.schemas import NeedOut
    from shared.db.database import Database
    from shared.http.auth import CurrentActor
    from shared.http.paging import PageOf, encode_cursor
    from shared.http.sessions import open_session
    from shared.security.tokens import TokenVerifier

    app = FastAPI()
    app.state.database = Database(os.environ["LISTS_URL"])
    app.state.verifier = TokenVerifier(Path(os.environ["LISTS_KEYS"]))
    Opened = Annotated[Session, Depends(open_session)]

    @app.get("/catalog/v1/needs", response_model=PageOf[NeedOut])
    def list_needs(session: Opened, actor: CurrentActor, limit: int = 50) -> Any:
        joined = select(Need, Product, Enterprise).join(Product, col(Product.id) == Need.product_id)
        statement = joined.join(Enterprise, col(Enterprise.id) == Product.leader_id).where(visible(actor))
        rows = session.exec(statement.order_by(col(Product.code), col(Need.part_code)).limit(limit + 1)).all()
        items = [
            {
                **need.model_dump(),
                "product_code": product.code,
                "product_name": product.name,
                "leader_id": product.leader_id,
                "leader_name": leader.name,
                "annual_spend": _spend(need.annual_quantity, need.unit_price),
            }
            for need, product, leader in rows[:limit]
        ]
        last = items[-1]
        return {"items": items, "next": encode_cursor([last["product_code"], last["part_code"]])}

    return app


def _spend(quantity: Decimal | None, price: Decimal | None) -> int | None:
    """Quantity × price in whole 元, rounded half up; None when either is unknown."""
    if quantity is None or price is None:
        return None
    return int((quantity * price).quantize(Decimal(1), ROUND_HALF_UP))


def _bare() -> "FastAPI":
    from fastapi import FastAPI, Response

    app, kept = FastAPI(), Path(os.environ["LISTS_KEYS"]).with_name("page.json").read_bytes()

    @app.get("/catalog/v1/needs")
    def list_needs() -> Response:
        return Response(kept, media_type="application/json")

    return app


@contextmanager
def served_catalog(seed: int) -> Iterator[Place]:
    """A catalog with the needs of some leaders, and the token of a machine of one of them."""
    from deploy.embedded.postgres import EmbeddedServer
    from deploy.embedded.provision import CATALOG, provision
    from shared.db.migrate import upgrade
    from shared.security.actor import Actor, Role, Scope
    from shared.security.tokens import new_signing_key, public_jwks, sign_token

    folder = Path(tempfile.mkdtemp(prefix="test-", dir=".xieshou")).resolve()
    server, private = EmbeddedServer(folder / "data", durable=False), new_signing_key()
    (folder / "jwks.json").write_text(public_jwks(private), "utf-8")
    try:
        with server:
            provision(server)
            upgrade(Path("services/catalog/migrations"), server.url("catalog_owner", CATALOG))
            leader = _fill(server.url("catalog_owner", CATALOG), seed)
            machine = Actor("erp", Role.CHAIN_LEADER, leader, scopes=frozenset({Scope.CATALOG_READ}))
            token = sign_token(private, machine, timedelta(hours=9), datetime.now(UTC))
            yield Place(server.url("catalog_app", CATALOG), str(folder / "jwks.json"), token)
    finally:
        server.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _fill(owner: str, seed: int) -> UUID:
    """Leaders with products and needs; the id of one of them."""
    import random

    import psycopg

    draw = random.Random(seed)
    leaders = [uuid4() for _ in range(LEADERS)]
    products = [(uuid4(), leaders[at % LEADERS], at) for at in range(LEADERS * PRODUCTS)]
    with psycopg.connect(owner, autocommit=True, options=AS_SERVICE) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO enterprises (id, version, source_key, name, is_chain_leader, is_supplier, status) "
            "VALUES (%s, 1, %s, %s, true, false, 'verified')",
            [(id_, f"x:{at}", f"虚构链主{at}有限公司") for at, id_ in enumerate(leaders)],
        )
        cursor.executemany(
            "INSERT INTO products (id, version, code, name, leader_id) VALUES (%s, 1, %s, %s, %s)",
            [(id_, f"P{at:04}", f"主导产品{at}", leader) for id_, leader, at in products],
        )
        for id_, _, _ in products:
            cursor.executemany(_NEED, [_need(draw, id_, at) for at in range(NEEDS)])
        connection.execute("VACUUM ANALYZE")
    return leaders[0]


_NEED = (
    "INSERT INTO needs (id, version, product_id, part_code, part_name, unit, stated_quantity, annual_quantity, "
    "unit_price, class_code, text, certificates, parameters, processes, materials, lead_time_days, release_share) "
    "VALUES (%s, 1, %s, %s, %s, '件', %s, %s, %s, '3670', %s, %s, %s, '{}', '{}', 30, 1)"
)


def _need(draw: Any, product: UUID, at: int) -> tuple[Any, ...]:
    quantity, price = Decimal(draw.randint(100, 90_000)), Decimal(draw.randint(100, 90_000)) / 100
    wanted = json.dumps([{"scheme": "IATF 16949", "from_days": None}][: draw.randint(0, 1)])
    ranges = [{"name": "直径", "unit": "mm", "low": "10", "high": "45"}, {"name": "长度", "unit": "mm", "low": "300"}]
    text = "铝合金压铸壳体，表面喷涂，按图加工，年降百分之三"
    return uuid4(), product, f"A{at:03}", f"壳体{at}", quantity, quantity, price, text, wanted, json.dumps(ranges)


def main() -> None:
    """Measure one list."""
    arguments = parser(__doc__)
    arguments.add_argument("--calls", type=int, default=200, help="requests of a round")
    found = arguments.parse_args()
    bench = Bench("lists", found)
    with served_catalog(found.seed) as place:
        (page,) = bench.alternate([Rival("the page", asked, ("ours", place, 1), warm=0, rounds=1)])
        Path(place.keys).with_name("page.json").write_text(page.outcome, "utf-8")
        names = ("ours", "orm", "bare")
        own, orm, bare = bench.alternate([Rival(name, asked, (name, place, found.calls)) for name in names])
        spent = {name: once(worked, (name, place, found.calls), warm=1) for name in names}
    assert own.outcome == bare.outcome
    assert _read(own.outcome) == _read(orm.outcome), "the rivals answer otherwise"
    what = "a list of 50, with token, scope and row-level security"
    bench.figure(f"{what} ÷ ORM and response_model", orm.median / own.median, "×", least=LEAST, ours=own, rival=orm)
    bench.figure(f"{what} ÷ a bare FastAPI route", own.median / bare.median, "× time", ours=own, rival=bare)
    for name, of in (("orm", "ORM and response_model"), ("bare", "a bare FastAPI route")):
        bench.figure(f"processor time of {of} ÷ ours", spent[name] / spent["ours"], "×")
    bench.figure(what, 1000 * own.median / found.calls, "ms", ours=own)


def _read(page: str) -> Any:
    """A page as what it says: ours has what the wire model leaves out, and amounts may be written otherwise."""
    told = json.loads(page)
    from services.catalog.products.schemas import NeedOut

    return [NeedOut.model_validate(row) for row in told["items"]], told["next"]


if __name__ == "__main__":
    main()
