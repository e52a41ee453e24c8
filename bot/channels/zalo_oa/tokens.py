"""Keeps the account's tokens: renews them in time, one process at a time, stored before used.

The access token lasts 25 hours. The refresh token lasts three months and can be used once: the
answer brings its successor, and whoever loses that has to fetch a new one from Zalo's console. So
the successor is committed before the access token that came with it is used anywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError

from bot.channels.base import TryLater
from bot.channels.zalo_oa.errors import RefreshTokenDead
from store.engine import Database
from store.messages import ChannelSecret

log = logging.getLogger(__name__)

ACCESS_TOKEN = "zalo_oa_access_token"
REFRESH_TOKEN = "zalo_oa_refresh_token"
SEED = "zalo_oa_seed"
"""Rows of `channel_secret`. The seed is the SHA-256 of the setting that the tokens grew from: when
the setting changes, a person has put a new token there, and the stored ones are forgotten."""

RENEWING = "zalo_oa_renewing"
"""The row that says that a process is renewing the token, and until when it is believed."""

RENEWING_LASTS = timedelta(seconds=60)
"""Longer than Zalo may take to answer; after this, the process that renewed has died."""

RENEW_BEFORE = timedelta(hours=1)
"""An access token with less than this left is renewed."""

REFRESH_TOKEN_LASTS = timedelta(days=90)

WAIT_SECONDS = 0.5
WAITS = 30
"""How often, and how many times, a process looks whether another has renewed the token."""

DEAD_WAIT_SECONDS = 600.0
"""A dead refresh token is mended by a person; meanwhile nothing is thrown away."""


@dataclass(frozen=True)
class Grant:
    """What Zalo's OAuth server hands out for a refresh token."""

    access_token: str
    refresh_token: str
    lasts: timedelta


@dataclass(frozen=True)
class Stored:
    access_token: str
    expires_at: datetime
    refresh_token: str


Refresh = Callable[[str], Awaitable[Grant]]


class TokenKeeper:
    """Gives out the access token.

    Args:
        database: where tokens are kept.
        seed: the first refresh token, from the settings.
        refresh: asks Zalo's OAuth server; raises `RefreshTokenDead` or `TryLater`.
        now: the time.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        database: Database,
        seed: str,
        *,
        refresh: Refresh,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._seed = seed
        self._refresh = refresh
        self._now = now
        self._sleep = sleep
        self._one_at_a_time = asyncio.Lock()
        self._known: Stored | None = None
        self._exchanging: asyncio.Task[Stored] | None = None

    async def token(self, refused: str | None = None) -> str:
        """The access token, renewed when it is about to expire or is the one that was refused.

        Raises:
            TryLater: it cannot be had at present.
        """
        if self._known is not None and self._is_good(self._known, refused):
            return self._known.access_token
        async with self._one_at_a_time:
            for _ in range(WAITS):
                self._known = await asyncio.to_thread(self._read)
                if self._known is not None and self._is_good(self._known, refused):
                    return self._known.access_token
                if await asyncio.to_thread(self._claim):
                    return await self._renew(refused)
                await self._sleep(WAIT_SECONDS)
        raise TryLater("token_renewed_elsewhere")

    async def _renew(self, refused: str | None) -> str:
        # Shielded: a sender that gives up, or a server that stops, must not lose the successor.
        self._exchanging = asyncio.create_task(self._exchange(refused))
        try:
            self._known = await asyncio.shield(self._exchanging)
        except RefreshTokenDead:
            log.error("Zalo no longer takes the refresh token: set a new ZALO_OA_REFRESH_TOKEN")
            raise TryLater("refresh_token_dead", DEAD_WAIT_SECONDS) from None
        return self._known.access_token

    async def _exchange(self, refused: str | None) -> Stored:
        """Use the refresh token up and keep what came for it, in one go."""
        try:
            # Once more, now that nobody else renews: somebody may have just done so.
            stored = await asyncio.to_thread(self._read)
            if stored is not None and self._is_good(stored, refused):
                return stored
            grant = await self._refresh(stored.refresh_token if stored is not None else self._seed)
            kept = await asyncio.to_thread(self._write, grant)
            log.info("Zalo's access token was renewed")
            return kept
        finally:
            await asyncio.to_thread(self._release)

    async def settled(self) -> None:
        """Return when no exchange is under way; to be awaited before connections are closed."""
        if self._exchanging is not None:
            await asyncio.gather(self._exchanging, return_exceptions=True)

    def _is_good(self, stored: Stored, refused: str | None) -> bool:
        return stored.access_token != refused and stored.expires_at - RENEW_BEFORE > self._now()

    def _seed_hash(self) -> str:
        return hashlib.sha256(self._seed.encode()).hexdigest()

    def _claim(self) -> bool:
        """Become the one process that renews; false while another one is."""
        now = self._now()
        free = or_(ChannelSecret.expires_at.is_(None), ChannelSecret.expires_at <= now)
        taking = (
            update(ChannelSecret)
            .where(ChannelSecret.name == RENEWING, free)
            .values(expires_at=now + RENEWING_LASTS, updated_at=now)
            .returning(ChannelSecret.name)
        )
        with self._database.write() as session:
            if session.scalar(taking) is not None:
                return True
        try:
            with self._database.write() as session:
                session.add(
                    ChannelSecret(
                        name=RENEWING, value="", expires_at=now + RENEWING_LASTS, updated_at=now
                    )
                )
        except IntegrityError:
            # The row is there, and somebody else's.
            return False
        return True

    def _release(self) -> None:
        with self._database.write() as session:
            session.execute(
                update(ChannelSecret)
                .where(ChannelSecret.name == RENEWING)
                .values(expires_at=None, updated_at=self._now())
            )

    def _read(self) -> Stored | None:
        """The stored tokens, unless they grew from another seed than today's."""
        with self._database.read() as session:
            seed = session.get(ChannelSecret, SEED)
            access = session.get(ChannelSecret, ACCESS_TOKEN)
            refresh = session.get(ChannelSecret, REFRESH_TOKEN)
            if seed is None or access is None or refresh is None:
                return None
            if seed.value != self._seed_hash() or access.expires_at is None:
                return None
            return Stored(access.value, access.expires_at, refresh.value)

    def _write(self, grant: Grant) -> Stored:
        now = self._now()
        stored = Stored(grant.access_token, now + grant.lasts, grant.refresh_token)
        rows = (
            (SEED, self._seed_hash(), None),
            (ACCESS_TOKEN, stored.access_token, stored.expires_at),
            (REFRESH_TOKEN, stored.refresh_token, now + REFRESH_TOKEN_LASTS),
        )
        with self._database.write() as session:
            for name, value, expires_at in rows:
                session.merge(
                    ChannelSecret(name=name, value=value, expires_at=expires_at, updated_at=now)
                )
        return stored
