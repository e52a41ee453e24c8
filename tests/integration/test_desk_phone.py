"""The number that a citizen left: nobody reads it in the group, one officer hears it alone."""

from __future__ import annotations

from sqlalchemy import select

from actions import consents, personal_views, tickets
from bot.desk import notices
from bot.staff_pages import chat_lines
from bot.turn import UnitOfWork
from store.messages import Conversation
from store.staff import Officer, OfficerRole
from tests.integration.staff_group import LAN, RESPONSES, StaffGroup

CITIZEN, NUMBER = "8800", "0912345678"
LANS_CHAT = str(LAN)


def reported(group: StaffGroup, *, own_chat: bool = True) -> str:
    """A report with a number that its sender agreed to leave; Lan has written to the bot before."""
    consent = []

    def agree(work: UnitOfWork) -> None:
        chat = group._chat(work, "zalo_oa", CITIZEN)
        if own_chat:
            group._chat(work, "telegram", LANS_CHAT)
        consent.append(consents.give(work.session, chat, now=group.now).id)

    group.work(agree)
    return group.ticket(contact_phone=NUMBER, consent_id=consent[0])


def looks(group: StaffGroup) -> list[tuple[str, str, str]]:
    with group.database.read() as session:
        found = personal_views.find(session, personal_views.Wanted())
        return [(look.username, look.view.what, look.view.key) for look in found.rows]


def press(group: StaffGroup, code: str) -> None:
    group.presses(f"s:phone:{code}")


def test_the_group_sees_that_there_is_a_number_and_not_which(group: StaffGroup) -> None:
    code = reported(group)
    card = group.posts()[0]
    assert "Liên hệ: có số điện thoại" in card.text
    assert [b.title for b in card.buttons if b.payload == f"s:phone:{code}"] == [
        "Xem số điện thoại"
    ]
    press(group, code)
    assert not any(NUMBER in text for text in group.texts())


def test_the_officer_who_asks_is_told_alone_and_the_look_is_noted(group: StaffGroup) -> None:
    code = reported(group)
    press(group, code)
    (told,) = group.texts(LANS_CHAT)
    assert told.startswith(f"{code}: người dân để lại số {NUMBER}")
    assert group.texts(CITIZEN) == []
    assert looks(group) == [("lan", "reporter", code)]
    press(group, code)
    assert len(group.texts(LANS_CHAT)) == 2
    assert len(looks(group)) == 1


def test_colleagues_who_read_the_officers_own_chat_do_not_read_the_number(
    group: StaffGroup,
) -> None:
    press(group, reported(group))
    with group.database.read() as session:
        chat = session.scalars(
            select(Conversation.id).where(Conversation.chat_id == LANS_CHAT)
        ).one()
        assert chat_lines.between(session, RESPONSES, chat, None, None) == []


def test_a_number_whose_consent_was_withdrawn_is_told_to_nobody(group: StaffGroup) -> None:
    code = reported(group)

    def withdraw(work: UnitOfWork) -> None:
        ticket = tickets.find_by_code(work.session, code)
        assert ticket.consent_id is not None
        consents.withdraw(work.session, ticket.consent_id, now=group.now)
        notices.renew_cards(work, ticket)

    group.work(withdraw)
    renewed = group.posts()[-1]
    assert "Liên hệ: ẩn danh" in renewed.text
    assert "Xem số điện thoại" not in [b.title for b in renewed.buttons]
    press(group, code)
    assert "không còn số điện thoại" in group.texts()[-1]
    assert (group.texts(LANS_CHAT), looks(group)) == ([], [])


def test_whoever_may_not_see_who_sent_a_case_is_not_told(group: StaffGroup) -> None:
    code = reported(group)
    for role, agency in ((OfficerRole.LEADER, None), (OfficerRole.OFFICER, "so-y-te")):
        with group.database.write() as session:
            lan = session.query(Officer).filter_by(username="lan").one()
            lan.role, lan.agency_code = role, agency
        press(group, code)
    assert (group.texts(LANS_CHAT), looks(group)) == ([], [])


def test_without_a_chat_of_ones_own_it_is_said_how_to_get_one(group: StaffGroup) -> None:
    code = reported(group, own_chat=False)
    press(group, code)
    assert "Lan chưa có cuộc trò chuyện riêng với bot" in group.texts()[-1]
    assert looks(group) == []
