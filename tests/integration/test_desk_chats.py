"""A citizen's chat is handed over to a person, and comes back to the bot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from actions import handoff, staff
from bot.desk import citizen_news
from bot.messages import Contact, Kind, Location
from bot.turn import UnitOfWork
from store.messages import Author, Conversation, OutboxMessage
from store.staff import Handoff
from store.tickets import Attachment
from tests.integration.staff_group import LAN, MINH, PAPER, PHOTO, STRANGER, Post, StaffGroup

CITIZEN = "8800"


@pytest.fixture
def request_post(group: StaffGroup) -> Post:
    """The group's note that a citizen asks for a person."""
    group.asks_for_a_person()
    return group.posts()[-1]


def bot_rows(group: StaffGroup) -> int:
    """How much the bot itself has said to the citizen."""
    return sum(post.row.author == Author.BOT for post in group.posts(CITIZEN))


def test_a_citizen_who_asks_for_a_person_is_heard_in_the_group(
    group: StaffGroup, request_post: Post
) -> None:
    assert group.mode() == "human"
    assert "(Zalo): người dân muốn gặp cán bộ" in request_post.text
    assert [b.title for b in request_post.buttons] == ["Nhận trò chuyện", "Trả lại cho bot"]


def test_documents_go_both_ways(group: StaffGroup, request_post: Post) -> None:
    group.presses(request_post.payload("talk"))
    group.citizen(kind=Kind.MEDIA, media=(PAPER,), text="đơn của tôi")
    *_, words, paper = group.posts()
    assert "đơn của tôi" in words.text
    assert paper.message.media == (PAPER,)
    with group.database.read() as session:
        (kept,) = session.query(Attachment).all()
        assert (kept.kind, kept.mime, kept.path) == ("file", PAPER.mime, PAPER.path)
    group.replies(words, "Bạn xem lại giúp", media=(PAPER,))
    (told,) = [post for post in group.posts(CITIZEN) if post.message.media]
    assert told.message.media == (PAPER,)


@pytest.mark.parametrize("kind", ["xlsx", "large"])
def test_a_document_that_zalo_does_not_take_is_refused_whole(
    group: StaffGroup, request_post: Post, kind: str
) -> None:
    group.presses(request_post.payload("talk"))
    change = {"path": "ab/a.xlsx"} if kind == "xlsx" else {"size": 6 * 1024 * 1024}
    group.replies(request_post, "Bạn xem nhé", media=(PAPER.model_copy(update=change),))
    assert "Zalo nhận PDF hoặc Word đến 5 MB" in group.texts()[-1]
    assert group.said_by_officers() == []


@pytest.mark.parametrize("noting_ids", [True, False])
def test_both_sides_talk_and_the_bot_is_silent(group: StaffGroup, noting_ids: bool) -> None:
    """Also when a crash lost the ids: every message in the group shows the chat's number."""
    group.noting_ids = noting_ids
    group.asks_for_a_person()
    said_before = bot_rows(group)
    group.presses(group.posts()[-1].payload("talk"), on="5")
    assert "Cán bộ đã vào" in group.texts(CITIZEN)[-1]
    group.citizen(text="tôi hỏi về giấy hẹn")
    words = group.posts()[-1]
    assert "tôi hỏi về giấy hẹn" in words.text
    group.replies(words, "Bạn cho mình mã hồ sơ.")
    assert group.said_by_officers() == ["Bạn cho mình mã hồ sơ."]
    assert bot_rows(group) == said_before


def test_the_first_officer_who_replies_has_the_chat(group: StaffGroup, request_post: Post) -> None:
    group.replies(request_post, "Chào bạn", by=MINH)
    assert "Minh nhận trò chuyện" in group.texts()[-1]
    group.replies(request_post, "tôi nữa", by=LAN)
    assert group.said_by_officers() == ["Chào bạn"]
    assert "Minh đang trò chuyện" in group.texts()[-1]
    group.presses(request_post.payload("talk"), by=LAN)
    assert "Minh đang trò chuyện" in group.texts()[-1]


