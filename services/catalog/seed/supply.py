"""Who makes what today, and who could: each bought part finds its sources and its newcomers."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from services.catalog.seed import listings
from services.catalog.seed.book import Leader, toml, trades
from services.catalog.seed.dice import Dice
from services.catalog.seed.firms import MARK, Firm, Firms, all_cities
from services.catalog.seed.market import Errand, Market, Source, errand, leader_code
from shared.codes import regions

_NOT_BOUGHT_YET, _PARTLY_UNKNOWN, _NOTHING_LOCAL, _RELATED = 0.05, 0.14, 0.28, 0.035
_UNREGISTERED_HERE, _ELSEWHERE, _COARSE, _OFFERED_ELSEWHERE = 0.25, 0.2, 0.06, 0.18
_ENERGY = "能源"
_PARTS_PER_WORKSHOP = 2


def open_market(seed: int, leaders: Sequence[Leader], suppliers: int) -> Market:
    """All parts of all leaders find their makers; then firms are added until there are so many suppliers."""
    market = Market(seed, Firms(seed), {leader.key: leader for leader in leaders})
    for leader in leaders:
        for part in leader.parts:
            _find_makers(errand(market, leader, part))
    _share_workshops(market)
    _fill_up(market, suppliers)
    return market


def _find_makers(task: Errand) -> None:
    task.market.sources[task.part.code] = _sources(task)
    if task.part.trade == _ENERGY:
        # power, heat and water count nowhere: nobody states them as what it can make, and imports would refuse them
        return
    for number in range(_newcomers(task)):
        dice = task.dice("newcomer", str(number))
        listings.offer(task, dice, task.maker_here(dice), incumbent=False)
    dice = task.dice("elsewhere")
    if task.part.rivals != 0 and dice.chance(_OFFERED_ELSEWHERE):
        listings.offer(task, dice, task.maker_elsewhere(dice), incumbent=False)


def _share_workshops(market: Market) -> None:
    """Firms that make several parts of one trade for a cluster, in one workshop that all of them compete for."""
    alike: dict[tuple[str, str], list[Errand]] = defaultdict(list)
    for leader in market.leaders.values():
        for part in leader.parts:
            if part.rivals is None and part.km is None and part.trade != _ENERGY and not part.flag:
                alike[leader.cluster, part.trade].append(errand(market, leader, part))
    for (cluster, trade), tasks in alike.items():
        for number in range(len(tasks) // _PARTS_PER_WORKSHOP):
            dice = Dice(market.seed, "workshop", cluster, trade, str(number))
            chosen = dice.some(tasks, dice.whole(2, 4))
            listings.shared_offer(chosen, dice, chosen[0].maker_here(dice))


def _fill_up(market: Market, suppliers: int) -> None:
    """Firms that no leader's part called into being: job shops, and makers of other things, in all cities."""
    weights = all_cities()
    kinds = [trade for trade in trades().values() if trade.equipment]
    while len(market.firms.all) < suppliers:
        dice = Dice(market.seed, "other firm", str(len(market.firms.all)))
        city = dice.weighted(list(weights), [weight**0.5 for weight in weights.values()])
        trade = dice.pick([each for each in kinds if each.jobs] if dice.chance(0.55) else kinds)
        firm = market.firms.found(trade.name, city)
        if trade.jobs and dice.chance(0.75):
            listings.job_shop(market, dice, firm, trade)
        for thing in dice.some(trade.others, 0 if firm.spare else 1):
            listings.other_thing(market, dice, firm, trade, thing)


def _newcomers(task: Errand) -> int:
    """How many firms of the cluster could make the part and do not sell it to this leader yet."""
    if task.part.rivals is not None:
        return task.part.rivals
    return task.dice("rivals").weighted((0, 1, 2, 3, 4), (30, 36, 22, 9, 3))


