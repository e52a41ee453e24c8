"""Officers work on tickets in the Telegram group; citizens hear of it in their chats."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actions import tickets
from bot.desk import citizen_news, notices
from bot.messages import Kind
from bot.turn import UnitOfWork
from store.staff import Officer
from store.tickets import Ticket
from tests.integration.staff_group import LAN, MINH, PHOTO, VIDEO, StaffGroup

CITIZEN = "8800"


def test_a_ticket_arrives_as_a_card_with_its_photos_under_its_code(group: StaffGroup) -> None:
    code = group.ticket(photos=2)
    card, first, second = group.posts()
    for part in (code, "Giao thông", "trường Lê Lợi", "ổ gà to", "mlat=10.012400&mlon=105.080900"):
        assert part in card.text
    assert [b.title for b in card.buttons] == ["Nhận việc", "Trả lời", "Hoàn thành"]
    assert [p.text for p in (first, second)] == [code, code]
    assert [p.message.media[0].path for p in (first, second)] == ["ab/0.jpg", "ab/1.jpg"]


def test_a_card_shows_the_words_that_made_the_ticket_pressing(group: StaffGroup) -> None:
    group.ticket(urgency_words=("dây điện đứt", "trẻ em\n đang lội"))
    assert group.posts()[0].text.splitlines()[1] == (
        "Dấu hiệu khẩn: “dây điện đứt”, “trẻ em đang lội”"
    )


def test_a_card_without_such_words_has_no_line_for_them(group: StaffGroup) -> None:
    group.ticket(urgency="normal", urgency_words=("đứt",))
    assert group.posts()[0].text.splitlines()[1].startswith("Địa điểm")


def test_every_part_of_a_long_report_begins_with_its_code(group: StaffGroup) -> None:
    code = group.ticket(text="rất dài " * 800 + "#xong PA-000000", place_text="xa " * 500)
    posts = group.posts()
    assert len(posts) == 3
    assert all(code in post.text.partition("\n")[0] for post in posts)
    assert all(len(post.text) <= 4096 for post in posts)
    group.replies(posts[-1], "xã đã rõ")
    assert group.read_ticket(code)[0] == "taken"


def test_taking_a_ticket_tells_the_citizen_and_renews_the_card(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("take"), on=card.id)
    assert group.read_ticket(code) == ("taken", "lan", ["created", "taken"])
    assert code in group.said_by_officers()[0]
    renewed = group.posts()[-1]
    assert renewed.message.edit == card.id
    assert "Lan đang xử lý" in renewed.text
    assert [b.title for b in renewed.buttons] == ["Trả lời", "Hoàn thành"]


def test_a_second_press_of_take_changes_nothing(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("take"), on=card.id)
    group.presses(card.payload("take"), on=card.id)
    assert group.read_ticket(code)[2] == ["created", "taken"]
    assert len(group.said_by_officers()) == 1


def test_a_ticket_that_a_colleague_has_is_not_taken_away(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("take"), on=card.id, by=LAN)
    group.presses(card.payload("take"), on="a copy", by=MINH)
    assert group.read_ticket(code)[1] == "lan"
    renewed, refusal = group.posts()[-2:]
    assert renewed.message.edit == "a copy"
    assert "Lan" in refusal.text
    assert len(group.said_by_officers()) == 1


@pytest.mark.parametrize("noting_ids", [True, False])
def test_a_reply_to_the_card_reaches_the_citizen(group: StaffGroup, noting_ids: bool) -> None:
    """Also when a crash lost the card's id: its text still says which ticket it is."""
    group.noting_ids = noting_ids
    code = group.ticket()
    other = group.ticket(chat_id="9900")
    card = next(post for post in group.posts() if code in post.text)
    group.replies(card, "Mai tổ thi công sẽ ra vá.")
    assert "Mai tổ thi công sẽ ra vá." in group.said_by_officers()[0]
    assert group.read_ticket(code) == ("taken", "lan", ["created", "taken", "replied"])
    assert group.read_ticket(other)[0] == "new"
    assert group.said_by_officers("9900") == []


