"""Officers work on tickets in the Telegram group; citizens hear of it in their chats."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actions import cases, tickets
from actions.cases import Given
from bot import case_news
from bot.desk import citizen_news, notices
from bot.messages import Kind
from bot.turn import UnitOfWork
from store.staff import Officer, OfficerRole
from store.tickets import Ticket
from tests.case_room import GOOD_ANSWER
from tests.integration.staff_group import LAN, MINH, PAPER, PHOTO, VIDEO, StaffGroup

CITIZEN = "8800"

OF_A_NEW_ONE = [
    "Tiếp nhận",
    "Phân công",
    "Nhận xử lý",
    "Hỏi người dân",
    "Trả kết quả",
    "Không xử lý",
    "Chuyển cơ quan khác",
    "Gộp vào phản ánh khác",
    "Nhắn người dân",
    "Gợi ý trả lời",
    "Ghi chú nội bộ",
]


def test_a_ticket_arrives_as_a_card_with_its_photos_under_its_code(group: StaffGroup) -> None:
    code = group.ticket(photos=2)
    card, first, second = group.posts()
    for part in (code, "Giao thông", "trường Lê Lợi", "ổ gà to", "mlat=10.012400&mlon=105.080900"):
        assert part in card.text
    assert [b.title for b in card.buttons] == OF_A_NEW_ONE
    assert [p.text for p in (first, second)] == [code, code]
    assert [p.message.media[0].path for p in (first, second)] == ["ab/0.jpg", "ab/1.jpg"]


def test_a_card_shows_the_words_that_made_the_ticket_pressing(group: StaffGroup) -> None:
    group.ticket(urgency_words=("dây điện đứt", "trẻ em\n đang lội"))
    assert group.posts()[0].text.splitlines()[1] == (
        "Dấu hiệu khẩn: “dây điện đứt”, “trẻ em đang lội”"
    )


def test_a_card_without_such_words_has_no_line_for_them(group: StaffGroup) -> None:
    group.ticket(urgency="normal", urgency_words=("đứt",))
    assert group.posts()[0].text.splitlines()[1].startswith("Trạng thái")


def test_every_part_of_a_long_report_begins_with_its_code(group: StaffGroup) -> None:
    code = group.ticket(text="rất dài " * 800 + "#xong PA-000000", place_text="xa " * 500)
    posts = group.posts()
    assert len(posts) == 3
    assert all(code in post.text.partition("\n")[0] for post in posts)
    assert all(len(post.text) <= 4096 for post in posts)
    group.replies(posts[-1], "xã đã rõ")
    assert group.read_ticket(code)[0] == "in_progress"


def test_taking_a_ticket_tells_the_citizen_and_renews_the_card(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("start"), on=card.id)
    assert group.read_ticket(code) == ("in_progress", "lan", ["create", "start"])
    renewed = group.posts()[-1]
    group.later()
    assert code in group.said_by_officers()[0]
    assert renewed.message.edit == card.id
    assert "Đang xử lý – Lan" in renewed.text
    assert "Nhận xử lý" not in [b.title for b in renewed.buttons]
    assert "Trả kết quả" in [b.title for b in renewed.buttons]


def test_a_second_press_of_take_changes_nothing(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("start"), on=card.id)
    group.presses(card.payload("start"), on=card.id)
    assert group.read_ticket(code)[2] == ["create", "start"]
    group.later()
    assert len(group.said_by_officers()) == 1


def test_a_ticket_that_a_colleague_has_is_not_taken_away(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("start"), on=card.id, by=LAN)
    group.presses(card.payload("start"), on="a copy", by=MINH)
    assert group.read_ticket(code)[1] == "lan"
    renewed, refusal = group.posts()[-2:]
    assert renewed.message.edit == "a copy"
    assert "Lan" in refusal.text
    group.later()
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
    assert group.read_ticket(code) == ("in_progress", "lan", ["create", "start", "reply"])
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


def test_a_document_that_is_added_to_a_ticket_is_kept_with_it(group: StaffGroup) -> None:
    code = group.ticket()
    group.citizen(
        kind=Kind.MEDIA,
        text="bổ sung đơn của tôi",
        intent="add_to_ticket",
        media=(PAPER,),
    )
    with group.database.read() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.code == code)).one()
        (kept,) = ticket.attachments
        assert (kept.kind, kept.path, kept.purpose) == ("file", PAPER.path, "added")
    (passed_on,) = [post for post in group.posts() if post.message.media]
    assert passed_on.message.media[0].path == PAPER.path


def test_a_video_that_zalo_does_not_take_is_not_left_out_silently(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("resolve"), on=card.id)
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO, VIDEO))
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code)[0] == "new"
    assert "Zalo không cho" in group.texts()[-1]


def test_an_answer_that_the_citizen_did_not_get_whole_is_not_sent_in_part(
    group: StaffGroup,
) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("resolve"), on=card.id)
    group.replies(group.posts()[-1], GOOD_ANSWER, failed_media=1)
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
    group.presses(card.payload("resolve"), on=card.id)
    assert group.said_by_officers() == []
    assert group.read_ticket(code)[0] == "new"
    prompt = group.posts()[-1]
    assert f"#xong {code}" in prompt.text
    group.replies(prompt, GOOD_ANSWER, media=(PHOTO,))
    assert group.read_ticket(code) == ("resolved", "lan", ["create", "resolve"])
    answer = group.posts(CITIZEN)[-1]
    assert GOOD_ANSWER in answer.text
    assert [b.payload for b in answer.buttons] == [f"t:done:{code}", f"t:notdone:{code}"]
    edits = [post for post in group.posts() if post.message.edit]
    assert "Đã trả lời – Lan" in edits[-1].text


def test_a_closed_ticket_is_not_closed_twice(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]
    group.presses(card.payload("resolve"), on=card.id)
    prompt = group.posts()[-1]
    group.replies(prompt, GOOD_ANSWER, media=(PHOTO,))
    group.replies(prompt, GOOD_ANSWER, media=(PHOTO,), by=MINH)
    group.presses(f"s:resolve:{code}", by=MINH)
    assert group.read_ticket(code) == ("resolved", "lan", ["create", "resolve"])
    assert sum(GOOD_ANSWER in text for text in group.texts(CITIZEN)) == 1
    assert "đang ở bước “Đã trả lời – Lan”" in group.texts()[-1]


@pytest.mark.parametrize("action", ["reply", "resolve"])
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
    assert group.read_ticket(code)[0] == "in_progress"
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
    assert group.read_ticket(code)[2] == ["create", "start", "reply"]
    assert group.read_ticket(victim)[2] == ["create"]


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
        citizen_news.move(work, ticket, "start", minh)
        citizen_news.move(work, ticket, "resolve", minh, Given(text=GOOD_ANSWER), (PHOTO,))

    group.work(take_and_finish)
    taken, done = [post for post in group.posts() if post.message.edit]
    assert (taken.message.edit, done.message.edit) == (card.id, card.id)
    assert "Đang xử lý – Minh" in taken.text
    assert "Đã trả lời – Minh" in done.text


def test_a_withdrawn_ticket_needs_no_reply(group: StaffGroup) -> None:
    code = group.ticket()
    card = group.posts()[0]

    def withdraw(work: UnitOfWork) -> None:
        ticket = tickets.find_by_code(work.session, code)
        by, local = cases.CITIZEN, group.services.local
        moved = cases.move(work.session, ticket, "withdraw", by=by, local=local, now=group.now)
        case_news.tell(work, moved)

    group.work(withdraw)
    renewed = next(post for post in group.posts() if post.message.edit == card.id)
    assert [b.title for b in renewed.buttons] == ["Ghi chú nội bộ"]
    for action in ("start", "reply", "resolve"):
        group.presses(f"s:{action}:{code}")
        assert "đã rút" in group.texts()[-1]
    group.replies(card, "xin lỗi bạn")
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code)[0] == "withdrawn"


def test_a_ticket_that_is_not_mended_comes_back_with_a_new_card(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:resolve:{code}")
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO,))
    group.citizen(Kind.PRESS, payload=group.posts(CITIZEN)[-1].payload("notdone"))
    assert group.read_ticket(code)[:2] == ("reopened", None)
    assert any("chưa xong" in text for text in group.texts())
    card = next(p for p in reversed(group.posts()) if p.buttons)
    assert "Nhận xử lý" in [b.title for b in card.buttons]
    group.presses(card.payload("start"), on=card.id, by=MINH)
    assert group.read_ticket(code)[:2] == ("in_progress", "minh")


def test_closing_takes_words_and_not_only_a_picture(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:resolve:{code}")
    group.replies(group.posts()[-1], media=(PHOTO,))
    assert group.read_ticket(code)[0] == "new"
    assert "chưa có nội dung bằng chữ" in group.texts()[-1]


def test_closing_field_work_takes_a_photo_of_afterwards(group: StaffGroup) -> None:
    """The refusal itself may be replied to, with what was missing."""
    code = group.ticket()
    group.presses(f"s:resolve:{code}")
    group.replies(group.posts()[-1], GOOD_ANSWER)
    assert group.read_ticket(code)[0] == "new"
    assert "cần ảnh chụp sau khi xử lý" in group.texts()[-1]
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO,))
    assert group.read_ticket(code)[0] == "resolved"


def test_a_question_to_the_citizen_stops_the_clock_until_it_is_answered(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:ask:{code}")
    group.replies(group.posts()[-1], "Ổ gà nằm bên phải hay bên trái cổng trường?")
    assert group.read_ticket(code)[:2] == ("waiting", "lan")
    assert "bên phải hay bên trái" in group.said_by_officers()[0]
    group.citizen(text="bên phải nha", intent="affirm")
    assert group.read_ticket(code)[:2] == ("in_progress", "lan")
    assert any("bên phải nha" in text for text in group.texts())


def test_a_note_is_kept_and_never_reaches_the_citizen(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:note:{code}")
    prompt = group.posts()[-1]
    group.replies(prompt, "Gọi đội trưởng trước khi ra", message_id="901")
    group.replies(prompt, "Gọi đội phó trước khi ra", message_id="901", edited=True)
    assert group.posts(CITIZEN) == []
    assert group.read_ticket(code) == ("new", None, ["create", "note"])


def test_a_transferred_ticket_stays_known_and_keeps_its_deadline(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:transfer:{code}:so-y-te")
    group.replies(group.posts()[-1], "Thuộc phần việc của ngành y tế")
    assert group.read_ticket(code)[:2] == ("transferred", None)
    group.later()
    told = group.said_by_officers()[0]
    assert "Thuộc phần việc của ngành y tế" in told
    assert "Hạn trả lời không đổi" in told


def test_two_tickets_of_one_thing_are_merged_and_both_citizens_hear(group: StaffGroup) -> None:
    kept = group.ticket(chat_id="9900")
    code = group.ticket()
    group.presses(f"s:merge:{code}")
    group.replies(group.posts()[-1], kept)
    assert group.read_ticket(code)[0] == "merged"
    group.later()
    assert kept in group.said_by_officers()[0]
    group.presses(f"s:resolve:{kept}")
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO,))
    assert GOOD_ANSWER in group.said_by_officers()[-1]
    assert GOOD_ANSWER in group.said_by_officers("9900")[-1]


def test_likely_tickets_are_offered_to_be_merged_into(group: StaffGroup) -> None:
    other = group.ticket(chat_id="9900")
    code = group.ticket()
    group.presses(f"s:merge:{code}")
    question = group.posts()[-1]
    assert [b.payload for b in question.buttons] == [f"s:merge:{code}:{other}"]
    assert "ổ gà to trước" in question.buttons[0].title
    group.presses(f"s:merge:{code}:{other}", on=question.id)
    assert group.read_ticket(code)[0] == "merged"
    assert group.posts()[-1].message.edit == question.id
    assert group.posts()[-1].buttons == []


def test_without_a_likely_ticket_the_code_is_typed(group: StaffGroup) -> None:
    code = group.ticket()
    group.presses(f"s:merge:{code}")
    question = group.posts()[-1]
    assert (question.buttons, "bấm chọn" in question.text) == ([], False)


def test_a_ticket_that_is_not_done_reaches_somebody_above(group: StaffGroup) -> None:
    with group.database.write() as session:
        session.add(
            Officer(username="tam", name="Tâm", role=OfficerRole.DUTY, created_at=group.now)
        )
    code = group.ticket()
    group.presses(f"s:resolve:{code}")
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO,))
    group.citizen(Kind.PRESS, payload=f"t:notdone:{code}")
    assert group.read_ticket(code)[2][-2:] == ["dispute", "escalate"]
    (called,) = [text for text in group.texts() if "trực ban" in text]
    assert called == f"{code}: báo lên trực ban. Nhờ Tâm xem lại việc chưa xong này."


def test_suggestions_are_canned_replies_and_answers_to_tickets_like_it(group: StaffGroup) -> None:
    answered = group.ticket(chat_id="9900")
    group.presses(f"s:resolve:{answered}")
    group.replies(group.posts()[-1], GOOD_ANSWER, media=(PHOTO,))
    code = group.ticket()
    group.presses(f"s:suggest:{code}")
    said = group.texts()[-1]
    assert f"Việc tương tự {answered} đã trả lời" in said
    assert GOOD_ANSWER in said
    assert said.count("▸") >= 3
    group.replies(group.posts()[-1], "Chào bạn")
    assert group.posts(CITIZEN) == []
