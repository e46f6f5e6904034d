"""Whatever is done to a bill, in whatever order, its needs say what exploding it anew says."""

from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from services.catalog.history import reversal, service
from services.catalog.kinds import KINDS
from services.catalog.products import bills
from services.catalog.products import service as products
from services.catalog.products.models import Need
from services.catalog.products.schemas import BomLineWrite, NeedWrite, ProductWrite
from shared.db.upserts import sql_table
from shared.http.problems import Problem
from tests.support.catalog_world import REVIEWER, World

#: In an order that rules out circles: a part only stands below an earlier one.
PARTS = ["", "P1", "P2", "P3", "P4", "P5"]
NEEDS = sql_table(Need)


class Hand:
    """Does one thing after the other to the bill of one product."""

    def __init__(self, session: Session, product: Any, dice: Random) -> None:
        self.session, self.product, self.dice = session, product, dice
        self.gone: list[tuple[str, Any]] = []

    def state_line(self) -> None:
        at = self.dice.randrange(1, len(PARTS))
        parent, part = PARTS[self.dice.randrange(at)], PARTS[at]
        quantity = Decimal(self.dice.randint(1, 40)) / 8
        bought = self.dice.choice([None, None, True, False])
        row = BomLineWrite(
            product_id=self.product, parent=parent, part_code=part, part_name=part, quantity=quantity, bought=bought
        )
        products.upsert_bom_lines(self.session, REVIEWER, [row])

    def state_need(self) -> None:
        part = self.dice.choice(PARTS[1:])
        stated = self.dice.choice([None, Decimal(self.dice.randint(0, 99))])
        row = NeedWrite(product_id=self.product, part_code=part, part_name=part, annual_quantity=stated)
        products.upsert_needs(self.session, REVIEWER, [row])

    def state_volume(self) -> None:
        volume = self.dice.choice([None, Decimal(self.dice.randint(0, 500))])
        products.upsert_products(
            self.session, REVIEWER, [ProductWrite(code="A-1", name="散货船", annual_volume=volume)]
        )

    def delete(self) -> None:
        kind = KINDS[self.dice.choice(["bom_lines", "need"])]
        rows = select(kind.table).where(kind.table.c.product_id == self.product).order_by(kind.table.c.id)
        if found := self.session.execute(rows).mappings().all():
            row = dict(self.dice.choice(found))
            reversal.remove(self.session, kind, [row])
            self.gone.append((kind.name, row["id"]))

    def bring_back(self) -> None:
        """One that was deleted, unless another one has its place by now."""
        if not self.gone:
            return
        name, id = self.gone.pop(self.dice.randrange(len(self.gone)))
        entry = service.deletion(self.session, name, id)
        assert entry is not None
        with suppress(Problem), self.session.begin_nested():
            reversal.put_back(self.session, KINDS[name], [entry])


@pytest.mark.parametrize("seed", range(3))
def test_needs_are_what_the_bill_says_after_each_change(session: Session, world: World, seed: int) -> None:
    ship = world.products["A-1"]
    hand = Hand(session, ship, Random(seed))
    deeds = [hand.state_line, hand.state_line, hand.state_need, hand.state_volume, hand.delete, hand.bring_back]
    for _ in range(50):
        hand.dice.choice(deeds)()
        wanted = bills.exploded(session, [ship]).get(ship, {})
        needs = session.execute(select(NEEDS).where(NEEDS.c.product_id == ship)).mappings().all()
        told = {need["part_code"]: need["annual_quantity"] for need in needs}
        assert told == {need["part_code"]: wanted.get(need["part_code"], need["stated_quantity"]) for need in needs}
