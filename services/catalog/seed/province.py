"""The province as a whole: leaders, suppliers, clusters with members, put together and written as spreadsheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from services.catalog.imports.templates import ImportKind
from services.catalog.seed import demand, ledger
from services.catalog.seed.book import Leader, clusters, trades
from services.catalog.seed.dice import Dice
from services.catalog.seed.firms import MARK, Firm, size
from services.catalog.seed.market import Market, Row, leader_code
from services.catalog.seed.papers import certificates
from services.catalog.seed.sheets import write_file
from services.catalog.seed.sisters import all_leaders
from services.catalog.seed.supply import open_market
from shared.codes import regions

_MEMBER, _MEMBER_ELSEWHERE = 0.68, 0.025
_LEADER_SCHEMES = ("ISO 9001", "ISO 14001", "ISO 45001")


class Scale(StrEnum):
    """How large a province is drawn."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


SUPPLIERS = {Scale.SMALL: 800, Scale.MEDIUM: 10_000, Scale.LARGE: 50_000}
#: Each leader of the book has about 40 needs; it gets so many sisters, for 10,000 and 100,000 needs.
SISTERS = {Scale.SMALL: 0, Scale.MEDIUM: 16, Scale.LARGE: 168}


@dataclass(frozen=True)
class Summary:
    """What was written: the folder, the scale, the seed, and the number of rows by file name."""

    folder: Path
    scale: Scale
    seed: int
    rows: dict[str, int]


def write_province(folder: Path, scale: str, seed: int) -> Summary:
    """Write the spreadsheets of the province of this seed into the folder, over those that are there.

    The names of the files of a summary are in the order of import.

    Raises ValueError for an unknown scale.
    """
    size_of = Scale(scale)
    sheets = province(size_of, seed)
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    for kind, rows in sheets.items():
        written |= write_file(folder, kind, rows)
    return Summary(folder, size_of, seed, written)


def province(scale: Scale, seed: int) -> dict[ImportKind, list[Row]]:
    """The rows of every kind (field of the template → value), in the order of import."""
    leaders = all_leaders(SISTERS[scale], seed)
    market = open_market(seed, leaders, SUPPLIERS[scale])
    made = [(leader, product) for leader in leaders for product in leader.products]
    return {
        ImportKind.ENTERPRISES: [*map(_leader_row, leaders), *_firm_rows(market)],
        ImportKind.CERTIFICATES: [
            *_leader_papers(leaders),
            *(row for firm in market.firms.all for row in certificates(seed, firm)),
        ],
        ImportKind.CLUSTERS: list(_cluster_rows()),
        ImportKind.CLUSTER_MEMBERS: list(_member_rows(market)),
        ImportKind.PRODUCTS: [row for leader in leaders for row in demand.product_rows(leader)],
        ImportKind.BOM_LINES: [row for leader, product in made for row in demand.bom_rows(leader, product)],
        ImportKind.NEEDS: [row for leader, product in made for row in demand.need_rows(seed, leader, product)],
        ImportKind.PURCHASES: [row for leader in leaders for row in ledger.purchase_rows(market, leader)],
        ImportKind.CAPABILITIES: market.capabilities,
    }


def _leader_row(leader: Leader) -> Row:
    return {
        "credit_code": leader_code(leader),
        "name": f"{leader.name}{MARK}",
        "short_name": f"{leader.short}{MARK}",
        "roles": "链主企业、供应商" if leader.is_supplier else "链主企业",
        "region": regions.full_name(leader.region),
        "class_code": leader.class_code,
        "staff": leader.staff,
        "revenue_wan": leader.revenue_wan,
    }


def _leader_papers(leaders: Sequence[Leader]) -> Iterator[Row]:
    for leader in leaders:
        for scheme in dict.fromkeys((*leader.certificates, *_LEADER_SCHEMES)):
            yield {
                "enterprise": leader_code(leader),
                "scheme": scheme,
                "number": f"XG-L-{scheme.split()[-1]}-{leader.key}",
                "issuer": "泰岳认证中心（虚构）",
                "valid_from": "2025-03-01",
                "valid_until": "2028-02-29",
                "trust": "已核验",
            }


def _firm_rows(market: Market) -> Iterator[Row]:
    for firm in market.firms.all:
        dice = Dice(market.seed, "size", firm.code)
        staff, revenue = size(dice, firm)
        yield {
            "credit_code": firm.code,
            "name": firm.name,
            "roles": "供应商",
            "region": firm.shown_region,
            "class_code": _class(dice, firm),
            "staff": staff,
            "revenue_wan": revenue,
        }


def _class(dice: Dice, firm: Firm) -> str:
    code = trades()[firm.trade].class_code
    return dice.weighted((code, code[:3], ""), (75, 15, 10))


def _cluster_rows() -> Iterator[Row]:
    for cluster in clusters().values():
        yield {
            "code": cluster.code,
            "name": cluster.name,
            "tier": cluster.tier,
            "cities": "、".join(regions.short_name(city) for city in cluster.cities),
            "target": "50%",
        }


def _member_rows(market: Market) -> Iterator[Row]:
    """The leaders, a good part of their suppliers in the cluster's cities, and a few from elsewhere."""
    for code, cluster in clusters().items():
        for leader in market.leaders.values():
            if leader.cluster == code:
                yield {"cluster": code, "enterprise": leader_code(leader)}
        for firm in market.firms.all:
            share = _MEMBER if firm.city in cluster.cities else _MEMBER_ELSEWHERE
            if code in firm.serves and Dice(market.seed, "member", code, firm.code).chance(share):
                yield {"cluster": code, "enterprise": firm.code}
