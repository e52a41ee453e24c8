"""One topic for each case and each live chat, from its beginning to its end."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from actions import tickets
from bot.desk import notices
from bot.messages import Kind
from store.engine import Database
from store.staff import Officer, OfficerRole
from store.tickets import TicketEvent
from tests.case_room import GOOD_ANSWER
from tests.integration.staff_forum import CITIZEN, FORUM, OTHER_FORUM, StaffForum
from tests.integration.staff_group import LAN, MINH, PHOTO

POWER = "dien-luc"
SECRET = "đừng nói với người dân"


@pytest.fixture
async def forum(database_url: str, tmp_path: Path) -> AsyncIterator[StaffForum]:
    database = Database(database_url)
    kept = tmp_path / "media" / PHOTO.path
    kept.parent.mkdir(parents=True)
    kept.write_bytes(picture())
    async with StaffForum(database, media_dir=tmp_path).running() as forum:
        yield forum
    database.dispose()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG")
    return file.getvalue()


async def reported(forum: StaffForum, chat_id: str = CITIZEN) -> str:
    """A citizen's report, with its card sent."""
    code = forum.ticket(channel="telegram", chat_id=chat_id)
    await forum.sent()
    return code


def adds(forum: StaffForum, code: str, words: str) -> None:
    """The citizen has more to say about a ticket."""
    forum.work(
        lambda work: notices.announce_addition(
            work, tickets.find_by_code(work.session, code), words, ()
        )
    )


async def resolved(forum: StaffForum, code: str) -> None:
    forum.presses_on(forum.card(code), "resolve:")
    await forum.sent()
    forum.replies_to(forum.telegram.sent(FORUM)[-1], GOOD_ANSWER, media=(PHOTO,))
    await forum.sent()


# --- cases ---


async def test_every_case_has_a_topic_of_its_own_with_its_card_pinned(forum: StaffForum) -> None:
    first, second = await reported(forum), await reported(forum, "9900")
    assert [topic.name.partition(" ")[0] for topic in forum.topics()] == [first, second]
    assert all("Giao thông" in topic.name for topic in forum.topics())
    for topic, code in zip(forum.topics(), (first, second), strict=True):
        (card,) = forum.shown(topic)
        assert forum.card(code) is card
        assert code in card.text
    assert forum.shown() == []


async def test_what_is_said_of_a_case_is_said_in_its_topic(forum: StaffForum) -> None:
    code = await reported(forum)
    await reported(forum, "9900")
    forum.presses_on(forum.card(code), "ask:")
    await forum.sent()
    topic = forum.topics()[0]
    prompt = forum.shown(topic)[-1]
    forum.replies_to(prompt, "Bên nào của cổng trường vậy bạn?")
    forum.citizen(channel="telegram", text="bên phải nha", intent="affirm")
    await forum.sent()
    said = [one.text for one in forum.shown(topic)]
    assert any("Đã hỏi người dân" in text for text in said)
    assert any("bên phải nha" in text for text in said)
    assert len(forum.shown(forum.topics()[1])) == 1
    assert forum.shown() == []


async def test_the_card_stays_one_message_and_shows_what_is_so(forum: StaffForum) -> None:
    code = await reported(forum)
    card = forum.card(code)
    for action, state in (("accept:", "Đã tiếp nhận"), ("start:", "Đang xử lý – Lan")):
        forum.presses_on(card, action)
        await forum.sent()
        assert forum.card(code) is card
        assert state in card.text
    assert forum.telegram.pinned[FORUM] == [card.message_id]
    assert len(card.earlier_texts) == 2


async def test_a_topic_is_closed_with_its_case_and_opened_with_it_again(forum: StaffForum) -> None:
    code = await reported(forum)
    await resolved(forum, code)
    assert [topic.closed for topic in forum.topics()] == [False]  # the citizen has yet to say
    forum.citizen(Kind.PRESS, channel="telegram", payload=f"t:done:{code}")
    await forum.sent()
    assert [topic.closed for topic in forum.topics()] == [True]
    forum.citizen(Kind.PRESS, channel="telegram", payload=f"t:notdone:{code}")
    await forum.sent()
    assert [topic.closed for topic in forum.topics()] == [False]
    assert "Mở lại" in forum.card(code).text


async def test_a_case_that_goes_to_another_agency_leaves_its_topic(forum: StaffForum) -> None:
    forum.give_group(POWER, OTHER_FORUM)
    code = await reported(forum)
    before = forum.card(code)
    forum.presses_on(before, "transfer:")
    await forum.sent()
    forum.presses(f"s:transfer:{code}:{POWER}", on="1")
    await forum.sent()
    prompt = next(
        one for one in forum.telegram.sent(FORUM) if f"#chuyen {code} {POWER}" in one.text
    )
    forum.replies_to(prompt, "Trụ điện do ngành điện quản lý")
    await forum.sent()
    (left,), (new,) = forum.topics(), forum.topics(OTHER_FORUM)
    assert (left.closed, new.closed) == (True, False)
    assert forum.card(code) is before
    assert before.reply_markup is None
    assert "Nhận xử lý" in str(forum.card(code, OTHER_FORUM).reply_markup)


