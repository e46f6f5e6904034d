"""From the mirror's rows to the snapshot, worked by hand over the world of tests/support/feed_world.py."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.matching.engine.policy import Policy, Scope
from services.matching.engine.snapshot import Commitment, Exclusion, Incumbent, Line, Proposal, Snapshot
from services.matching.engine.wire import snapshot_to_json
from services.matching.mirror.models import TABLES
from services.matching.mirror.service import Catalogue
from services.matching.runs.freeze.build import build_snapshot
from services.matching.suggestions.rules import Decisions, Placed, Rejected
from shared.codes.parameters import contains
from shared.contracts.v1 import ENTITIES, Entity, Kind, NeedV1, PreferenceV1, RelationV1, TitleV1
from tests.support.feed_world import HOUSING, KINDS, LEADER, SHAFT, World

DAY = date(2026, 3, 1)
NOTHING = Decisions([], [])
NAMES = {
    Kind.ENTERPRISE: "enterprises",
    Kind.CERTIFICATE: "certificates",
    Kind.TITLE: "titles",
    Kind.RELATION: "relations",
    Kind.PREFERENCE: "preferences",
    Kind.CLUSTER: "clusters",
    Kind.PRODUCT: "products",
    Kind.NEED: "needs",
    Kind.PURCHASE: "purchases",
    Kind.CAPABILITY: "capabilities",
}


def mirrored(entities: list[Entity]) -> Catalogue:
    """The mirror's rows of the entities."""
    rows: dict[str, list[Any]] = {name: [] for name in NAMES.values()}
    for entity in entities:
        kind = KINDS[type(entity)]
        json = entity.model_dump(mode="json")
        nested = {name: json[name] for name, value in entity if isinstance(value, list | tuple)}
        rows[NAMES[kind]].append(TABLES[kind](**{**entity.model_dump(), **nested}, epoch="one"))
    assert set(ENTITIES) == set(NAMES)
    return Catalogue(**rows)


def frozen(
    world: World | None = None, policy: Policy | None = None, decisions: Decisions = NOTHING, seed: int | None = None
) -> Snapshot:
    entities = (world or World()).entities()
    if seed is not None:
        random.Random(seed).shuffle(entities)
    return build_snapshot(mirrored(entities), decisions, policy or Policy(), DAY, "1:9")


def line(snapshot: Snapshot, key: str) -> Line:
    return next(row for row in snapshot.lines if row.key == key)


def origins(row: Line) -> tuple[int, int, int, int, int]:
    return row.spend, row.local_now, row.committed, row.outside, row.unknown


def test_spend_is_split_by_the_newest_year_s_purchases() -> None:
    # 50 from Suzhou, 25 from Qingdao (a city of the cluster), 25 from nobody knows; 2024 does not count.
    assert origins(line(frozen(), "P1/H-100")) == (100_000, 25_000, 0, 50_000, 25_000)
    assert frozen().period == "2025"


def test_a_part_never_bought_is_of_unknown_origin() -> None:
    assert origins(line(frozen(), "P1/Z-200")) == (100_000, 0, 0, 0, 100_000)


def test_shared_purchases_give_every_need_of_the_part_the_same_shares_and_no_cluster_means_nothing_local() -> None:
    assert origins(line(frozen(), "Q/H-100")) == (50_000, 0, 0, 37_500, 12_500)


def test_the_scope_decides_what_is_local() -> None:
    city = frozen(policy=Policy(scope=Scope.CITY))
    # The leader sits in Qingdao, so does the dealer; both products see the same.
    assert origins(line(city, "Q/H-100")) == (50_000, 12_500, 0, 25_000, 12_500)


def test_a_need_without_price_has_no_spend_by_value_and_counts_one_by_lines() -> None:
    world = World(shaft_price=None)
    assert line(frozen(world), "P1/Z-200").spend == 0
    lines = frozen(world, Policy.lines_mode())
    assert [row.spend for row in lines.lines] == [1, 1, 1]
    assert [row.movable for row in lines.lines] == [1, 1, 1]


def test_incumbents_have_their_share_of_the_line() -> None:
    snapshot = frozen()
    at = snapshot.lines.index(line(snapshot, "P1/H-100"))
    names = {snapshot.suppliers[row.supplier].key: row.amount for row in snapshot.incumbents if row.line == at}
    assert names == {"S4": 50_000, "S5": 25_000}


