"""The web chat over plain HTTP: the page, its cookie, uploads, and files for their owner only."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.base import MediaUnavailable, Undeliverable
from bot.channels.web import limits
from bot.channels.web.protocol import opened, own_frame
from bot.channels.web.session import chat_id_of
from bot.channels.web.uploads import PHOTO_LIMIT
from bot.clock import utc_now
from bot.messages import MediaRef, Outgoing
from tests.fakes.web_chat_page import visiting
from tests.fakes.web_chat_server import WebChatServer, settings_for
from tests.office_files import DOCX, PDF, package

PLACE_TAG = 0x8825


def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    """A JPEG that tells where it was taken."""
    image = Image.new("RGB", size, "orange")
    exif = image.getexif()
    exif.get_ifd(PLACE_TAG)[1] = "N"
    exif[0x010F] = "Maker of the phone"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def chat(tmp_path: Path) -> WebChatServer:
    return WebChatServer(settings_for(tmp_path))


async def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    chat: WebChatServer,
) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        status, body = await visitor.get("/")
        answer = await visitor.open_page()
    html = body.decode()
    assert status == 200
    assert "<script>" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert 'src="http' not in html
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert f"ws://{visitor.origin.removeprefix('http://')} " in policy
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_visit_over_a_slow_line_is_small(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        _, body = await visitor.get("/")
        size = 0
        for part in body.decode().split('"'):
            if part.startswith("/static/"):
                async with visitor.session.get(server.make_url(part)) as answer:
                    assert "immutable" in answer.headers["Cache-Control"]
                    size += int(answer.headers["Content-Length"])
    assert 0 < size < 30_000


async def test_the_cookie_is_long_random_and_out_of_reach_of_scripts(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as one, visiting(server) as two:
        answer = await one.open_page()
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie
        assert len(one.token) == 32
        assert one.token != two.token


async def test_the_cookie_stays_the_same_on_later_visits(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        first = visitor.token
        await visitor.open_page()
        assert visitor.token == first


async def test_on_an_https_site_the_cookie_travels_over_https_only(tmp_path: Path) -> None:
    chat = WebChatServer(settings_for(tmp_path, public_url="https://caunoi.example"))
    async with chat.running() as server, visiting(server) as visitor:
        answer = await visitor.open_page()
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_zalo_finds_its_tag_when_it_is_set(tmp_path: Path) -> None:
    chat = WebChatServer(settings_for(tmp_path, zalo_site_verification='abc"123'))
    async with chat.running() as server, visiting(server) as visitor:
        _, body = await visitor.get("/")
    tag = '<meta name="zalo-platform-site-verification" content="abc&#34;123">'
    assert tag in body.decode()


async def test_without_the_setting_there_is_no_tag(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        _, body = await visitor.get("/")
    assert b"zalo-platform" not in body


async def test_what_is_not_there_is_not_found(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        for path in ("/static/none.js", "/static/..%2fsettings.py", "/chat/media/1/0"):
            assert (await visitor.get(path))[0] == 404


async def test_a_photo_is_cleaned_as_it_arrives_and_reaches_the_inbox(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        status, answer = await visitor.upload(photo())
        assert (status, answer["kind"]) == (200, "photo")
        await line.send(type="media", id="message-1", order=1, refs=[answer["ref"]], text="đây")
        await line.next("ack")
        incoming = chat.events()[-1]
        fetched = await chat.channel.fetch(incoming.media[0], 1_000_000)
    with Image.open(io.BytesIO(fetched)) as image:
        assert image.size == (40, 30)
        assert not image.getexif()
    assert incoming.text == "đây"


async def test_no_file_with_its_place_is_left_on_the_disk(
    chat: WebChatServer, tmp_path: Path
) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        await visitor.upload(photo((1500, 1500)))
    files = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"Maker of the phone" in path.read_bytes() for path in files)


async def test_the_sender_sees_the_photo_again_and_nobody_else(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as one, visiting(server) as two:
        async with one.line() as line:
            _, answer = await one.upload(photo())
            await line.send(type="media", id="message-1", order=1, refs=[answer["ref"]])
            await line.next("ack")
        async with two.line() as line:
            await line.send(type="media", id="message-1", order=1, refs=[answer["ref"]])
            assert (await line.next("error"))["code"] == "media_unknown"
        frame = own_frame(chat.events()[-1])
        shown = next(own_frame(event) for event in chat.events() if event.media)
        assert shown is not None
        assert frame is None or frame["type"] == "own"
        src = shown["media"][0]["src"]
        assert (await one.get(src))[0] == 200
        assert (await two.get(src))[0] == 404


async def test_a_photo_of_the_staff_is_shown_in_its_own_chat_only(chat: WebChatServer) -> None:
    stored = chat.media_store.add("photo", photo())
    async with chat.running() as server, visiting(server) as one, visiting(server) as two:
        async with one.line() as line:
            chat.say(chat.only_conversation(), Outgoing(text="đã vá", media=(stored,)))
            frame = await line.next("message")
        async with two.line():
            pass
        src = frame["media"][0]["src"]
        status, content = await one.get(src)
        assert (status, content[:2]) == (200, b"\xff\xd8")
        assert (await two.get(src))[0] == 404
        assert (await one.get(src.replace("/0", "/1")))[0] == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"just words, no picture", 415, "media_unreadable"),
        (b"", 415, "media_unreadable"),
        (b"\xff\xd8" + bytes(PHOTO_LIMIT), 413, "media_too_large"),
    ],
    ids=["no picture", "empty", "too large"],
)
async def test_a_file_that_cannot_be_taken_is_refused_by_name(
    chat: WebChatServer, content: bytes, status: int, code: str
) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        assert await visitor.upload(content) == (status, {"code": code})


async def test_a_video_is_taken_as_one(chat: WebChatServer) -> None:
    video = b"\x00\x00\x00\x14ftypmp42\x00\x00\x00\x00mp42" + b"\x00\x00\x00\x08free"
    async with chat.running() as server, visiting(server) as visitor:
        status, answer = await visitor.upload(video)
    assert (status, answer["kind"]) == (200, "video")


async def test_a_document_is_taken_and_only_ever_saved(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        await visitor.open_page()
        status, answer = await visitor.upload(PDF)
        assert (status, answer["kind"]) == (200, "file")
        async with visitor.session.get(server.make_url(f"/chat/uploads/{answer['ref']}")) as own:
            assert await own.read() == PDF
            assert own.content_type == "application/pdf"
            assert own.headers["Content-Disposition"].startswith("attachment;")
            assert own.headers["X-Content-Type-Options"] == "nosniff"
        assert (await visitor.upload(package("a.txt")))[0] == 415


async def test_a_document_of_an_officer_has_its_name(chat: WebChatServer) -> None:
    stored = chat.media_store.add("file", DOCX, "Mẫu đơn.docx")
    async with chat.running() as server, visiting(server) as visitor:
        await visitor.open_page()
        await chat.accept([opened(chat_id_of(visitor.token), utc_now())])
        row = chat.say(chat.only_conversation(), Outgoing(text="Mẫu đây", media=(stored,)))
        async with visitor.session.get(server.make_url(f"/chat/media/{row}/0")) as got:
            assert await got.read() == DOCX
            assert got.headers["Content-Disposition"] == (
                "attachment; filename*=UTF-8''M%E1%BA%ABu%20%C4%91%C6%A1n.docx"
            )


async def test_another_site_cannot_upload_in_a_visitors_name(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        assert (await visitor.upload(photo(), origin="https://evil.example"))[0] == 403


async def test_too_many_uploads_are_told_when_to_come_again(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        for _ in range(limits.UPLOADS_OF_CHAT.burst):
            assert (await visitor.upload(photo()))[0] == 200
        status, answer = await visitor.upload(photo())
    assert (status, answer["code"]) == (429, "too_fast")
    assert answer["after"] > 0


async def test_a_body_that_is_no_form_is_refused(chat: WebChatServer) -> None:
    async with (
        chat.running() as server,
        visiting(server) as visitor,
        visitor.session.post(
            server.make_url("/chat/media"), data=b"x", headers={"Origin": visitor.origin}
        ) as answer,
    ):
        assert answer.status == 400


async def test_a_discarded_upload_leaves_no_trace(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        _, answer = await visitor.upload(photo())
        ref = MediaRef(kind="photo", ref=answer["ref"])
        chat.channel.discard(ref)
        with pytest.raises(MediaUnavailable):
            await chat.channel.fetch(ref, 1_000_000)
        assert (await visitor.get(f"/chat/uploads/{answer['ref']}"))[0] == 404


async def test_the_chats_name_in_the_database_does_not_open_the_chat(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line():
        chat_id = chat.events()[0].chat_id
        assert chat_id == chat_id_of(visitor.token)
        assert visitor.token not in chat_id
        assert chat_id_of(chat_id) != chat_id


async def test_nothing_is_ever_pushed_through_the_channel(chat: WebChatServer) -> None:
    with pytest.raises(Undeliverable):
        await chat.channel.send("a", Outgoing(text="x"))


async def test_the_page_leads_to_what_everybody_may_read(tmp_path: Path) -> None:
    for switch, listed in (("on", True), ("off", False)):
        settings = settings_for(tmp_path).model_copy(update={"public_cases": switch})
        async with WebChatServer(settings).running() as server, visiting(server) as visitor:
            _, body = await visitor.get("/")
        assert ('href="/phan-anh"' in body.decode()) == listed
        assert 'href="/thong-bao"' in body.decode()
