"""Styles and scripts for browsers, served under their digests: an address never changes what it means."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request, Response

from shared.http.problems import not_found

_OWN = Path(__file__).parent / "static"
_FETCHED = Path(__file__).parents[2] / "node_modules"
_FILES = {
    "tabler.css": _FETCHED / "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": _FETCHED / "htmx.org/dist/htmx.min.js",
    "echarts.js": _FETCHED / "echarts/dist/echarts.min.js",
    **{file.name: file for file in sorted(_OWN.iterdir())},
}
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file as it is served: its digest, its bytes and the same compressed."""

    digest: str
    media: str
    plain: bytes
    packed: bytes


@cache
def read_asset(name: str) -> Asset:
    """One of our files or of those that set-up fetched; FileNotFoundError, which names it, where set-up did not run."""
    content = _FILES[name].read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(digest, _TYPES[_FILES[name].suffix], content, gzip.compress(content, 6, mtime=0))


def asset_address(service: str, name: str) -> str:
    """Where a service serves a file; KeyError for one that there is not."""
    return f"/{service}/assets/{read_asset(name).digest}/{name}"


def serve_assets(app: FastAPI, service: str) -> None:
    """Serve the files under /`service`/assets."""

    def get_asset(request: Request, digest: str, name: str) -> Response:
        if name not in _FILES or read_asset(name).digest != digest:
            raise not_found("文件", name)
        asset = read_asset(name)
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(asset.plain, media_type=asset.media, headers=headers)
        return Response(asset.packed, media_type=asset.media, headers={**headers, "Content-Encoding": "gzip"})

    app.add_api_route(f"/{service}/assets/{{digest}}/{{name}}", get_asset, include_in_schema=False)
