"""Administrative regions (GB/T 2260, six digits): what a text names, the tree, economic circles, distances.

A region is given down to what is known: 370000 a province, 370200 a city, 370214 a county. Retired codes and names
(莱芜市 until 2019) are mapped to their successors, with a note that says so. Shandong's three economic circles
(一群两心三圈) are in `data/circles.csv`.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz, process

from shared.codes.region_names import continues_address, fold, forms, names_county, shorten
from shared.codes.tables import read_table, split_cell

PROVINCE, CITY, COUNTY = "province", "city", "county"

_EARTH_RADIUS_KM = 6371.0
_PSEUDO_PROVINCE = "99"
_SHORTEST = 2
_MUNICIPALITIES = ("11", "12", "31", "50")


@dataclass(frozen=True)
class Region:
    """A province, city or county. Counties without coordinates of their own have None; `distance_km` copes."""

    code: str
    name: str
    level: str
    parent: str | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class RegionMatch:
    """What a text names: the current code, and a note in Chinese where something was mapped or left out."""

    code: str
    note: str | None = None


@dataclass(frozen=True)
class RetiredRegion:
    """A code that is no longer in use since `year`, and the codes that took its place."""

    code: str
    name: str
    successors: tuple[str, ...]
    year: int


class UnknownRegion(ValueError):
    """A text that names no region, or several: a message in Chinese and the nearest full names."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


@cache
def all_regions() -> dict[str, Region]:
    """Every current region by code, in the order of the codes."""
    rows = (row for row in read_table("shared.codes", "regions") if row["code"][:2] != _PSEUDO_PROVINCE)
    regions = (
        Region(
            code=row["code"],
            name=row["name"],
            level=row["level"],
            parent=row["parent"] or None,
            longitude=float(row["longitude"]) if row["longitude"] else None,
            latitude=float(row["latitude"]) if row["latitude"] else None,
        )
        for row in rows
    )
    return {region.code: region for region in sorted(regions, key=lambda region: region.code)}


@cache
def retired_regions() -> dict[str, RetiredRegion]:
    """The retired regions by code."""
    return {
        row["code"]: RetiredRegion(row["code"], row["name"], tuple(split_cell(row["successors"])), int(row["year"]))
        for row in read_table("shared.codes", "regions_retired")
    }


def region(code: str) -> Region | None:
    """The current region with this code, or None."""
    return all_regions().get(code)


def city_of(code: str) -> str | None:
    """The city's code; None for a province. A county right under its province (济源市) is its own city."""
    found = all_regions().get(code)
    if found is None or found.level == PROVINCE:
        return None
    parent = all_regions()[found.parent] if found.parent else None
    return parent.code if parent and parent.level == CITY else found.code


def province_of(code: str) -> str:
    """The province's code: the first two digits tell it."""
    return code[:2] + "0000"


@cache
def cities_of(province: str) -> tuple[str, ...]:
    """The codes of a province's cities, in order; () for a municipality, which has none."""
    return tuple(sorted(each.code for each in all_regions().values() if each.level == CITY and each.parent == province))


def is_within(code: str, ancestor: str) -> bool:
    """Whether `code` is `ancestor` or lies inside it."""
    return ancestor in _chain(code)


@cache
def circles() -> dict[str, tuple[str, ...]]:
    """The economic circles' names with their cities."""
    cities: dict[str, list[str]] = defaultdict(list)
    for row in read_table("shared.codes", "circles"):
        cities[row["name"]].append(row["city"])
    return {name: tuple(codes) for name, codes in cities.items()}


def circle_of(city: str) -> str | None:
    """The name of the economic circle of a city (or of one of its counties); None outside Shandong's three."""
    return _circle_by_city().get(city_of(city) or "")


def full_name(code: str) -> str:
    """The full name from the province down, "山东省青岛市城阳区"; raises KeyError for an unknown code.

    A municipality's own city level is named as GB/T 2260 does (北京市市辖区, 重庆市县), and left out above a county.
    """
    chain = _chain(code)
    if not chain:
        raise KeyError(code)
    names = [all_regions()[link].name for link in chain]
    if code[:2] in _MUNICIPALITIES and len(names) > 1:
        names[1] = "" if len(names) > 2 else _municipal_part(code)
    return "".join(names)


