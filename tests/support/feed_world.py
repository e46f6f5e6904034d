"""A small world as the catalog's feed tells it. Every firm is fictitious.

Leader 示例重工 (Qingdao, cluster MACHINE of Qingdao and Yantai) needs for its press P1 a cast housing (1000 × 100 元)
and a turned shaft (2000 × 50 元); for Q, which is in no cluster, the same housing (500 × 100 元). In 2025 the housings
came half from Suzhou, a quarter from Qingdao, a quarter from nobody knows; of the shafts nothing was bought.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from services.matching.mirror.changes import Page, read_page
from shared.codes.parameters import Parameter
from shared.contracts.v1 import (
    CapabilityV1,
    CertificateRequirement,
    CertificateV1,
    ClusterV1,
    EnterpriseV1,
    Entity,
    FeedEventV1,
    FeedPageV1,
    Kind,
    NeedV1,
    PreferenceV1,
    ProductV1,
    PurchaseV1,
    RelationV1,
    TitleV1,
)

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
KINDS: dict[type[Entity], Kind] = {
    EnterpriseV1: Kind.ENTERPRISE,
    CertificateV1: Kind.CERTIFICATE,
    TitleV1: Kind.TITLE,
    RelationV1: Kind.RELATION,
    PreferenceV1: Kind.PREFERENCE,
    ClusterV1: Kind.CLUSTER,
    ProductV1: Kind.PRODUCT,
    NeedV1: Kind.NEED,
    PurchaseV1: Kind.PURCHASE,
    CapabilityV1: Kind.CAPABILITY,
}
LEADER, CASTER, SECOND_CASTER, TURNER, OUTSIDER, DEALER = "L1", "S1", "S2", "S3", "S4", "S5"
HOUSING, SHAFT = "H-100", "Z-200"
CASTING = "3391"
TURNING = "3489"


@dataclass(frozen=True)
class World:
    """A way to name things: another `salt` gives all of them other ids, as a re-import does.

    `lacking_certificate`: the second caster has none, and stands one step short.
    """

    salt: str = ""
    shaft_price: str | None = "50"
    housing_price: str | None = "100"
    lacking_certificate: bool = False

    def id(self, name: str) -> UUID:
        """The id of the thing of this name."""
        return uuid5(NAMESPACE_URL, f"{self.salt}/{name}")

    def entities(self) -> list[Entity]:
        """Everything, in the order in which one may refer to another."""
        return [*self._firms(), *self._demand(), *self._purchases(), *self._offers()]

    def _firms(self) -> Iterable[Entity]:
        firms = [
            (LEADER, "示例重工", "370214", True),
            (CASTER, "示例铸造一厂", "370200", False),
            (SECOND_CASTER, "示例铸造二厂", "370602", False),
            (TURNER, "示例精工", "370600", False),
            (OUTSIDER, "示例外省铸造", "320500", False),
            (DEALER, "示例现有供应商", "370200", False),
        ]
        for code, name, region, leads in firms:
            yield self.enterprise(code, name, region, leads)
        for number, holder in enumerate((CASTER, SECOND_CASTER, TURNER, OUTSIDER)):
            if not (self.lacking_certificate and holder == SECOND_CASTER):
                yield self.certificate(holder, f"示例-{number}")
        yield ClusterV1(
            id=self.id("MACHINE"),
            version=1,
            code="MACHINE",
            name="示例机床集群",
            tier="provincial",
            target=Decimal("0.5"),
            cities=["370200", "370600"],
            member_ids=[self.id(CASTER)],
        )

    def enterprise(self, code: str, name: str, region: str, leads: bool = False, version: int = 1) -> EnterpriseV1:
        """A firm; its code stands for its credit code."""
        return EnterpriseV1(
            id=self.id(code),
            version=version,
            credit_code=code,
            source_key=None,
            name=name,
            is_chain_leader=leads,
            is_supplier=not leads,
            region=region,
            status="verified",
        )

    def certificate(self, holder: str, number: str) -> CertificateV1:
        """An ISO 9001 certificate."""
        return CertificateV1(
            id=self.id(number),
            version=1,
            enterprise_id=self.id(holder),
            scheme="ISO 9001",
            number=number,
            valid_until=date(2028, 1, 1),
            trust="verified",
        )

    def _demand(self) -> Iterable[Entity]:
        for code, name, cluster in (("P1", "示例压力机", self.id("MACHINE")), ("Q", "示例剪板机", None)):
            yield ProductV1(
                id=self.id(code), version=1, code=code, name=name, leader_id=self.id(LEADER), cluster_id=cluster
            )
        yield self.need("P1", HOUSING, "1000")
        yield self.need("P1", SHAFT, "2000")
        yield self.need("Q", HOUSING, "500")

    def need(self, product: str, part: str, quantity: str, version: int = 1) -> NeedV1:
        """A need of one of the two parts."""
        housing = part == HOUSING
        price = self.housing_price if housing else self.shaft_price
        return NeedV1(
            id=self.id(f"{product}/{part}"),
            version=version,
            product_id=self.id(product),
            leader_id=self.id(LEADER),
            part_code=part,
            part_name="铸铁壳体" if housing else "传动轴",
            unit="件",
            annual_quantity=Decimal(quantity),
            unit_price=None if price is None else Decimal(price),
            class_code=CASTING if housing else TURNING,
            text="灰铸铁 壳体 铸造" if housing else "45钢 传动轴 车削 磨削",
            certificates=[CertificateRequirement(scheme="ISO 9001")],
            parameters=[Parameter(name="重量", high=Decimal(20), unit="kg")] if housing else [],
            lead_time_days=60,
        )

    def _purchases(self) -> Iterable[Entity]:
        rows = [
            (HOUSING, OUTSIDER, "2025-03", "50000"),
            (HOUSING, DEALER, "2025Q3", "25000"),
            (HOUSING, None, "2025", "25000"),
            (HOUSING, OUTSIDER, "2024", "990000"),
        ]
        for number, (part, supplier, period, amount) in enumerate(rows):
            yield PurchaseV1(
                id=self.id(f"purchase {number}"),
                version=1,
                leader_id=self.id(LEADER),
                part_code=part,
                supplier_id=None if supplier is None else self.id(supplier),
                supplier_name=None,
                supplier_region=None,
                period=period,
                quantity=None,
                amount=Decimal(amount),
            )

    def _offers(self) -> Iterable[Entity]:
        yield self.offer(CASTER, "铸造", "灰铸铁 壳体 铸造", CASTING, "600", "95")
        yield self.offer(SECOND_CASTER, "铸造", "灰铸铁 壳体 树脂砂 铸造", CASTING, "800", "97")
        yield self.offer(TURNER, "车削", "45钢 传动轴 车削 磨削", TURNING, "5000", "48")
        yield self.offer(OUTSIDER, "铸造", "灰铸铁 壳体 铸造", CASTING, "9000", "80")

    def offer(self, supplier: str, name: str, text: str, class_code: str, pieces: str, price: str) -> CapabilityV1:
        """A capability."""
        return CapabilityV1(
            id=self.id(f"{supplier}/{name}"),
            version=1,
            supplier_id=self.id(supplier),
            code=name,
            name=text.split()[1] + name,
            class_code=class_code,
            text=text,
            parameters=[Parameter(name="重量", high=Decimal(50), unit="kg")] if class_code == CASTING else [],
            spare_capacity=Decimal(pieces),
            capacity_unit="件",
            unit_price=Decimal(price),
            lead_time_days=30,
        )


def upsert(entity: Entity, position: int = 1) -> FeedEventV1:
    """The event that tells of an entity."""
    return FeedEventV1(
        position=f"1:{position}",
        kind=KINDS[type(entity)],
        id=entity.id,
        version=entity.version,
        op="upsert",
        data=entity.model_dump(mode="json"),
        at=NOW,
    )


def deletion(entity: Entity) -> FeedEventV1:
    """The event that tells of its end."""
    return upsert(entity).model_copy(update={"op": "delete", "data": None, "version": entity.version + 1})


def page(events: Iterable[FeedEventV1], cursor: str, *, epoch: str = "one", caught_up: bool = True) -> Page:
    """A page of the feed, as it is read from the wire."""
    told = FeedPageV1(epoch=epoch, cursor=cursor, caught_up=caught_up, events=list(events))
    return read_page(told.model_dump_json().encode())


def renamed(world: World, salt: str) -> World:
    """The same world with other ids."""
    return replace(world, salt=salt)