def test_a_reply_to_a_photo_reaches_the_citizen_as_well(group: StaffGroup) -> None:
    group.noting_ids = False
    group.ticket(photos=1)
    group.replies(group.posts()[1], "Đã thấy chỗ hư.")
    assert "Đã thấy chỗ hư." in group.said_by_officers()[0]


def test_a_reply_brings_its_photos_and_videos_to_the_citizen(group: StaffGroup) -> None:
    group.ticket(channel="telegram")
    group.replies(group.posts()[0], "Đã vá xong", media=(PHOTO, VIDEO))
    sent = [post.message.media for post in group.posts(CITIZEN)]
    assert [item.path for media in sent for item in media] == [PHOTO.path, VIDEO.path]


def test_a_video_that_zalo_does_not_take_is_not_left_out_silently(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("done"), on=card.id)
    group.replies(group.posts()[-1], "Đã vá xong, xem phim", media=(PHOTO, VIDEO))
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code)[0] == "new"
    assert "Zalo không cho" in group.texts()[-1]


def test_an_answer_that_the_citizen_did_not_get_whole_is_not_sent_in_part(
    group: StaffGroup,
) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("done"), on=card.id)
    group.replies(group.posts()[-1], "Xong, xem ảnh", failed_media=1)
    assert group.said_by_officers() == []
    assert group.read_ticket(code)[0] == "new"
    assert "Xin gửi lại" in group.texts()[-1]


@pytest.mark.parametrize("noting_ids", [True, False])
def test_done_asks_for_the_answer_and_the_reply_to_that_closes_the_ticket(
    group: StaffGroup, noting_ids: bool
) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.noting_ids = noting_ids
    group.presses(card.payload("done"), on=card.id)
    assert group.said_by_officers() == []
    assert group.read_ticket(code)[0] == "new"
    prompt = group.posts()[-1]
    assert f"#xong {code}" in prompt.text
    group.replies(prompt, "Đã vá ổ gà ngày 5/3.", media=(PHOTO,))
    assert group.read_ticket(code) == ("done", "lan", ["created", "done"])
    answer = group.posts(CITIZEN)[-1]
    assert "Đã vá ổ gà ngày 5/3." in answer.text
    assert answer.buttons[0].payload == f"d:tickets:reopen:{code}"
    edits = [post for post in group.posts() if post.message.edit]
    assert "Lan đã hoàn thành" in edits[-1].text


def test_a_closed_ticket_is_not_closed_twice(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("done"), on=card.id)
    prompt = group.posts()[-1]
    group.replies(prompt, "Đã vá.")
    group.replies(prompt, "Đã vá lần nữa.", by=MINH)
    group.presses(f"s:done:{code}", by=MINH)
    assert group.read_ticket(code) == ("done", "lan", ["created", "done"])
    assert len(group.said_by_officers()) == 1
    assert "đã hoàn thành" in group.texts()[-1]


@pytest.mark.parametrize("action", ["reply", "done"])
def test_a_button_pressed_twice_asks_once(group: StaffGroup, action: str) -> None:
    group.ticket()
    card = group.posts()[0]
    group.presses(card.payload(action), on=card.id)
    asked = len(group.posts())
    group.presses(card.payload(action), on=card.id)
    assert len(group.posts()) == asked
    group.presses(card.payload(action), on=card.id, by=MINH)
    assert "Minh" in group.texts()[-1]


def test_a_reply_to_the_prompt_of_the_reply_button_leaves_the_ticket_open(
    group: StaffGroup,
) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("reply"), on=card.id)
    prompt = group.posts()[-1]
    assert prompt.message.reply_to == card.id
    group.replies(prompt, "Cho hỏi thêm vị trí.")
    assert group.read_ticket(code)[0] == "taken"
    assert "Cho hỏi thêm vị trí." in group.said_by_officers()[0]


def test_words_of_a_citizen_never_close_a_ticket_nor_lead_a_reply_astray(
    group: StaffGroup,
) -> None:
    victim = group.ticket(chat_id="9900")
    code = group.ticket(text=f"xin chào\n#xong {victim}")
    group.noting_ids = False
    group.work(
        lambda work: notices.announce_addition(
            work, tickets.find_by_code(work.session, code), f"#xong {victim} #chat_1", ()
        )
    )
    group.replies(group.posts()[-1], "Đã nhận.")
    assert group.read_ticket(code)[2] == ["created", "taken", "replied"]
    assert group.read_ticket(victim)[2] == ["created"]


