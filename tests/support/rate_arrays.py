"""A ledger of the oracle as the arrays that the service counts with."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from services.matching.engine.policy import Basis, Scope
from services.matching.mirror.service import MirrorCluster
from services.matching.rates.book import NONE, QUANTITY, Book, Lines, Place, Product
from services.matching.rates.bought import Purchases
from services.matching.rates.definition import Stage
from services.matching.rates.netting import net_by_line
from services.matching.rates.origins import Viewpoint, by_line, origins_of, projected
from services.matching.rates.rules import line_spend
from services.matching.rates.sharing import Ints
from services.matching.rates.tally import Counts, Moved, Sheet, count
from tests.support import rate_ledger
from tests.support.rate_ledger import Ledger, Need

FEN = 100


def counts(
    ledger: Ledger,
    basis: Basis,
    scope: Scope,
    stage: Stage,
    moved: Mapping[str, Moved] | None = None,
    *,
    radius_km: int | None = None,
    by_product: bool = False,
) -> list[Counts]:
    """What the arrays count of a ledger: all together, or by product in the order of their codes."""
    book, bought = book_of(ledger), purchases_of(ledger)
    net = net_by_line(book.lines, bought, mask=1)
    kept = net.shared if stage is Stage.ACTUAL else net.whole
    codes = origins_of(book, kept, bought.places, Viewpoint(scope, "370000", radius_km))
    amounts, unit = by_line(kept, codes, len(book.lines)), FEN
    if stage is not Stage.ACTUAL:
        amounts, unit = projected(amounts, book.lines.spend, basis), 1
    by_position = {book.lines.position[key]: move for key, move in (moved or {}).items()}
    sheet = Sheet(amounts, kept, codes, bought.suppliers, unit, by_position)
    group = book.lines.product if by_product else np.zeros(len(book.lines), np.int64)
    return count(sheet, group, len(book.products) if by_product else 1, basis)


def book_of(ledger: Ledger) -> Book:
    """Products in the order of their codes, lines in that of the ledger."""
    products = [_product(ledger.products[code]) for code in sorted(ledger.products)]
    leaders = sorted({row.leader_id for row in products if row.leader_id})
    leader = [leaders.index(row.leader_id) if row.leader_id else NONE for row in products]
    return Book(products, leaders, _ints(leader), _lines(ledger), {})


def purchases_of(ledger: Ledger) -> Purchases:
    """One party for each purchase."""
    parts = _parts(ledger)
    rows = [(part, row) for part, bought in ledger.purchases.items() for row in bought]
    suppliers: dict[str, int] = {}
    places: dict[Place, int] = {}
    named = [NONE if row.supplier is None else suppliers.setdefault(row.supplier, len(suppliers)) for _, row in rows]
    where = [places.setdefault(Place(row.region, row.clusters), len(places)) for _, row in rows]
    return Purchases(
        leader=_ints([0 for _ in rows]),
        part=_ints([parts.get(part, NONE) for part, _ in rows]),
        party=_ints(list(range(len(rows)))),
        flags=_ints([int(row.excluded) for _, row in rows]),
        amount=_ints([int(row.amount * FEN) for _, row in rows]),
        supplier=_ints(named),
        place=_ints(where),
        suppliers=suppliers,
        places=list(places),
        coarse={},
    )


def _product(row: rate_ledger.Product) -> Product:
    anchor, cluster = row.anchor, None
    if anchor.cluster_key is not None:
        cluster = MirrorCluster(code=anchor.cluster_key, name="", cities=list(anchor.cluster_cities))
    leader = None if row.leader is None else _id(row.leader)
    return Product(_id(row.id), row.id, row.id, leader, row.leader, anchor.leader_region, cluster)


def _lines(ledger: Ledger) -> Lines:
    parts, codes = _parts(ledger), sorted(ledger.products)
    units = sorted({need.unit or "" for need in ledger.needs})
    spend = [line_spend(need.quantity, need.unit_price) for need in ledger.needs]
    quantity = [NONE if need.quantity is None else int(need.quantity * QUANTITY) for need in ledger.needs]
    return Lines(
        product=_ints([codes.index(need.product) for need in ledger.needs]),
        part=_ints([parts.get(_part(ledger, need), NONE) for need in ledger.needs]),
        spend=_ints([NONE if each is None else each for each in spend]),
        quantity=_ints(quantity),
        unit=_ints([units.index(need.unit or "") for need in ledger.needs]),
        kind=_ints([0 for _ in ledger.needs]),
        kinds=[None],
        position={need.id: at for at, need in enumerate(ledger.needs)},
    )


def _parts(ledger: Ledger) -> dict[tuple[str, str], int]:
    used = sorted({part for need in ledger.needs if (part := _part(ledger, need))[0]})
    return {part: at for at, part in enumerate(used)}


def _part(ledger: Ledger, need: Need) -> tuple[str, str]:
    return ledger.part_of(need) or ("", "")


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)
