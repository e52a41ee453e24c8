"""What a chat shows of what was to be said."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.base import ChatUnreachable, TryLater, Undeliverable
from bot.channels.telegram import TelegramChannel
from bot.media import MediaStore
from bot.messages import Button, Kind, Outgoing, StoredMedia
from bot.rendering import render
from tests.fakes.telegram import FakeTelegram
from tests.integration.channels.conftest import STAFF, Inbox
from tests.office_files import PDF


def picture(width: int = 40, height: int = 30) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "JPEG")
    return file.getvalue()


def stored(tmp_path: Path, content: bytes, kind: str = "photo") -> StoredMedia:
    path = tmp_path / "media" / "evidence.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return StoredMedia.model_validate(
        {"kind": kind, "path": "evidence.jpg", "mime": "image/jpeg", "size": len(content)}
    )


async def test_a_text_arrives_as_it_is_and_the_library_warns_of_nothing(
    channel: TelegramChannel, telegram: FakeTelegram, recwarn: pytest.WarningsRecorder
) -> None:
    sent_id = await channel.send("5", Outgoing(text="Chào bạn, *không* có <b>định dạng</b>"))
    (shown,) = telegram.sent(5)
    assert shown.text == "Chào bạn, *không* có <b>định dạng</b>"
    assert sent_id == str(shown.message_id)
    assert not recwarn.list


async def test_buttons_carry_payloads_and_links_and_numbers_stand_in_the_text(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    buttons = (
        Button(title="Gửi", payload="d:report:send"),
        Button(title="Cổng dịch vụ công", url="https://dichvucong.gov.vn"),
        Button(title="Cứu hỏa", phone="114"),
    )
    await channel.send("5", Outgoing(text="Chọn nhé", buttons=buttons))
    (shown,) = telegram.sent(5)
    assert shown.text == "Chọn nhé\nCứu hỏa: 114"
    assert shown.reply_markup == {
        "inline_keyboard": [
            [{"text": "Gửi", "callback_data": "d:report:send"}],
            [{"text": "Cổng dịch vụ công", "url": "https://dichvucong.gov.vn"}],
        ]
    }


async def test_a_payload_beyond_64_bytes_is_refused_before_it_is_sent(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    long = Outgoing(text="x", buttons=(Button(title="x", payload="đ" * 33),))
    with pytest.raises(Undeliverable, match="button_data_too_long"):
        await channel.send("5", long)
    assert telegram.calls == {}


async def test_a_place_is_asked_for_with_a_key_that_goes_away(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    await channel.send("5", Outgoing(text="Ở đâu vậy bạn?", ask="location"))
    await channel.send("5", Outgoing(text="Cảm ơn bạn"))
    asked, thanked = telegram.sent(5)
    assert asked.reply_markup is not None
    assert asked.reply_markup["keyboard"] == [[{"text": "Gửi vị trí", "request_location": True}]]
    assert asked.reply_markup["one_time_keyboard"] is True
    assert thanked.reply_markup == {"remove_keyboard": True}


async def test_a_question_with_choices_keeps_them_and_gets_the_sharing_key_below(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    skip = Button(title="Bỏ qua", payload="d:report:skip")
    await channel.send("5", Outgoing(text="Số điện thoại?", ask="contact", buttons=(skip,)))
    question, key = telegram.sent(5)
    assert question.reply_markup is not None
    assert question.reply_markup["inline_keyboard"][0][0]["callback_data"] == "d:report:skip"
    assert key.reply_markup is not None
    assert key.reply_markup["keyboard"][0][0]["request_contact"] is True


async def test_groups_are_asked_for_nothing(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    await channel.send(str(STAFF), Outgoing(text="Thẻ", ask="location"))
    assert telegram.sent(STAFF)[0].reply_markup is None


async def test_a_photo_goes_with_its_caption(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    content = picture()
    media = (stored(tmp_path, content),)
    await channel.send("5", Outgoing(text="ổ gà", media=media))
    (shown,) = telegram.sent(5)
    assert (shown.method, shown.text, shown.upload_size) == ("sendPhoto", "ổ gà", len(content))


async def test_a_photo_that_telegram_takes_for_none_goes_as_a_file(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    media = (stored(tmp_path, picture(2_100, 100)),)
    await channel.send("5", Outgoing(media=media))
    assert telegram.sent(5)[0].method == "sendDocument"


async def test_a_photo_beyond_ten_megabytes_goes_as_a_file(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    media = (stored(tmp_path, picture() + b"\0" * 10_000_000),)
    await channel.send("5", Outgoing(media=media))
    assert telegram.sent(5)[0].method == "sendDocument"


async def test_a_video_goes_as_a_video(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    await channel.send("5", Outgoing(media=(stored(tmp_path, b"film", "video"),)))
    assert telegram.sent(5)[0].method == "sendVideo"


async def test_a_document_goes_under_its_own_name_with_its_caption(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    media = MediaStore(tmp_path / "media").add("file", PDF, "Đơn xin.pdf")
    await channel.send("5", Outgoing(text="Mẫu đơn đây", media=(media,)))
    (shown,) = telegram.sent(5)
    assert (shown.method, shown.text) == ("sendDocument", "Mẫu đơn đây")
    assert telegram.uploads[shown.message_id] == PDF


async def test_several_pictures_are_one_album(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    store = MediaStore(tmp_path / "media")
    media = tuple(store.add("photo", picture(width)) for width in (40, 50, 60))
    (rendered,) = render(Outgoing(text="Đã vá xong", media=media), channel.capabilities)
    sent_id = await channel.send("5", rendered)
    shown = telegram.sent(5)
    assert [(one.method, one.text) for one in shown] == [
        ("sendMediaGroup", "Đã vá xong"),
        ("sendMediaGroup", ""),
        ("sendMediaGroup", ""),
    ]
    assert len({one.album for one in shown}) == 1
    assert sent_id == str(shown[0].message_id)


async def test_an_album_with_a_picture_that_telegram_takes_for_none_goes_one_by_one(
    channel: TelegramChannel, telegram: FakeTelegram, tmp_path: Path
) -> None:
    store = MediaStore(tmp_path / "media")
    media = tuple(store.add("photo", picture(*size)) for size in ((40, 30), (2500, 20)))
    await channel.send("5", Outgoing(text="Đã vá xong", media=media))
    shown = telegram.sent(5)
    assert [(one.method, one.text) for one in shown] == [
        ("sendPhoto", "Đã vá xong"),
        ("sendDocument", ""),
    ]


async def test_media_that_are_gone_and_empty_texts_are_undeliverable(
    channel: TelegramChannel, tmp_path: Path
) -> None:
    media = stored(tmp_path, b"x")
    (tmp_path / "media" / media.path).unlink()
    with pytest.raises(Undeliverable, match="media_missing"):
        await channel.send("5", Outgoing(media=(media,)))
    with pytest.raises(Undeliverable, match="text_empty"):
        await channel.send("5", Outgoing())
    with pytest.raises(Undeliverable, match="chat_id_unreadable"):
        await channel.send("someone", Outgoing(text="x"))


async def test_rendered_parts_of_a_long_text_all_pass(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    text = "Đường ngập sâu. " * 700
    phone = Button(title="Cứu hộ", phone="112")
    for part in render(Outgoing(text=text, buttons=(phone,)), channel.capabilities):
        await channel.send("5", part)
    assert " ".join(telegram.texts(5)).count("Đường ngập sâu.") == 700
    assert telegram.texts(5)[-1].endswith("Cứu hộ: 112")


async def test_an_answer_names_what_it_answers(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    await channel.send(str(STAFF), Outgoing(text="Đã gửi tới người dân", reply_to="31"))
    assert telegram.sent(STAFF)[0].reply_to == 31


async def test_an_edit_changes_the_message_and_twice_the_same_is_well(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    card = await channel.send(str(STAFF), Outgoing(text="Mới"))
    assert await channel.send(str(STAFF), Outgoing(text="Đã nhận", edit=card)) == card
    assert await channel.send(str(STAFF), Outgoing(text="Đã nhận", edit=card)) == card
    (shown,) = telegram.sent(STAFF)
    assert (shown.text, shown.earlier_texts) == ("Đã nhận", ["Mới"])


async def test_an_edit_of_a_message_that_is_gone_is_undeliverable(
    channel: TelegramChannel,
) -> None:
    with pytest.raises(Undeliverable, match="message_to_edit_gone"):
        await channel.send(str(STAFF), Outgoing(text="x", edit="404"))


async def test_someone_who_blocked_the_bot_is_out_of_reach(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    telegram.blocked.add(5)
    with pytest.raises(ChatUnreachable):
        await channel.send("5", Outgoing(text="x"))


@pytest.mark.parametrize(
    ("status", "description", "parameters", "after"),
    [
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}, 7.0),
        (500, "Internal Server Error", {}, None),
        (502, "Bad Gateway", {}, None),
        (0, "", {}, None),
        (404, "Not Found", {}, 60.0),  # what a token that is known no more is answered
    ],
)
async def test_what_passes_is_tried_later(
    channel: TelegramChannel,
    telegram: FakeTelegram,
    status: int,
    description: str,
    parameters: dict[str, int],
    after: float | None,
) -> None:
    telegram.fail("sendMessage", status, description, parameters=parameters)
    with pytest.raises(TryLater) as caught:
        await channel.send("5", Outgoing(text="x"))
    assert caught.value.after == after


async def test_a_group_that_became_a_supergroup_is_followed_and_the_desk_is_told(
    channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    new = -1_000_000_004_001
    telegram.migrated[STAFF] = new
    await channel.send(str(STAFF), Outgoing(text="Thẻ một"))
    await channel.send(str(STAFF), Outgoing(text="Thẻ hai"))
    assert telegram.texts(new) == ["Thẻ một", "Thẻ hai"]
    (event,) = inbox.events
    assert (event.kind, event.chat_id) == (Kind.MEMBERSHIP, str(STAFF))
    assert event.group is not None
    assert event.group.migrated_to == str(new)


async def test_a_refusal_is_recorded_without_the_words_that_were_refused(
    channel: TelegramChannel, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.fail("sendMessage", 400, "Bad Request: can't parse «chị Bí Mật, 0912345678»")
    with pytest.raises(Undeliverable) as caught:
        await channel.send("5", Outgoing(text="chị Bí Mật, 0912345678"))
    assert caught.value.reason == "refused"
    assert "Bí Mật" not in caplog.text + str(caught.value)
    assert "TEST-token" not in caplog.text
