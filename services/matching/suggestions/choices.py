"""What a list of suggestions can be restricted to: the clusters, products, cities and classes that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from services.matching.engine.policy import Policy
from services.matching.mirror.service import MirrorCluster, MirrorProduct
from shared.codes.classes import all_classes
from shared.codes.regions import cities_of, short_name
from shared.security.actor import Actor

MOST_PRODUCTS = 300
"""More are not to be chosen from: who has a cluster chosen sees its own."""

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Choices:
    """Values and what they are called, by what they restrict."""

    clusters: Options
    products: Options
    cities: Options
    classes: Options


def choices(session: Session, actor: Actor, cluster: UUID | None) -> Choices:
    """What the actor can choose from; of products those of a cluster, where one is chosen already."""
    clusters = select(col(MirrorCluster.id), col(MirrorCluster.name)).order_by(col(MirrorCluster.name))
    products = select(col(MirrorProduct.id), col(MirrorProduct.name)).order_by(col(MirrorProduct.name))
    if not actor.sees_everything:
        clusters = clusters.where(col(MirrorCluster.id).in_(actor.cluster_ids))
        products = products.where(col(MirrorProduct.cluster_id).in_(actor.cluster_ids))
    if cluster is not None:
        products = products.where(col(MirrorProduct.cluster_id) == cluster)
    return Choices(_named(session, clusters), _named(session, products.limit(MOST_PRODUCTS)), _cities(), _classes())


def _named(session: Session, statement: Select[UUID, str]) -> Options:
    return [(str(id), name) for id, name in session.execute(statement)]


@cache
def _cities() -> Options:
    """The cities of the home province: suggestions from elsewhere are found by their other properties."""
    return [(code, short_name(code)) for code in cities_of(Policy().home_province)]


@cache
def _classes() -> Options:
    """The divisions of manufacturing, 13 to 43."""
    divisions = [each for each in all_classes().values() if each.level == "division" and "13" <= each.code <= "43"]
    return [(each.code, f"{each.code} {each.name}") for each in sorted(divisions, key=lambda each: each.code)]
