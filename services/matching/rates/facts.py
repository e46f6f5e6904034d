"""Who sees which products' rates, by what groups they are told, and what could not be counted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import numpy as np
from sqlalchemy import func, inspect, select
from sqlmodel import Session

from services.matching.engine.locality import current_region
from services.matching.mirror.service import MirrorPurchase
from services.matching.rates.book import NONE, Book, Product
from services.matching.rates.bought import Purchases
from services.matching.rates.definition import By, Period
from services.matching.rates.sharing import Flags, Ints
from shared.codes.classes import all_classes
from shared.codes.regions import circle_of, city_of, short_name
from shared.security.actor import Actor, Role

PERIOD = inspect(MirrorPurchase).columns.period


@dataclass(frozen=True)
class Group:
    """What a row of rates is about. `id` is the entity's where it is one; `target` a fraction of 1.

    `leader` and `cluster` say whose row it is, where it is one's alone.
    """

    key: str | None
    name: str
    id: UUID | None = None
    target: Decimal | None = None
    leader: UUID | None = None
    cluster: UUID | None = None


EVERYTHING = Group(None, "全部")


@dataclass(frozen=True)
class Grouping:
    """The groups in the order of their keys, what belongs to none last; of each line its group, NONE: not to be seen.

    Where groups are made of whole products, `product` is each product's group, and `products` are each group's
    products, by position.
    """

    groups: Sequence[Group]
    line: Ints
    product: Ints
    products: Sequence[Sequence[int]]


def newest_year(session: Session) -> Period | None:
    """The newest year with purchases; None without any. Of 2025, 2025Q3 and 2025-07 each begins with its year."""
    newest = session.execute(select(func.max(PERIOD))).scalar_one()
    return None if newest is None else Period(int(newest[:4]))


def visible(actor: Actor, product: Product) -> bool:
    """Whether `actor` may read a product's rates: a leader its own, an organisation its clusters', a supplier none."""
    if actor.sees_everything:
        return True
    if actor.role is Role.CHAIN_LEADER and actor.enterprise_id is not None:
        return product.leader_id == actor.enterprise_id
    if actor.role is Role.CLUSTER_ORGANISATION:
        return product.cluster is not None and product.cluster.id in actor.cluster_ids
    return False


def seen_products(book: Book, actor: Actor) -> Flags:
    """Of each product, whether the actor may read its rates."""
    return np.fromiter((visible(actor, product) for product in book.products), np.bool_, len(book.products))


def all_groups(book: Book, by: By) -> Grouping:
    """Everybody's lines by what is asked for."""
    if by is By.CLASS:
        return _by_class(book)
    found = [_GROUP_OF[by](product) for product in book.products]
    groups = _ordered(found)
    position = {group: at for at, group in enumerate(groups)}
    of_product = np.array([position[group] for group in found], np.int64)
    members: list[list[int]] = [[] for _ in groups]
    for at, group in enumerate(of_product.tolist()):
        members[group].append(at)
    return Grouping(groups, of_product[book.lines.product], of_product, members)


def seen_groups(book: Book, whole: Grouping, seen: Flags, by: By) -> Grouping:
    """The groups of the seen products, and of these only what is seen."""
    if seen.all() and whole.groups:
        return whole
    if by is By.CLASS:
        present = np.unique(whole.line[seen[book.lines.product]]).tolist()
    else:
        present = np.unique(whole.product[seen]).tolist()
    if by is By.ALL and not present:
        return Grouping([EVERYTHING], np.full(len(book.lines), NONE), whole.product, [[]])
    renumbered = np.full(len(whole.groups), NONE)
    renumbered[present] = np.arange(len(present))
    line = np.where(seen[book.lines.product], renumbered[whole.line], NONE) if len(whole.groups) else whole.line
    members = [[at for at in whole.products[group] if seen[at]] for group in present if whole.products]
    product = np.where(seen, renumbered[whole.product], NONE) if whole.products else whole.product
    return Grouping([whole.groups[group] for group in present], line, product, members)


def unassigned(book: Book, bought: Purchases, seen: Flags) -> Decimal:
    """元 that the seen products' leaders bought of parts that no product of theirs needs: outside the rate's level."""
    rows = (bought.part == NONE) & seen_leaders(book, seen)[bought.leader]
    return Decimal(int(bought.amount[rows].sum())).scaleb(-2)


def unnamed(book: Book, bought: Purchases, seen: Flags, mask: int) -> int:
    """How many parts' purchases at a place name no supplier; excluded ones are told apart."""
    rows = np.flatnonzero((bought.supplier[bought.party] == NONE) & seen_leaders(book, seen)[bought.leader])
    columns = (bought.leader, bought.part, bought.place[bought.party], (bought.flags & mask) != 0)
    return len(np.unique(np.stack([column[rows] for column in columns]), axis=1).T)


def coarse(book: Book, bought: Purchases, seen: Flags) -> Decimal:
    """元 that the seen products' leaders booked for the year only, which a quarter cannot count."""
    leaders = seen_leaders(book, seen)
    seen_ones = (leader for at, leader in enumerate(book.leaders) if leaders[at])
    return sum((bought.coarse.get(leader, Decimal(0)) for leader in seen_ones), Decimal(0))


def seen_leaders(book: Book, seen: Flags) -> Flags:
    """Of each leader, whether one of its products is seen: a part is shared by all products of its leader."""
    found = np.zeros(len(book.leaders), np.bool_)
    found[book.leader[seen & (book.leader != NONE)]] = True
    return found


def _ordered(groups: Iterable[Group]) -> list[Group]:
    return sorted(set(groups), key=lambda group: (group.key is None, group.key or ""))


def _by_class(book: Book) -> Grouping:
    """By the class of the part that is needed."""
    of_kind = [_class(kind) for kind in book.lines.kinds]
    groups = _ordered(of_kind)
    position = {group: at for at, group in enumerate(groups)}
    codes = np.array([position[group] for group in of_kind], np.int64)
    return Grouping(groups, codes[book.lines.kind], np.zeros(0, np.int64), [])


def _class(code: str | None) -> Group:
    found = all_classes().get(code or "")
    return Group(None, "未分类") if found is None else Group(found.code, found.name)


def _product(product: Product) -> Group:
    cluster = product.cluster
    target = None if cluster is None else cluster.target
    whose = product.leader_id, None if cluster is None else cluster.id
    return Group(product.code, product.name, product.id, target, *whose)


def _cluster(product: Product) -> Group:
    cluster = product.cluster
    if cluster is None:
        return Group(None, "未归入集群")
    return Group(cluster.code, cluster.name, cluster.id, cluster.target, cluster=cluster.id)


def _leader(product: Product) -> Group:
    leader = product.leader_id
    if leader is None:
        return Group(None, "未指明链主")
    return Group(str(leader), product.leader_name or "名称不明", leader, leader=leader)


def _city(product: Product) -> Group:
    city = _city_code(product)
    return Group(None, "所在城市不明") if city is None else Group(city, short_name(city))


def _circle(product: Product) -> Group:
    circle = circle_of(_city_code(product) or "")
    return Group(None, "不在任何经济圈") if circle is None else Group(circle, circle)


def _city_code(product: Product) -> str | None:
    region = current_region(product.leader_region)
    return None if region is None else city_of(region)


_GROUP_OF: dict[By, Callable[[Product], Group]] = {
    By.CLUSTER: _cluster,
    By.PRODUCT: _product,
    By.LEADER: _leader,
    By.CITY: _city,
    By.CIRCLE: _circle,
    By.ALL: lambda _: EVERYTHING,
}
