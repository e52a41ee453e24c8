"""What each of Telegram's updates becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.updates import UnreadableUpdate, group_of, incoming, read_update
from bot.messages import Incoming, Kind, Location
from tests.fakes.telegram_updates import TelegramPerson

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
STAFF = -1_000_000_004_001


def read(update: dict[str, Any]) -> Incoming | None:
    return incoming(read_update(update), NOW)


def event(update: dict[str, Any]) -> Incoming:
    found = read(update)
    assert found is not None
    return found


@pytest.fixture
def lan() -> TelegramPerson:
    return TelegramPerson(555)


@pytest.fixture
def officer() -> TelegramPerson:
    return TelegramPerson(77, group=STAFF)


def test_a_text_keeps_its_words_its_chat_and_its_number(lan: TelegramPerson) -> None:
    got = event(lan.says("Đèn đường tắt cả tuần"))
    assert (got.kind, got.text, got.chat_id) == (Kind.TEXT, "Đèn đường tắt cả tuần", "555")
    assert (got.channel, got.event_id, got.sort_key) == ("telegram", "1", 1)
    assert got.sent_at.tzinfo is not None
    assert got.group is None


def test_an_edited_text_is_a_new_event(lan: TelegramPerson) -> None:
    first, second = event(lan.says("ở chợ")), event(lan.edits("ở chợ Rạch Sỏi"))
    assert second.kind is Kind.TEXT
    assert second.text == "ở chợ Rạch Sỏi"
    assert second.event_id != first.event_id


def test_a_live_location_that_moves_on_says_nothing(lan: TelegramPerson) -> None:
    update = lan.is_at(10.01, 105.08)
    moved = {"update_id": 9, "edited_message": update["message"]}
    assert read(moved) is None


@pytest.mark.parametrize(
    ("text", "payload"), [("/start", None), ("/start qr-17", "qr-17"), ("/start@caunoi_bot", None)]
)
def test_start_opens_the_chat_and_brings_its_link_along(
    lan: TelegramPerson, text: str, payload: str | None
) -> None:
    got = event(lan.says(text))
    assert (got.kind, got.payload, got.text) == (Kind.OPENED, payload, "")


def test_words_that_only_begin_like_start_are_words(lan: TelegramPerson) -> None:
    assert event(lan.says("/startup ở đâu")).kind is Kind.TEXT


def test_of_a_photo_the_largest_size_is_taken(lan: TelegramPerson) -> None:
    got = event(lan.photographs("street", caption="ổ gà"))
    assert (got.kind, got.text) == (Kind.MEDIA, "ổ gà")
    assert [(ref.kind, ref.ref, ref.size) for ref in got.media] == [("photo", "street", 128_000)]


def test_the_photos_of_an_album_share_a_key(lan: TelegramPerson) -> None:
    first = event(lan.photographs("a", caption="rác", media_group_id="139"))
    second = event(lan.photographs("b", media_group_id="139"))
    assert first.group_key == second.group_key == "139"
    assert first.event_id != second.event_id


def test_a_video_is_media(lan: TelegramPerson) -> None:
    got = event(lan.films("clip", size=7))
    assert [(ref.kind, ref.ref, ref.size, ref.mime) for ref in got.media] == [
        ("video", "clip", 7, "video/mp4")
    ]


@pytest.mark.parametrize(("mime", "kind"), [("image/png", "photo"), ("video/quicktime", "video")])
def test_a_photo_or_video_sent_as_a_file_is_media(
    lan: TelegramPerson, mime: str, kind: str
) -> None:
    document = {"file_id": "d", "file_unique_id": "u", "mime_type": mime}
    got = event(lan.message(document=document, caption="đây"))
    assert (got.kind, got.text, got.media[0].kind) == (Kind.MEDIA, "đây", kind)


def test_a_document_is_media_with_its_name(lan: TelegramPerson) -> None:
    document = {**FILE, "mime_type": "application/pdf", "file_name": "Đơn.pdf", "file_size": 9}
    got = event(lan.message(document=document, caption="đơn của tôi"))
    assert (got.kind, got.text) == (Kind.MEDIA, "đơn của tôi")
    (ref,) = got.media
    assert (ref.kind, ref.ref, ref.name, ref.size) == ("file", "x", "Đơn.pdf", 9)


FILE = {"file_id": "x", "file_unique_id": "ux"}


@pytest.mark.parametrize(
    "content",
    [
        {"voice": {**FILE, "duration": 3}},
        {"audio": {**FILE, "duration": 3}},
        {"document": {**FILE, "mime_type": "application/zip"}},
        {
            "sticker": {
                **FILE,
                "type": "regular",
                "width": 9,
                "height": 9,
                "is_animated": False,
                "is_video": False,
            }
        },
        {
            "animation": {**FILE, "width": 9, "height": 9, "duration": 1},
            "document": {**FILE, "mime_type": "video/mp4"},
        },
        {"dice": {"emoji": "🎲", "value": 3}},
    ],
    ids=lambda content: next(iter(content)),
)
def test_what_the_bot_cannot_read_is_unsupported(
    lan: TelegramPerson, content: dict[str, Any]
) -> None:
    assert event(lan.message(**content)).kind is Kind.UNSUPPORTED


@pytest.mark.parametrize(
    "note", [{"new_chat_title": "x"}, {"delete_chat_photo": True}, {"group_chat_created": True}]
)
def test_telegrams_own_notes_say_nothing(lan: TelegramPerson, note: dict[str, Any]) -> None:
    assert read(lan.message(**note)) is None


def test_a_location_is_a_location(lan: TelegramPerson) -> None:
    got = event(lan.is_at(9.99098, 105.1))
    assert (got.kind, got.location) == (
        Kind.LOCATION,
        Location(latitude=9.99098, longitude=105.1),
    )


def test_a_chosen_place_brings_its_name_along(lan: TelegramPerson) -> None:
    place = {"latitude": 10.0, "longitude": 105.0}
    venue = {"location": place, "title": "Chợ Rạch Sỏi", "address": "Mai Thị Hồng Hạnh"}
    got = event(lan.message(location=place, venue=venue))
    assert (got.kind, got.text) == (Kind.LOCATION, "Chợ Rạch Sỏi, Mai Thị Hồng Hạnh")


def test_only_ones_own_number_counts_as_own(lan: TelegramPerson) -> None:
    own = event(lan.shares_contact("84912345678"))
    other = event(lan.shares_contact("84900000000", owner=556))
    assert own.kind is Kind.CONTACT
    assert own.contact is not None
    assert (own.contact.phone, own.contact.own, own.contact.name) == ("84912345678", True, "Lan")
    assert other.contact is not None
    assert other.contact.own is False


def test_a_press_carries_its_payload(lan: TelegramPerson) -> None:
    got = event(lan.presses("d:report:send"))
    assert (got.kind, got.payload, got.chat_id) == (Kind.PRESS, "d:report:send", "555")
    assert got.sent_at == NOW
    assert got.group is None


def test_a_press_in_the_group_names_the_person_and_the_card(officer: TelegramPerson) -> None:
    got = event(officer.presses("s:take:PA-7K3M", message_id=31))
    assert got.chat_id == str(STAFF)
    assert got.group is not None
    assert (got.group.sender_id, got.group.message_id) == (77, "31")


def test_a_reply_in_the_group_names_what_it_answers(officer: TelegramPerson) -> None:
    card = officer.says("Phản ánh PA-7K3M")["message"]
    card["from"] = {"id": 42, "is_bot": True, "first_name": "Cầu Nối"}
    got = event(officer.says("Đã cho người đến xem", reply_to_message=card))
    assert got.group is not None
    assert got.group.reply_to == str(card["message_id"])
    assert got.group.reply_to_text == "Phản ánh PA-7K3M"


def test_the_words_of_another_person_are_not_passed_for_those_of_a_card(
    officer: TelegramPerson,
) -> None:
    words = officer.says("PA-7K3M, mình tự viết")["message"]
    got = event(officer.says("Xong", reply_to_message=words))
    assert got.group is not None
    assert (got.group.reply_to, got.group.reply_to_text) == (str(words["message_id"]), None)


def test_in_a_topic_the_message_that_opened_it_is_not_what_one_replies_to(
    officer: TelegramPerson,
) -> None:
    opening = officer.message(forum_topic_created={"name": "PA", "icon_color": 1})["message"]
    got = event(officer.says("Đã chuyển", message_thread_id=7, reply_to_message=opening))
    assert got.group is not None
    assert got.group.reply_to is None


def test_start_in_a_group_is_a_text(officer: TelegramPerson) -> None:
    assert event(officer.says("/start")).kind is Kind.TEXT


def test_both_notes_of_a_migration_become_events_of_the_old_group() -> None:
    old, new = -4_001, STAFF
    in_old = TelegramPerson(77, group=old).message(migrate_to_chat_id=new)
    in_new = TelegramPerson(77, group=new).message(migrate_from_chat_id=old)
    for update in (in_old, in_new):
        got = event(update)
        assert (got.kind, got.chat_id) == (Kind.MEMBERSHIP, str(old))
        assert got.group is not None
        assert got.group.migrated_to == str(new)


def test_the_bots_standing_in_a_group_is_an_event(officer: TelegramPerson) -> None:
    got = event(officer.changes_membership("left", "member"))
    assert (got.kind, got.payload) == (Kind.MEMBERSHIP, "member")
    assert got.group is not None
    assert got.group.sender_id == 77


def test_someone_who_blocks_the_bot_says_nothing(lan: TelegramPerson) -> None:
    assert read(lan.changes_membership("member", "kicked")) is None


def test_channels_and_inline_queries_say_nothing(lan: TelegramPerson) -> None:
    post = lan.says("tin tức")["message"]
    post["chat"] = {"id": -1_000_000_009_000, "type": "channel", "title": "Tin"}
    query = {"id": "q", "from": post["from"], "query": "x", "offset": ""}
    assert read({"update_id": 1, "channel_post": post}) is None
    assert read({"update_id": 2, "message": post}) is None
    assert read({"update_id": 3, "edited_message": post}) is None
    assert read({"update_id": 4, "inline_query": query}) is None
    assert read({"update_id": 5}) is None


def test_only_groups_count_as_groups(lan: TelegramPerson, officer: TelegramPerson) -> None:
    assert group_of(read_update(lan.says("a"))) is None
    assert group_of(read_update(officer.says("a"))) == STAFF
    assert group_of(read_update(officer.presses("a"))) == STAFF


def test_characters_that_no_database_keeps_are_dropped(lan: TelegramPerson) -> None:
    assert event(lan.says("a\x00b\ud800c")).text == "ab\ufffdc"


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "1"},
        {"update_id": True},
        {"update_id": -1},
        {"update_id": 2**63},
        {"update_id": 1, "message": {"message_id": 1}},
        {"update_id": 1, "message": "text"},
    ],
)
def test_what_is_not_of_the_form_is_named_so(update: dict[str, Any]) -> None:
    with pytest.raises(UnreadableUpdate):
        read_update(update)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["message", "edited_message", "callback_query"]), ANYTHING)
def test_no_update_whatever_breaks_the_reader(part: str, value: Any) -> None:
    try:
        read({"update_id": 1, part: value})
    except UnreadableUpdate:
        return
