"""Both services over one world of tenants who must not see of each other what is not public.

Tenant A: chain leader A, supplier "near", cluster "ships"; every text that they may write has a marker in it. Tenant B:
chain leader B, supplier "far", cluster "tools". The matcher has run over both, and nothing of A's was disclosed to B.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from deploy.embedded.postgres import EmbeddedServer
from services.matching.app import create_app as create_matching
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up
from services.matching.settings import MatchingSettings
from services.matching.what_if.engine_process import EngineBusy, ResidentEngine
from shared.http.traffic import Allowance
from shared.security.actor import Access, Actor, Role, Scope
from tests.conftest import Signing, clone, serving
from tests.contract.tenancy import matched
from tests.support.identity_desk import Desk, open_desk
from tests.support.letters import post_office

MARK = "密标"
"""Every marker begins with it."""


class EngineAway(ResidentEngine):
    """The engine process takes longer to start than all else here; whom a route lets in, it answers that it is busy."""

    def ask(self, *_: Any) -> Any:
        """Nothing."""
        raise EngineBusy


@dataclass
class Stand:
    """The served services, who asks them, and the ids of what is tenant A's."""

    desk: Desk
    matching: FastAPI
    matching_base: str
    actors: Mapping[str, Actor | None] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    markers: dict[str, str] = field(default_factory=dict)

    @property
    def apps(self) -> dict[str, tuple[FastAPI, str]]:
        """Each service's application, and where it is served."""
        return {"catalog": (self.desk.app, self.desk.base), "matching": (self.matching, self.matching_base)}

    def client(self, service: str, who: Actor | None) -> httpx.Client:
        """A client of a service for an actor, or for nobody; the caller closes it."""
        headers = {"Authorization": f"Bearer {self.desk.token(who)}"} if who else {}
        return httpx.Client(base_url=self.apps[service][1], headers=headers, trust_env=False, timeout=120)


@contextmanager
def open_stand(server: EmbeddedServer, signing: Signing) -> Iterator[Stand]:
    """Build the world through the API, let matching follow and match, and serve both."""
    with ExitStack() as stack:
        urls = stack.enter_context(clone(server, "catalog"))
        letters = stack.enter_context(post_office())
        desk = stack.enter_context(open_desk(urls, signing, letters))
        settings = {
            "MATCHING_DATABASE_URL": stack.enter_context(clone(server, "matching")).app,
            "XIESHOU_JWKS_FILE": str(signing.jwks_file),
        }
        matching = create_matching(MatchingSettings.model_validate(settings))
        matching.state.resident_engine.close()
        matching.state.resident_engine = EngineAway()
        for app in (desk.app, matching):
            app.state.allowance = Allowance(10**6, 10**6)
        stand = Stand(desk, matching, stack.enter_context(serving(matching)))
        stand.actors = _actors(stand)
        _write(stand)
        _follow(stand)
        _find_ids(stand)
        with matching.state.database.session() as session:
            run = matched.settle(session, desk.world, stand.ids, Marks(stand.markers))
        stand.ids |= {"need_id": stand.ids["needs"], "run_id": str(run), "suggestion_id": str(matched.OF_A)}
        yield stand


def _actors(stand: Stand) -> dict[str, Actor | None]:
    """Who asks, by the name of its column; owners have accounts, as only people own."""
    world = stand.desk.world
    a, near, b, far = (world.enterprises[name] for name in ("A", "near", "B", "far"))
    ships, tools = (frozenset({world.clusters[name]}) for name in ("ships", "tools"))
    leader, supplier = Role.CHAIN_LEADER, Role.SUPPLIER
    owners = {firm: _owner(stand, name, firm) for name, firm in (("甲", a), ("丙", near), ("乙", b), ("丁", far))}
    reading = frozenset({Scope.CATALOG_READ, Scope.MATCHING_READ})
    return {
        "nobody": None,
        "reviewer": Actor("审核", Role.REVIEWER),
        "auditor": Actor("审计", Role.AUDITOR),
        "organisation": Actor("促进", Role.CLUSTER_ORGANISATION, None, ships),
        "other organisation": Actor("促进二", Role.CLUSTER_ORGANISATION, None, tools),
        "leader owner": Actor("甲主", leader, a, account_id=owners[a]),
        "leader member": Actor("甲员", leader, a, account_id=uuid4()),
        "leader reader": Actor("甲览", leader, a, access=Access.READ, account_id=uuid4()),
        "leader machine": Actor("甲机", leader, a, scopes=reading),
        "other leader": Actor("乙主", leader, b, account_id=owners[b]),
        "supplier owner": Actor("丙主", supplier, near, account_id=owners[near]),
        "supplier member": Actor("丙员", supplier, near, account_id=uuid4()),
        "supplier reader": Actor("丙览", supplier, near, access=Access.READ, account_id=uuid4()),
        "supplier machine": Actor("丙机", supplier, near, scopes=reading),
        "other supplier": Actor("丁主", supplier, far, account_id=owners[far]),
        "no tenant": Actor("无主", supplier),
    }


