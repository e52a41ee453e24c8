"""What every page of ours says to the browser about what it may do, and who is asking for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web

_NEVER_MISREAD = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
}

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def content_security_policy(*connect: str, images: Iterable[str] = ()) -> str:
    """The policy of a page that loads only what this server holds, and no inline script or style.

    Args:
        connect: further sources that scripts of the page may talk to.
        images: further sources of pictures; empty ones do not count.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            " ".join(("img-src 'self' blob: data:", *filter(None, images))),
            "media-src 'self' blob:",
            " ".join(("connect-src 'self'", *connect)),
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def origin_of(address: str) -> str:
    """The origin of an address as a policy names it; empty for none.

    `{s}`, in which map servers put a letter or nothing, stands for any name there.
    """
    parts = urlsplit(address.replace("{s}.", "*."))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def socket_sources(request: web.Request) -> tuple[str, ...]:
    """The web-socket addresses of this very host, which older browsers do not count as 'self'."""
    if not _HOST.fullmatch(request.host):
        return ()
    return (f"ws://{request.host}", f"wss://{request.host}")


def saved_under(name: str) -> dict[str, str]:
    """The header by which somebody else's document is saved under a name, never shown as a page."""
    return {hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def add_security_headers(app: web.Application) -> None:
    """Have every answer of an application carry the security headers, whatever it is.

    They are added at the moment of sending: to errors, and to what a handler streams itself. A
    handler's own value stays.
    """
    app.on_response_prepare.append(_add_headers)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _NEVER_MISREAD.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", content_security_policy())


def same_origin(request: web.Request, public_url: str) -> bool:
    """Whether a page of ours sent this request.

    Browsers put `Origin` on every web socket and every POST; a request without one is not a page's.
    """
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.scheme not in ("http", "https") or not origin.netloc:
        return False
    if origin.netloc.lower() == request.host.lower():
        return True
    public = urlsplit(public_url)
    return (origin.scheme, origin.netloc.lower()) == (public.scheme, public.netloc.lower())


def client_address(request: web.Request) -> str:
    """The address that limits are counted by.

    A reverse proxy on this machine or in its private network is believed when it names the client;
    anybody else could name whom they like.
    """
    peer = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if forwarded and ip_address(peer).is_private:
            return str(ip_address(forwarded))
    except ValueError:
        pass
    return peer
