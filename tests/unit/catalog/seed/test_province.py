"""The fictitious province: as large, as skewed and as valid as the demo needs it, and the same for the same seed."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.seed.book import clusters, leaders, trades
from services.catalog.seed.firms import MARK, all_cities
from services.catalog.seed.market import Row, leader_code
from services.catalog.seed.province import Scale, province
from services.catalog.seed.sheets import PER_FILE, write_file
from services.catalog.seed.sisters import all_leaders
from services.catalog.seed.supply import open_market
from shared.codes import credit_code, regions
from shared.codes.certificates import find_scheme
from shared.codes.classes import all_classes, find_class
from shared.codes.parameters import contains, parse_parameters
from shared.codes.units import find_unit

Sheets = dict[ImportKind, list[Row]]
SEEDS = (1, 2, 20261101)
EXCLUSIONS = ("related_party", "toll_processing", "energy_water")


@cache
def drawn(seed: int) -> Sheets:
    """The province of a seed, drawn once for all tests."""
    return province(Scale.SMALL, seed)


@pytest.fixture(params=SEEDS)
def sheets(request: pytest.FixtureRequest) -> Sheets:
    """The provinces that every statement must hold for."""
    return drawn(request.param)


def test_it_is_as_large_as_asked(sheets: Sheets) -> None:
    roles = Counter(str(row["roles"]).split("、")[0] for row in sheets[ImportKind.ENTERPRISES])
    assert roles == {"链主企业": 16, "供应商": 800}
    assert len(sheets[ImportKind.CLUSTERS]) >= 6
    assert 550 <= len(sheets[ImportKind.NEEDS]) <= 680
    assert 1400 <= len(sheets[ImportKind.CAPABILITIES]) <= 1800
    assert len({leader.class_code[:3] for leader in leaders()}) >= 8


def test_the_same_seed_gives_the_same_cells() -> None:
    assert province(Scale.SMALL, 1) == drawn(1)


def test_another_seed_gives_other_suppliers_and_purchases() -> None:
    for kind in (ImportKind.CAPABILITIES, ImportKind.PURCHASES, ImportKind.CERTIFICATES):
        assert drawn(1)[kind] != drawn(2)[kind]


def test_rows_fill_known_columns_and_all_required_ones(sheets: Sheets) -> None:
    for kind, rows in sheets.items():
        columns = {column.field: column.required for column in TEMPLATES[kind].columns}
        for row in rows:
            assert row.keys() <= columns.keys()
            assert all(row.get(field) not in (None, "") for field, required in columns.items() if required)


def test_keys_are_unique(sheets: Sheets) -> None:
    for kind, rows in sheets.items():
        keys = Counter(tuple(row.get(field) for field in TEMPLATES[kind].key) for row in rows)
        assert keys.most_common(1)[0][1] == 1, kind


def test_every_credit_code_is_valid_and_of_no_real_firm(sheets: Sheets) -> None:
    for row in sheets[ImportKind.ENTERPRISES]:
        code = str(row["credit_code"])
        assert credit_code.check(code) == code
        assert code[2:8] == "000000"


def test_every_reference_is_to_a_row_that_exists(sheets: Sheets) -> None:
    firms = {row["credit_code"] for row in sheets[ImportKind.ENTERPRISES]}
    products = {row["code"] for row in sheets[ImportKind.PRODUCTS]}
    for kind, field in (
        (ImportKind.CERTIFICATES, "enterprise"),
        (ImportKind.CLUSTER_MEMBERS, "enterprise"),
        (ImportKind.PRODUCTS, "leader"),
        (ImportKind.PURCHASES, "leader"),
        (ImportKind.CAPABILITIES, "supplier"),
    ):
        assert {row[field] for row in sheets[kind]} <= firms
    assert {row["supplier"] for row in sheets[ImportKind.PURCHASES]} - {""} <= firms
    assert {row["product"] for row in sheets[ImportKind.NEEDS]} == products


def test_every_name_says_that_it_is_fictitious(sheets: Sheets) -> None:
    firms, purchases = sheets[ImportKind.ENTERPRISES], sheets[ImportKind.PURCHASES]
    names = [row["name"] for row in firms] + [row.get("short_name") for row in firms]
    names += [row["supplier_name"] for row in purchases]
    assert all(str(name).endswith(MARK) for name in names if name)
    assert max(Counter(row["name"] for row in firms).values()) == 1


def test_suppliers_are_in_all_cities_and_more_in_the_large_ones(sheets: Sheets) -> None:
    places = [regions.find_region(str(row["region"])).code for row in sheets[ImportKind.ENTERPRISES]]
    cities = Counter(regions.city_of(place) for place in places)
    assert all(cities[city] >= 3 for city in all_cities())
    assert min(cities["370200"], cities["370700"]) > 3 * cities["371700"]
    assert any(place == "370000" for place in places)
    assert sum(regions.all_regions()[place].level == "county" for place in places) > len(places) / 2


def test_classes_units_schemes_and_regions_are_in_the_code_lists(sheets: Sheets) -> None:
    for rows in sheets.values():
        for row in rows:
            if row.get("class_code"):
                assert find_class(str(row["class_code"])).code in all_classes()
            for field in ("unit", "capacity_unit"):
                if row.get(field):
                    find_unit(str(row[field]))
            for field in ("region", "supplier_region"):
                if row.get(field):
                    regions.find_region(str(row[field]))
    for row in sheets[ImportKind.CERTIFICATES]:
        find_scheme(str(row["scheme"]))
    for row in sheets[ImportKind.NEEDS]:
        for scheme in filter(None, str(row["certificates"]).split("；")):
            find_scheme(scheme.split("@")[0])


def test_classes_of_parts_and_trades_are_of_four_digits() -> None:
    codes = {part.class_code for leader in leaders() for part in leader.parts}
    codes |= {trade.class_code for trade in trades().values()}
    assert all(len(code) == 4 and code in all_classes() for code in codes)


def test_parameters_can_be_read(sheets: Sheets) -> None:
    for kind in (ImportKind.NEEDS, ImportKind.CAPABILITIES):
        for row in sheets[kind]:
            if row.get("parameters"):
                assert parse_parameters(str(row["parameters"]))


def test_bills_have_three_levels_and_end_in_the_needs(sheets: Sheets) -> None:
    needs: dict[object, set[object]] = defaultdict(set)
    for row in sheets[ImportKind.NEEDS]:
        needs[row["product"]].add(row["part_code"])
    for product, parts in needs.items():
        lines = [row for row in sheets[ImportKind.BOM_LINES] if row["product"] == product]
        parents = {row["parent"] for row in lines}
        assert {row["part_code"] for row in lines} - parents == parts
        above = {row["part_code"]: row["parent"] for row in lines if row["part_code"] in parents}
        assert {above[above[row["parent"]]] for row in lines if row["part_code"] in parts} == {""}


def test_stated_quantities_are_those_of_the_bill(sheets: Sheets) -> None:
    by_product = {product.code: (leader, product) for leader in leaders() for product in leader.products}
    stated = [row for row in sheets[ImportKind.NEEDS] if row["annual_quantity"] is not None]
    assert stated
    for row in stated:
        leader, product = by_product[str(row["product"])]
        part = next(part for part in leader.parts if part.code == row["part_code"])
        per_piece = sum(
            Decimal(str(line["quantity"])) * _times(sheets, str(product.code), str(line["parent"]))
            for line in sheets[ImportKind.BOM_LINES]
            if line["product"] == product.code and line["part_code"] == part.code
        )
        assert row["annual_quantity"] == per_piece * product.volume


def _times(sheets: Sheets, product: str, group: str) -> Decimal:
    lines = (row for row in sheets[ImportKind.BOM_LINES] if row["product"] == product and row["part_code"] == group)
    return Decimal(str(next(lines)["quantity"]))


def test_leaders_spend_from_two_to_eighty_yi() -> None:
    spends = sorted(leader.spend for leader in leaders())
    assert all(Decimal("2e8") < spend < Decimal("80e8") for spend in spends)
    assert spends[-1] > 4 * spends[len(spends) // 2]


def test_about_thirty_percent_is_bought_in_the_clusters(sheets: Sheets) -> None:
    local, counted = Counter[str](), Counter[str]()
    for cluster, amounts in origins(sheets).items():
        local[cluster] = amounts["local"]
        counted[cluster] = sum(amounts.values()) - amounts["excluded"]
    assert 0.24 < sum(local.values()) / sum(counted.values()) < 0.37
    for cluster in clusters():
        assert 0.12 < local[cluster] / counted[cluster] < 0.48, cluster


def test_some_purchases_are_excluded_and_some_of_unknown_origin(sheets: Sheets) -> None:
    purchases = sheets[ImportKind.PURCHASES]
    assert all(any(row[flag] == "是" for row in purchases) for flag in EXCLUSIONS)
    assert any(not row["supplier"] and not row["supplier_region"] for row in purchases)
    bought = {row["part_code"] for row in purchases}
    assert 1 <= sum(row["part_code"] not in bought for row in sheets[ImportKind.NEEDS]) <= 60


def origins(sheets: Sheets) -> dict[str, Counter[str]]:
    """What is bought for each cluster by origin, in 元 of the ledger."""
    places = {
        row["credit_code"]: regions.find_region(str(row["region"])).code for row in sheets[ImportKind.ENTERPRISES]
    }
    members = {(row["cluster"], row["enterprise"]) for row in sheets[ImportKind.CLUSTER_MEMBERS]}
    home = {leader_code(leader): leader.cluster for leader in leaders()}
    amounts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in sheets[ImportKind.PURCHASES]:
        cluster = home[str(row["leader"])]
        place = places.get(row["supplier"]) or str(row["supplier_region"])
        amounts[cluster][_origin(row, cluster, place, members)] += int(str(row["amount"]))
    return amounts


def _origin(row: Row, cluster: str, place: str, members: set[tuple[object, object]]) -> str:
    if any(row[flag] == "是" for flag in EXCLUSIONS):
        return "excluded"
    if (cluster, row["supplier"]) in members:
        return "local"
    code = regions.find_region(place).code if place else "370000"
    if code == "370000":
        return "unknown"
    return "local" if regions.city_of(code) in clusters()[cluster].cities else "outside"


def test_newcomers_of_a_city_lack_the_certificate_that_its_cluster_is_short_of(sheets: Sheets) -> None:
    places = {
        row["credit_code"]: regions.find_region(str(row["region"])).code for row in sheets[ImportKind.ENTERPRISES]
    }
    held = {row["enterprise"] for row in sheets[ImportKind.CERTIFICATES] if "16949" in str(row["scheme"])}
    members = {row["enterprise"] for row in sheets[ImportKind.CLUSTER_MEMBERS] if row["cluster"] == "SD-QC"}
    in_weifang = {firm for firm in members if regions.city_of(places[firm]) == "370700"}
    assert len(in_weifang - held) >= 8


def test_most_offers_for_a_part_contain_what_is_asked() -> None:
    """The seed's ranges and names of grades are read by the same rules as people's."""
    parts = {part.words: part for leader in leaders() for part in leader.parts if part.parameters}
    met = Counter[bool]()
    for row in drawn(1)[ImportKind.CAPABILITIES]:
        for words, part in parts.items():
            if str(row["name"]) in words and row["parameters"]:
                offered = parse_parameters(str(row["parameters"]))
                asked = parse_parameters(part.parameters.replace(";", "；"))
                if {each.name for each in asked} == {each.name for each in offered}:
                    met[
                        all(any(contains(one, each) for each in offered if each.name == one.name) for one in asked)
                    ] += 1
    assert met[True] > 4 * met[False] > 0


def test_text_is_no_copy_of_the_need(sheets: Sheets) -> None:
    needs = {(row["part_name"], row["text"]) for row in sheets[ImportKind.NEEDS]}
    names = {name for name, _ in needs}
    capabilities = sheets[ImportKind.CAPABILITIES]
    assert not needs & {(row["name"], row["text"]) for row in capabilities}
    assert sum(row["name"] in names for row in capabilities) < len(capabilities) / 3


def test_a_part_may_have_two_places_in_a_bill() -> None:
    truck = leaders()[0]
    bolts = next(part for part in truck.parts if part.name == "高强度螺栓组")
    assert len(bolts.places) == 2
    rows = [row for row in drawn(1)[ImportKind.BOM_LINES] if row["part_code"] == bolts.code and row["product"] == "HT1"]
    assert len({row["parent"] for row in rows}) == 2


def test_molten_metal_comes_from_near() -> None:
    limits = [row for row in drawn(1)[ImportKind.NEEDS] if row["distance_limit_km"]]
    assert {row["distance_limit_km"] for row in limits} == {50, 60}


def test_a_larger_province_keeps_the_leaders_of_the_book_and_adds_sisters() -> None:
    everyone = all_leaders(3, seed=1)
    assert everyone[: len(leaders())] == leaders()
    assert len(everyone) == 4 * len(leaders())
    assert len({leader.serial for leader in everyone}) == len({leader.name for leader in everyone}) == len(everyone)
    codes = [part.code for leader in everyone for part in leader.parts]
    assert len(set(codes)) == len(codes)


def test_a_sister_differs_in_place_volume_and_price_and_stays_in_its_cluster() -> None:
    for sister in all_leaders(2, seed=1)[len(leaders()) :]:
        model = next(leader for leader in leaders() if sister.key.startswith(leader.key))
        assert sister.name != model.name and sister.name.endswith(model.name[4:])
        assert regions.city_of(sister.region) in clusters()[model.cluster].cities
        assert 0.8 * len(model.parts) <= len(sister.parts) <= len(model.parts)
        assert {part.only for part in sister.parts} <= {"", *(product.code for product in sister.products)}


def test_nobody_states_power_or_heat_as_what_it_can_make() -> None:
    bought = [
        replace(leader, parts=tuple(part for part in leader.parts if part.trade == "能源"))
        for leader in all_leaders(4, seed=1)
    ]
    assert sum(len(leader.parts) for leader in bought) > 10
    market = open_market(1, bought, suppliers=0)
    assert market.capabilities == []
    assert all(each.name and not each.code for sources in market.sources.values() for each in sources)


def test_rows_that_no_workbook_should_hold_go_into_several_texts(tmp_path: Path) -> None:
    rows = [
        {"code": f"SD-{number}", "name": "集群", "tier": "省级", "cities": "济南"} for number in range(PER_FILE + 1)
    ]
    assert write_file(tmp_path, ImportKind.CLUSTERS, rows) == {"集群-01.csv": PER_FILE, "集群-02.csv": 1}
    assert (tmp_path / "集群-02.csv").read_text("gb18030").splitlines()[1].startswith(f"SD-{PER_FILE}")
