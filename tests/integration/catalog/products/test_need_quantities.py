"""Needs follow their bills: exploded quantities, stated ones, and what the feed is told when either moves."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from services.catalog.products import lists, service
from services.catalog.products.rules import BomCycle
from services.catalog.products.schemas import BomLineWrite, NeedFilters, NeedWrite, ProductWrite
from shared.db.upserts import Change
from shared.http.problems import Problem
from tests.support.catalog_world import REVIEWER, World

Events = Callable[[], list[dict[str, Any]]]


def quantities(session: Session) -> dict[str, Decimal | None]:
    items = lists.page_needs(session, REVIEWER, NeedFilters(), None, 100).items
    told = {item["part_code"]: item["annual_quantity"] for item in items}
    return {part: None if quantity is None else Decimal(quantity) for part, quantity in told.items()}


def test_a_need_gets_what_every_way_through_the_bill_asks_for(session: Session, world: World) -> None:
    assert world.products
    # 10 ships: 2 pipe systems of 3.5 valves each, and 1 valve directly
    assert quantities(session) == {"VALVE": Decimal(80), "PAINT": Decimal(40), "BED": Decimal(200)}


def test_a_new_volume_moves_the_exploded_needs_and_no_other(session: Session, world: World, news: Events) -> None:
    news()
    changed = ProductWrite(code="A-1", name="散货船", annual_volume=Decimal(11))
    (outcome,) = service.upsert_products(session, REVIEWER, [changed])
    assert outcome.changed_fields == ("annual_volume",)
    assert quantities(session) == {"VALVE": Decimal(88), "PAINT": Decimal(40), "BED": Decimal(200)}
    assert [(event["kind"], event["version"]) for event in news()] == [("product", 2), ("need", 2)]
    assert world.products


def test_without_a_volume_the_stated_quantity_counts(session: Session, world: World) -> None:
    unknown = ProductWrite(code="A-1", name="散货船", annual_volume=None)
    service.upsert_products(session, REVIEWER, [unknown])
    assert quantities(session)["VALVE"] is None
    stated = NeedWrite(
        product_id=world.products["A-1"], part_code="VALVE", part_name="阀门", annual_quantity=Decimal("7.5")
    )
    service.upsert_needs(session, REVIEWER, [stated])
    assert quantities(session)["VALVE"] == Decimal("7.5")


def test_the_bill_overrules_what_is_stated(session: Session, world: World) -> None:
    stated = NeedWrite(
        product_id=world.products["A-1"], part_code="VALVE", part_name="阀门", annual_quantity=Decimal(7)
    )
    (outcome,) = service.upsert_needs(session, REVIEWER, [stated])
    assert outcome.changed_fields == ("stated_quantity",)
    assert quantities(session)["VALVE"] == Decimal(80)


def test_a_changed_line_moves_the_need(session: Session, world: World, news: Events) -> None:
    news()
    line = BomLineWrite(product_id=world.products["A-1"], part_code="VALVE", part_name="阀门", quantity=Decimal(2))
    service.upsert_bom_lines(session, REVIEWER, [line])
    assert quantities(session)["VALVE"] == Decimal(90)
    (event,) = news()
    assert (event["kind"], event["data"]["annual_quantity"]) == ("need", "90.000")


def test_the_same_bill_again_changes_nothing(session: Session, world: World, news: Events) -> None:
    news()
    line = BomLineWrite(product_id=world.products["A-1"], part_code="VALVE", part_name="阀门", quantity=Decimal(1))
    assert service.upsert_bom_lines(session, REVIEWER, [line])[0].change is Change.UNCHANGED
    assert service.recompute_quantities(session, list(world.products.values())) == 0
    assert news() == []


def test_a_cycle_is_an_error_that_names_it(session: Session, world: World) -> None:
    line = BomLineWrite(product_id=world.products["A-1"], parent="VALVE", part_code="PIPE", part_name="管系")
    with pytest.raises(BomCycle) as raised:
        service.upsert_bom_lines(session, REVIEWER, [line])
    assert set(raised.value.path) == {"PIPE", "VALVE"}


def test_a_new_leader_is_told_with_its_needs(session: Session, world: World, news: Events) -> None:
    news()
    moved = ProductWrite(code="A-1", name="散货船", leader_id=world.enterprises["B"])
    service.upsert_products(session, REVIEWER, [moved])
    told = news()
    assert [event["kind"] for event in told] == ["product", "need", "need"]
    assert {event["data"]["leader_id"] for event in told} == {str(world.enterprises["B"])}


@pytest.mark.parametrize("code", ["B-1", "X-1"])
def test_a_leader_writes_no_needs_of_products_that_are_not_its_own(session: Session, world: World, code: str) -> None:
    need = NeedWrite(product_id=world.products[code], part_code="P", part_name="件")
    with pytest.raises(Problem) as raised:
        service.upsert_needs(session, world.leader("A"), [need])
    assert raised.value.status == 403


def test_a_leader_can_neither_take_over_a_product_nor_give_one_away(session: Session, world: World) -> None:
    takeover = ProductWrite(code="B-1", name="车床", leader_id=world.enterprises["A"])
    gift = ProductWrite(code="A-1", name="散货船", leader_id=world.enterprises["B"])
    nobodys = ProductWrite(code="N-1", name="新产品")
    for row in (takeover, gift, nobodys):
        with pytest.raises(Problem) as raised:
            service.upsert_products(session, world.leader("A"), [row])
        assert raised.value.status == 403


def test_a_leader_writes_its_own_product(session: Session, world: World) -> None:
    own = ProductWrite(code="A-1", name="散货船（改）")
    new = ProductWrite(code="A-2", name="渡船", leader_id=world.enterprises["A"])
    outcomes = service.upsert_products(session, world.leader("A"), [own, new])
    assert [outcome.change for outcome in outcomes] == [Change.CHANGED, Change.CREATED]


def test_a_bill_shows_every_line_with_what_it_asks_for(session: Session, world: World) -> None:
    bill = lists.get_bill(session, REVIEWER, world.products["A-1"])
    shown = [(line["level"], line["part_code"], line["bought"], line["annual_quantity"]) for line in bill["lines"]]
    assert shown == [
        (1, "PIPE", False, Decimal("20.000")),
        (2, "VALVE", True, Decimal("70.000")),
        (1, "VALVE", True, Decimal("10.000")),
    ]


@pytest.mark.parametrize(("usage", "price"), [(10**11, 1), (1, 10**11)])
def test_a_need_beyond_counting_names_its_part(session: Session, world: World, usage: int, price: int) -> None:
    ship = world.products["A-1"]
    bolt = BomLineWrite(product_id=ship, parent="PIPE", part_code="BOLT", part_name="螺栓", quantity=Decimal(usage))
    service.upsert_bom_lines(session, REVIEWER, [bolt])
    need = NeedWrite(product_id=ship, part_code="BOLT", part_name="螺栓", unit_price=Decimal(price))
    with pytest.raises(Problem, match=r"422 out-of-range: 需求过大 螺栓（BOLT）"):
        service.upsert_needs(session, REVIEWER, [need])


def test_a_part_that_is_not_needed_may_be_beyond_counting(session: Session, world: World) -> None:
    ship, many = world.products["A-1"], Decimal(9) * 10**11
    pairs = zip(["PIPE", "P1", "P2"], ["P1", "P2", "P3"], strict=True)
    lines = [
        BomLineWrite(product_id=ship, parent=parent, part_code=part, part_name=part, quantity=many)
        for parent, part in pairs
    ]
    service.upsert_bom_lines(session, REVIEWER, lines)
    asked = [line["annual_quantity"] for line in lists.get_bill(session, REVIEWER, ship)["lines"]]
    assert max(asked) > 10**36


def test_what_a_later_bill_makes_is_bought_no_more(session: Session, world: World) -> None:
    ship = world.products["A-1"]
    made = [
        BomLineWrite(
            product_id=ship, parent=parent, part_code="VALVE", part_name="阀门", quantity=Decimal(1), bought=False
        )
        for parent in ("PIPE", "")
    ]
    service.upsert_bom_lines(session, REVIEWER, made)
    assert quantities(session)["VALVE"] == Decimal(0)
