"""Downloads what people sent over Zalo, from the addresses that the events name.

An address comes from outside: it must be https, must not lead into our own network (also not by a
redirect or by a name that resolves there), and is bounded in size and time.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.channels.base import MediaUnavailable
from bot.channels.downloads import MediaMoved, read_limited

DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=20)

REDIRECTS = 3


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; the connection uses exactly these."""

    def __init__(self) -> None:
        self._names = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        public = [entry for entry in found if is_public(entry["host"])]
        if not public:
            raise OSError("no public address")
        return public

    async def close(self) -> None:
        await self._names.close()


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


class Downloads:
    """Fetches files from the public internet.

    Args:
        trusted_origin: an origin that may be asked whatever it is (the server that Zalo's own API
            was set to, when that is one of ours); None for none.
    """

    def __init__(self, trusted_origin: URL | None = None) -> None:
        self._trusted = trusted_origin
        self._session: aiohttp.ClientSession | None = None
        self._trusted_session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(resolver=PublicResolver())
        self._session = aiohttp.ClientSession(connector=connector)
        self._trusted_session = aiohttp.ClientSession()

    async def close(self) -> None:
        for session in (self._session, self._trusted_session):
            if session is not None:
                await session.close()

    async def fetch(self, address: str, limit: int) -> bytes:
        """The bytes behind an address.

        Raises:
            MediaUnavailable: the address is not one to go to, or does not give the file.
        """
        for _ in range(REDIRECTS + 1):
            session = self._session_for(address)
            try:
                return await read_limited(session, address, limit, DOWNLOAD_TIMEOUT)
            except MediaMoved as moved:
                address = moved.address
        raise MediaUnavailable("too_many_redirects", again=False)

    def _session_for(self, address: str) -> aiohttp.ClientSession:
        if self._session is None or self._trusted_session is None:
            raise MediaUnavailable("not_open", again=True)
        try:
            url = URL(address)
            if self._trusted is not None and url.origin() == self._trusted:
                return self._trusted_session
            if url.scheme != "https" or not url.host or not _may_be_public(url.host):
                raise MediaUnavailable("address_forbidden", again=False)
        except ValueError:
            raise MediaUnavailable("address_unreadable", again=False) from None
        return self._session


def _may_be_public(host: str) -> bool:
    """False for IP addresses of private networks; names are judged when they are resolved."""
    try:
        return is_public(host)
    except ValueError:
        return True


def trusted_origin(api_url: str) -> URL | None:
    """The origin of a Zalo API that is not on https: a test server, or a proxy of our own."""
    url: Any = URL(api_url)
    return URL(url).origin() if url.scheme == "http" and url.host else None