# --- what goes wrong with topics ---


async def test_a_group_without_topics_has_its_cards_in_one_thread(forum: StaffForum) -> None:
    forum.telegram.forums.discard(FORUM)
    code, _ = await reported(forum), await reported(forum, "9900")
    forum.presses_on(next(one for one in forum.shown() if code in one.text), "start:")
    await forum.sent()
    texts = [one.text for one in forum.shown()]
    assert forum.topics() == []
    assert sum("chưa mở được chủ đề" in text for text in texts) == 1
    assert sum(f"{code} ·" in text for text in texts) == 1
    assert any("Đang xử lý – Lan" in text for text in texts)


async def test_what_the_bot_may_not_is_said_once_and_then_made_good(forum: StaffForum) -> None:
    forum.telegram.rights[FORUM] = frozenset()
    code, _ = await reported(forum), await reported(forum, "9900")
    assert sum("quyền quản lý chủ đề" in one.text for one in forum.shown()) == 1
    forum.makes_the_bot_administrator()
    third = await reported(forum, "7700")
    assert [topic.name.partition(" ")[0] for topic in forum.topics()] == [third]
    forum.presses_on(next(one for one in forum.shown() if code in one.text), "start:")
    await forum.sent()
    assert "Đang xử lý – Lan" in forum.card(code).text  # it has a topic from now on


async def test_a_bot_that_may_not_pin_shows_its_cards_all_the_same(forum: StaffForum) -> None:
    forum.telegram.rights[FORUM] = frozenset({"can_manage_topics"})
    code = await reported(forum)
    (card,) = forum.shown(forum.topics()[0])
    forum.presses_on(card, "start:")
    await forum.sent()
    assert forum.shown(forum.topics()[0]) == [card]
    assert "Đang xử lý – Lan" in card.text
    assert code in card.text


async def test_a_topic_that_somebody_deleted_is_made_anew(forum: StaffForum) -> None:
    code = await reported(forum)
    gone = forum.topics()[0]
    forum.telegram.delete_topic(FORUM, gone.thread)
    adds(forum, code, "xe té nữa rồi")
    await forum.sent()
    (anew,) = forum.topics()
    card, *later = forum.shown(anew)
    assert anew.thread != gone.thread
    assert forum.card(code) is card
    assert any("xe té nữa rồi" in one.text for one in later)


async def test_a_card_that_somebody_deleted_is_sent_and_pinned_again(forum: StaffForum) -> None:
    code = await reported(forum)
    old = forum.card(code)
    forum.telegram.delete_message(FORUM, old.message_id)
    forum.presses(f"s:start:{code}", on="1")
    await forum.sent()
    card = forum.card(code)
    assert card.message_id != old.message_id
    assert card.thread == old.thread
    assert "Đang xử lý – Lan" in card.text


async def test_what_a_closed_topic_does_not_take_is_said_in_the_group(forum: StaffForum) -> None:
    code = await reported(forum)
    forum.topics()[0].closed = True
    forum.telegram.rights[FORUM] = frozenset()
    adds(forum, code, "xe té nữa rồi")
    await forum.sent()
    assert any("xe té nữa rồi" in one.text for one in forum.shown())


# --- chats ---


async def test_a_live_chat_has_one_topic_closed_when_it_ends_and_open_when_it_begins(
    forum: StaffForum,
) -> None:
    for officer_ends in (True, False):
        forum.asks_for_a_person(channel="telegram")
        await forum.sent()
        (topic,) = forum.topics()
        assert not topic.closed
        request = [one for one in forum.shown(topic) if "muốn gặp cán bộ" in one.text][-1]
        forum.presses_on(request, "talk:")
        forum.citizen(channel="telegram", text="tôi hỏi về giấy hẹn", intent="ask_info")
        await forum.sent()
        words = forum.shown(topic)[-1]
        assert "tôi hỏi về giấy hẹn" in words.text
        forum.replies_to(words, "Bạn chờ chút nhé.")
        if officer_ends:
            forum.replies_to(words, "/bot")
        else:
            forum.citizen(channel="telegram", text="/bot", intent="affirm")
        await forum.sent()
        assert topic.closed
    assert sum(one.text == "Bạn chờ chút nhé." for one in forum.telegram.sent(int(CITIZEN))) == 2


# --- officers who leave ---


