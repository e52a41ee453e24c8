"""Asking for a password: at the login, and again before what only its owner may change."""

from __future__ import annotations

import asyncio

from actions import login_attempts
from actions.login_attempts import LoginTry
from actions.staff_sessions import LoginRefused
from bot.staff_pages.site import Site

PARALLEL_HASHES = 2
"""Each takes 64 MB for its moment: more at once could be made to fill the memory."""

MAX_PASSWORD = 200


class Passwords:
    """Compares passwords, with every try counted."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._hashing = asyncio.Semaphore(PARALLEL_HASHES)

    async def ask(self, username: str, password: str, remote: str) -> LoginTry:
        """See that it is the password of an officer.

        Counted like a login wherever it is asked for: whoever finds an open page must not guess
        the password there.

        Args:
            remote: the address that the request came from.

        Raises:
            TooManyFailures: nothing was compared.
            LoginRefused: it is not.
        """
        attempt = await self._site.act(
            lambda work: login_attempts.begin(
                work.session, username=username, remote=remote, now=work.now
            )
        )
        async with self._hashing:
            fits = await asyncio.to_thread(
                login_attempts.password_fits, attempt.password_hash, password[:MAX_PASSWORD]
            )
        if not fits:
            raise LoginRefused
        return attempt
