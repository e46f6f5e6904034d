"""What a list tells of a row, worded by PostgreSQL, is what the row alone tells, and fits its wire model."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlmodel import Session

from services.catalog.products import lists
from services.catalog.products.schemas import NeedFilters, NeedOut, ProductOut, PurchaseFilters, PurchaseOut
from shared.http.paging import Page
from shared.http.responses import json_bytes
from shared.security.actor import Actor
from tests.support.catalog_world import REVIEWER, World

Listed = Callable[[Session, Actor, int], Page]
Single = Callable[[Session, Actor, UUID], dict[str, Any]]


def products(session: Session, actor: Actor, limit: int) -> Page:
    return lists.page_products(session, actor, None, None, None, limit)


def needs(session: Session, actor: Actor, limit: int) -> Page:
    return lists.page_needs(session, actor, NeedFilters(), None, limit)


def purchases(session: Session, actor: Actor, limit: int) -> Page:
    return lists.page_purchases(session, actor, PurchaseFilters(), None, limit)


@pytest.mark.parametrize(
    ("listed", "single", "model"),
    [
        (products, lists.get_product, ProductOut),
        (needs, lists.get_need, NeedOut),
        (purchases, lists.get_purchase, PurchaseOut),
    ],
)
def test_a_row_of_a_list_is_the_row(
    session: Session, world: World, listed: Listed, single: Single, model: type[BaseModel]
) -> None:
    for actor in (REVIEWER, world.leader("A")):
        for row in listed(session, actor, 100).items:
            assert json_bytes(row) == json_bytes(single(session, actor, UUID(row["id"])))
            assert model.model_validate(row)
    assert listed(session, REVIEWER, 100).items


def test_the_needs_of_a_products_page_are_those_of_the_list(session: Session, world: World) -> None:
    for product in world.products.values():
        told = lists.page_needs(session, REVIEWER, NeedFilters(product=product), None, 100).items
        assert json_bytes(lists.needs_of(session, REVIEWER, product, 100)) == json_bytes(told)
