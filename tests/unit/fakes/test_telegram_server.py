"""The fake Bot API server refuses, limits and remembers as Telegram does."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_checks import BURST, ApiError
from tests.fakes.telegram_updates import TelegramPerson

GROUP, FORUM, CITIZEN = -4_001, -1_004_001_000_000, 555


class Watch:
    """A clock that tests move."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def telegram(watch: Watch) -> FakeTelegram:
    fake = FakeTelegram(clock=watch)
    fake.forums.add(FORUM)
    return fake


async def say(telegram: FakeTelegram, chat_id: int, text: str = "chào", **more: Any) -> int:
    sent = await telegram.api_sendmessage({"chat_id": chat_id, "text": text, **more})
    number: int = sent["message_id"]
    return number


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG")
    return file.getvalue()


def album(*kinds: str, **more: Any) -> dict[str, Any]:
    media = [{"type": kind, "media": f"attach://{n}"} for n, kind in enumerate(kinds)]
    contents = {str(n): picture() for n in range(len(kinds))}
    return {"chat_id": CITIZEN, "media": json.dumps(media), **contents, **more}


# --- limits ---


async def test_a_private_chat_takes_a_burst_and_then_one_message_a_second(
    telegram: FakeTelegram, watch: Watch
) -> None:
    for _ in range(BURST):
        await say(telegram, CITIZEN)
    with pytest.raises(ApiError) as refused:
        await say(telegram, CITIZEN)
    assert refused.value.code == 429
    assert refused.value.parameters == {"retry_after": 1}
    for _ in range(3):
        watch.seconds += 1
        await say(telegram, CITIZEN)
    with pytest.raises(ApiError):
        await say(telegram, CITIZEN)


async def test_a_group_takes_twenty_messages_a_minute(telegram: FakeTelegram, watch: Watch) -> None:
    for _ in range(20):
        watch.seconds += 0.5
        await say(telegram, GROUP)
    with pytest.raises(ApiError) as refused:
        await say(telegram, GROUP)
    assert refused.value.parameters == {"retry_after": 51}  # the first was sent at 0.5
    watch.seconds += 51
    await say(telegram, GROUP)


async def test_all_chats_together_take_thirty_messages_a_second(
    telegram: FakeTelegram, watch: Watch
) -> None:
    for chat_id in range(1, 31):
        await say(telegram, chat_id)
    with pytest.raises(ApiError, match="retry after 1"):
        await say(telegram, 31)
    watch.seconds += 1
    await say(telegram, 31)


async def test_whoever_does_not_wait_is_noted_and_waits_no_less(
    telegram: FakeTelegram, watch: Watch
) -> None:
    for _ in range(20):
        await say(telegram, GROUP)
    with pytest.raises(ApiError):
        await say(telegram, GROUP)
    assert telegram.flood.ignored == []
    watch.seconds += 59
    with pytest.raises(ApiError):
        await say(telegram, GROUP)
    assert telegram.flood.ignored == [GROUP]
    watch.seconds += 1
    await say(telegram, GROUP)
    assert telegram.flood.ignored == [GROUP]


async def test_a_test_in_a_hurry_has_shorter_minutes(watch: Watch) -> None:
    telegram = FakeTelegram(clock=watch, pace=10)
    for _ in range(20):
        await say(telegram, GROUP)
    with pytest.raises(ApiError, match="retry after 6"):
        await say(telegram, GROUP)
    watch.seconds += 6
    await say(telegram, GROUP)


async def test_opening_a_topic_and_every_picture_of_an_album_count_as_messages(
    telegram: FakeTelegram,
) -> None:
    for number in range(10):
        await telegram.api_createforumtopic({"chat_id": FORUM, "name": f"PA {number}"})
    await telegram.api_sendmediagroup({**album(*["photo"] * 10), "chat_id": FORUM})
    with pytest.raises(ApiError, match="Too Many Requests"):
        await say(telegram, FORUM)


# --- what is refused ---


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "  "}, "message text is empty"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "đ" * 33}]]}},
            "BUTTON_DATA_INVALID",
        ),
    ],
)
async def test_what_telegram_does_not_take_is_refused(
    telegram: FakeTelegram, params: dict[str, Any], why: str
) -> None:
    with pytest.raises(ApiError, match=why):
        await telegram.api_sendmessage({"chat_id": CITIZEN, "text": "x", **params})
    assert telegram.sent() == []


async def test_an_edit_keeps_what_was_there_and_one_that_changes_nothing_is_refused(
    telegram: FakeTelegram,
) -> None:
    number = await say(telegram, GROUP, "Mới gửi")
    edit = {"chat_id": GROUP, "message_id": number, "text": "Đang xử lý"}
    await telegram.api_editmessagetext(edit)
    with pytest.raises(ApiError, match="message is not modified"):
        await telegram.api_editmessagetext(edit)
    (shown,) = telegram.sent(GROUP)
    assert (shown.text, shown.earlier_texts) == ("Đang xử lý", ["Mới gửi"])


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        (("photo",), "2 to 10"),
        (("photo",) * 11, "2 to 10"),
        (("photo", "document"), "can't mix"),
    ],
)
async def test_an_album_is_two_to_ten_photos_and_videos(
    telegram: FakeTelegram, kinds: tuple[str, ...], why: str
) -> None:
    with pytest.raises(ApiError, match=why):
        await telegram.api_sendmediagroup(album(*kinds))
    assert telegram.sent() == []


