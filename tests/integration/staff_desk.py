"""A staff page in this process over a real database, and a client that fills in its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from actions import search, staff, staff_sessions
from actions.login_attempts import LoginTry
from actions.sealing import Seal
from bot.channels.base import Capabilities
from bot.dossier_sources import DossierSource
from bot.error_pages import answer_errors_in_words
from bot.live_services import LiveServices
from bot.media import MediaStore
from bot.public_pages import routes as public_routes
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.staff_pages import routes
from bot.staff_pages.access import COOKIE, CSRF_FIELD, LOGIN
from bot.staff_pages.site import HOME
from bot.web_security import add_security_headers
from bot.work import Services
from store.base import Base
from store.engine import Database
from store.messages import Conversation, OutboxMessage
from store.staff import Officer
from store.tickets import Ticket, TicketEvent
from tests.case_room import LOCAL
from tests.rig import WIDE_OPEN

if TYPE_CHECKING:
    from bot.bootstrap import Runtime

Row = TypeVar("Row", bound=Base)

PASSWORD = "một mật khẩu dài"
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

RESPONSES = Responses.load(ROOT / "domain.yml")

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')


class _Runtime(SimpleNamespace):
    """The parts of `bot.bootstrap.Runtime` that pages use."""

    live: LiveServices

    @property
    def services(self) -> Services:
        return self.live.current


@dataclass
class Desk:
    """A staff page with its database; time stands still unless a test moves `now`."""

    database: Database
    data_dir: Path
    public_url: str = ""
    now: datetime = START
    posted: set[int] = field(default_factory=set)
    woken: list[int] = field(default_factory=list)
    dossiers: DossierSource | None = None
    capabilities: dict[str, Capabilities] = field(default_factory=lambda: {"web": WIDE_OPEN})
    map_tiles: str = ""
    public_cases: str = "on"
    seal: Seal = field(default_factory=lambda: Seal("a key that only tests have"))
    live: LiveServices = field(init=False)
    """The services of the newest `app`."""

    @property
    def media_store(self) -> MediaStore:
        return MediaStore(self.data_dir / "media")

    def app(self) -> web.Application:
        settings = Settings(
            _env_file=None,
            data_dir=self.data_dir,
            public_url=self.public_url,
            map_tiles=self.map_tiles,
            public_cases=cast(Any, self.public_cases),
        )
        services = Services(
            settings=settings,
            responses=RESPONSES,
            local=LOCAL,
            capabilities=self.capabilities,
            dossiers=self.dossiers,
        )
        self.live = LiveServices(services, self.database, settings.local_dir, {})
        runtime = _Runtime(
            settings=settings,
            clock=lambda: self.now,
            database=self.database,
            live=self.live,
            media_store=self.media_store,
            seal=self.seal,
            posted=self.posted.update,
            worker=SimpleNamespace(wake=self.woken.append),
        )
        app = web.Application(client_max_size=21 * 1024 * 1024)
        add_security_headers(app)
        answer_errors_in_words(app)
        app.router.add_routes(routes(cast("Runtime", runtime)))
        app.router.add_routes(public_routes(cast("Runtime", runtime)))
        return app

    def officer(
        self, username: str = "lan", name: str = "Nguyễn Thị Lan", **values: Any
    ) -> Officer:
        """A new officer; `values` such as `role` and `agency_code` as in the table."""
        with self.database.write() as session:
            officer = staff.add_officer(
                session, username=username, name=name, password=PASSWORD, now=self.now
            )
            for field_name, value in values.items():
                setattr(officer, field_name, value)
            return officer

    def change(self, username: str = "lan", **values: Any) -> None:
        """Give an officer another role, agency, …"""
        with self.database.write() as session:
            session.query(Officer).filter_by(username=username).update(cast(Any, values))

    def chat(self, chat_id: str = "a", **values: Any) -> Conversation:
        return self.add(
            Conversation(
                **{"channel": "web", "chat_id": chat_id, "state": {}, "created_at": self.now}
                | values
            )
        )

    def ticket(self, code: str, *, chat: Conversation | None = None, **values: Any) -> Ticket:
        chat = chat or self.chat(f"chat of {code}")
        ticket = Ticket(
            **{
                "code": code,
                "conversation_id": chat.id,
                "intent": "report",
                "category": "traffic",
                "urgency": "normal",
                "text": "Ổ gà trước trường",
                "agency_code": "so-xay-dung",
                "agency_name": "Sở Xây dựng",
                "deadline_at": self.now + timedelta(days=5),
                "created_at": self.now,
            }
            | values
        )
        ticket.search_text = search.text_of(ticket)
        self.add(ticket)
        created = {"at": self.now, "kind": "create", "actor": "citizen"}
        self.add(TicketEvent(ticket_id=ticket.id, detail={}, **created))
        return ticket

    def add(self, row: Row) -> Row:
        with self.database.write() as session:
            session.add(row)
            session.flush()
        return row

    def said_to(self, chat_id: int) -> list[str]:
        """What was posted to a chat, in order."""
        with self.database.read() as session:
            rows = session.query(OutboxMessage).filter_by(conversation_id=chat_id)
            return [str(row.payload.get("text", "")) for row in rows.order_by(OutboxMessage.id)]

    def kept(self, row: Row, number: int) -> Row:
        """A row as the database has it now."""
        with self.database.read() as session:
            return session.get_one(type(row), number)


class Browser:
    """A client that keeps cookies and follows redirects, and fills in forms as a person does."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client
        self.html = ""

    async def open(self, path: str, *, to_login: bool = False) -> str:
        """See a page; `to_login` says that the login is what comes instead."""
        async with self.client.get(path) as response:
            self.html = await response.text()
            assert response.status == 200, (path, response.status)
            led = response.url.path == LOGIN and not path.startswith(LOGIN)
            assert led == to_login, f"{path}: led to {response.url.path}"
        return self.html

    async def send(
        self, path: str, data: dict[str, Any] | None = None, *, csrf: str | None = None
    ) -> ClientResponse:
        """Send a form of the page that is open, with its hidden fields."""
        hidden = {"csrf": csrf if csrf is not None else self.csrf}
        if version := _VERSION.search(self.html):
            hidden["version"] = version.group(1)
        response = await self.client.post(path, data=hidden | (data or {}))
        self.html = await response.text()
        return response

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.html)
        assert found is not None, "no form on this page"
        return found.group(1)

    def let_in(self, desk: Desk, username: str = "lan") -> None:
        """Give the cookie of a session, as the login does: a third of a test's time."""
        with desk.database.write() as session:
            officer = session.query(Officer).filter_by(username=username).one()
            attempt = LoginTry(username, "", officer.id)
            opened = staff_sessions.open_session(session, attempt, now=desk.now)
            begun = staff_sessions.signed_in(session, opened.token, now=desk.now)
        assert begun is not None
        cookie = SimpleCookie({COOKIE: opened.token})
        cookie[COOKIE]["path"] = HOME
        self.client.session.cookie_jar.update_cookies(cookie, self.client.make_url(HOME))
        self.html = f'<input type="hidden" name="{CSRF_FIELD}" value="{begun.csrf_token}">'

    async def log_in(self, username: str = "lan", password: str = PASSWORD) -> ClientResponse:
        await self.open("/staff/login")
        return await self.send("/staff/login", {"username": username, "password": password})

    def cookie(self, name: str) -> str:
        return next((c.value for c in self.client.session.cookie_jar if c.key == name), "")