def test_a_related_supplier_is_so_for_every_line_of_its_leader_even_from_an_older_year() -> None:
    catalogue = mirrored(World().entities())
    old = next(row for row in catalogue.purchases if row.period == "2024")
    old.related_party = True
    snapshot = build_snapshot(catalogue, NOTHING, Policy(), DAY, "1:9")
    related = [row for row in snapshot.incumbents if row.related]
    assert {snapshot.lines[row.line].key for row in related} == {"P1/H-100", "P1/Z-200", "Q/H-100"}
    assert related[1] == Incumbent(line=related[1].line, supplier=related[1].supplier, amount=0, related=True)


def test_capacities_prices_and_requirements_become_whole_numbers() -> None:
    snapshot = frozen()
    offer = next(row for row in snapshot.capabilities if row.key == "S1/铸造")
    assert (offer.capacity_units, offer.capacity_yuan, offer.unit, offer.unit_price) == (600_000, None, "件", 950_000)
    housing = line(snapshot, "P1/H-100")
    assert (housing.quantity, housing.unit_price, housing.lead_time_days) == (1_000_000, 1_000_000, 60)
    # No date asked: valid at the day of the run.
    assert [(row.scheme, row.on_date) for row in housing.certificates] == [("ISO 9001", DAY)]


@pytest.mark.parametrize(("unit", "yuan"), [("元", 600), ("万元", 6_000_000)])
def test_a_capacity_in_money_is_whole_yuan(unit: str, yuan: int) -> None:
    catalogue = mirrored(World().entities())
    for row in catalogue.capabilities:
        row.capacity_unit = unit
    offer = build_snapshot(catalogue, NOTHING, Policy(), DAY, "1:9").capabilities[0]
    assert (offer.capacity_yuan, offer.capacity_units, offer.unit) == (yuan, None, None)


def test_suppliers_know_their_clusters_and_whether_any_leader_knows_them() -> None:
    rows = {row.key: (row.cluster_keys, row.known) for row in frozen().suppliers}
    assert rows["S1"] == (("MACHINE",), False)
    assert rows["S4"] == ((), True)
    assert "L1" not in rows


def test_an_approved_suggestion_is_a_commitment_out_of_what_is_outside_and_released() -> None:
    decisions = Decisions([Placed("P1/H-100", "S1/铸造", 60_000)], [])
    snapshot = frozen(decisions=decisions)
    row = line(snapshot, "P1/H-100")
    assert origins(row) == (100_000, 25_000, 60_000, 0, 15_000)
    assert row.movable == 15_000
    at = snapshot.lines.index(row)
    offer = next(position for position, each in enumerate(snapshot.capabilities) if each.key == "S1/铸造")
    assert snapshot.commitments == [Commitment(at, offer, 60_000)]


def test_a_release_share_counts_what_is_committed_already() -> None:
    catalogue = mirrored(World().entities())
    for need in catalogue.needs:
        need.release_share = need.release_share / 2
    decisions = Decisions([Placed("P1/H-100", "S1/铸造", 30_000)], [])
    row = line(build_snapshot(catalogue, decisions, Policy(), DAY, "1:9"), "P1/H-100")
    # Half of 75,000 is released; 30,000 of that is committed.
    assert row.movable == 7_500


def test_commitments_never_exceed_what_is_not_yet_local() -> None:
    decisions = Decisions([Placed("P1/H-100", "S1/铸造", 60_000), Placed("P1/H-100", "S2/铸造", 60_000)], [])
    snapshot = frozen(decisions=decisions)
    assert origins(line(snapshot, "P1/H-100")) == (100_000, 25_000, 75_000, 0, 0)
    assert [row.amount for row in snapshot.commitments] == [60_000, 15_000]


def test_what_was_approved_in_a_wider_scope_is_not_local_in_a_narrower_one() -> None:
    decisions = Decisions([Placed("P1/H-100", "S2/铸造", 10_000)], [])
    # S2 sits in Yantai: local to the cluster, not to the leader's city.
    assert frozen(decisions=decisions).commitments != []
    assert frozen(policy=Policy(scope=Scope.CITY), decisions=decisions).commitments == []


def test_a_rejected_pair_is_excluded_by_line_and_supplier() -> None:
    decisions = Decisions([], [Rejected("P1/H-100", "S1", "质量事故未结案")])
    snapshot = frozen(decisions=decisions)
    suppliers = [row.key for row in snapshot.suppliers]
    at = snapshot.lines.index(line(snapshot, "P1/H-100"))
    assert snapshot.exclusions == [Exclusion(at, suppliers.index("S1"), "质量事故未结案")]


def test_what_is_proposed_and_not_decided_is_kept_and_moves_nothing() -> None:
    decisions = Decisions([], [], [Placed("P1/H-100", "S1/铸造", 20_000), Placed("P9/H-100", "S1/铸造", 1)])
    snapshot = frozen(decisions=decisions)
    row = line(snapshot, "P1/H-100")
    offer = next(at for at, each in enumerate(snapshot.capabilities) if each.key == "S1/铸造")
    assert snapshot.proposals == [Proposal(snapshot.lines.index(row), offer, 20_000)]
    assert origins(row) == origins(line(frozen(), "P1/H-100"))