def _owner(stand: Stand, name: str, firm: UUID) -> UUID:
    """The account of a new owner of an enterprise."""
    email = stand.desk.person(name.encode().hex(), kind="enterprise", enterprise_id=firm, level="owner")
    with stand.desk.app.state.database.session() as session:
        found: UUID = session.execute(
            text("SELECT id FROM accounts WHERE email = :email"), {"email": email}
        ).scalar_one()
        return found


def _write(stand: Stand) -> None:
    """Tenant A fills in everything that has a text, by the routes by which it does so."""
    who = ("leader owner", "supplier owner", "reviewer")
    with ExitStack() as stack:
        leader, supplier, reviewer = (stack.enter_context(stand.client("catalog", stand.actors[each])) for each in who)
        _write_rows(stand, leader, supplier, reviewer)
        _write_beside(stand, Marks(stand.markers), leader)


def _write_rows(stand: Stand, leader: httpx.Client, supplier: httpx.Client, reviewer: httpx.Client) -> None:
    """Rows of every kind."""
    world, mark = stand.desk.world, Marks(stand.markers)
    a, near = str(world.enterprises["A"]), str(world.enterprises["near"])
    for firm, what in ((a, "链主简称"), (near, "供应商简称")):
        _name(reviewer, firm, mark(what))
    product = _created(
        leader,
        "products",
        {"code": mark("产品编号"), "name": mark("产品名"), "leader_id": a, "unit": "台", "annual_volume": "10",
         "cluster_id": str(world.clusters["ships"])},
    )  # fmt: skip
    part = mark("零件号")
    line = {"product_id": product, "part_code": part, "part_name": mark("清单零件名"), "quantity": "2"}
    _created(leader, "bom-lines", line)
    _created(leader, "bom-lines", line | {"part_code": mark("原料号"), "parent": part, "part_name": mark("原料名")})
    need = {"product_id": product, "part_code": part, "part_name": mark("需求零件名"), "text": mark("需求说明")}
    asked = {"name": mark("参数名"), "min": "1", "max": "2", "unit": "mm"}
    _created(
        leader, "needs", need | {"unit": "件", "unit_price": "7.7717", "class_code": "3443", "parameters": [asked]}
    )
    bought = {"leader_id": a, "part_code": part, "period": "2025", "amount": "917253.41"}
    _created(leader, "purchases", bought | {"document": mark("凭证号"), "supplier_name": mark("外省供应商")})
    _created(
        leader, "preferences", {"leader_id": a, "supplier_id": near, "stance": "preferred", "reason": mark("优先理由")}
    )
    offer = {"supplier_id": near, "code": mark("能力编号"), "name": mark("能力名"), "text": mark("能力说明")}
    offer |= {"class_code": "3443", "spare_capacity": "1000", "capacity_unit": "件", "unit_price": "7.1313"}
    _created(supplier, "capabilities", offer)
    paper = {"enterprise_id": near, "scheme": "ISO 14001", "number": mark("证书号"), "scope": mark("证书范围")}
    _created(supplier, "certificates", paper | {"issuer": mark("发证机构"), "valid_until": "2028-12-31"})
    _created(
        reviewer,
        "titles",
        {"enterprise_id": near, "title": "little_giant", "level": "national", "number": mark("称号编号")},
    )
    _created(reviewer, "relations", {"owner_id": a, "owned_id": near, "share": "0.3"})


def _write_beside(stand: Stand, mark: "Marks", leader: httpx.Client) -> None:
    """Imports, kept mappings, people, programs: what hangs on an enterprise beside its rows."""
    a = str(stand.desk.world.enterprises["A"])
    _import(leader, mark)
    asked = {"email": f"{uuid4().hex[:6]}@mark.example", "kind": "enterprise", "enterprise_id": a, "level": "member"}
    stand.markers["受邀邮箱"] = asked["email"]
    assert leader.post("/catalog/v1/invitations", json=asked).status_code == 201
    program = {"name": mark("程序名"), "enterprise_id": a, "role": "chain_leader", "scopes": ["catalog.read"]}
    assert leader.post("/catalog/v1/clients", json=program).status_code == 201


