"""What each event of a Zalo Official Account becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo_oa.events import READERS, UnreadableEvent, incoming
from bot.messages import Incoming, Kind, Location
from tests.fakes.zalo_events import BEGINNING, ZaloPerson

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def event(raw: dict[str, Any]) -> Incoming:
    found = incoming(raw, NOW)
    assert found is not None
    return found


@pytest.fixture
def lan() -> ZaloPerson:
    return ZaloPerson("880001")


def test_a_text_keeps_its_words_its_chat_and_its_id(lan: ZaloPerson) -> None:
    raw = lan.says("Nước yếu cả tuần")
    got = event(raw)
    assert (got.kind, got.text, got.chat_id) == (Kind.TEXT, "Nước yếu cả tuần", "880001")
    assert (got.channel, got.event_id) == ("zalo_oa", raw["message"]["msg_id"])
    assert got.sort_key == BEGINNING + 1000
    assert got.sent_at == datetime.fromtimestamp(got.sort_key / 1000, UTC)


def test_a_timestamp_that_is_none_is_replaced_by_the_time(lan: ZaloPerson) -> None:
    assert event({**lan.says("x"), "timestamp": "12"}).sent_at == NOW


def test_a_tapped_button_is_a_press(lan: ZaloPerson) -> None:
    got = event(lan.presses("d:report:send"))
    assert (got.kind, got.payload, got.text) == (Kind.PRESS, "d:report:send", "")


def test_a_typed_hash_is_a_text(lan: ZaloPerson) -> None:
    assert event(lan.says("#phananh ổ gà")).kind is Kind.TEXT


def test_a_photo_is_media_with_its_words(lan: ZaloPerson) -> None:
    got = event(lan.photographs("https://z.example/f.jpg", "ổ gà"))
    assert (got.kind, got.text) == (Kind.MEDIA, "ổ gà")
    assert [(ref.kind, ref.ref) for ref in got.media] == [("photo", "https://z.example/f.jpg")]


def test_the_photos_of_one_moment_may_be_joined_and_those_of_another_person_not() -> None:
    first = event(ZaloPerson("1", iter([600])).photographs("https://z.example/1.jpg"))
    second = event(ZaloPerson("1", iter([602])).photographs("https://z.example/2.jpg"))
    later = event(ZaloPerson("1", iter([900])).photographs("https://z.example/3.jpg"))
    other = event(ZaloPerson("2", iter([601])).photographs("https://z.example/4.jpg"))
    assert first.group_key == second.group_key
    assert len({first.group_key, later.group_key, other.group_key}) == 3


@pytest.mark.parametrize(("kind", "media"), [("gif", "photo"), ("video", "video")])
def test_moving_pictures_are_media(lan: ZaloPerson, kind: str, media: str) -> None:
    got = event(lan.attaches(kind, {"url": "https://z.example/f", "thumbnail": "t"}))
    assert (got.kind, got.media[0].kind) == (Kind.MEDIA, media)


def test_a_location_comes_as_strings_and_brings_its_name(lan: ZaloPerson) -> None:
    got = event(lan.is_at("10.0123", "105.0809", "Chợ Rạch Sỏi"))
    assert (got.kind, got.text) == (Kind.LOCATION, "Chợ Rạch Sỏi")
    assert got.location == Location(latitude=10.0123, longitude=105.0809)


def test_a_link_is_a_text(lan: ZaloPerson) -> None:
    payload = {"url": "https://bao.example/tin", "description": "…"}
    assert event(lan.attaches("link", payload, "xem nè")).text == "xem nè"
    assert event(lan.attaches("link", payload)).text == "https://bao.example/tin"


@pytest.mark.parametrize("kind", ["audio", "sticker", "file", "business_card"])
def test_what_the_bot_cannot_read_is_unsupported(lan: ZaloPerson, kind: str) -> None:
    assert event(lan.attaches(kind, {"url": "https://z.example/x"})).kind is Kind.UNSUPPORTED


def test_a_document_is_media_with_its_name(lan: ZaloPerson) -> None:
    payload = {"url": "https://z.example/f", "name": "Đơn.PDF", "size": "9", "type": "pdf"}
    got = event(lan.attaches("file", payload))
    (ref,) = got.media
    assert (got.kind, ref.kind, ref.name) == (Kind.MEDIA, "file", "Đơn.PDF")
    other = event(lan.attaches("file", {**payload, "name": "nhac.mp3"}))
    assert other.kind is Kind.UNSUPPORTED


def test_following_and_opening_the_chat_open_it(lan: ZaloPerson) -> None:
    followed, opened = event(lan.follows()), event(lan.opens_chat())
    assert followed.kind is opened.kind is Kind.OPENED
    assert followed.chat_id == opened.chat_id == "880001"
    assert followed.event_id != opened.event_id


def test_the_same_follow_delivered_twice_is_one_event(lan: ZaloPerson) -> None:
    raw = lan.follows()
    assert event(raw).event_id == event(dict(raw)).event_id


def test_a_withdrawal_asks_to_erase(lan: ZaloPerson) -> None:
    got = event(lan.withdraws())
    assert (got.kind, got.chat_id) == (Kind.ERASE, "880001")


def test_a_person_who_writes_in_zalos_console_takes_the_chat_over(lan: ZaloPerson) -> None:
    got = event(lan.is_answered("Chào anh, để em xem", admin_id="99"))
    assert (got.kind, got.chat_id, got.text) == (Kind.TAKEN_OVER, "880001", "")


def test_the_echo_of_the_bots_own_words_takes_nothing_over(lan: ZaloPerson) -> None:
    assert incoming(lan.is_answered("Mã của bạn là PA-7K3M"), NOW) is None


@pytest.mark.parametrize(
    "info",
    [
        {"name": "Trần Lan", "phone": "84912345678", "address": "1 Lê Lợi", "city": "Kiên Giang"},
        {"name": "Trần Lan", "phone": 84912345678, "full_address": {"user_ward": "Rạch Giá"}},
    ],
    ids=["old", "new"],
)
def test_submitted_details_are_a_contact_in_both_shapes(
    lan: ZaloPerson, info: dict[str, Any]
) -> None:
    got = event(lan.submits_info(**info))
    assert (got.kind, got.chat_id) == (Kind.CONTACT, "880001")
    assert got.contact is not None
    assert (got.contact.phone, got.contact.name) == ("84912345678", "Trần Lan")
    assert got.contact.own is True


def test_what_says_nothing_to_the_conversation_is_left_out(lan: ZaloPerson) -> None:
    stranger = {**lan.says("x"), "event_name": "anonymous_send_text"}
    for raw in (
        lan.has_seen(),
        lan.reacts(),
        lan.unfollows(),
        lan.submits_info(name="Lan"),
        stranger,
        {"event_name": "something_new", "timestamp": "1"},
    ):
        assert incoming(raw, NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "soon"},
        {"timestamp": str(2**63)},
        {"sender": {}},
        {"sender": {"id": None}},
        {"sender": {"id": ""}},
        {"message": None},
        {"event_name": 7},
    ],
)
def test_what_is_not_of_the_form_is_named_so(lan: ZaloPerson, change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent):
        incoming({**lan.says("x"), **change}, NOW)


@pytest.mark.parametrize("latitude", ["nan", "91", "-90.5", "inf", "chỗ kia"])
def test_a_place_that_is_nowhere_is_not_of_the_form(lan: ZaloPerson, latitude: str) -> None:
    with pytest.raises(UnreadableEvent):
        incoming(lan.is_at(latitude, "105"), NOW)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*READERS, "oa_send_text"]), ANYTHING, ANYTHING)
def test_no_event_whatever_breaks_the_reader(name: str, message: Any, sender: Any) -> None:
    raw = {"event_name": name, "message": message, "sender": sender, "timestamp": "1"}
    try:
        incoming(raw, NOW)
    except UnreadableEvent:
        return