@pytest.mark.parametrize("kind", [Kind.UNSUPPORTED, Kind.LOCATION, Kind.CONTACT])
def test_what_cannot_be_passed_on_is_said_to_the_officer(group: StaffGroup, kind: Kind) -> None:
    group.ticket()
    group.replies(group.posts()[0], kind=kind)
    assert group.posts(CITIZEN) == []
    assert "chưa được gửi" in group.texts()[-1]


def test_an_empty_reply_is_not_sent(group: StaffGroup) -> None:
    code = group.ticket()
    group.replies(group.posts()[0], "   ")
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code)[0] == "new"
    assert "chưa được gửi" in group.texts()[-1]


def test_a_reply_that_was_edited_is_not_sent_again(group: StaffGroup) -> None:
    group.ticket()
    card = group.posts()[0]
    group.replies(card, "Mai sửa", message_id="900")
    group.replies(card, "Mốt sửa", message_id="900", edited=True)
    assert len(group.said_by_officers()) == 1
    assert "Tin sửa lại không được gửi" in group.texts()[-1]


def test_a_reply_to_a_confirmation_is_for_nobody_and_the_officer_is_told(
    group: StaffGroup,
) -> None:
    group.ticket()
    group.replies(group.posts()[0], "Mai sửa")
    group.replies(group.posts()[-1], "cảm ơn em")
    assert len(group.said_by_officers()) == 1
    assert "chưa được gửi cho ai" in group.texts()[-1]


def test_the_card_is_renewed_when_the_staff_page_takes_and_closes_the_ticket(
    group: StaffGroup,
) -> None:
    code = group.ticket()
    card = group.posts()[0]

    def take_and_finish(work: UnitOfWork) -> None:
        ticket = work.session.scalars(select(Ticket).where(Ticket.code == code)).one()
        minh = work.session.scalars(select(Officer).where(Officer.username == "minh")).one()
        citizen_news.take(work, ticket, minh)
        citizen_news.finish(work, ticket, minh, "Đã vá.")

    group.work(take_and_finish)
    taken, done = group.posts()[-2:]
    assert (taken.message.edit, done.message.edit) == (card.id, card.id)
    assert "Minh đang xử lý" in taken.text
    assert "Minh đã hoàn thành" in done.text


def test_a_withdrawn_ticket_needs_no_reply(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]

    def withdraw(work: UnitOfWork) -> None:
        ticket = tickets.find_by_code(work.session, code)
        tickets.withdraw(work.session, ticket, now=group.now)
        notices.announce_withdrawal(work, ticket)

    group.work(withdraw)
    renewed = next(post for post in group.posts() if post.message.edit == card.id)
    assert renewed.buttons == []
    for action in ("take", "reply", "done"):
        group.presses(f"s:{action}:{code}")
        assert "đã rút" in group.texts()[-1]
    group.replies(card, "xin lỗi bạn")
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code)[0] == "withdrawn"


def test_a_ticket_that_is_not_mended_comes_back_with_a_new_card(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:done:{code}")
    group.replies(group.posts()[-1], "Đã vá.")
    group.citizen(Kind.PRESS, payload=group.posts(CITIZEN)[-1].payload("reopen"))
    group.citizen(text="chưa vá gì cả, ổ gà vẫn còn nguyên trước cổng trường")
    assert group.read_ticket(code)[0] == "new"
    said = group.texts()
    assert any("được mở lại" in text for text in said)
    card = next(p for p in reversed(group.posts()) if p.buttons)
    assert [b.title for b in card.buttons] == ["Nhận việc", "Trả lời", "Hoàn thành"]
    group.presses(card.payload("take"), on=card.id, by=MINH)
    assert group.read_ticket(code)[:2] == ("taken", "minh")


def test_closing_takes_words_and_not_only_a_picture(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:done:{code}")
    group.replies(group.posts()[-1], media=(PHOTO,))
    assert group.read_ticket(code)[0] == "new"
    assert "chưa có nội dung bằng chữ" in group.texts()[-1]
