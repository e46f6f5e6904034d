"""The code lists over HTTP: found by code, name part and alias; retired regions with successors; the nearest node."""

from typing import Any

import pytest

from tests.api.catalog.conftest import Served
from tests.support.catalog_world import REVIEWER


def get(reading: Served, path: str, **params: Any) -> Any:
    answer = reading.client(REVIEWER).get(f"/codes/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("path", "q", "code"),
    [
        ("regions", "3702", "370200"),
        ("regions", "城阳", "370214"),
        ("regions", "青岛城阳", "370214"),
        ("regions", "山东省青岛市城阳区", "370214"),
        ("classes", "C3670", "3670"),
        ("classes", "汽车零部件", "3670"),
        ("classes", "冬小麦", "0112"),
        ("units", "pcs", "件"),
        ("units", "KG", "千克"),
        ("processes", "高压压铸", "高压压铸"),
        ("processes", "hpdc", "高压压铸"),
        ("processes", "渗碳", "渗碳淬火"),
        ("materials", "sus304", "304"),
        ("materials", "1.7225", "42CrMo"),
        ("materials", "球铁", "球墨铸铁"),
        ("certificate-schemes", "16949", "IATF 16949"),
        ("titles", "小巨人", "little_giant"),
    ],
)
def test_an_entry_is_found_by_what_people_type(reading: Served, path: str, q: str, code: str) -> None:
    assert code in [entry["code"] for entry in get(reading, path, q=q)]


def test_a_retired_region_tells_who_took_its_place(reading: Served) -> None:
    (laiwu,) = get(reading, "regions", q="莱芜市")
    assert (laiwu["code"], laiwu["retired_in"], laiwu["successors"]) == ("371200", 2019, ["370116", "370117"])
    assert laiwu["full_name"] == "山东省莱芜市"
    assert get(reading, "regions/371200") == laiwu
    assert get(reading, "regions/370214")["full_name"] == "山东省青岛市城阳区"


def test_a_region_that_never_was(reading: Served) -> None:
    answer = reading.client(REVIEWER).get("/codes/regions/999999")
    assert (answer.status_code, answer.json()["title"]) == (404, "没有这个行政区划")


def test_a_node_shows_its_way_up_and_what_is_below(reading: Served) -> None:
    (alloy,) = get(reading, "materials", q="6061", limit=1)
    assert alloy["path"] == ["金属", "有色金属", "铝合金", "变形铝合金", "6061"]
    assert (alloy["name"], alloy["parent"], "6061-T6" in alloy["aliases"]) == ("6061 变形铝合金", "变形铝合金", True)
    (casting,) = get(reading, "processes", q="压铸", limit=1)
    assert "高压压铸" in casting["children"]


def test_the_tree_is_read_from_above(reading: Served) -> None:
    roots = get(reading, "materials", parent="", limit=100)
    assert {"金属", "高分子材料"} <= {node["code"] for node in roots}
    assert {node["parent"] for node in roots} == {None}
    below = get(reading, "materials", parent="铝合金", limit=100)
    assert {node["code"] for node in below} == {"铸造铝合金", "变形铝合金"}


def test_an_unknown_word_gets_proposals_and_no_entry(reading: Served) -> None:
    assert get(reading, "processes", q="镀硬络") == []
    assert get(reading, "processes/nearest", text="镀硬络")[0]["code"] == "镀硬铬"
    assert get(reading, "materials/nearest", text="球铁QT450件")[0]["code"] == "QT450"


def test_code_lists_are_for_who_is_known(reading: Served) -> None:
    assert reading.client(None).get("/codes/processes").status_code == 401