def test_decisions_about_what_no_longer_exists_are_left_out() -> None:
    decisions = Decisions([Placed("P9/H-100", "S1/铸造", 1)], [Rejected("P1/H-100", "S9", "")])
    snapshot = frozen(decisions=decisions)
    assert (snapshot.commitments, snapshot.exclusions) == ([], [])


def told(*entities: Entity, policy: Policy | None = None, **of_housing: Any) -> Snapshot:
    """The world with more entities, its housing's needs changed."""
    known = [
        entity.model_copy(update=of_housing) if isinstance(entity, NeedV1) and entity.part_code == HOUSING else entity
        for entity in World().entities()
    ]
    return build_snapshot(mirrored([*known, *entities]), NOTHING, policy or Policy(), DAY, "1:9")


def link(owner: str, owned: str, share: str | None, **dates: date) -> RelationV1:
    world = World()
    share_ = None if share is None else Decimal(share)
    key = f"{owner}-{owned}"
    return RelationV1(
        id=world.id(key), version=1, owner_id=world.id(owner), owned_id=world.id(owned), share=share_, **dates
    )


def related(snapshot: Snapshot) -> set[str]:
    """Who is related to the leader, on every line alike."""
    found = [
        {snapshot.suppliers[row.supplier].key for row in snapshot.incumbents if row.related and row.line == at}
        for at in range(len(snapshot.lines))
    ]
    assert all(each == found[0] for each in found)
    return found[0]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([link("L1", "S1", "0.05")], {"S1"}),
        ([link("S1", "L1", None)], {"S1"}),
        ([link("L1", "S1", "0.51"), link("S1", "S2", "0.6"), link("S2", "S3", "0.1")], {"S1", "S2", "S3"}),
        ([link("S4", "L1", "0.9"), link("S4", "S1", "0.8")], {"S1", "S4"}),
        ([link("L1", "S1", "0.5"), link("S1", "S2", "0.9")], {"S1"}),
        ([link("S2", "S1", "0.9")], set()),
        ([link("L1", "S1", "0.4", valid_until=date(2026, 2, 28))], set()),
        ([link("L1", "S1", "0.4", valid_from=date(2026, 3, 2))], set()),
        ([link("L1", "S1", "0.6"), link("S1", "L1", "0.6")], {"S1"}),
    ],
)
def test_an_equity_link_makes_related(links: list[RelationV1], expected: set[str]) -> None:
    assert related(told(*links)) == expected


EXCLUDED = [
    # S5 sold 25 of the 100 in 2025Q3, S4 50 in 2025-03: who is related to the leader then is excluded.
    ([link("L1", "S5", "0.3")], (25_000, 0, 50_000, 25_000)),
    ([link("S4", "L1", None)], (50_000, 25_000, 0, 25_000)),
    ([link("L1", "S3", "0.6"), link("S3", "S5", "0.1")], (25_000, 0, 50_000, 25_000)),
    # A link that ended with June excludes the sale of March, not that of the third quarter.
    ([link("L1", each, "0.9", valid_until=date(2025, 6, 30)) for each in ("S4", "S5")], (50_000, 25_000, 0, 25_000)),
    # One that began with July the other way round.
    ([link("L1", each, "0.9", valid_from=date(2025, 7, 1)) for each in ("S4", "S5")], (25_000, 0, 50_000, 25_000)),
]


@pytest.mark.parametrize(("links", "expected"), EXCLUDED)
def test_what_was_bought_of_the_leader_s_family_is_excluded(
    links: list[RelationV1], expected: tuple[int, int, int, int]
) -> None:
    row = line(told(*links), "P1/H-100")
    assert (row.excluded, row.local_now, row.outside, row.unknown) == expected


