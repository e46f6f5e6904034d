"""The book of trades: the readable data under `data/`, read into records."""

import csv
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Product:
    """A leading product and how many a leader makes a year."""

    code: str
    name: str
    class_code: str
    volume: int
    unit: str


@dataclass(frozen=True)
class Place:
    """Where a part sits in the bill of materials: assembly, group of it, and how many in one group."""

    assembly: str
    group: str
    groups: int
    quantity: Decimal


@dataclass(frozen=True)
class Part:
    """A bought part as the leader describes it, with the names that its suppliers use.

    `local` is the share bought in the cluster today and `rivals` the number of newcomers there (None: drawn),
    `release` the share that may move; `maker` names a leader that makes it, `flag` a purchase that counts nowhere.
    """

    code: str
    name: str
    places: tuple[Place, ...]
    unit: str
    price: Decimal
    trade: str
    class_code: str
    text: str
    parameters: str
    words: tuple[str, ...]
    certificates: tuple[str, ...]
    local: float | None = None
    rivals: int | None = None
    release: Decimal | None = None
    km: int | None = None
    flag: str = ""
    maker: str = ""
    only: str = ""

    def quantity(self) -> Decimal:
        """How many one product takes."""
        return sum((place.quantity for place in self.places), Decimal(0))


@dataclass(frozen=True)
class Leader:
    """A chain leader with its products and bought parts; see `data/leaders.toml`. `serial` is in its credit code."""

    key: str
    serial: int
    name: str
    short: str
    region: str
    class_code: str
    cluster: str
    staff: int
    revenue_wan: int
    certificates: tuple[str, ...]
    days: tuple[int, int]
    local: float
    buyers: str
    is_supplier: bool
    products: tuple[Product, ...]
    parts: tuple[Part, ...]

    def demand(self, part: Part, product: Product) -> Decimal:
        """How many of a part one product takes a year; 0 if it has none."""
        if part.only not in ("", product.code):
            return Decimal(0)
        return part.quantity() * product.volume

    def yearly(self, part: Part) -> Decimal:
        """How many of a part all products take a year."""
        return sum((self.demand(part, product) for product in self.products), Decimal(0))

    @cached_property
    def spend(self) -> Decimal:
        """What all parts cost a year, in 元."""
        return sum((self.yearly(part) * part.price for part in self.parts), Decimal(0))


@dataclass(frozen=True)
class Gap:
    """In a city, the share of suppliers that lack one certificate."""

    city: str
    scheme: str
    lacking: float


@dataclass(frozen=True)
class ClusterPlan:
    """A cluster, its cities, and where its suppliers' certificates fall short."""

    code: str
    name: str
    tier: str
    cities: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class Trade:
    """A trade: what its firms are called, do, own; `jobs` what a job shop takes in; `others` what nobody asks for."""

    name: str
    class_code: str
    company: tuple[str, ...]
    processes: tuple[str, ...]
    equipment: tuple[str, ...]
    jobs: str
    job_parameters: str
    others: tuple[str, ...]


@dataclass
class _Row:
    """A line of a parts file under the assembly and group that it belongs to."""

    cells: dict[str, str]
    place: Place
    number: str
    places: list[Place] = field(default_factory=list)


@cache
def leaders() -> tuple[Leader, ...]:
    """All leaders, in the order of the file."""
    return tuple(_leader(serial, entry) for serial, entry in enumerate(toml("leaders")["leader"], start=1))


@cache
def clusters() -> dict[str, ClusterPlan]:
    """The clusters by code."""
    return {
        entry["code"]: ClusterPlan(
            entry["code"],
            entry["name"],
            entry["tier"],
            tuple(entry["cities"]),
            tuple(Gap(**gap) for gap in entry["gaps"]),
        )
        for entry in toml("clusters")["cluster"]
    }


@cache
def trades() -> dict[str, Trade]:
    """The trades by name."""
    return {
        row["trade"]: Trade(
            row["trade"],
            row["class"],
            _split(row["company"]),
            _split(row["processes"]),
            _split(row["equipment"]),
            row["jobs"],
            row["job_parameters"],
            _split(row["others"]),
        )
        for row in _csv(DATA / "trades.csv")
    }


@cache
def toml(name: str) -> dict[str, Any]:
    """A file of `data/` as it stands."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _leader(serial: int, entry: dict[str, Any]) -> Leader:
    return Leader(
        key=entry["key"],
        serial=serial,
        name=entry["name"],
        short=entry["short"],
        region=entry["region"],
        class_code=entry["class"],
        cluster=entry["cluster"],
        staff=entry["staff"],
        revenue_wan=entry["revenue_wan"],
        certificates=tuple(entry["certificates"]),
        days=(entry["days"][0], entry["days"][1]),
        local=entry["local"],
        buyers=entry["buyers"],
        is_supplier=entry.get("supplier", False),
        products=tuple(
            Product(product["code"], product["name"], product["class"], product["volume"], product["unit"])
            for product in entry["products"]
        ),
        parts=_parts(entry),
    )


def _parts(entry: dict[str, Any]) -> tuple[Part, ...]:
    """The parts of a file; a name that comes again with an empty unit is the same part in a second place."""
    rows: dict[str, _Row] = {}
    groups: dict[tuple[str, str], int] = {}
    for cells in _csv(DATA / "products" / f"{entry['parts']}.csv"):
        name, times = _repeated(cells["group"])
        group = groups.setdefault((cells["assembly"], name), len(groups) + 1)
        place = Place(cells["assembly"], name, times, Decimal(cells["qty"]))
        if cells["unit"]:
            number = f"{entry['prefix']}-{group:02d}{len(rows) + 1:02d}"
            rows[cells["part"]] = _Row(cells, place, number, [place])
        else:
            rows[cells["part"]].places.append(place)
    return tuple(_part(row, tuple(entry["certificates"])) for row in rows.values())


def _part(row: _Row, certificates: tuple[str, ...]) -> Part:
    cells, more = row.cells, dict(pair.split("=", 1) for pair in _more(row.cells["more"]))
    return Part(
        code=row.number,
        name=cells["part"],
        places=tuple(row.places),
        unit=cells["unit"],
        price=Decimal(cells["price"]),
        trade=cells["trade"],
        class_code=cells["class"],
        text=cells["text"],
        parameters=cells["parameters"],
        words=_split(cells["words"]),
        certificates=_certificates(more.get("certs"), certificates),
        local=float(more["local"]) / 100 if "local" in more else None,
        rivals=int(more["rivals"]) if "rivals" in more else None,
        release=Decimal(more["release"]) / 100 if "release" in more else None,
        km=int(more["km"]) if "km" in more else None,
        flag=more.get("flag", ""),
        maker=more.get("maker", ""),
        only=more.get("only", ""),
    )


def _more(text: str) -> list[str]:
    """The pairs of the last column; a scheme such as IATF 16949 has a space of its own."""
    pairs: list[str] = []
    for word in text.split():
        if "=" in word or not pairs:
            pairs.append(word)
        else:
            pairs[-1] += f" {word}"
    return pairs


def _certificates(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if text is None:
        return default
    return () if text == "-" else tuple(text.split("、"))


def _repeated(group: str) -> tuple[str, int]:
    name, _, times = group.partition("*")
    return name, int(times or 1)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("/") if part)


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
