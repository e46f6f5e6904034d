"""What the map shows: for each city its rate, its spend and its place, and the greatest flows between cities."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from services.matching.rates import service as rates
from services.matching.rates.definition import By, Period, Terms
from services.matching.rates.flows import Flow, flows
from services.matching.rates.schemas import DefinitionOut, RateRow
from services.matching.rates.service import Question
from shared.codes.regions import cities_of, region, short_name
from shared.security.actor import Actor

_FLOWS = 40


@dataclass(frozen=True)
class City:
    """A city: its rate as the definition says (None: it has no leading product), what it bought and sold within."""

    code: str
    name: str
    rate: RateRow | None
    bought: Decimal
    sold: Decimal


@dataclass(frozen=True)
class Map:
    """A map with its definition. `flows` are those between two cities of the province, the greatest ones."""

    definition: DefinitionOut
    cities: list[City]
    flows: list[Flow]
    from_outside: Decimal
    unknown: Decimal


def draw(session: Session, actor: Actor, province: str, terms: Terms) -> Map:
    """The map for an actor; 422 Problems as the rates raise them."""
    told = rates.rates(session, actor, Question(terms, By.CITY))
    by_city = {row.key: row for row in told.rows}
    found = flows(session, actor, Period.parse(told.definition.period))
    codes = cities_of(province)
    cities = [
        City(
            code=code,
            name=short_name(code),
            rate=by_city.get(code),
            bought=sum((each.amount for each in found if each.to == code), Decimal(0)),
            sold=sum((each.amount for each in found if each.source == code), Decimal(0)),
        )
        for code in codes
    ]
    known = set(codes)
    between = [each for each in found if each.source in known and each.to in known and each.source != each.to]
    outside = [each.amount for each in found if each.source is not None and each.source not in known]
    nowhere = [each.amount for each in found if each.source is None]
    return Map(told.definition, cities, between[:_FLOWS], sum(outside, Decimal(0)), sum(nowhere, Decimal(0)))


def position(city: str) -> tuple[float, float] | None:
    """A city's longitude and latitude in degrees, where they are known."""
    found = region(city)
    if found is None or found.longitude is None or found.latitude is None:
        return None
    return found.longitude, found.latitude