def saying(stance: str, part: str | None = None, supplier: str = "S1", **more: Any) -> PreferenceV1:
    world = World()
    said: dict[str, Any] = {"part_code": part, "stance": stance, "reason": "", **more}
    key = f"{stance}{part}{supplier}"
    return PreferenceV1(id=world.id(key), version=1, leader_id=world.id(LEADER), supplier_id=world.id(supplier), **said)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([saying("blacklisted")], {"P1/H-100": True, "P1/Z-200": True, "Q/H-100": True}),
        ([saying("preferred", SHAFT)], {"P1/Z-200": False}),
        (
            [saying("preferred", SHAFT), saying("blacklisted")],
            {"P1/H-100": True, "P1/Z-200": False, "Q/H-100": True},
        ),
        ([saying("blacklisted", valid_until=date(2026, 2, 28))], {}),
        ([saying("blacklisted", SHAFT, valid_until=DAY)], {"P1/Z-200": True}),
    ],
)
def test_what_a_leader_says_of_a_supplier_holds_for_its_lines(
    said: list[PreferenceV1], expected: dict[str, bool]
) -> None:
    snapshot = told(*said)
    found = {snapshot.lines[row.line].key: row.blacklisted for row in snapshot.preferences}
    assert found == expected
    assert {snapshot.suppliers[row.supplier].key for row in snapshot.preferences} <= {"S1"}


def test_a_need_s_own_cap_goes_along_but_not_where_lines_count_one() -> None:
    assert line(told(dual_source_cap=Decimal("0.4")), "P1/H-100").supplier_cap == 4_000
    assert line(told(), "P1/H-100").supplier_cap is None
    assert line(told(policy=Policy.lines_mode(), dual_source_cap=Decimal("0.4")), "P1/H-100").supplier_cap is None


@pytest.mark.parametrize(
    ("begins", "days", "from_", "certified"),
    [
        (date(2026, 3, 31), 30, date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 12, 31), 60, date(2026, 12, 31), date(2026, 12, 31)),
        (date(2025, 1, 1), 60, None, DAY),
        (None, 60, None, DAY),
    ],
)
def test_a_need_that_begins_later_leaves_so_much_time_and_asks_for_certificates_then(
    begins: date | None, days: int, from_: date | None, certified: date
) -> None:
    row = line(told(needed_from=begins), "P1/H-100")
    assert (row.lead_time_days, row.needed_from) == (days, from_)
    assert [each.on_date for each in row.certificates] == [certified]


def test_processes_and_materials_are_compared_as_parameters_with_their_families() -> None:
    snapshot = told(processes=["树脂砂铸造"], materials=["HT250"])
    asked = line(snapshot, "P1/H-100").parameters[-2:]
    assert [(row.name, row.values) for row in asked] == [("工艺", ("树脂砂铸造",)), ("材料", ("HT250",))]
    catalogue = mirrored(World().entities())
    for row in catalogue.capabilities:
        row.processes, row.materials = ["铸造"], ["灰铸铁"]
        row.parameters = [*row.parameters, {"name": "材质", "values": ["45"]}]
    offer = build_snapshot(catalogue, NOTHING, Policy(), DAY, "1:9").capabilities[0]
    stated = offer.parameters[-2:]
    assert [(row.name, row.values) for row in stated] == [("工艺", ("铸造",)), ("材料", ("45", "灰铸铁"))]
    assert all(contains(wanted, has) for wanted, has in zip(asked, stated, strict=True))


def test_certificates_keep_their_sites_and_their_suspension_and_suppliers_their_titles() -> None:
    world = World()
    snapshot = told(
        world.certificate("S1", "限场所").model_copy(
            update={"sites": ["370600", "370200"], "suspended_on": date(2026, 1, 1), "trust": "self_declared"}
        ),
        *(
            TitleV1(id=world.id(f"{code}"), version=1, enterprise_id=world.id("S1"), level="national", **dates)
            for code, dates in {
                "b": {"title": "b"},
                "a": {"title": "a", "issued": date(2025, 1, 1), "expires": DAY},
                "lapsed": {"title": "lapsed", "expires": date(2026, 2, 28)},
                "tomorrow": {"title": "tomorrow", "issued": date(2026, 3, 2)},
            }.items()
        ),
    )
    row = next(each for each in snapshot.certificates if each.number == "限场所")
    assert (row.sites, row.suspended_on, row.trust) == (("370200", "370600"), date(2026, 1, 1), "self_declared")
    assert {each.key: each.titles for each in snapshot.suppliers if each.titles} == {"S1": ("a", "b")}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_rows_came_does_not_matter(seed: int) -> None:
    assert snapshot_to_json(frozen(seed=seed)) == snapshot_to_json(frozen())


def test_a_re_import_with_other_ids_gives_the_same_rows() -> None:
    def without_ids(snapshot: Snapshot) -> Snapshot:
        tables = ("suppliers", "capabilities", "clusters", "lines")
        blank = {name: [replace(row, id="") for row in getattr(snapshot, name)] for name in tables}
        products = [replace(row, id="", leader_id=None) for row in snapshot.products]
        return replace(snapshot, products=products, **blank)

    assert without_ids(frozen(World(salt="other"))) == without_ids(frozen())
    assert frozen(World(salt="other")) != frozen()