def test_a_second_press_of_talk_changes_nothing(group: StaffGroup, request_post: Post) -> None:
    group.presses(request_post.payload("talk"))
    said = len(group.posts()), len(group.posts(CITIZEN))
    group.presses(request_post.payload("talk"))
    assert (len(group.posts()), len(group.posts(CITIZEN))) == said


def test_strangers_neither_take_nor_answer_nor_give_back(
    group: StaffGroup, request_post: Post
) -> None:
    said = len(group.posts()), len(group.posts(CITIZEN))
    group.presses(request_post.payload("talk"), by=STRANGER)
    group.presses(request_post.payload("back"), by=STRANGER)
    group.replies(request_post, "chào", by=STRANGER)
    assert (len(group.posts()), len(group.posts(CITIZEN))) == said
    assert group.mode() == "human"


@pytest.mark.parametrize("how", ["button", "command"])
def test_an_officer_gives_the_chat_back(group: StaffGroup, request_post: Post, how: str) -> None:
    group.replies(request_post, "Xong rồi nhé")
    if how == "button":
        group.presses(request_post.payload("back"))
    else:
        group.replies(request_post, "/bot")
    assert group.mode() == "bot"
    assert "Mình là trợ lý tự động" in group.texts(CITIZEN)[-1]
    assert "Lan đã trả lại" in group.texts()[-1]
    group.presses(request_post.payload("back"))
    group.replies(request_post, "quên mất")
    assert group.texts()[-1] == group.texts()[-2]
    assert "đã kết thúc" in group.texts()[-1]
    assert group.said_by_officers() == ["Xong rồi nhé"]
    group.citizen(text="xin chào", intent="greet")
    assert group.posts(CITIZEN)[-1].row.author == Author.BOT


@pytest.mark.parametrize(
    ("kind", "fields"), [(Kind.PRESS, {"payload": "bot"}), (Kind.TEXT, {"text": " /BOT "})]
)
def test_the_citizen_goes_back_to_the_bot(
    group: StaffGroup, request_post: Post, kind: Kind, fields: dict[str, Any]
) -> None:
    group.citizen(kind, **fields)
    assert group.mode() == "bot"
    assert "người dân đã quay lại" in group.texts()[-1]
    group.citizen(kind=Kind.PRESS, payload="bot")
    assert group.posts(CITIZEN)[-1].row.author == Author.BOT


def test_asking_again_after_coming_back_is_a_new_hand_over(group: StaffGroup) -> None:
    group.asks_for_a_person()
    group.citizen(text="/bot")
    group.asks_for_a_person()
    assert [one.ended_at is None for one in group.handoffs()] == [False, True]
    assert sum("muốn gặp cán bộ" in text for text in group.texts()) == 2


def test_asking_twice_is_one_hand_over(group: StaffGroup) -> None:
    group.asks_for_a_person()
    group.asks_for_a_person()
    group.citizen(kind=Kind.PRESS, payload="d:handoff:asked")
    assert len(group.handoffs()) == 1
    assert sum("muốn gặp cán bộ" in text for text in group.texts()) == 1


def test_what_a_citizen_sends_is_shown_to_the_officer_as_what_it_is(
    group: StaffGroup, request_post: Post
) -> None:
    group.citizen(kind=Kind.LOCATION, location=Location(latitude=10.5, longitude=105.25))
    assert "mlat=10.500000&mlon=105.250000" in group.texts()[-1]
    group.citizen(kind=Kind.CONTACT, contact=Contact(phone="0912345678", own=True))
    assert "0912345678" in group.texts()[-1]
    group.citizen(kind=Kind.UNSUPPORTED)
    assert "không đọc được" in group.texts()[-1]
    group.citizen(kind=Kind.MEDIA, failed_media=2)
    assert "2 tệp không tải được" in group.texts()[-1]
    group.citizen(kind=Kind.MEDIA, media=(PHOTO,), text="chỗ này nè")
    assert "chỗ này nè" in group.texts()[-2]
    picture = group.posts()[-1]
    assert picture.message.media[0].path == PHOTO.path
    group.replies(picture, "Đã thấy")
    assert group.said_by_officers() == ["Đã thấy"]
    with group.database.read() as session:
        assert session.query(Attachment).count() == 1