def _name(reviewer: httpx.Client, firm: str, short_name: str) -> None:
    """Give an enterprise a short name, as only reviewers do."""
    path = f"/catalog/v1/enterprises/{firm}"
    version = reviewer.get(path).headers["ETag"]
    answer = reviewer.patch(path, json={"short_name": short_name}, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text


def _import(leader: httpx.Client, mark: "Marks") -> None:
    """A purchase ledger, kept and previewed."""
    sheet = (
        f"零件编码,供应商,凭证号,月份,金额\n{mark('导入零件号')},{mark('导入供应商')},{mark('导入凭证号')},2025-03,5\n"
    )
    file = {"file": (f"{mark('文件名')}.csv", sheet.encode())}
    draft = leader.post("/catalog/v1/imports/uploads", files=file, data={"kind": "purchases"})
    assert draft.status_code == 201, draft.text
    previewed = leader.post(f"/catalog/v1/imports/{draft.json()['id']}/preview")
    assert previewed.status_code == 200, previewed.text


def _created(client: httpx.Client, segment: str, row: Mapping[str, Any]) -> str:
    answer = client.post(f"/catalog/v1/{segment}", json=row)
    assert answer.status_code == 201, (segment, answer.text)
    return str(answer.json()["id"])


class Marks:
    """Makes a marker for each field; they are told apart by the field's name."""

    def __init__(self, made: dict[str, str]) -> None:
        self._made = made

    def __call__(self, what: str) -> str:
        """The marker of a field."""
        return self._made.setdefault(what, f"{MARK}{what}{uuid4().hex[:8]}")


def _follow(stand: Stand) -> None:
    """Let matching follow the catalog to the end of its feed."""

    async def work() -> None:
        async with CatalogFeed(stand.desk.base, stand.desk.token(Actor("matching", Role.SERVICE))) as feed:
            await catch_up(stand.matching.state.database, feed)

    asyncio.run(work())


#: A row of tenant A of each kind that a path may name.
_ROWS = {
    "enterprises": "SELECT :a",
    "products": "SELECT id FROM products WHERE leader_id = :a ORDER BY id DESC",
    "bom-lines": "SELECT l.id FROM bom_lines AS l JOIN products AS p ON p.id = product_id WHERE leader_id = :a",
    "needs": "SELECT n.id FROM needs AS n JOIN products AS p ON p.id = product_id WHERE leader_id = :a",
    "purchases": "SELECT id FROM purchases WHERE leader_id = :a",
    "preferences": "SELECT id FROM preferences WHERE leader_id = :a",
    "capabilities": "SELECT id FROM capabilities WHERE supplier_id = :near",
    "certificates": "SELECT id FROM certificates WHERE enterprise_id = :near",
    "titles": "SELECT id FROM titles WHERE enterprise_id = :near",
    "relations": "SELECT id FROM relations WHERE owner_id = :a",
    "clusters": "SELECT :ships",
    "cluster-members": "SELECT id FROM cluster_members WHERE enterprise_id = :a",
    "imports": "SELECT id FROM imports WHERE enterprise_id = :a",
    "import-rows": "SELECT id FROM import_packs WHERE import_id = (SELECT id FROM imports WHERE enterprise_id = :a)",
    "members": "SELECT id FROM memberships WHERE enterprise_id = :a",
    "accounts": "SELECT account_id FROM memberships WHERE enterprise_id = :a",
    "invitations": "SELECT id FROM one_time_links WHERE enterprise_id = :a AND used_at IS NULL",
    "clients": "SELECT id FROM machine_clients WHERE enterprise_id = :a",
}


def _find_ids(stand: Stand) -> None:
    world = stand.desk.world
    known = {name: world.enterprises[name] for name in ("A", "near")} | {"ships": world.clusters["ships"]}
    given = {name.lower(): id for name, id in known.items()}
    with stand.desk.app.state.database.session() as session:
        for name, statement in _ROWS.items():
            found = session.execute(text(f"{statement} LIMIT 1"), given).scalar()
            stand.ids[name] = str(found or uuid4())
