"""From the communities of a supply network to their wire models."""

from services.matching.engine.supply_graph.communities import Communities
from services.matching.engine.supply_graph.supply import place_of
from services.matching.engine.supply_graph.tiers import FirmGraph
from services.matching.network.scene import Scene
from services.matching.network.schemas import CommunitiesOut, CommunityOut, MemberOut, TradeOut
from services.matching.network.wire import head, names_of
from shared.codes.regions import city_of


def communities_out(scene: Scene, graph: FirmGraph, found: Communities, limit: int) -> CommunitiesOut:
    """All groups; of the firms the `limit` that deal in most, with the trades among them."""
    names, places = names_of(scene), _places(scene)
    group = {firm: at for at, row in enumerate(found.found) for firm in row.firms}
    dealt = {firm: int(graph.degree(firm, weight="amount")) for firm in group}
    shown = sorted(group, key=lambda firm: (-dealt[firm], firm))[:limit]
    part = [f"图中有 {len(shown)} / {len(group)} 家企业。"] if len(shown) < len(group) else []
    rows = graph.subgraph(shown).edges(data="amount")
    return CommunitiesOut(
        **head(scene, part),
        modularity=round(found.modularity, 6),
        firms=len(group),
        communities=[
            CommunityOut(
                number=at,
                name=names[row.firms[0]],
                firms=len(row.firms),
                leaders=row.leaders,
                inside=row.inside,
                across=row.across,
            )
            for at, row in enumerate(found.found)
        ],
        between=_between(graph, group),
        nodes=[_node(graph, firm, names[firm], places.get(firm), group[firm]) for firm in shown],
        links=[TradeOut(source=f"firm:{r[0]}", target=f"firm:{r[1]}", amount=r[2]) for r in sorted(rows)],
    )


def _places(scene: Scene) -> dict[str, str | None]:
    snapshot = scene.view.snapshot
    leaders = {row.leader_key: row.leader_region for row in snapshot.products if row.leader_key}
    return leaders | {row.key: place_of(row) for row in snapshot.suppliers}


def _node(graph: FirmGraph, firm: str, name: str, place: str | None, community: int) -> MemberOut:
    return MemberOut(
        id=f"firm:{firm}",
        key=firm,
        name=name,
        city=city_of(place) if place else None,
        leader=graph.out_degree(firm) > 0,
        community=community,
        amount=int(graph.degree(firm, weight="amount")),
    )


def _between(graph: FirmGraph, group: dict[str, int]) -> list[TradeOut]:
    """What each two groups deal with each other, the most first."""
    sums: dict[tuple[int, int], int] = {}
    for leader, supplier, amount in graph.edges(data="amount"):
        one, other = sorted((group[leader], group[supplier]))
        if one != other:
            sums[one, other] = sums.get((one, other), 0) + amount
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [TradeOut(source=str(one), target=str(other), amount=amount) for (one, other), amount in ordered]
