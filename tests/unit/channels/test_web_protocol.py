"""What the page may send, and what becomes of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.protocol import (
    MEDIA_LIMIT,
    TEXT_LIMIT,
    BadFrame,
    FrameReader,
    Hello,
    Message,
    Ping,
    Seen,
    message_frame,
    own_frame,
    wait_s,
)
from bot.messages import Button, Incoming, Kind, MediaRef, Outgoing, StoredMedia

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ID = "3f2a9c0d11"
PHOTO = MediaRef(kind="photo", ref="a-photo")


def reader() -> FrameReader:
    return FrameReader("chat-a", {"a-photo": PHOTO}.get)


def read(**frame: Any) -> Incoming:
    found = reader().read(json.dumps({"id": ID, "order": 7, **frame}), NOW)
    assert isinstance(found, Message)
    return found.incoming


def refusal(**frame: Any) -> BadFrame:
    with pytest.raises(BadFrame) as caught:
        reader().read(json.dumps({"id": ID, "order": 7, **frame}), NOW)
    return caught.value


def test_a_text_carries_the_chat_in_its_event_id_and_the_pages_order() -> None:
    incoming = read(type="text", text="  ổ gà to tướng  ")
    assert (incoming.channel, incoming.chat_id, incoming.event_id) == (
        "web",
        "chat-a",
        f"chat-a:{ID}",
    )
    assert (incoming.kind, incoming.text, incoming.sort_key) == (Kind.TEXT, "ổ gà to tướng", 7)


def test_a_press_carries_payload_and_the_words_on_the_button() -> None:
    incoming = read(type="press", payload="d:menu:report", title="Gửi phản ánh")
    assert (incoming.kind, incoming.payload, incoming.text) == (
        Kind.PRESS,
        "d:menu:report",
        "Gửi phản ánh",
    )


def test_a_photo_needs_an_upload_of_this_chat() -> None:
    assert read(type="media", refs=["a-photo"], text="đây").media == (PHOTO,)
    assert refusal(type="media", refs=["a-photo", "somebody-elses"]).code == "media_unknown"


def test_a_location_and_a_phone_number_are_read() -> None:
    location = read(type="location", latitude=10, longitude=105.08).location
    assert location is not None
    assert (location.latitude, location.longitude) == (10.0, 105.08)
    contact = read(type="contact", phone=" 0912 345 678 ").contact
    assert contact is not None
    assert (contact.phone, contact.own) == ("0912 345 678", True)


def test_hello_seen_and_ping_are_read() -> None:
    frames = ('{"type":"hello","last":3}', '{"type":"seen","ids":[1,2]}', '{"type":"ping"}')
    assert [reader().read(frame, NOW) for frame in frames] == [Hello(3), Seen((1, 2)), Ping()]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "text", "text": "   "}, "empty"),
        ({"type": "text", "text": "a" * (TEXT_LIMIT + 1)}, "too_long"),
        ({"type": "text", "text": 5}, "unreadable"),
        ({"type": "text", "text": "a", "order": -1}, "unreadable"),
        ({"type": "text", "text": "a", "order": 2**53}, "unreadable"),
        ({"type": "text", "text": "a", "order": True}, "unreadable"),
        ({"type": "press", "payload": ""}, "unreadable"),
        ({"type": "press", "payload": "x" * 65}, "unreadable"),
        ({"type": "press", "payload": "d:\x00"}, "unreadable"),
        ({"type": "press", "payload": "d:a", "title": "x" * 201}, "too_long"),
        ({"type": "media", "refs": []}, "unreadable"),
        ({"type": "media", "refs": ["a-photo"] * (MEDIA_LIMIT + 1)}, "unreadable"),
        ({"type": "location", "latitude": 91, "longitude": 0}, "unreadable"),
        ({"type": "location", "latitude": "10", "longitude": 0}, "unreadable"),
        ({"type": "location", "latitude": float("nan"), "longitude": 0}, "unreadable"),
        ({"type": "contact", "phone": "chưa có"}, "bad_phone"),
        ({"type": "taken_over"}, "unreadable"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name_with_the_pages_id(
    frame: dict[str, Any], code: str
) -> None:
    refused = refusal(**frame)
    assert (refused.code, refused.id) == (code, ID)


@pytest.mark.parametrize("client_id", [None, 5, "", "short", "x" * 41, "a:b:c:d:e:f", "ổ gà ổ gà"])
def test_an_id_that_is_not_the_pages_own_is_refused(client_id: object) -> None:
    refused = refusal(type="text", text="a", id=client_id)
    assert (refused.code, refused.id) == ("unreadable", None)


@pytest.mark.parametrize(
    "data", ["", "{", "[]", '"text"', "null", '{"type":"hello"}', '{"type":"seen","ids":["1"]}']
)
def test_what_is_no_frame_is_refused(data: str) -> None:
    with pytest.raises(BadFrame, match="unreadable"):
        reader().read(data, NOW)


@given(
    st.dictionaries(
        st.sampled_from(["type", "id", "order", "text", "ids", "last", "refs", "phone", "payload"]),
        st.one_of(
            st.sampled_from(["text", "press", "media", "contact", "location", ID]),
            st.integers(),
            st.text(),
            st.lists(st.one_of(st.text(), st.integers())),
            st.none(),
        ),
    )
)
def test_any_object_is_either_read_or_refused_by_name(frame: dict[str, Any]) -> None:
    with suppress(BadFrame):
        assert reader().read(json.dumps(frame), NOW)


def test_letters_no_database_can_store_do_not_reach_the_inbox() -> None:
    assert read(type="text", text="a\x00b\ud83d").text == "ab\ufffd"


def test_an_outgoing_message_names_files_by_address_and_never_by_path() -> None:
    media = (StoredMedia(kind="photo", path="ab/secret.jpg", mime="image/jpeg", size=1),)
    message = Outgoing(
        text="xong",
        media=media,
        ask="location",
        buttons=(Button(title="Gọi", phone="114"), Button(title="Gửi", payload="d:a")),
    )
    frame = message_frame(12, "officer", NOW, message)
    assert frame == {
        "type": "message",
        "id": 12,
        "author": "officer",
        "at": "2026-11-02T01:00:00+00:00",
        "text": "xong",
        "buttons": [{"title": "Gọi", "phone": "114"}, {"title": "Gửi", "payload": "d:a"}],
        "ask": "location",
        "media": [{"kind": "photo", "src": "/chat/media/12/0"}],
    }


def test_a_message_says_that_a_person_has_the_chat() -> None:
    assert message_frame(12, "system", NOW, Outgoing(text="a"), person=True)["person"] is True
    assert "person" not in message_frame(12, "bot", NOW, Outgoing(text="a"))


def test_an_own_message_is_shown_again_with_the_pages_id() -> None:
    frame = own_frame(read(type="contact", phone="0912345678"))
    assert frame is not None
    assert (frame["id"], frame["kind"], frame["text"]) == (ID, "contact", "0912345678")
    frame = own_frame(read(type="media", refs=["a-photo"]))
    assert frame is not None
    assert frame["media"] == [{"kind": "photo", "src": "/chat/uploads/a-photo"}]


@pytest.mark.parametrize(("after", "told"), [(0.001, 0.1), (0.94, 1.0), (1.0, 1.0), (2.01, 2.1)])
def test_nobody_is_told_to_come_back_before_the_time(after: float, told: float) -> None:
    assert wait_s(after) == told