@pytest.mark.parametrize("present", [False, True])
async def test_whoever_has_left_the_group_neither_presses_nor_replies_nor_notes(
    forum: StaffForum, present: bool
) -> None:
    code = await reported(forum)
    card = forum.card(code)
    forum.is_told(left=(MINH,))
    if present:
        forum.is_told(joined=(MINH,))
    forum.presses_on(card, "start:", by=MINH)
    forum.replies_to(card, "Mai vá.", by=MINH)
    forum.writes_in(forum.topics()[0], "nhớ mang biển báo", by=MINH)
    await forum.sent()
    done = ["start", "reply", "note"] if present else []
    assert forum.read_ticket(code)[2] == ["create", *done]
    said = forum.telegram.texts(int(CITIZEN))
    assert any("Mai vá." in text for text in said) == present


async def test_what_an_officer_leaves_behind_is_told_once(forum: StaffForum) -> None:
    code, other = await reported(forum), await reported(forum, "9900")
    forum.presses_on(forum.card(code), "start:", by=MINH)
    forum.presses_on(forum.card(other), "start:", by=LAN)
    forum.is_told(left=(MINH,))
    forum.is_told(left=(MINH,))
    await forum.sent()
    (told,) = [one.text for one in forum.shown() if "đã rời nhóm" in one.text]
    assert code in told
    assert other not in told


async def test_who_has_left_the_group_is_marked_where_tickets_are_given(forum: StaffForum) -> None:
    with forum.database.write() as session:
        session.query(Officer).filter_by(username="lan").update({"role": OfficerRole.LEAD})
    code = await reported(forum)
    forum.is_told(left=(MINH,))
    forum.presses_on(forum.card(code), "assign:", by=LAN)
    await forum.sent()
    (listed,) = [one for one in forum.shown(forum.topics()[0]) if "#chon" in one.text]
    assert listed.reply_markup is not None
    titles = [row[0]["text"] for row in listed.reply_markup["inline_keyboard"]]
    assert titles == ["Lan", "Minh (đã rời nhóm)"]


async def test_leaving_counts_though_the_clocks_of_telegram_and_the_server_differ(
    forum: StaffForum,
) -> None:
    class Present:
        async def present(self, chat_id: str, account: int) -> bool:
            return True

    forum.services = dataclasses.replace(forum.services, members=Present())
    code = await reported(forum)
    forum.presses_on(forum.card(code), "start:", by=MINH)
    assert forum.read_ticket(code)[1] == "minh"
    forum.now -= timedelta(minutes=2)  # Telegram's clock is behind ours
    forum.is_told(left=(MINH,))
    forum.presses_on(forum.card(code), "note:", by=MINH)
    forum.writes_in(forum.topics()[0], "còn tôi đây", by=MINH)
    assert forum.read_ticket(code)[2] == ["create", "start"]


# --- notes ---


async def test_a_note_never_reaches_the_citizen_however_it_is_written(forum: StaffForum) -> None:
    code = await reported(forum)
    topic, card = forum.topics()[0], forum.card(code)
    forum.presses_on(card, "note:")
    await forum.sent()
    forum.replies_to(forum.shown(topic)[-1], SECRET, media=(PHOTO,))
    forum.writes_in(topic, SECRET, media=(PHOTO,))
    forum.writes_in(topic, SECRET)
    forum.presses_on(card, "start:")
    await resolved(forum, code)
    forum.later()
    await forum.sent()
    heard = forum.telegram.sent(int(CITIZEN))
    assert [one.text for one in heard if SECRET in one.text] == []
    assert sum(one.method == "sendPhoto" for one in heard) == 1  # that of afterwards
    assert forum.read_ticket(code)[2] == ["create", "note", "note", "note", "start", "resolve"]


async def test_of_a_note_that_is_edited_both_versions_are_kept(forum: StaffForum) -> None:
    code = await reported(forum)
    forum.writes_in(forum.topics()[0], "gọi đội trưởng")
    forum.writes_in(forum.topics()[0], "gọi đội phó", edited=True)
    with forum.database.read() as session:
        notes = session.query(TicketEvent).filter_by(kind="note").order_by(TicketEvent.id).all()
    assert [note.detail["text"] for note in notes] == ["gọi đội trưởng", "(sửa lại) gọi đội phó"]
    assert forum.read_ticket(code)[0] == "new"


async def test_talk_in_a_topic_of_the_officers_own_is_nobodys_business(forum: StaffForum) -> None:
    code = await reported(forum)
    own = forum.telegram.open_topic(FORUM, 4242, "Cà phê")
    forum.writes_in(own, f"{code} ai lo vậy?")
    await forum.sent()
    assert forum.read_ticket(code)[2] == ["create"]
    assert forum.shown(own) == []
