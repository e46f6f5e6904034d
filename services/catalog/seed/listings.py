"""What firms state: the offer for a leader's part, the work of a job shop, a product that no leader asks for."""

from collections.abc import Sequence
from decimal import Decimal

from services.catalog.seed import offers, wording
from services.catalog.seed.book import Part, Trade, trades
from services.catalog.seed.dice import Dice, price_like, rounded
from services.catalog.seed.firms import Firm
from services.catalog.seed.market import Errand, Market, Row
from services.catalog.seed.offers import Shortfall
from services.catalog.seed.ranges import parameter_cell

OTHER_COUNT_UNITS = {"件": "套", "套": "件", "只": "个", "根": "支", "块": "片"}
_IN_MONEY, _IN_OTHER_UNIT, _PRICED, _OWN_CLASS = 0.12, 0.03, 0.93, 0.78
_INCUMBENT_SPARE, _NEWCOMER_SPARE, _SHARED_SPARE, _SPREAD = 0.1, 0.2, 0.3, 0.6


def offer(errand: Errand, dice: Dice, firm: Firm, *, incumbent: bool) -> None:
    """The firm states what it can make of the part; one that sells it already fits, and has little to spare."""
    part, asked = errand.part, errand.terms
    short = Shortfall.NONE if incumbent else offers.shortfall(dice, asked, part.parameters)
    price = offers.price(dice, part, asked, short)
    share = dice.heavy_tailed(_INCUMBENT_SPARE if incumbent else _NEWCOMER_SPARE, _SPREAD)
    spare = errand.spend * Decimal(str(round(min(0.9, max(0.03, share)), 4)))
    firm.takes_on(part.code, errand.leader.cluster, part.certificates, incumbent)
    firm.spare += spare
    errand.market.add(
        firm,
        {
            **_described(errand, dice),
            "parameters": parameter_cell(dice, [part.parameters], narrow=short is Shortfall.PARAMETER),
            "unit_price": price if asked.price_ceiling is not None or dice.chance(_PRICED) else None,
            "moq": offers.moq(dice, errand.leader.yearly(part), asked, short),
            "lead_time_days": offers.lead_time(dice, errand.leader, asked, short),
            **_capacity(dice, part, spare, price),
        },
    )


def shared_offer(errands: Sequence[Errand], dice: Dice, firm: Firm) -> None:
    """The firm offers one workshop, counted in money, for several parts: what one of them gets the others lack."""
    first, trade = errands[0], trades()[errands[0].part.trade]
    largest = max(errand.spend for errand in errands)
    spare = largest * Decimal(str(round(min(0.8, dice.heavy_tailed(_SHARED_SPARE, _SPREAD)), 4)))
    days = [errand.terms.lead_time_days or errand.leader.days[1] for errand in errands]
    for errand in errands:
        firm.takes_on(errand.part.code, errand.leader.cluster, errand.part.certificates, False)
    firm.spare += spare
    first.market.add(
        firm,
        {
            "name": "、".join(dice.pick(errand.part.words) for errand in errands),
            "class_code": wording.class_cell(dice, first.part.class_code, 0.1),
            "text": wording.capability_text(dice, first.part, trade, first.leader.buyers),
            "parameters": parameter_cell(dice, [errand.part.parameters for errand in errands]),
            "spare_capacity": rounded(spare / 10000),
            "capacity_unit": "万元",
            "lead_time_days": max(1, int(min(days) * dice.between(0.5, 1.0))),
        },
    )


def job_shop(market: Market, dice: Dice, firm: Firm, trade: Trade) -> None:
    """The firm takes in work of its trade, counted in money."""
    value = rounded(dice.heavy_tailed(600, 1.0))
    firm.spare += Decimal(value) * 10000
    market.add(
        firm,
        {
            "name": f"{trade.jobs}加工",
            "class_code": wording.class_cell(dice, trade.class_code, 0.2),
            "text": wording.job_text(dice, trade),
            "parameters": trade.job_parameters.replace(";", "；"),
            "spare_capacity": value,
            "capacity_unit": "万元",
            "lead_time_days": dice.whole(7, 45),
        },
    )


def other_thing(market: Market, dice: Dice, firm: Firm, trade: Trade, thing: str) -> None:
    """The firm makes something that no leader asks for."""
    market.add(
        firm,
        {
            "name": thing,
            "class_code": wording.class_cell(dice, trade.class_code, 0.2),
            "text": wording.other_text(dice, thing, trade),
            "spare_capacity": rounded(dice.heavy_tailed(9000, 1.2)),
            "capacity_unit": dice.pick(("件", "套", "只", "吨")),
            "unit_price": price_like(dice.heavy_tailed(90, 1.4)),
            "lead_time_days": dice.whole(5, 60),
        },
    )


def _described(errand: Errand, dice: Dice) -> Row:
    """Name, class and text in the firm's own words."""
    part, trade = errand.part, trades()[errand.part.trade]
    class_code = part.class_code if dice.chance(_OWN_CLASS) else trade.class_code
    return {
        "name": wording.capability_name(dice, part),
        "class_code": wording.class_cell(dice, class_code, 0.1),
        "text": wording.capability_text(dice, part, trade, errand.leader.buyers),
    }


def _capacity(dice: Dice, part: Part, spare: Decimal, price: Decimal) -> Row:
    """In the part's unit mostly; job shops count money, and a few count in another unit than the leader."""
    if trades()[part.trade].jobs and dice.chance(_IN_MONEY):
        return {"spare_capacity": rounded(spare / 10000), "capacity_unit": "万元"}
    unit = part.unit
    if dice.chance(_IN_OTHER_UNIT):
        unit = OTHER_COUNT_UNITS.get(unit, unit)
    return {"spare_capacity": rounded(spare / price), "capacity_unit": unit}