def short_name(code: str) -> str:
    """The name as people say it: "青岛", "山东", "内蒙古", "城阳"; a name of two characters stays (莒县)."""
    return shorten(all_regions()[code].name)


def distance_km(a: str, b: str) -> float | None:
    """Great-circle distance of two regions' centres; a county without coordinates counts as its city.

    None where either is known only as a province (its centre says nothing about a firm) or not at all.
    """
    here, there = _position(a), _position(b)
    if here is None or there is None:
        return None
    (longitude_a, latitude_a), (longitude_b, latitude_b) = here, there
    half = (
        sin((latitude_b - latitude_a) / 2) ** 2
        + cos(latitude_a) * cos(latitude_b) * sin((longitude_b - longitude_a) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def search(q: str, limit: int = 20) -> list[Region]:
    """Regions whose code starts with `q` or whose name contains it: coarse ones first, then by code.

    Where there are none, those of which the full name contains it (青岛城阳 and 山东省青岛市城阳区 find 370214).
    """
    wanted, known = fold(q), all_regions().values()
    order = {PROVINCE: 0, CITY: 1, COUNTY: 2}
    found = [item for item in known if item.code.startswith(wanted) or wanted in fold(item.name)]
    found = found or [item for item in known if _is_full_name(item.code, wanted)]
    return sorted(found, key=lambda item: (order[item.level], item.code))[:limit]


def search_retired(q: str, limit: int = 20) -> list[RetiredRegion]:
    """Retired regions whose code starts with `q` or whose name contains it, by code."""
    wanted = fold(q)
    found = (old for old in retired_regions().values() if old.code.startswith(wanted) or wanted in fold(old.name))
    return sorted(found, key=lambda old: old.code)[:limit]


def find_region(text: str, home_province: str = "370000") -> RegionMatch:
    """The region that `text` names: a code (also a retired one), a full or a short name, or the start of an address.

    Names that several regions share go to the home province's one, else to the one that holds the others (吉林 is
    the province). Raises UnknownRegion, with the nearest names, for what is unknown or stays ambiguous.
    """
    name = fold(text)
    if not name:
        raise UnknownRegion("地区为空", [])
    if name.isdigit():
        return _by_code(name)
    match = _by_name(name, home_province) or _by_address(name, home_province)
    if match is None:
        raise UnknownRegion(f"没有名为“{text.strip()}”的地区", _nearest(name, home_province))
    return match


@cache
def _circle_by_city() -> dict[str, str]:
    return {city: name for name, cities in circles().items() for city in cities}


def _chain(code: str) -> list[str]:
    """The codes from the province down to `code`; empty for an unknown code."""
    links: list[str] = []
    found = all_regions().get(code)
    while found is not None:
        links.insert(0, found.code)
        found = all_regions().get(found.parent) if found.parent else None
    return links


def _is_full_name(code: str, wanted: str) -> bool:
    """Whether a text of two signs or more is a part of a region's full name, or one of the ways to write it."""
    return len(wanted) >= _SHORTEST and (wanted in _folded_names()[code] or code in _by_form().get(wanted, ()))


@cache
def _folded_names() -> dict[str, str]:
    return {code: fold(full_name(code)) for code in all_regions()}


def _municipal_part(code: str) -> str:
    return "市辖区" if code[2:4] == "01" else "县"


def _position(code: str) -> tuple[float, float] | None:
    """Longitude and latitude in radians of the county, or else of its city."""
    for link in reversed(_chain(code)):
        found = all_regions()[link]
        if found.level == PROVINCE and code[:2] not in _MUNICIPALITIES:
            return None
        if found.longitude is not None and found.latitude is not None:
            return radians(found.longitude), radians(found.latitude)
    return None


@cache
def _by_form() -> dict[str, tuple[str, ...]]:
    """Every way of writing a region (levels left out, suffixes left out) → the codes that it may mean."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for code in all_regions():
        for form in _forms(code):
            meanings[form].add(code)
    return {form: tuple(sorted(codes)) for form, codes in meanings.items()}


def _forms(code: str) -> set[str]:
    return forms([all_regions()[link].name for link in _chain(code)]) | {fold(full_name(code))}


def _by_code(digits: str) -> RegionMatch:
    """A code of six digits, or the twelve of the statistics whose last six are zeros."""
    code = digits[:6] if digits[6:] == "000000" else digits
    if code in all_regions():
        return RegionMatch(code)
    if code in retired_regions():
        return _successor(retired_regions()[code])
    raise UnknownRegion(f"没有代码为“{code}”的行政区划", [])


def _successor(old: RetiredRegion) -> RegionMatch:
    """The region that took over, or the nearest one that holds all that did."""
    shared = [link for link in _chain(old.successors[0]) if all(is_within(s, link) for s in old.successors)]
    code = old.successors[0] if len(old.successors) == 1 else shared[-1]
    names = "、".join(all_regions()[s].name for s in old.successors)
    note = f"{_retired_name(old)}（{old.code}）已于 {old.year} 年撤销，今为{names}，按{full_name(code)}记"
    return RegionMatch(code, note)


def _retired_name(old: RetiredRegion) -> str:
    return old.name.partition("(")[0]


@cache
def _retired_forms() -> dict[str, RetiredRegion]:
    """Names of retired regions, but for those that a current region has as well.

    The bare name of a region that was divided (莱芜: today 莱芜区 and 钢城区) tells no more than what holds both.
    """
    found: dict[str, RetiredRegion] = {}
    for old in retired_regions().values():
        name, province = _retired_name(old), all_regions()[province_of(old.code)].name
        city = all_regions()[city_of(old.successors[0]) or old.successors[0]].name
        gone = retired_regions().get(old.code[:4] + "00")
        cities = {"", city, shorten(city)} | ({gone.name, shorten(gone.name)} if gone and gone != old else set())
        for parts in product(("", province, shorten(province)), sorted(cities), (name, shorten(name))):
            divided = len(old.successors) > 1 and parts[-1] == shorten(name)
            if divided or "".join(parts) not in _by_form():
                found.setdefault("".join(parts), old)
    return found


def _by_name(name: str, home_province: str) -> RegionMatch | None:
    if old := _retired_forms().get(name):
        return _successor(old)
    codes = _by_form().get(name)
    return RegionMatch(_choose(name, codes, home_province)) if codes else None


def _choose(name: str, codes: tuple[str, ...], home_province: str) -> str:
    """One of the codes that a name may mean: the exact name, else the home province's, else the one above all."""
    exact = [code for code in codes if full_name(code) == name] or [
        code for code in codes if all_regions()[code].name == name
    ]
    at_home = [code for code in exact or codes if province_of(code) == home_province]
    remaining = at_home or exact or list(codes)
    top = [code for code in remaining if all(is_within(other, code) for other in remaining)]
    if not top:
        nearest = [full_name(code) for code in remaining]
        raise UnknownRegion(f"“{name}”可能指：{'、'.join(nearest[:5])}", nearest)
    return top[0]


def _by_address(name: str, home_province: str) -> RegionMatch | None:
    """The longest start of an address that names a region; the rest is left out, and the note says so.

    A rest that looks like a county's name, and is no development zone, is a typing error rather than an address.
    """
    for end in range(len(name) - 1, 1, -1):
        known, rest = name[:end], name[end:]
        match = _by_name(known, home_province)
        if match is None:
            continue
        coarse = all_regions()[match.code].level != COUNTY
        if not continues_address(rest) or (coarse and names_county(rest)):
            return None
        left_out = f"“{rest}”不是行政区划，按{full_name(match.code)}记"
        return RegionMatch(match.code, "；".join(filter(None, (match.note, left_out))))
    return None


def _nearest(name: str, home_province: str) -> list[str]:
    """The three full names nearest to `name`, the home province's first among equals."""
    names = sorted(_full_names(), key=lambda item: (province_of(item[1]) != home_province, item[1]))
    found = process.extract(name, [full for full, _ in names], scorer=fuzz.WRatio, limit=3, score_cutoff=50)
    return [full for full, _, _ in found]


@cache
def _full_names() -> tuple[tuple[str, str], ...]:
    return tuple((full_name(code), code) for code in all_regions())
