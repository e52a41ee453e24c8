"""Wires everything: the one place where settings become running parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from actions import groups, local_edits, second_factor
from actions.local_facts import LocalFacts, LocalTableInvalid, load_local_facts
from actions.sealing import Seal
from actions.table_files import Edits
from bot import dispatch
from bot.channels.base import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.groups import OurGroups
from bot.channels.telegram.members import TelegramMembers
from bot.channels.web.channel import WebChannel
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.clock import Clock, utc_now
from bot.desk.group import chat_ids
from bot.desk.notices import report_undelivered
from bot.dossier_sources import (
    DossierSource,
    FieldMapping,
    FieldMappingInvalid,
    OneStopApi,
)
from bot.inbox import Inbox
from bot.leases import DatabaseInUse, Leases
from bot.live_services import LiveServices, warn_of
from bot.manners import Manners
from bot.media import MediaStore
from bot.messages import Incoming
from bot.outbox import Sender
from bot.outbox_rows import OutboxRows
from bot.prepare import prepare
from bot.readers import EmbeddedReader, RasaServerReader, Reader
from bot.responses import Responses
from bot.secret_key import SecretKeyEmpty, key_of
from bot.settings import ROOT, Settings
from bot.timekeeper import Timekeeper
from bot.turn import Turn
from bot.work import OutboxRow, Services
from bot.worker import Worker
from nlu.archive import ArchiveUnreadable
from store.engine import Database, UnsupportedDatabase, out_of_reach
from store.messages import OutboxMessage
from store.migrate import migrate, set_up_alone

MODELS = ROOT / "models"


class CannotStart(RuntimeError):
    """Something that the server needs is missing or wrong; the text says what to do about it."""


class NoModel(RuntimeError):
    """There is no model archive to understand messages with."""


def newest_model(folder: Path = MODELS) -> Path:
    """The newest archive in the folder.

    Raises:
        NoModel: the folder holds none.
    """
    archives = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not archives:
        raise NoModel(f"no model archive in {folder}: run `make train`, or set MODEL")
    return archives[-1]


def open_reader(settings: Settings) -> Reader:
    """The reader that the settings ask for: a Rasa server, or the embedded model."""
    if settings.nlu_url:
        return RasaServerReader(settings.nlu_url)
    return EmbeddedReader(settings.model or newest_model())


def bring_up_to_date(database: Database, folder: Path) -> tuple[LocalFacts, Edits]:
    """Migrate, and load the communes and agencies of the province.

    Args:
        folder: the province's tables.

    Returns the facts of its tables, and the edits of the desk that they were loaded with.

    Raises:
        LocalTableInvalid: a file is wrong. A wrong edit is logged and left out.
    """
    migrate(database)
    with database.write() as session:
        set_up_alone(session.connection())
        edits = local_edits.read(session)
        local, skipped = local_edits.load(folder, edits)
        load_local_facts(session, local)
    warn_of(skipped)
    return local, edits


def _dossiers(settings: Settings) -> DossierSource | None:
    if not settings.dossier_api_url:
        return None
    key = settings.dossier_api_key.get_secret_value() if settings.dossier_api_key else None
    fields = settings.dossier_api_fields
    return OneStopApi(settings.dossier_api_url, key, FieldMapping.load(fields) if fields else None)


@dataclass
class Runtime:
    """The running parts of one process, each reachable by those who need it."""

    settings: Settings
    clock: Clock
    database: Database
    leases: Leases
    live: LiveServices
    reader: Reader
    media_store: MediaStore
    seal: Seal
    channels: dict[str, Channel]
    inbox: Inbox
    worker: Worker
    sender: Sender
    timekeeper: Timekeeper
    posted: Callable[[set[int]], None]
    """To be told the chats that have new outbox rows, by whoever writes some outside a turn."""

    @property
    def services(self) -> Services:
        """As they are now; whoever uses them takes them once."""
        return self.live.current

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Everything that is open from `assemble` on, closed at the end."""
        try:
            yield
        finally:
            await self.reader.close()
            self.leases.close()
            self.database.dispose()

    @asynccontextmanager
    async def channels_running(self) -> AsyncIterator[None]:
        """The channels receive and can send."""
        async with AsyncExitStack() as stack:
            for channel in self.channels.values():
                running = asynccontextmanager(channel.running)
                await stack.enter_async_context(running(self.inbox.accept))
            yield

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Turns are taken and messages sent."""
        parts = (self.sender, self.worker, self.timekeeper, self.live)
        tasks = [asyncio.create_task(part.run()) for part in parts]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of it, opened and closed in the order that loses nothing."""
        async with self.opened(), self.channels_running(), self.working():
            yield


