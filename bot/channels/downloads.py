"""Downloads a file over HTTP: bounded in size and time, without following redirects."""

from __future__ import annotations

import aiohttp
from yarl import URL

from bot.channels.base import MediaUnavailable


class MediaMoved(MediaUnavailable):
    """The server names another address, which the caller may judge."""

    def __init__(self, address: str) -> None:
        super().__init__("moved", again=False)
        self.address = address


async def read_limited(
    session: aiohttp.ClientSession, url: str, limit: int, patience: aiohttp.ClientTimeout
) -> bytes:
    """The bytes behind a URL.

    Raises:
        MediaMoved: the server redirects.
        MediaUnavailable: there are more than `limit`, or the server does not give them.
    """
    try:
        async with session.get(url, timeout=patience, allow_redirects=False) as response:
            moved_to = response.headers.get("Location")
            if 300 <= response.status < 400 and moved_to:
                raise MediaMoved(str(response.url.join(URL(moved_to))))
            if response.status != 200:
                busy = response.status >= 500 or response.status == 429
                raise MediaUnavailable(f"http_{response.status}", again=busy)
            if (response.content_length or 0) > limit:
                raise MediaUnavailable("file_too_big", again=False)
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > limit:
                    raise MediaUnavailable("file_too_big", again=False)
            return bytes(content)
    except TimeoutError:
        raise MediaUnavailable("timed_out", again=True) from None
    except (aiohttp.InvalidURL, ValueError):
        raise MediaUnavailable("address_unreadable", again=False) from None
    except (aiohttp.ClientError, OSError) as error:
        raise MediaUnavailable(type(error).__name__, again=True) from None
