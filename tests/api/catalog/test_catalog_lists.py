"""Lists: pages by keyset, filters that hold together, and a constant number of queries."""

from decimal import Decimal
from typing import Any

import pytest

from services.catalog.products import service as products
from services.catalog.products.schemas import NeedWrite, ProductWrite
from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER
from tests.support.queries import recorded

LISTS = ["enterprises", "certificates", "clusters", "products", "needs", "purchases", "capabilities"]


def get(reading: Served, path: str, **params: Any) -> Any:
    answer = reading.client(REVIEWER).get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("listed", LISTS)
def test_pages_of_one_row_give_the_whole_list(reading: Served, listed: str) -> None:
    whole = get(reading, f"/{listed}")
    assert whole["next"] is None
    found, after = [], None
    while True:
        page = get(reading, f"/{listed}", limit=1, **({"after": after} if after else {}))
        found.extend(page["items"])
        after = page["next"]
        if after is None:
            break
        assert len(page["items"]) == 1
    assert found == whole["items"]


@pytest.mark.parametrize("listed", LISTS)
def test_a_cursor_that_is_none_is_a_problem(reading: Served, listed: str) -> None:
    answer = reading.client(REVIEWER).get(f"/{listed}", params={"after": "nonsense"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/after")


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("limit", [0, 1001, "x"])
def test_a_limit_out_of_range_is_a_problem(reading: Served, listed: str, limit: object) -> None:
    answer = reading.client(REVIEWER).get(f"/{listed}", params={"limit": str(limit)})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation")


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"role": "chain_leader"}, {"甲船舶", "乙机床"}),
        ({"role": "supplier", "status": "verified"}, {"丙阀门", "丁铸造"}),
        ({"region": "370200"}, {"甲船舶", "丙阀门"}),
        ({"region": "370000", "role": "supplier"}, {"丙阀门", "丁铸造"}),
        ({"q": "泵"}, {"戊泵业"}),
        ({"q": "%"}, set()),
        ({"q": "阀门", "region": "370100"}, set()),
    ],
)
def test_filters_of_enterprises_hold_together(reading: Served, filters: dict[str, str], names: set[str]) -> None:
    found = get(reading, "/enterprises", **filters)["items"]
    assert {item["name"].removesuffix("（虚构）") for item in found} == names


def test_other_lists_are_narrowed_too(reading: Served) -> None:
    world = reading.world
    ids = {name: str(id) for name, id in world.enterprises.items()}
    assert len(get(reading, "/certificates", enterprise=ids["near"])["items"]) == 1
    assert len(get(reading, "/certificates", scheme="ISO 14001")["items"]) == 0
    assert [item["code"] for item in get(reading, "/products", leader=ids["A"])["items"]] == ["A-1"]
    assert [item["part_code"] for item in get(reading, "/needs", leader=ids["B"])["items"]] == ["BED"]
    assert [item["part_code"] for item in get(reading, "/needs", q="油漆")["items"]] == ["PAINT"]
    assert [item["document"] for item in get(reading, "/purchases", supplier=ids["far"])["items"]] == ["FP-1"]
    assert [item["part_code"] for item in get(reading, "/purchases", leader=ids["A"], part="ROPE")["items"]] == ["ROPE"]
    assert len(get(reading, "/capabilities", class_code="34", q="near")["items"]) == 1
    assert len(get(reading, "/capabilities", class_code="C344")["items"]) == 2
    assert len(get(reading, "/capabilities", class_code="C")["items"]) == 2
    assert len(get(reading, "/capabilities", class_code="D")["items"]) == 0
    assert len(get(reading, "/capabilities", class_code="36")["items"]) == 0


def test_a_row_carries_the_names_that_a_reader_wants(reading: Served) -> None:
    (need,) = get(reading, "/needs", part="VALVE")["items"]
    names = {name: need[name] for name in ("product_code", "product_name", "leader_name", "annual_spend")}
    assert names == {
        "product_code": "A-1",
        "product_name": "散货船",
        "leader_name": "甲船舶（虚构）",
        "annual_spend": 1000,
    }
    assert need["annual_quantity"] == "80.000"
    (purchase,) = get(reading, "/purchases", part="ROPE")["items"]
    assert (purchase["supplier_name"], purchase["amount"]) == ("外省绳索厂（虚构）", "70.00")
    (ship, *_) = get(reading, "/products")["items"]
    assert (ship["cluster_name"], ship["leader_name"]) == ("船舶集群", "甲船舶（虚构）")
    assert get(reading, "/clusters")["items"][0]["city_names"] == ["青岛", "烟台"]


@pytest.mark.parametrize("listed", LISTS)
def test_a_page_makes_the_same_queries_whatever_its_size(reading: Served, listed: str) -> None:
    client, engine = reading.client(REVIEWER), reading.database.engine
    with recorded(engine) as small:
        client.get(f"/{listed}", params={"limit": 1})
    with recorded(engine) as large:
        client.get(f"/{listed}", params={"limit": 100})
    assert small.total == large.total <= 3


def test_many_needs_of_many_products_make_no_more_queries(writing: Served) -> None:
    with writing.database.session() as session:
        rows = [ProductWrite(code=f"M-{number}", name="产品") for number in range(30)]
        made = products.upsert_products(session, REVIEWER, rows)
        needs = [
            NeedWrite(product_id=each.id, part_code="P", part_name="件", annual_quantity=Decimal(1)) for each in made
        ]
        products.upsert_needs(session, REVIEWER, needs)
        session.commit()
    with recorded(writing.database.engine) as sent:
        page = writing.client(REVIEWER).get("/needs").json()
    assert len(page["items"]) == 33
    assert sent.total <= 2
