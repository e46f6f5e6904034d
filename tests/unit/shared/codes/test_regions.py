"""Regions: what a text names, the tree, circles, distances."""

import pytest

from shared.codes import regions
from shared.codes.regions import UnknownRegion, find_region


class TestFindRegion:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("370214", "370214"),
            ("３７０２００", "370200"),
            ("370200000000", "370200"),
            ("山东省青岛市城阳区", "370214"),
            ("山东 青岛 城阳", "370214"),
            ("山东省-青岛市", "370200"),
            ("中国山东省威海市环翠区", "371002"),
            ("青岛", "370200"),
            ("山东", "370000"),
            ("历下", "370102"),
            ("东营", "370500"),
            ("市北区", "370203"),
            ("济南市莱芜区", "370116"),
            ("河东区", "371312"),
            ("吉林", "220000"),
            ("吉林市", "220200"),
            ("北京", "110000"),
            ("北京市东城区", "110101"),
            ("内蒙古", "150000"),
            ("广西南宁", "450100"),
            ("延边", "222400"),
            ("济源", "419001"),
            ("雄安新区", "133100"),
            ("浦东新区", "310115"),
        ],
    )
    def test_codes_full_and_short_names(self, text: str, code: str) -> None:
        assert find_region(text) == regions.RegionMatch(code)

    @pytest.mark.parametrize(
        ("text", "code", "note"),
        [
            ("371200", "370100", "莱芜市（371200）已于 2019 年撤销，今为莱芜区、钢城区"),
            ("山东省莱芜市", "370100", "莱芜区、钢城区"),
            ("莱芜", "370100", "莱芜区、钢城区"),
            ("莱芜市钢城区", "370117", "2019"),
            ("即墨市", "370215", "2017"),
            ("济宁市市中区", "370811", "任城区"),
            ("370284", "370211", "黄岛区"),
        ],
    )
    def test_retired_regions_are_mapped_and_it_says_so(self, text: str, code: str, note: str) -> None:
        match = find_region(text)
        assert match.code == code
        assert match.note is not None
        assert note in match.note

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("山东省烟台市经济技术开发区", "370600"),
            ("济南高新区", "370100"),
            ("青岛西海岸新区", "370200"),
            ("青岛市黄岛区长江中路1号", "370211"),
            ("江苏省苏州市工业园区星湖街1号", "320500"),
        ],
    )
    def test_addresses_count_by_their_start(self, text: str, code: str) -> None:
        match = find_region(text)
        assert match.code == code
        assert match.note is not None
        assert "不是行政区划" in match.note

    @pytest.mark.parametrize("text", ["市中区", "朝阳", "鼓楼区"])
    def test_what_stays_ambiguous_is_told_with_all_meanings(self, text: str) -> None:
        with pytest.raises(UnknownRegion, match="可能指") as caught:
            find_region(text)
        assert len(caught.value.nearest) > 1

    def test_the_home_province_decides(self) -> None:
        assert find_region("河东区", home_province="120000").code == "120102"

    def test_a_typing_error_gets_the_nearest_name(self) -> None:
        with pytest.raises(UnknownRegion, match="没有名为") as caught:
            find_region("青岛市城羊区")
        assert caught.value.nearest[0] == "山东省青岛市城阳区"

    @pytest.mark.parametrize("text", ["", " ", "火星", "379999", "3702"])
    def test_unknown(self, text: str) -> None:
        with pytest.raises(UnknownRegion):
            find_region(text)


class TestTree:
    def test_city_and_province(self) -> None:
        assert regions.city_of("370214") == "370200"
        assert regions.city_of("370200") == "370200"
        assert regions.city_of("370000") is None
        assert regions.city_of("419001") == "419001"
        assert regions.city_of("000000") is None
        assert regions.province_of("370214") == "370000"

    def test_names(self) -> None:
        assert regions.full_name("370214") == "山东省青岛市城阳区"
        assert regions.full_name("110100") == "北京市市辖区"
        assert regions.full_name("110101") == "北京市东城区"
        assert [regions.short_name(c) for c in ("370200", "150000", "371122", "422800")] == [
            "青岛",
            "内蒙古",
            "莒县",
            "恩施",
        ]
        with pytest.raises(KeyError):
            regions.full_name("000000")

    def test_the_sixteen_cities_of_shandong_lie_in_three_circles(self) -> None:
        cities = [code for code, item in regions.all_regions().items() if item.parent == "370000"]
        assert len(cities) == 16
        assert sorted(city for members in regions.circles().values() for city in members) == cities
        assert regions.circle_of("370214") == "胶东经济圈"
        assert regions.circle_of("370000") is None
        assert regions.circle_of("320500") is None

    def test_retired_regions_lead_to_current_ones(self) -> None:
        for old in regions.retired_regions().values():
            assert all(regions.region(code) for code in old.successors)
            assert regions.region(old.code) is None

    def test_search(self) -> None:
        assert [item.code for item in regions.search("青岛")] == ["370200"]
        assert regions.search("3702", limit=3)[0].code == "370200"


class TestDistance:
    def test_great_circle(self) -> None:
        between = regions.distance_km("370100", "370200")
        assert between is not None
        assert between == pytest.approx(299, abs=3)
        assert regions.distance_km("370200", "370200") == pytest.approx(0)

    def test_a_county_without_coordinates_is_its_city(self) -> None:
        assert regions.distance_km("370215", "370200") == pytest.approx(0)

    def test_a_province_has_no_place(self) -> None:
        assert regions.distance_km("370000", "370200") is None
        assert regions.distance_km("000000", "370200") is None
