"""The suppliers of the province: their names, addresses and what becomes known of them as parts find makers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from services.catalog.seed.book import Trade, toml, trades
from services.catalog.seed.dice import Dice, rounded
from shared.codes import credit_code, regions

MARK = "（虚构）"
_FIRST_SERIAL = 1001
_MOST_OFFERS = 9
_REUSE = 0.88
#: So many of a trade's youngest firms are asked; in a small province that is all of them.
_ASKED = 400
#: So many clashes of two invented characters, and a third one is added: a large province has more firms than pairs.
_CLASHES = 40


@dataclass
class Firm:
    """A supplier. `sales` and `spare` in 元 a year; `asked` maps a scheme to whether it sells under it already."""

    code: str
    name: str
    trade: str
    region: str
    shown_region: str
    sales: Decimal = Decimal(0)
    spare: Decimal = Decimal(0)
    asked: dict[str, bool] = field(default_factory=dict)
    serves: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    @property
    def city(self) -> str:
        """The city that the firm is in (its region, outside of cities)."""
        return regions.city_of(self.region) or self.region

    def takes_on(self, part_code: str, cluster: str, schemes: Sequence[str], sells_already: bool) -> None:
        """The firm makes this part for a leader of this cluster, under these certificates."""
        self.made.add(part_code)
        self.serves.add(cluster)
        for scheme in schemes:
            self.asked[scheme] = self.asked.get(scheme, False) or sells_already


class Firms:
    """All suppliers, found by trade and city; a firm takes on several parts before another is founded."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._names: set[str] = set()
        self._of_trade: dict[str, list[Firm]] = defaultdict(list)
        self.all: list[Firm] = []

    def maker(
        self, dice: Dice, trade: str, part_code: str, cities: Mapping[str, float], near: Sequence[str] = ()
    ) -> Firm:
        """A firm of the trade in one of the cities (or of the regions `near`) that does not make the part yet."""
        if dice.chance(_REUSE):
            known = [
                firm
                for firm in self._of_trade[trade][-_ASKED:]
                if firm.city in cities
                and part_code not in firm.made
                and len(firm.made) < _MOST_OFFERS
                and (not near or firm.region in near)
            ]
            if known:
                return dice.weighted(known, [cities[firm.city] for firm in known])
        city = dice.weighted(list(cities), list(cities.values()))
        return self.found(trade, city, dice.pick(near) if near else None)

    def found(self, trade: str, city: str, region: str | None = None) -> Firm:
        """A new firm of the trade in the city."""
        serial = _FIRST_SERIAL + len(self.all)
        dice = Dice(self._seed, "firm", str(serial))
        region = region or county(dice, trade, city)
        firm = Firm(
            credit_code.make(serial, body=dice.weighted(("91", "92", "93"), (0.95, 0.03, 0.02))),
            self.name(dice, trades()[trade], regions.short_name(_seat(dice, region))),
            trade,
            region,
            shown_region(dice, region),
        )
        self.all.append(firm)
        self._of_trade[trade].append(firm)
        return firm

    def name(self, dice: Dice, trade: Trade, place: str) -> str:
        """A name that no other firm has, made of invented words and marked as fictitious."""
        words = toml("words")
        for attempt in count():
            invented = dice.pick(words["company_first"]) + dice.pick(words["company_second"])
            if attempt > _CLASHES:
                invented += dice.pick(words["company_second"])
            name = f"{place}{invented}{dice.pick(trade.company)}{dice.pick(words['company_forms'])}{MARK}"
            core = invented + place
            if core not in self._names:
                self._names.add(core)
                break
        return name


def city_weights(cities: Sequence[str], own: str | None = None) -> dict[str, float]:
    """The cities with their weights; a leader's own city counts half as much again."""
    weights = toml("places")["cities"]
    return {city: weights[city] * (1.5 if city == own else 1.0) for city in cities}


def all_cities() -> dict[str, float]:
    """The 16 cities with their weights."""
    return city_weights(list(toml("places")["cities"]))


def counties(city: str) -> list[str]:
    """The counties of a city."""
    return sorted(code for code, entry in regions.all_regions().items() if entry.parent == city)


def county(dice: Dice, trade: str, city: str) -> str:
    """A county of the city, rather one where workshops of the trade gather."""
    gathered = [code for code in toml("places")["workshops"].get(trade, ()) if regions.city_of(code) == city]
    if gathered and dice.chance(0.6):
        return str(dice.pick(gathered))
    return dice.pick(counties(city))


def shown_region(dice: Dice, region: str) -> str:
    """An address as registered: down to the county mostly, by code or name, now and then only the province."""
    full = regions.full_name(region)
    city = regions.full_name(regions.city_of(region) or region)
    forms = (full, full.removeprefix("山东省"), region, city, city.removeprefix("山东省"), "山东省")
    return str(dice.weighted(forms, (40, 26, 12, 12, 8, 2)))


def size(dice: Dice, firm: Firm) -> tuple[int, int]:
    """Staff and revenue in 万元 that go with what the firm sells and could make."""
    known = float(firm.sales + firm.spare) / 10000
    revenue = max(known * dice.between(1.1, 1.9), dice.heavy_tailed(1800, 1.0), 120)
    staff = max(4, int(revenue / dice.between(55, 130)))
    return staff, rounded(revenue, 3)


def _seat(dice: Dice, region: str) -> str:
    """Names carry the city or the county town."""
    city = regions.city_of(region) or region
    return region if dice.chance(0.35) and not regions.full_name(region).endswith("区") else city
