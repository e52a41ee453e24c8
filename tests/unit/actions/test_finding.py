"""Tickets are found by their words, their place and their likeness."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from actions import duplicates, following, inbox, likeness, search, similar
from actions.cases import CITIZEN, Given, by_officer
from actions.inbox import View, Wanted
from actions.tickets import TicketDraft
from bot.media import look_of
from store.staff import OfficerRole
from store.tickets import Attachment, Ticket
from tests.case_room import GOOD_ANSWER, LOCAL, CaseRoom, case_room

MARKET = (10.0125, 105.0809)
"""A point in Rạch Giá, and how far other points lie from it."""
M_NORTH = 1 / likeness.METRES_OF_A_DEGREE


@pytest.fixture
def room(database_url: str) -> Iterator[CaseRoom]:
    with case_room(database_url) as room:
        yield room


def pothole(room: CaseRoom, text: str, metres: float | None = None, **more: Any) -> Ticket:
    if metres is not None:
        more |= {"latitude": MARKET[0] + metres * M_NORTH, "longitude": MARKET[1]}
    made = room.ticket("traffic", text=text, commune_code="30760", **more)
    made.search_text = search.text_of(made)
    room.session.flush()
    return made


def search_for(room: CaseRoom, words: str) -> list[int]:
    """The numbers of the cases that somebody who sees all of them finds."""
    officer = room.officer(OfficerRole.DUTY)
    page = inbox.page(room.session, Wanted(view=View.ALL, search=words), officer, room.now)
    return [row.ticket.id for row in page.rows]


def draft(text: str, *, here: bool = True, **more: Any) -> TicketDraft:
    made = TicketDraft("report", "traffic", "normal", text, commune_code="30760")
    if here:
        made = replace(made, latitude=MARKET[0], longitude=MARKET[1])
    return replace(made, **more)


def likely(room: CaseRoom, wanted: TicketDraft) -> list[str]:
    found = duplicates.likely(room.session, wanted, local=LOCAL, now=room.now)
    return [one.ticket.code for one in found]


def test_the_nearest_and_likest_open_tickets_come_first(room: CaseRoom) -> None:
    near = pothole(room, "ổ gà to trước chợ, xe té hoài", 20)
    far = pothole(room, "ổ gà to trước chợ", 250)
    pothole(room, "ổ gà to trước chợ", 900)
    pothole(room, "đèn giao thông không sáng", 280)
    assert likely(room, draft("o ga to truoc cho, nhieu xe te")) == [near.code, far.code]


def test_at_most_three_are_shown(room: CaseRoom) -> None:
    for _ in range(5):
        pothole(room, "ổ gà to trước chợ", 10)
    assert len(likely(room, draft("ổ gà to trước chợ"))) == 3


def test_without_a_point_the_words_of_the_place_decide(room: CaseRoom) -> None:
    same = pothole(room, "ổ gà to quá xe té hoài", place_text="trước chợ Rạch Sỏi")
    pothole(room, "ổ gà to quá xe té hoài luôn đó", place_text="hẻm 12 Nguyễn Trung Trực")
    wanted = draft("ổ gà to lắm, nhiều xe té", here=False, place_text="ngay trước chợ Rạch Sỏi")
    assert likely(room, wanted)[0] == same.code


def test_what_is_closed_old_or_of_another_matter_is_not_shown(room: CaseRoom) -> None:
    text = "ổ gà to trước chợ"
    withdrawn, old = pothole(room, text, 10), pothole(room, text, 10)
    room.move(withdrawn, "withdraw", CITIZEN)
    old.created_at = room.now - timedelta(days=61)
    room.session.flush()
    assert likely(room, draft(text)) == []
    pothole(room, text, 10)
    assert likely(room, draft(text, category="drainage")) == []
    assert likely(room, draft(text, here=False, commune_code=None)) == []


def picture(shift: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    image = Image.new("RGB", (640, 480), "gray")
    pen = ImageDraw.Draw(image)
    pen.ellipse((150 + shift, 120, 430 + shift, 360), fill="black")
    pen.rectangle((0, 400, 640, 480), fill="white")
    out = io.BytesIO()
    image.resize(size).save(out, "JPEG", quality=70)
    return out.getvalue()


def test_a_photo_looks_alike_when_it_is_scaled_and_packed_anew() -> None:
    assert likeness.of_looks(look_of(picture()), look_of(picture(size=(320, 240))))
    other = io.BytesIO()
    Image.effect_mandelbrot((640, 480), (-2, -1.5, 1, 1.5), 50).save(other, "PNG")
    assert not likeness.of_looks(look_of(picture()), look_of(other.getvalue()))


def test_an_alike_photo_makes_a_ticket_likely(room: CaseRoom) -> None:
    ticket = pothole(room, "xem hình đi mấy anh", 200)

    def photo(ticket_id: int | None, data: bytes) -> int:
        kept = Attachment(
            conversation_id=ticket.conversation_id,
            ticket_id=ticket_id,
            kind="photo",
            mime="image/jpeg",
            size=1,
            path="a",
            look=look_of(data),
            created_at=room.now,
        )
        room.session.add(kept)
        room.session.flush()
        return kept.id

    photo(ticket.id, picture())
    room.session.expire(ticket)
    mine = photo(None, picture(size=(800, 600)))
    assert likely(room, draft("đường hư nặng", attachment_ids=(mine,))) == [ticket.code]
    assert likely(room, draft("đường hư nặng")) == []


def test_whoever_hears_of_a_merged_ticket_hears_of_the_other(room: CaseRoom) -> None:
    officer = by_officer(room.officer())
    ticket, other, neighbour = room.ticket(), room.ticket(), room.citizen()
    following.follow(room.session, ticket, neighbour, now=room.now)
    earlier = room.citizen()
    following.follow(room.session, other, earlier, now=room.now)
    room.later(hours=1)
    duplicates.merge(room.session, ticket, other, by=officer, local=LOCAL, now=room.now)
    hearers = {chat.id for chat in following.followers(room.session, other)}
    assert hearers == {ticket.conversation_id, neighbour.id, earlier.id}
    room.later(hours=1)
    duplicates.unmerge(room.session, ticket, by=officer, local=LOCAL, now=room.now)
    assert [chat.id for chat in following.followers(room.session, other)] == [earlier.id]


@pytest.mark.parametrize(
    "words", ["ổ gà", "o ga", "CHỢ RẠCH", "rach soi te", "PA-", "cho   rach!", "rạch sỏ"]
)
def test_a_ticket_is_found_by_its_words_with_or_without_diacritics(
    room: CaseRoom, words: str
) -> None:
    ticket = pothole(room, "Ổ gà to, xe té", place_text="chợ Rạch Sỏi")
    other = room.ticket(text="mất sóng cả xóm")
    other.search_text = search.text_of(other)
    room.session.flush()
    found = search_for(room, words)
    assert ticket.id in found
    assert (other.id in found) == (words == "PA-")


@pytest.mark.parametrize("words", ["\"' OR *", "ổ:gà & | !", "không có đâu"])
def test_a_search_for_nonsense_finds_nothing(room: CaseRoom, words: str) -> None:
    pothole(room, "Đèn đường hư")
    assert search_for(room, words) == []


def test_the_answer_can_be_searched_once_it_is_given(room: CaseRoom) -> None:
    ticket = room.ticket()
    room.move(ticket, "resolve", by_officer(room.officer()), Given(text=GOOD_ANSWER))
    room.session.flush()
    assert search_for(room, "do nhua va o ga") == [ticket.id]


def test_answers_to_the_likest_tickets_are_offered(room: CaseRoom) -> None:
    officer = by_officer(room.officer())
    texts = ["sóng 4G yếu ở ấp 3", "đứt cáp quang cả tuần", "sóng điện thoại 4G ấp 3 yếu quá"]
    answered = [room.ticket(text=text) for text in texts]
    for ticket in answered:
        room.move(ticket, "resolve", officer, Given(text=GOOD_ANSWER))
    room.session.flush()
    found = similar.resolved(room.session, room.ticket(text="song 4g yeu qua ap 3"))
    assert [one.ticket.text for one in found] == [texts[0], texts[2]]
    reopened = answered[0]
    room.move(reopened, "dispute", CITIZEN)
    room.session.flush()
    again = similar.resolved(room.session, room.ticket(text="song 4g yeu qua ap 3"))
    assert reopened.id not in {one.ticket.id for one in again}


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("đường Nguyễn Trung Trực trước chợ Rạch Sỏi, phường Rạch Giá", "cho rach soi", 1, 1),
        ("hẻm 8 đường Chi Lăng, phường Rạch Giá", "hem 8 chi lang", 1, 1),
        ("hẻm 8 đường Chi Lăng", "hẻm 21 đường Chi Lăng", 0, 0.3),
        ("đường Trần Phú, phường Rạch Giá", "đường Trần Hưng Đạo, phường Rạch Giá", 0, 0),
        ("đường Chi Lăng, phường Rạch Giá", "đường Phan Chu Trinh, phường Rạch Giá", 0, 0),
        ("đường Ngô Gia Tự", "bến xe Rạch Giá", 0, 0),
        ("", "chợ Rạch Sỏi", 0, 0),
    ],
)
def test_a_place_is_told_by_what_others_of_its_commune_have_not(
    one: str, other: str, least: float, most: float
) -> None:
    words = [likeness.place_words(place, "Phường Rạch Giá") for place in (one, other)]
    assert least <= likeness.of_places(*words) <= most


def test_two_places_are_not_one_thing_whatever_the_words(room: CaseRoom) -> None:
    pothole(room, "ổ gà to quá xe té hoài", place_text="hẻm 12 đường Nguyễn Trung Trực")
    wanted = draft("ổ gà to quá xe té hoài", here=False, place_text="trước chợ Rạch Sỏi")
    assert likely(room, wanted) == []