def assemble(
    settings: Settings, clock: Clock = utc_now, *, extra: Sequence[Channel] = ()
) -> Runtime:
    """Open the database and the model, and wire every part; starts nothing yet.

    Args:
        extra: channels besides those that the settings switch on (the terminal).

    Raises:
        CannotStart: with what to do about it.
    """
    try:
        return _assemble(settings, clock, extra)
    except _FOR_THE_OPERATOR as error:
        raise CannotStart(str(error)) from error
    except OperationalError as error:
        raise CannotStart(out_of_reach(error)) from error


_FOR_THE_OPERATOR = (
    ArchiveUnreadable,
    DatabaseInUse,
    FieldMappingInvalid,
    LocalTableInvalid,
    NoModel,
    SecretKeyEmpty,
    UnsupportedDatabase,
)
"""Errors whose texts are written for whoever starts the server."""


def _assemble(settings: Settings, clock: Clock, extra: Sequence[Channel]) -> Runtime:
    database = Database(settings.effective_database_url)
    leases = Leases(database)
    leases.claim_database()
    local, edits = bring_up_to_date(database, settings.local_dir)
    reader = open_reader(settings)
    seal = Seal(key_of(settings))
    with database.write() as session:
        second_factor.seal_all(session, seal)
    media_store = MediaStore(settings.media_dir)
    responses = Responses.load(ROOT / "domain.yml")
    channels = _channels(settings, database, leases, media_store, responses, clock)
    channels.update({channel.name: channel for channel in extra})
    services = Services(
        settings=settings,
        responses=responses,
        local=local,
        capabilities={name: channel.capabilities for name, channel in channels.items()},
        dossiers=_dossiers(settings),
        members=TelegramMembers(settings) if settings.telegram_on else None,
    )
    live = LiveServices(services, database, settings.local_dir, edits)

    def services_now() -> Services:
        return live.current

    def undelivered(session: Session, row: OutboxMessage) -> set[int]:
        return report_undelivered(session, row, services=live.current, clock=clock)

    sender = Sender(OutboxRows(database, clock, undelivered), channels, leases, clock)

    def posted(conversation_ids: set[int], next_to_be_sent: Sequence[OutboxRow] = ()) -> None:
        sender.wake(conversation_ids, next_to_be_sent)
        for channel in channels.values():
            channel.wake(conversation_ids)

    def discard(incoming: Incoming, files: list[str]) -> None:
        for ref in incoming.media:
            channels[incoming.channel].discard(ref)
        for path in files:
            media_store.discard(path)

    manners = Manners()

    def handle(turn: Turn) -> None:
        if not manners.turned_away(turn):
            dispatch.handle(turn)

    worker = Worker(
        database,
        services_now,
        clock,
        prepare=partial(prepare, reader=reader, channels=channels, media_store=media_store),
        handle=handle,
        give_up=dispatch.give_up,
        posted=posted,
        discard=discard,
    )
    return Runtime(
        settings=settings,
        clock=clock,
        database=database,
        leases=leases,
        live=live,
        reader=reader,
        media_store=media_store,
        seal=seal,
        channels=channels,
        inbox=Inbox(database, clock, worker.arrived),
        worker=worker,
        sender=sender,
        timekeeper=Timekeeper(database, services_now, clock, keep=leases.keep, posted=posted),
        posted=posted,
    )


def _channels(
    settings: Settings,
    database: Database,
    leases: Leases,
    media_store: MediaStore,
    responses: Responses,
    clock: Clock,
) -> dict[str, Channel]:
    """Every channel that has its settings; the web chat needs none."""
    channels: dict[str, Channel] = {
        WebChannel.name: WebChannel(settings, database, media_store, clock)
    }
    if settings.telegram_on:

        def our_groups() -> OurGroups:
            with database.read() as session:
                return OurGroups(
                    chat_ids(session, settings),
                    expecting=groups.link_is_expected(session, now=clock()),
                )

        channels[TelegramChannel.name] = TelegramChannel(
            settings,
            responses,
            hold=leases.keep,
            our_groups=partial(asyncio.to_thread, our_groups),
            now=clock,
        )
    if settings.zalo_oa_on:
        channels[ZaloOaChannel.name] = ZaloOaChannel(settings, responses, database, now=clock)
    return channels