def _sources(task: Errand) -> list[Source]:
    """Today's sources: in the cluster, elsewhere in the province, outside, of unknown origin, a related firm."""
    dice, settled = task.dice("sources"), task.part.local is not None or bool(task.part.flag)
    if task.part.trade == _ENERGY:
        return [_stranger(task, dice, 1.0, regions.full_name(task.leader.region))]
    if not settled and not task.is_heavy and dice.chance(_NOT_BOUGHT_YET):
        return []
    local = _local_share(task, dice)
    unknown = dice.between(0.1, 0.6) * (1 - local) if dice.chance(_PARTLY_UNKNOWN) else 0.0
    found = [*_here(task, dice, local), *_away(task, dice, 1 - local - unknown)]
    if unknown > 0:
        name = task.market.stranger(dice, task.part.trade, "") if dice.chance(0.5) else ""
        found.append(Source(_share(unknown), name=name))
    if dice.chance(_RELATED) and local < 0.9 and not task.part.flag:
        return _with_related(task.leader, found, _share(dice.between(0.2, 0.5)))
    return found


def _local_share(task: Errand, dice: Dice) -> float:
    """About the leader's share on average: many parts come wholly from outside, few wholly from the cluster."""
    stated = task.part.local
    if stated is not None:
        noise = dice.between(-0.05, 0.05) if 0 < stated < 1 else 0.0
        return min(1.0, max(0.0, stated + noise))
    if task.is_heavy:
        return task.leader.local * dice.between(0.6, 1.3)
    return 0.0 if dice.chance(_NOTHING_LOCAL) else min(1.0, dice.heavy_tailed(task.leader.local * 1.2, 0.55))


def _here(task: Errand, dice: Dice, share: float) -> list[Source]:
    """The sources in the cluster: a leader that makes the part, registered firms, and now and then a stranger."""
    maker = task.market.leaders.get(task.part.maker)
    if maker is not None:
        return [Source(_share(share), code=leader_code(maker))] if share > 0 else []
    found = []
    for weight in _split(dice, share, 2 if share > 0.45 or dice.chance(0.25) else 1):
        if dice.chance(_UNREGISTERED_HERE):
            city = dice.weighted(list(task.cities), list(task.cities.values()))
            found.append(_stranger(task, dice, weight, regions.full_name(city)))
        else:
            firm = task.maker_here(dice)
            listings.offer(task, dice, firm, incumbent=True)
            found.append(_sold(task, firm, weight))
    return found


def _away(task: Errand, dice: Dice, share: float) -> list[Source]:
    """The sources outside the cluster: registered firms of other cities, and strangers from other provinces."""
    found = []
    for weight in _split(dice, share, dice.weighted((1, 2, 3), (40, 40, 20))):
        if dice.chance(_ELSEWHERE):
            firm = task.maker_elsewhere(dice)
            listings.offer(task, dice, firm, incumbent=True)
            found.append(_sold(task, firm, weight))
        else:
            places = toml("places")["outside"]["names"]
            found.append(_stranger(task, dice, weight, "山东省" if dice.chance(_COARSE) else dice.pick(places)))
    return found


def _sold(task: Errand, firm: Firm, share: float) -> Source:
    firm.sales += task.spend * _share(share)
    return Source(_share(share), code=firm.code)


def _stranger(task: Errand, dice: Dice, share: float, region: str) -> Source:
    return Source(_share(share), name=task.market.stranger(dice, task.part.trade, region), region=region)


def _with_related(leader: Leader, sources: list[Source], share: Decimal) -> list[Source]:
    """A firm that the leader holds shares in takes its part from the others."""
    others = [Source(each.share * (1 - share), each.code, each.name, each.region) for each in sources]
    return [*others, Source(share, name=f"{leader.short}零部件{MARK}", region="山东省", related=True)]


def _split(dice: Dice, share: float, count: int) -> list[float]:
    """A share in so many parts, the first one the largest; nothing of nothing."""
    if share <= 0.005:
        return []
    if count == 1:
        return [share]
    first = share * dice.between(0.5, 0.8)
    return [first, *([(share - first) / (count - 1)] * (count - 1))]


def _share(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))
