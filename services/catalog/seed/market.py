"""The market: the suppliers with what they state they can make, and each bought part's sources."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.catalog.seed import offers
from services.catalog.seed.book import Leader, Part, clusters, trades
from services.catalog.seed.dice import Dice
from services.catalog.seed.firms import Firm, Firms, all_cities, city_weights, counties
from services.catalog.seed.offers import Terms
from shared.codes import regions
from shared.codes.credit_code import make

Row = dict[str, object]
_HEAVY = Decimal("0.04")


@dataclass(frozen=True)
class Source:
    """One that a leader buys a part from: registered (`code`) or known by name, with what is known of its place."""

    share: Decimal
    code: str = ""
    name: str = ""
    region: str = ""
    related: bool = False


@dataclass
class Market:
    """The leaders by key, the suppliers with their offers, and each part's sources by part code."""

    seed: int
    firms: Firms
    leaders: Mapping[str, Leader]
    sources: dict[str, list[Source]] = field(default_factory=dict)
    capabilities: list[Row] = field(default_factory=list)
    _strangers: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, firm: Firm, offer: Row) -> None:
        """The firm states a capability, numbered within the firm."""
        self._numbers[firm.code] += 1
        self.capabilities.append({"supplier": firm.code, "code": f"N{self._numbers[firm.code]:02d}", **offer})

    def stranger(self, dice: Dice, trade: str, region: str) -> str:
        """The name of a supplier that is not registered: few for a trade in a place, so that they come again."""
        key = f"{region}:{trade}:{dice.whole(1, 3)}"
        if key not in self._strangers:
            place = regions.short_name(regions.find_region(region).code) if region else ""
            self._strangers[key] = self.firms.name(Dice(self.seed, "stranger", key), trades()[trade], place)
        return self._strangers[key]


@dataclass(frozen=True)
class Errand:
    """The search for the makers of a part: the leader's terms, the cluster's cities by weight, counties in reach."""

    market: Market
    leader: Leader
    part: Part
    terms: Terms
    cities: Mapping[str, float]
    near: tuple[str, ...]

    def dice(self, *purpose: str) -> Dice:
        """A stream of chance for this part and purpose."""
        return Dice(self.market.seed, *purpose, self.part.code)

    @property
    def spend(self) -> Decimal:
        """What the leader spends on the part in a year, in 元."""
        return self.leader.yearly(self.part) * self.part.price

    @property
    def is_heavy(self) -> bool:
        """Whether the part is a large share of what the leader buys: such parts have settled sources."""
        return self.spend > self.leader.spend * _HEAVY

    def maker_here(self, dice: Dice) -> Firm:
        """A firm of the cluster's cities, within the distance limit if there is one."""
        return self.market.firms.maker(dice, self.part.trade, self.part.code, self.cities, self.near)

    def maker_elsewhere(self, dice: Dice) -> Firm:
        """A firm of the province's other cities."""
        others = {city: weight for city, weight in all_cities().items() if city not in self.cities}
        return self.market.firms.maker(dice, self.part.trade, self.part.code, others)


def errand(market: Market, leader: Leader, part: Part) -> Errand:
    """The errand for a part."""
    cities = city_weights(clusters()[leader.cluster].cities, regions.city_of(leader.region))
    return Errand(market, leader, part, offers.terms(market.seed, leader, part), cities, _near(leader, part))


def leader_code(leader: Leader) -> str:
    """A leader's credit code."""
    return make(leader.serial)


def _near(leader: Leader, part: Part) -> tuple[str, ...]:
    """The counties within the part's distance limit of the leader; none if it has no limit."""
    if part.km is None:
        return ()
    codes = [code for city in clusters()[leader.cluster].cities for code in counties(city)]
    far = [(code, regions.distance_km(code, leader.region)) for code in codes]
    return tuple(code for code, km in far if km is not None and km <= part.km)