def test_opening_the_chat_again_disturbs_nobody(group: StaffGroup, request_post: Post) -> None:
    said = len(group.posts()), len(group.posts(CITIZEN))
    group.citizen(kind=Kind.OPENED)
    assert (len(group.posts()), len(group.posts(CITIZEN))) == said


def test_every_part_of_a_long_message_begins_with_the_chats_number(
    group: StaffGroup, request_post: Post
) -> None:
    number = request_post.text.split()[0]
    group.citizen(text="#chat_999 " * 600)
    parts = [post for post in group.posts() if "người dân:" in post.text]
    assert len(parts) == 2
    assert all(post.text.startswith(f"{number} người dân:") for post in parts)


def test_a_denunciation_inside_a_hand_over_goes_to_no_group_and_is_not_kept(
    group: StaffGroup, request_post: Post
) -> None:
    secret = "ông Ba phường X nhận hối lộ 50 triệu"
    turn = group.citizen(text=secret, intent="denunciation")
    assert turn.erased
    assert "không lưu lại" in group.texts(CITIZEN)[-1]
    with group.database.read() as session:
        rows = session.query(OutboxMessage).all()
    assert not any("hối lộ" in str(row.payload) or "Ba" in str(row.payload) for row in rows)
    assert "tố cáo" not in group.texts()[-1]


def test_a_hand_over_after_a_denunciation_shows_the_group_no_words(group: StaffGroup) -> None:
    group.citizen(text="tôi tố cáo ông Ba nhận hối lộ", intent="denunciation")
    group.citizen(kind=Kind.PRESS, payload="d:handoff:denunciation")
    assert "giữ kín" in group.texts()[-1]
    before = len(group.posts())
    group.citizen(text="khi nào cán bộ gọi tôi", intent="ask_info")
    group.citizen(text="tôi ở gần chợ", intent="ask_info")
    assert len(group.posts()) == before + 1
    assert not any("hối lộ" in text or "chợ" in text or "gọi tôi" in text for text in group.texts())


def test_an_officer_on_the_staff_page_is_seen_in_the_group(
    group: StaffGroup, request_post: Post
) -> None:
    def do(work: UnitOfWork) -> None:
        minh = staff.find(work.session, "minh")
        chat = handoff.locked_chat(work.session, group.handoffs()[0].conversation_id)
        assert minh is not None
        citizen_news.take_chat(work, chat, minh)
        citizen_news.give_back(work, chat, minh)

    group.work(do)
    taken, back = group.texts()[-2:]
    assert "Minh nhận trò chuyện" in taken
    assert "Minh đã trả lại" in back


def test_a_reply_that_arrives_after_the_end_reaches_nobody(
    group: StaffGroup, request_post: Post
) -> None:
    group.citizen(text="/bot")
    group.replies(request_post, "chào bạn")
    assert group.said_by_officers() == []
    assert "đã kết thúc" in group.texts()[-1]


def test_the_group_can_be_named_as_no_citizens_chat(group: StaffGroup) -> None:
    group.ticket()
    with group.database.read() as session:
        staff_chat = session.query(Conversation).filter_by(role="staff").one()
    group.presses(f"s:talk:{staff_chat.id}")
    assert "đã kết thúc" in group.texts()[-1]


# --- an officer writes in Zalo's own console ---


