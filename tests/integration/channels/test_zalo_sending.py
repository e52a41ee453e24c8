"""What a Zalo chat shows of what was to be said."""

from __future__ import annotations

import io
import logging
import random
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.base import ChatUnreachable, SendError, TryLater, Undeliverable
from bot.channels.zalo_oa import ZaloOaChannel
from bot.media import MediaStore
from bot.messages import Button, Outgoing, StoredMedia
from bot.rendering import render
from tests.fakes.zalo import FakeZalo
from tests.integration.channels.conftest import Inbox, MakeZalo
from tests.office_files import PDF

LAN = "880001"


def stored(tmp_path: Path, width: int, kind: str = "photo") -> StoredMedia:
    pixels = random.Random(7).randbytes(width * width * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (width, width), pixels).save(file, "JPEG", quality=95)
    path = tmp_path / "media" / "evidence.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(file.getvalue())
    return StoredMedia.model_validate(
        {"kind": kind, "path": path.name, "mime": "image/jpeg", "size": file.tell()}
    )


async def test_a_text_arrives_as_it_is(zalo_channel: ZaloOaChannel, zalo: FakeZalo) -> None:
    sent_id = await zalo_channel.send(LAN, Outgoing(text="Chào bạn"))
    (shown,) = zalo.sent(LAN)
    assert shown.message == {"text": "Chào bạn"}
    assert sent_id == shown.message_id