async def test_the_messages_of_an_album_belong_together(telegram: FakeTelegram) -> None:
    answer = await telegram.api_sendmediagroup(album("photo", "video"))
    shown = telegram.sent(CITIZEN)
    assert [one.message_id for one in shown] == [one["message_id"] for one in answer]
    assert len({one.album for one in shown}) == 1
    assert [telegram.uploads[one.message_id] for one in shown] == [picture()] * 2


# --- topics ---


async def opened(telegram: FakeTelegram) -> int:
    topic = await telegram.api_createforumtopic({"chat_id": FORUM, "name": "PA-1"})
    number: int = topic["message_thread_id"]
    return number


async def test_a_closed_topic_is_written_in_by_administrators_only(telegram: FakeTelegram) -> None:
    topic = await opened(telegram)
    place = {"chat_id": FORUM, "message_thread_id": topic}
    await telegram.api_closeforumtopic(place)
    await say(telegram, FORUM, message_thread_id=topic)
    telegram.rights[FORUM] = frozenset()
    with pytest.raises(ApiError, match="TOPIC_CLOSED"):
        await say(telegram, FORUM, message_thread_id=topic)
    with pytest.raises(ApiError, match="not enough rights"):
        await telegram.api_reopenforumtopic(place)


async def test_closing_what_is_closed_is_refused(telegram: FakeTelegram) -> None:
    place = {"chat_id": FORUM, "message_thread_id": await opened(telegram)}
    with pytest.raises(ApiError, match="TOPIC_NOT_MODIFIED"):
        await telegram.api_reopenforumtopic(place)
    await telegram.api_closeforumtopic(place)
    with pytest.raises(ApiError, match="TOPIC_NOT_MODIFIED"):
        await telegram.api_closeforumtopic(place)
    assert [t.closed for t in telegram.topics_of(FORUM)] == [True]


async def test_a_deleted_topic_takes_its_messages_along(telegram: FakeTelegram) -> None:
    topic = await opened(telegram)
    number = await say(telegram, FORUM, message_thread_id=topic)
    telegram.delete_topic(FORUM, topic)
    with pytest.raises(ApiError, match="message thread not found"):
        await say(telegram, FORUM, message_thread_id=topic)
    with pytest.raises(ApiError, match="message to edit not found"):
        await telegram.api_editmessagetext({"chat_id": FORUM, "message_id": number, "text": "x"})
    with pytest.raises(ApiError, match="message to pin not found"):
        await telegram.api_pinchatmessage({"chat_id": FORUM, "message_id": number})
    assert telegram.topics_of(FORUM) == []


async def test_a_group_without_topics_opens_none(telegram: FakeTelegram) -> None:
    with pytest.raises(ApiError, match="not a forum"):
        await telegram.api_createforumtopic({"chat_id": GROUP, "name": "PA-1"})


async def test_a_reply_goes_to_the_topic_of_what_it_answers(telegram: FakeTelegram) -> None:
    topic = await opened(telegram)
    card = await say(telegram, FORUM, message_thread_id=topic)
    await say(telegram, FORUM, reply_parameters={"message_id": card})
    assert [one.thread for one in telegram.sent(FORUM)] == [topic, topic]


async def test_only_who_may_pin_pins_and_twice_is_once(telegram: FakeTelegram) -> None:
    pin = {"chat_id": FORUM, "message_id": await say(telegram, FORUM)}
    await telegram.api_pinchatmessage(pin)
    await telegram.api_pinchatmessage(pin)
    assert telegram.pinned == {FORUM: [pin["message_id"]]}
    plain = {"chat_id": GROUP, "message_id": await say(telegram, GROUP)}
    with pytest.raises(ApiError, match="not enough rights"):
        await telegram.api_pinchatmessage(plain)


# --- members ---


@pytest.mark.parametrize("seen", [True, False])
async def test_whoever_leaves_is_a_member_no_more_until_coming_back(
    telegram: FakeTelegram, seen: bool
) -> None:
    lan = TelegramPerson(71, group=FORUM)
    question = {"chat_id": FORUM, "user_id": 71}

    async def standing() -> str:
        status: str = (await telegram.api_getchatmember(question))["status"]
        return status

    assert await standing() == "member"
    telegram.push(*lan.leaves(seen_by_administrators=seen))
    assert await standing() == "left"
    telegram.push(*lan.joins(seen_by_administrators=seen))
    assert await standing() == "member"


async def test_a_chat_that_blocked_the_bot_refuses_it(telegram: FakeTelegram) -> None:
    telegram.blocked.add(CITIZEN)
    with pytest.raises(ApiError, match="blocked by the user"):
        await say(telegram, CITIZEN)
