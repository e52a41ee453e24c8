"""The pages' own style sheets, scripts and pictures: small, kept in memory, cached by content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiohttp import hdrs, web

STATIC = Path(__file__).parent / "static"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_SQUEEZED = frozenset({".css", ".js", ".svg", ".webmanifest"})


@dataclass(frozen=True)
class _File:
    content: bytes
    squeezed: bytes | None
    type: str
    version: str


class StaticFiles:
    """Every file of a folder and the folders in it, read once at the start."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path, path.stat().st_mtime_ns)
            for path in folder.rglob("*")
            if path.is_file() and path.suffix in _TYPES
        }

    def url(self, name: str) -> str:
        """The address of a file; it changes with the content, so browsers may keep it for ever.

        Args:
            name: its path in the folder, as `vendor/leaflet/leaflet.js`.

        Raises:
            KeyError: there is no such file.
        """
        return f"/static/{name}?v={self._files[name].version}"

    async def serve(self, request: web.Request) -> web.Response:
        """The handler of `/static/{name:.+}`; only files read at the start are there to be had."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == file.version
        headers = {
            hdrs.CONTENT_TYPE: file.type,
            hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable" if current else "no-cache",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if file.squeezed and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            return web.Response(body=file.squeezed, headers=headers)
        return web.Response(body=file.content, headers=headers)


@lru_cache(maxsize=256)
def _read(path: Path, _changed_at: int) -> _File:
    """A file as it was at that moment; squeezing it again for every part of the server is slow."""
    content = path.read_bytes()
    return _File(
        content=content,
        squeezed=gzip.compress(content, mtime=0) if path.suffix in _SQUEEZED else None,
        type=_TYPES[path.suffix],
        version=hashlib.sha256(content).hexdigest()[:12],
    )