async def test_buttons_come_back_as_presses_and_numbers_can_be_called(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    buttons = (
        Button(title="Gửi", payload="d:report:send"),
        Button(title="Cổng dịch vụ công", url="https://dichvucong.gov.vn"),
        Button(title="Gọi 114", phone="114"),
    )
    await zalo_channel.send(LAN, Outgoing(text="Chọn nhé", buttons=buttons))
    (shown,) = zalo.sent(LAN)
    assert shown.message["attachment"]["payload"]["buttons"] == [
        {"title": "Gửi", "type": "oa.query.hide", "payload": "#p:d:report:send"},
        {
            "title": "Cổng dịch vụ công",
            "type": "oa.open.url",
            "payload": {"url": "https://dichvucong.gov.vn"},
        },
        {"title": "Gọi 114", "type": "oa.open.phone", "payload": {"phone_code": "114"}},
    ]


async def test_six_choices_are_numbered_and_pass(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    buttons = tuple(Button(title=f"Lựa chọn {n}", payload=f"d:{n}") for n in range(1, 7))
    for part in render(Outgoing(text="Chọn nhé", buttons=buttons), zalo_channel.capabilities):
        await zalo_channel.send(LAN, part)
    assert "6. Lựa chọn 6" in zalo.texts(LAN)[0]


async def test_rendered_parts_of_a_long_text_all_pass(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    for part in render(Outgoing(text="Đường ngập sâu. " * 400), zalo_channel.capabilities):
        await zalo_channel.send(LAN, part)
    assert " ".join(zalo.texts(LAN)).count("Đường ngập sâu.") == 400


async def test_a_contact_is_asked_for_with_zalos_card(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    await zalo_channel.send(LAN, Outgoing(text="Bạn để lại số nhé", ask="contact"))
    question, card = zalo.sent(LAN)
    assert question.text == "Bạn để lại số nhé"
    payload = card.message["attachment"]["payload"]
    assert payload["template_type"] == "request_user_info"
    assert payload["elements"][0]["image_url"].startswith("https://caunoi.example/")


async def test_without_a_public_address_the_question_is_only_a_text(
    make_zalo: MakeZalo, zalo: FakeZalo, inbox: Inbox
) -> None:
    channel = make_zalo(public_url="")
    async with asynccontextmanager(channel.running)(inbox.accept):
        await channel.send(LAN, Outgoing(text="Bạn để lại số nhé", ask="contact"))
    assert zalo.texts(LAN) == ["Bạn để lại số nhé"]


async def test_a_document_is_uploaded_and_its_words_go_beside_it(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, tmp_path: Path
) -> None:
    media = MediaStore(tmp_path / "media").add("file", PDF, "Đơn.pdf")
    message = Outgoing(text="Đơn đây", media=(media,))
    for part in render(message, zalo_channel.capabilities):
        await zalo_channel.send(LAN, part)
    said = [shown.message for shown in zalo.sent(LAN)]
    assert {"text": "Đơn đây"} in said
    assert {"attachment": {"type": "file", "payload": {"token": "token-1"}}} in said
    assert zalo.uploads == {"token-1": PDF}


async def test_a_photo_is_shrunk_uploaded_and_shown_with_its_words(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, tmp_path: Path
) -> None:
    media = stored(tmp_path, 1600)
    assert media.size > 1024 * 1024
    await zalo_channel.send(LAN, Outgoing(text="Đã vá xong", media=(media,)))
    (shown,) = zalo.sent(LAN)
    assert shown.text == "Đã vá xong"
    assert shown.message["attachment"]["payload"]["template_type"] == "media"
    assert [len(content) <= 1024 * 1024 for content in zalo.uploads.values()] == [True]


async def test_of_a_video_only_the_words_are_said(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, tmp_path: Path
) -> None:
    video = stored(tmp_path, 10, "video")
    await zalo_channel.send(LAN, Outgoing(text="Đã sửa", media=(video,)))
    assert [shown.message for shown in zalo.sent(LAN)] == [{"text": "Đã sửa"}]
    with pytest.raises(Undeliverable, match="nothing_to_say"):
        await zalo_channel.send(LAN, Outgoing(media=(video,)))


async def test_a_photo_that_is_gone_is_undeliverable(
    zalo_channel: ZaloOaChannel, tmp_path: Path
) -> None:
    media = stored(tmp_path, 10)
    (tmp_path / "media" / media.path).unlink()
    with pytest.raises(Undeliverable, match="media_missing"):
        await zalo_channel.send(LAN, Outgoing(media=(media,)))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-230, Undeliverable),
        (-213, ChatUnreachable),
        (-32, TryLater),
        (-211, TryLater),
        (-99, TryLater),
    ],
)
async def test_a_refusal_has_its_consequence(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, code: int, kind: type[SendError]
) -> None:
    zalo.refusing[LAN] = code
    with pytest.raises(SendError) as caught:
        await zalo_channel.send(LAN, Outgoing(text="x"))
    assert type(caught.value) is kind


async def test_a_token_that_expired_is_renewed_and_the_message_arrives(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    await zalo_channel.send(LAN, Outgoing(text="một"))
    zalo.expire_access_tokens()
    await zalo_channel.send(LAN, Outgoing(text="hai"))
    assert zalo.texts(LAN) == ["một", "hai"]
    assert zalo.calls["oauth"] == 2


async def test_a_photo_survives_a_token_that_expired(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, tmp_path: Path
) -> None:
    await zalo_channel.send(LAN, Outgoing(text="một"))
    zalo.expire_access_tokens()
    await zalo_channel.send(LAN, Outgoing(media=(stored(tmp_path, 20),)))
    assert len(zalo.sent(LAN)) == 2


async def test_a_token_refused_twice_is_tried_later(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    zalo.failures = [-216, -216]
    with pytest.raises(TryLater, match="token_refused"):
        await zalo_channel.send(LAN, Outgoing(text="x"))


async def test_a_server_that_is_out_of_reach_is_tried_later(
    make_zalo: MakeZalo, inbox: Inbox
) -> None:
    nobody = "http://127.0.0.1:9"
    channel = make_zalo(zalo_openapi_url=nobody, zalo_oauth_url=nobody)
    with pytest.raises(TryLater, match="not_open"):
        await channel.send(LAN, Outgoing(text="x"))
    async with asynccontextmanager(channel.running)(inbox.accept):
        with pytest.raises(TryLater, match="oauth_out_of_reach"):
            await channel.send(LAN, Outgoing(text="x"))


async def test_neither_words_nor_tokens_reach_the_log(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    zalo.failures = [-201]
    with pytest.raises(Undeliverable) as caught:
        await zalo_channel.send(LAN, Outgoing(text="chị Bí Mật, 0912345678"))
    said = caplog.text + str(caught.value)
    assert "Bí Mật" not in said
    assert not any(token in said for token in (*zalo.access_tokens, zalo.refresh_token))
