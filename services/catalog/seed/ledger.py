"""The purchase ledger: last year's invoices by part and supplier, from quarters, months or the year as a whole."""

from collections.abc import Iterator
from decimal import Decimal

from services.catalog.seed.book import Leader, Part
from services.catalog.seed.dice import Dice, plain
from services.catalog.seed.market import Market, Row, Source, leader_code
from shared.codes.units import find_unit

YEAR = 2025


def purchase_rows(market: Market, leader: Leader) -> Iterator[Row]:
    """The leader's invoices of the year, numbered in order."""
    number = 0
    for part in leader.parts:
        dice = Dice(market.seed, "ledger", part.code)
        last_year = leader.yearly(part) * Decimal(str(round(dice.between(0.88, 0.99), 3)))
        for source in market.sources[part.code]:
            for period, share in _periods(dice):
                number += 1
                document = f"{leader.key[:2].upper()}{YEAR}{number:05d}"
                yield _invoice(dice, leader, part, source, document, period, last_year * source.share * share)


def _periods(dice: Dice) -> list[tuple[str, Decimal]]:
    how = dice.weighted(("year", "quarters", "months"), (50, 40, 10))
    if how == "year":
        return [(str(YEAR), Decimal(1))]
    if how == "quarters":
        return [(f"{YEAR}Q{quarter}", Decimal("0.25")) for quarter in (1, 2, 3, 4)]
    return [(f"{YEAR}-{month:02d}", Decimal("0.5")) for month in (dice.whole(1, 6), dice.whole(7, 12))]


def _invoice(
    dice: Dice, leader: Leader, part: Part, source: Source, document: str, period: str, quantity: Decimal
) -> Row:
    price = part.price * Decimal(str(round(dice.between(0.98, 1.03), 3)))
    return {
        "leader": leader_code(leader),
        "document": document,
        "part_code": part.code,
        "supplier": source.code,
        "supplier_name": source.name,
        "supplier_region": source.region,
        "period": period,
        "quantity": _counted(quantity, part.unit),
        "amount": max(1, int(quantity * price)),
        "related_party": "是" if source.related else "",
        "toll_processing": "是" if part.flag == "toll" else "",
        "energy_water": "是" if part.flag == "energy" else "",
    }


def _counted(quantity: Decimal, unit: str) -> Decimal:
    """Pieces are whole; the rest goes to three places."""
    step = Decimal(1) if find_unit(unit).dimension == "count" and quantity >= 1 else Decimal("0.001")
    return plain(quantity.quantize(step))
