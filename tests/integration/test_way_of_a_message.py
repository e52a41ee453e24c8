"""The way of a message through inbox, worker and outbox, on both databases."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import worker
from bot.channels.base import ChatUnreachable, TryLater
from bot.clock import utc_now
from bot.inbox import ALBUM_WAIT
from bot.messages import Incoming, MediaRef, Outgoing, StoredMedia
from bot.outbox_rows import OutboxRows, Result
from bot.turn import Prepared, Turn
from bot.work import OutboxRow
from store import engine
from store.engine import Database
from store.messages import (
    Author,
    Conversation,
    ConversationMode,
    InboxEvent,
    InboxStatus,
    OutboxMessage,
    OutboxStatus,
)
from store.tickets import Attachment
from tests.rig import Rig, echo, message, until


@pytest.fixture
def rig(database_url: str, tmp_path: Path) -> Rig:
    return Rig(database_url, tmp_path)


async def test_a_message_is_answered_in_its_chat(rig: Rig) -> None:
    async with rig.running() as inbox:
        assert await inbox.accept([message("1", "đường hư")]) == [True]
        await rig.settled()
    assert rig.channel.sent == [("a", "nghe: đường hư")]


async def test_second_delivery_of_an_event_is_not_new_and_is_not_answered(rig: Rig) -> None:
    async with rig.running() as inbox:
        first, again = await inbox.accept([message("1"), message("1")])
        later = await inbox.accept([message("1")])
        await rig.settled()
    assert (first, again, later) == (True, False, [False])
    assert len(rig.channel.sent) == 1


async def test_messages_of_a_chat_are_answered_in_their_order(rig: Rig) -> None:
    async with rig.running() as inbox:
        await asyncio.gather(
            *(
                inbox.accept([message(f"{chat}{n}", str(n), chat_id=chat, sort_key=n)])
                for n in range(25)
                for chat in ("a", "b", "c")
            )
        )
        await rig.settled()
    for chat in ("a", "b", "c"):
        assert rig.channel.texts(chat) == [f"nghe: {n}" for n in range(25)]


async def test_a_chat_whose_sending_hangs_does_not_hold_up_another(rig: Rig) -> None:
    def busy(chat_id: str, outgoing: Outgoing) -> None:
        if chat_id == "slow":
            raise TryLater("limit", after=3600)

    rig.channel.fail = busy
    async with rig.running() as inbox:
        await inbox.accept([message("1", chat_id="slow"), message("2", chat_id="quick")])
        await until(lambda: rig.channel.texts("quick") == ["nghe: chào"])
    assert rig.channel.texts("slow") == []


async def test_a_failed_handler_leaves_no_trace_and_the_event_is_taken_again(rig: Rig) -> None:
    calls = []

    def handle(turn: Turn) -> None:
        calls.append(turn.event_id)
        turn.say(Outgoing(text=f"lần {len(calls)}"))
        turn.session.flush()
        if len(calls) == 1:
            raise RuntimeError("first time")

    rig.handle = handle
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
    assert rig.channel.sent == [("a", "lần 2")]


async def test_an_event_that_keeps_failing_becomes_a_dead_letter(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_AFTER", (timedelta(), timedelta()))

    def handle(turn: Turn) -> None:
        if turn.incoming.text == "bad":
            raise ValueError("always")
        turn.say(Outgoing(text=turn.incoming.text))

    rig.handle = handle
    rig.give_up = lambda turn: turn.say(Outgoing(text="xin lỗi"))
    async with rig.running() as inbox:
        await inbox.accept([message("1", "bad", sort_key=1), message("2", "good", sort_key=2)])
        await rig.settled()
        with rig.database.read() as session:
            dead = session.scalars(select(InboxEvent).where(InboxEvent.event_id == "1")).one()
    assert (dead.status, dead.attempts, dead.error) == (InboxStatus.DEAD, 3, "ValueError")
    assert dead.payload["text"] == "bad"  # kept, so that it can be replayed
    assert rig.channel.texts("a") == ["xin lỗi", "good"]


async def test_what_must_be_erased_is_gone_after_the_turn_dead_letters_included(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_AFTER", ())

    def handle(turn: Turn) -> None:
        turn.erase_payload()
        if turn.incoming.event_id == "2":
            raise ValueError("fails")

    rig.handle = handle
    rig.give_up = lambda turn: turn.erase_payload()
    secret = "bí mật của người tố cáo"
    async with rig.running() as inbox:
        await inbox.accept([message("1", secret), message("2", secret, chat_id="b")])
        await rig.settled()
        with rig.database.read() as session:
            rows = session.scalars(select(InboxEvent)).all()
        assert [row.payload for row in rows] == [{}, {}]
        if rig.database.is_sqlite:
            file = Path(rig.database.url.database or "")
            for part in (file, file.with_name(file.name + "-wal")):
                raw = part.read_bytes()
                assert secret.encode() not in raw
                assert b"t\\u00ed m\\u1eadt" not in raw


async def test_an_album_is_one_turn_with_every_picture_and_the_caption(rig: Rig) -> None:
    seen: list[Incoming] = []

    def handle(turn: Turn) -> None:
        seen.append(turn.incoming)

    rig.handle = handle
    start = utc_now()
    rig.clock = lambda: start
    parts = [
        message(
            str(n),
            "ổ gà" if n == 2 else "",
            sort_key=n,
            group_key="album",
            media=(MediaRef(kind="photo", ref=f"f{n}"),),
        )
        for n in (1, 2, 3)
    ]
    async with rig.running() as inbox:
        await inbox.accept(parts[:1])
        await inbox.accept(parts[1:])
        assert seen == []
        rig.clock = lambda: start + ALBUM_WAIT
        await rig.settled()
    assert [ref.ref for ref in seen[0].media] == ["f1", "f2", "f3"]
    assert (len(seen), seen[0].text) == (1, "ổ gà")


async def test_a_fact_from_outside_is_fetched_once_and_outside_the_transaction(rig: Rig) -> None:
    fetched = []

    async def fetch() -> object:
        with rig.database.write() as session:  # would hang if the turn held the lock
            session.execute(select(Conversation))
        fetched.append(1)
        return "được tiếp nhận"

    rig.handle = lambda turn: turn.say(Outgoing(text=str(turn.fact("dossier", fetch))))
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
    assert rig.channel.sent == [("a", "được tiếp nhận")]
    assert len(fetched) == 1


async def test_what_the_bot_prepared_before_a_take_over_is_not_sent_after_it(rig: Rig) -> None:
    def handle(turn: Turn) -> None:
        turn.say(Outgoing(text="bot"))
        turn.say(Outgoing(text="cán bộ"), author=Author.OFFICER)
        turn.conversation.mode = ConversationMode.HUMAN

    rig.handle = handle
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
        with rig.database.read() as session:
            statuses = session.scalars(
                select(OutboxMessage.status).order_by(OutboxMessage.id)
            ).all()
    assert rig.channel.sent == [("a", "cán bộ")]
    assert statuses == [OutboxStatus.SUPPRESSED, OutboxStatus.SENT]


async def test_a_chat_that_blocked_us_is_marked_and_those_concerned_are_told(rig: Rig) -> None:
    told: list[str | None] = []

    def blocked(chat_id: str, outgoing: Outgoing) -> None:
        raise ChatUnreachable("blocked")

    def failed(session: Session, row: OutboxMessage) -> set[int]:
        told.append(row.error)
        return set()

    rig.channel.fail, rig.failed = blocked, failed
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
        with rig.database.read() as session:
            assert session.scalars(select(Conversation.unreachable)).one() is True
        rig.channel.fail = lambda chat_id, outgoing: None
        await inbox.accept([message("2")])
        await rig.settled()
        with rig.database.read() as session:
            assert session.scalars(select(Conversation.unreachable)).one() is False
    assert told == ["blocked"]
    assert rig.channel.sent == [("a", "nghe: chào")]


async def test_a_message_that_could_not_be_sent_is_tried_again_before_the_next(rig: Rig) -> None:
    tries = []

    def flaky(chat_id: str, outgoing: Outgoing) -> None:
        tries.append(outgoing.text)
        if len(tries) == 1:
            raise TryLater("network", after=0.01)

    rig.channel.fail = flaky
    async with rig.running() as inbox:
        await inbox.accept([message("1", "một", sort_key=1), message("2", "hai", sort_key=2)])
        await rig.settled()
    assert tries == ["nghe: một", "nghe: một", "nghe: hai"]


async def test_two_processes_share_the_work_and_keep_each_chat_in_order(
    postgres_url: str, tmp_path: Path
) -> None:
    one, two = Rig(postgres_url, tmp_path), Rig(postgres_url, tmp_path)
    async with one.running() as inbox, two.running() as other:
        for n in range(30):
            target = inbox if n % 2 else other
            await target.accept(
                [message(f"{chat}{n}", str(n), chat_id=chat, sort_key=n) for chat in "abcd"]
            )
        await one.settled()
    sent = one.channel.sent + two.channel.sent
    assert len(sent) == 120
    for chat in "abcd":
        assert one.channel.texts(chat) + two.channel.texts(chat) == [
            f"nghe: {n}" for n in range(30)
        ]


async def test_an_event_that_was_committed_before_a_crash_is_handled_after_it(rig: Rig) -> None:
    async with rig.running() as inbox:
        rig.handle = lambda turn: (_ for _ in ()).throw(RuntimeError("dies"))
        await inbox.accept([message("1", "còn đây")])
    again = Rig(str(rig.database.url.render_as_string(hide_password=False)), Path())
    again.channel = rig.channel
    async with again.running():
        await again.settled()
    assert rig.channel.sent[-1] == ("a", "nghe: còn đây")


async def test_nothing_is_prepared_inside_the_transaction(rig: Rig) -> None:
    async def prepare(incoming: Incoming, attempts: int) -> Prepared:
        with rig.database.write() as session:
            session.execute(select(Conversation))
        return Prepared(failed_media=7)

    rig.prepare = prepare
    rig.handle = lambda turn: turn.say(Outgoing(text=str(turn.prepared.failed_media)))
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
    assert rig.channel.sent == [("a", "7")]


async def test_a_take_over_while_a_message_waits_for_the_limits_silences_it(rig: Rig) -> None:
    async def slow(chat_id: str) -> bool:
        with rig.database.write() as session:
            chat = session.scalars(
                select(Conversation).where(Conversation.chat_id == chat_id)
            ).one()
            chat.mode = ConversationMode.HUMAN
        return True

    rig.channel.before_sending = slow
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
    assert rig.channel.sent == []


async def test_a_picture_of_an_erased_event_is_removed_unless_a_report_shows_it(rig: Rig) -> None:
    pictures = [StoredMedia(kind="photo", path=name, mime="image/jpeg", size=1) for name in "ab"]

    async def prepare(incoming: Incoming, attempts: int) -> Prepared:
        return Prepared(media=tuple(pictures))

    def handle(turn: Turn) -> None:
        if turn.incoming.event_id == "1":
            turn.session.add(
                Attachment(
                    conversation_id=turn.conversation.id,
                    kind="photo",
                    mime="image/jpeg",
                    size=1,
                    path="a",
                    created_at=turn.now,
                )
            )
        else:
            turn.erase_payload()

    rig.prepare, rig.handle = prepare, handle
    async with rig.running() as inbox:
        await inbox.accept([message("1", sort_key=1), message("2", sort_key=2)])
        await until(lambda: rig.discarded == ["b"])


async def test_an_event_that_no_database_takes_is_refused_alone(rig: Rig) -> None:
    async with rig.running() as inbox:
        refused, kept = await asyncio.gather(
            inbox.accept([message("1", sort_key=2**63)]),
            inbox.accept([message("2", "còn đây", chat_id="b")]),
            return_exceptions=True,
        )
        await rig.settled()
    assert isinstance(refused, Exception)
    assert kept == [True]
    assert rig.channel.sent == [("b", "nghe: còn đây")]


async def test_a_message_whose_sending_cannot_be_noted_is_noted_later_and_not_sent_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = OutboxRows.mark
    failures: list[list[Result]] = []

    def full_disk(rows: OutboxRows, results: list[Result]) -> None:
        if len(failures) < 2:
            failures.append(results)
            raise OperationalError("UPDATE", {}, OSError("disk is full"))
        mark(rows, results)

    monkeypatch.setattr(OutboxRows, "mark", full_disk)
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
    assert len(failures) == 2
    assert rig.channel.sent == [("a", "nghe: chào")]


async def test_a_message_on_its_way_when_the_server_is_stopped_is_noted_as_sent(rig: Rig) -> None:
    on_its_way, arrives = asyncio.Event(), asyncio.Event()

    async def slow(chat_id: str) -> bool:
        on_its_way.set()
        await arrives.wait()
        return False

    rig.channel.before_sending = slow
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await on_its_way.wait()
        asyncio.get_running_loop().call_later(0.05, arrives.set)
    assert rig.channel.sent == [("a", "nghe: chào")]
    assert rig.waiting() == 0


async def test_a_failure_of_the_look_for_work_ends_neither_turns_nor_sending(rig: Rig) -> None:
    looks = []

    def broken() -> datetime:
        looks.append(1)
        raise RuntimeError("no time")

    rig.clock = broken
    async with rig.running() as inbox:
        await until(lambda: len(looks) >= 2)  # the worker's and the sender's
        rig.clock = utc_now
        await inbox.accept([message("1")])
        await rig.settled()
    assert rig.channel.sent == [("a", "nghe: chào")]


async def test_downloads_that_hang_do_not_stop_the_other_chats(rig: Rig) -> None:
    never = asyncio.Event()

    async def prepare(incoming: Incoming, attempts: int) -> Prepared:
        if incoming.chat_id.startswith("slow"):
            await never.wait()
        return Prepared()

    rig.prepare = prepare
    async with rig.running() as inbox:
        await inbox.accept([message(f"s{n}", chat_id=f"slow{n}") for n in range(30)])
        await inbox.accept([message("q", chat_id="quick")])
        await until(lambda: rig.channel.texts("quick") == ["nghe: chào"])
        never.set()
        await rig.settled()
    assert len(rig.channel.sent) == 31


async def test_what_a_turn_says_is_sent_without_being_read_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    waiting = OutboxRows.waiting

    def noted(rows: OutboxRows, conversation_id: int) -> list[OutboxRow]:
        read.append(conversation_id)
        return waiting(rows, conversation_id)

    monkeypatch.setattr(OutboxRows, "waiting", noted)
    async with rig.running() as inbox:
        await asyncio.sleep(0.1)  # the first look of the sweep is over
        await inbox.accept([message("1")])
        await until(lambda: bool(rig.channel.sent))
    assert (rig.channel.sent, read) == ([("a", "nghe: chào")], [])


async def test_a_message_that_was_sent_before_its_turn_told_of_it_is_not_sent_again(
    rig: Rig,
) -> None:
    rows: list[OutboxRow] = []

    def handle(turn: Turn) -> None:
        echo(turn)
        rows.extend(turn.posted)

    rig.handle = handle
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await rig.settled()
        await asyncio.sleep(0.05)  # its lane is at its end
        rig.sender.wake({rows[0].conversation_id}, rows)
        await asyncio.sleep(0.2)
    assert rig.channel.sent == [("a", "nghe: chào")]


async def test_an_event_that_comes_while_an_older_one_waits_to_be_tried_again_comes_after_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_AFTER", (timedelta(seconds=0.3),))
    calls: list[str] = []

    def handle(turn: Turn) -> None:
        calls.append(turn.incoming.text)
        if len(calls) == 1:
            raise RuntimeError("first time")
        echo(turn)

    rig.handle = handle
    async with rig.running() as inbox:
        await inbox.accept([message("1", "một", sort_key=1)])
        await until(lambda: len(calls) == 1)
        await inbox.accept([message("2", "hai", sort_key=2)])
        await rig.settled()
    assert calls == ["một", "một", "hai"]
    assert rig.channel.texts("a") == ["nghe: một", "nghe: hai"]


async def test_what_waits_to_be_sent_again_goes_before_what_a_later_turn_says(rig: Rig) -> None:
    tries: list[str] = []

    def flaky(chat_id: str, outgoing: Outgoing) -> None:
        tries.append(outgoing.text)
        if len(tries) == 1:
            raise TryLater("network", after=0.3)

    rig.channel.fail = flaky
    async with rig.running() as inbox:
        await inbox.accept([message("1", "một", sort_key=1)])
        await until(lambda: len(tries) == 1)
        await asyncio.sleep(0.05)  # that it failed is written down
        await inbox.accept([message("2", "hai", sort_key=2)])
        await rig.settled()
    assert rig.channel.texts("a") == ["nghe: một", "nghe: hai"]


async def test_a_database_connection_that_was_cut_while_idle_is_replaced(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ASK_AFTER_S", 0.0)
    database = Database(postgres_url)
    with database.read() as session:
        session.execute(text("SELECT 1"))
    other = Database(postgres_url)
    with other.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    database.ping()
    database.dispose()
    other.dispose()