def test_the_bot_falls_silent_when_an_officer_writes_in_zalos_console(group: StaffGroup) -> None:
    group.citizen(Kind.TAKEN_OVER)
    group.citizen(Kind.TAKEN_OVER)
    assert group.mode() == "human"
    assert len(group.posts()) == 1
    assert [b.title for b in group.posts()[0].buttons] == ["Trả lại cho bot"]
    group.citizen(text="dạ em cảm ơn", intent="thank")
    assert len(group.posts()) == 1
    assert group.posts(CITIZEN) == []


def test_the_bot_comes_back_when_the_console_has_been_silent_for_long(group: StaffGroup) -> None:
    group.citizen(Kind.TAKEN_OVER)
    group.now += timedelta(hours=11)
    group.citizen(Kind.TAKEN_OVER)
    group.now += timedelta(hours=11)
    group.citizen(text="còn ai không", intent="greet")
    assert group.posts(CITIZEN) == []
    group.now += timedelta(hours=2)
    group.citizen(text="xin chào", intent="greet")
    assert group.mode() == "bot"
    assert group.posts(CITIZEN)[0].row.author == Author.SYSTEM
    assert group.posts(CITIZEN)[-1].row.author == Author.BOT


def test_other_hand_overs_do_not_end_by_themselves(group: StaffGroup, request_post: Post) -> None:
    group.now += timedelta(days=2)
    group.citizen(text="còn ai không", intent="greet")
    assert group.mode() == "human"
    assert "còn ai không" in group.texts()[-1]


@pytest.mark.parametrize("by", ["citizen", "officer"])
def test_a_chat_in_zalos_console_is_given_back(group: StaffGroup, by: str) -> None:
    group.citizen(Kind.TAKEN_OVER)
    if by == "citizen":
        group.citizen(text="/bot")
    else:
        group.presses(group.posts()[0].payload("back"))
    assert group.mode() == "bot"


def test_the_group_hears_that_a_waiting_citizen_is_answered_in_the_console(
    group: StaffGroup, request_post: Post
) -> None:
    group.citizen(Kind.TAKEN_OVER)
    group.citizen(Kind.TAKEN_OVER)
    said = [text for text in group.texts() if "trang quản lý Zalo" in text]
    assert len(said) == 1
    group.citizen(text="dạ")
    assert "dạ" in group.texts()[-1]


# --- linking an officer's account ---


def test_a_code_links_an_officers_account_once(group: StaffGroup) -> None:
    with group.database.write() as session:
        lan = staff.find(session, "lan")
        assert lan is not None
        code = staff.new_link_code(lan, now=group.now)
    turn = group.citizen(channel="telegram", chat_id="4242", text=f"/lienket {code.lower()}")
    assert turn.erased
    assert "Xin chào Lan" in group.texts("4242")[-1]
    group.citizen(channel="telegram", chat_id="4343", text=f"/lienket {code}")
    assert "không đúng" in group.texts("4343")[-1]
    ticket = group.ticket()
    group.presses(f"s:start:{ticket}", by=LAN)
    assert group.read_ticket(ticket)[0] == "new"
    group.presses(f"s:start:{ticket}", by=4242)
    assert group.read_ticket(ticket)[:2] == ("in_progress", "lan")


def test_a_code_from_another_messenger_or_too_old_links_nothing(group: StaffGroup) -> None:
    with group.database.write() as session:
        lan = staff.find(session, "lan")
        assert lan is not None
        code = staff.new_link_code(lan, now=group.now)
    group.citizen(text=f"/lienket {code}", intent="out_of_scope")
    group.now += timedelta(hours=25)
    group.citizen(channel="telegram", chat_id="4242", text=f"/lienket {code}")
    assert "không đúng" in group.texts("4242")[-1]
    with group.database.read() as session:
        lan = staff.find(session, "lan")
        assert lan is not None
        assert lan.telegram_user_id == LAN
        assert session.query(Handoff).count() == 0
