"""What every staff page works with: the running parts, transactions in threads, the templates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from aiohttp import hdrs, web
from sqlalchemy.orm import Session

from bot.pages import environment
from bot.static_files import StaticFiles
from bot.work import UnitOfWork

if TYPE_CHECKING:
    from bot.bootstrap import Runtime

T = TypeVar("T")

HOME = "/staff"


class Site:
    """The staff page's hands: look, act, show."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._templates = environment(StaticFiles())
        self._templates.globals["cases_on"] = runtime.settings.public_cases_on

    @property
    def now(self) -> datetime:
        return self.runtime.clock()

    async def look(self, read: Callable[[Session], T]) -> T:
        """Read from the database, in a thread."""

        def run() -> T:
            with self.runtime.database.read() as session:
                return read(session)

        return await asyncio.to_thread(run)

    async def act(self, do: Callable[[UnitOfWork], T]) -> T:
        """Do something in one transaction, in a thread; what it posts is sent after the commit.

        Whatever `do` raises rolls everything back and passes through.
        """

        def run() -> tuple[T, set[int]]:
            with self.runtime.database.write() as session:
                work = UnitOfWork(self.runtime.services, session, self.now)
                try:
                    result = do(work)
                except Exception:
                    # What an error carries, such as an officer, stays readable after the rollback.
                    session.expunge_all()
                    raise
                return result, work.touched

        result, touched = await asyncio.to_thread(run)
        if touched:
            self.runtime.posted(touched)
        return result

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A filled-in template of `templates/staff/`, which no cache keeps."""
        html = self._templates.get_template(f"staff/{template}").render(now=self.now, **values)
        response = web.Response(text=html, content_type="text/html", status=status)
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.enable_compression()
        return response


def go_to(path: str) -> web.Response:
    """The answer to a form that was taken: look there, so that a reload sends nothing again."""
    return web.Response(status=303, headers={hdrs.LOCATION: path, hdrs.CACHE_CONTROL: "no-store"})
