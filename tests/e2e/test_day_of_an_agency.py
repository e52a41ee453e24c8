"""A day of three agencies, through a real server and a Telegram that refuses as the real one does.

Thirty cases of fourteen citizens, on Telegram and on the chat page; three officers, of whom one
leaves in the middle, and the duty officer, who sees to what is left. The limits are Telegram's own
in a day that goes faster, and the server does not pace itself: limits are met, and must be kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest_asyncio
from sqlalchemy import select, update

from actions import groups, staff
from bot.clock import utc_now
from bot.desk.cards import STAFF
from bot.desk.topics import OVER
from store.cases import CitizenNews
from store.engine import Database
from store.messages import InboxEvent, InboxStatus, OutboxMessage, OutboxStatus
from store.staff import OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState
from tests.case_room import LOCAL
from tests.e2e.agency import (
    ALIKE,
    PHOTO,
    Citizen,
    Officer,
    OnTelegram,
    card_of,
    comes,
    on_the_web,
    topic_of,
)
from tests.e2e.people import TICKET_CODE, TelegramChat, photo
from tests.e2e.server import Server
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_api import Sent
from tests.fakes.telegram_updates import TelegramPerson

DUTY, WARD, POWER, POLICE = (-1_004_000_000_000 - number for number in range(1, 5))
AGENCY_OF = {WARD: "kinh-te-30742", POWER: "dien-luc", POLICE: "cong-an-30742"}
WEBHOOK_SECRET = "webhook-secret"

PACE = 10.0
"""How many times faster than Telegram's the limits count: twenty messages of a group in 6 s."""

SETTLE_WITHIN = 60.0

LOUD = "ồn ào"
FLOOD = 45
"""Messages sent at once by somebody who does not stop."""

ANSWER = "Tổ công tác đã đến nơi sáng nay, sửa xong và dọn sạch chỗ hư cho bà con"
AGAIN = "Đội đã quay lại làm nốt phần còn sót, tổ dân phố đã nghiệm thu chiều nay"
WORD = "Chúng tôi đã nhận tin và cử người xuống xem trong buổi sáng"
QUESTION = "Chỗ đó ở phía bên nào, gần số nhà bao nhiêu vậy bạn?"
REASON = "Việc này do ngành điện quản lý nên chuyển để xử lý đúng chỗ"
GONE = "tôi vẫn còn làm ở đây"
"""What an officer writes who has left."""
INSIDE = "nội bộ thôi"
"""Stands in every word that officers write for each other."""


@dataclass
class Case:
    """What happens to one report, and what must stand in its history in the end."""

    citizen: str
    group: int
    text: str
    fate: Fate
    urgent: bool = False
    same_as: Case | None = None
    """Another one, about the same thing and sent before."""
    code: str = ""
    history: list[str] = field(default_factory=lambda: ["create"])
    was_in: list[int] = field(default_factory=list)
    """The groups that had it."""
    sent: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Day:
    """Everybody who is there."""

    telegram: FakeTelegram
    database: Database
    citizens: dict[str, Citizen]
    lan: Officer
    minh: Officer
    hoa: Officer
    tam: Officer
    """Of the duty, in every group."""
    cases: list[Case]


Fate = Callable[[Day, Case, Officer], Awaitable[None]]


# --- what may become of a case ---


async def start(day: Day, case: Case, officer: Officer) -> None:
    """The officer takes it; what follows soon is told instead."""
    await officer.starts(case.code)
    case.history.append("start")
    day.citizens[case.citizen].may_hear.append(("đang xử lý phản ánh", case.code))


async def resolve(day: Day, case: Case, officer: Officer, answer: str = ANSWER) -> None:
    """The officer answers, with an album of two photos; the citizen gets all of it."""
    await officer.tells(case.code, "resolve", "#xong", answer, files=["after-1", "after-2"])
    citizen = day.citizens[case.citizen]
    citizen.must_hear += [(PHOTO,), (PHOTO,)]
    await citizen.hears(f"trả lời phản ánh {case.code}", answer)
    case.history.append("resolve")


async def press(day: Day, case: Case, heard: tuple[str, ...], part: str) -> None:
    """The citizen presses a button under something that was heard before."""
    citizen = day.citizens[case.citizen]
    message = next(
        one for one in reversed(citizen.chat.heard()) if all(word in one.text for word in heard)
    )
    await citizen.chat.presses(message, part)


async def confirm(day: Day, case: Case, answer: str = ANSWER, stars: int = 5) -> None:
    """The citizen says that it is done, and how it was."""
    citizen = day.citizens[case.citizen]
    async with citizen.may_talk:
        await press(day, case, (case.code, answer), f"t:done:{case.code}")
        await citizen.hears("đã xác nhận", case.code)
        await press(day, case, ("đã xác nhận", case.code), f":{case.code}:{stars}")
        case.history += ["confirm", "rate"]
        if stars <= 3:
            await citizen.hears(f"{stars} trên 5 cho phản ánh {case.code}")
            await citizen.chat.says("làm lâu quá, gọi hoài không ai nghe máy")
            case.history.append("rate")
        await citizen.hears(f"Cảm ơn bạn đã đánh giá phản ánh {case.code}")


async def done(day: Day, case: Case, officer: Officer) -> None:
    """Taken, told of, resolved, confirmed, rated: a good day."""
    await start(day, case, officer)
    await officer.tells(case.code, "reply", case.code, WORD)
    await day.citizens[case.citizen].hears(f"nhắn bạn về phản ánh {case.code}", WORD)
    case.history.append("reply")
    await resolve(day, case, officer)
    await confirm(day, case)


async def done_badly(day: Day, case: Case, officer: Officer) -> None:
    await resolve(day, case, officer)
    await confirm(day, case, stars=2)


async def answered(day: Day, case: Case, officer: Officer) -> None:
    """Resolved at once; the citizen says nothing yet."""
    await resolve(day, case, officer)


async def asked(day: Day, case: Case, officer: Officer) -> None:
    """The officer asks, the citizen answers."""
    citizen = day.citizens[case.citizen]
    await officer.tells(case.code, "ask", "#hoi", QUESTION)
    await citizen.hears(f"cần hỏi thêm bạn về phản ánh {case.code}", QUESTION)
    async with citizen.may_talk:
        await press(day, case, (case.code, QUESTION), f"t:add:{case.code}")
        await citizen.hears("cần bổ sung cho phản ánh", case.code)
        await citizen.chat.says("bên phải, sát số nhà 15")
        await citizen.hears("Đã chuyển câu trả lời", case.code)
    case.history += ["ask", "answered"]
    await officer.hears(case.code, "bên phải, sát số nhà 15")
    await resolve(day, case, officer)
    await confirm(day, case)


async def not_done(day: Day, case: Case, officer: Officer) -> None:
    """Resolved, not so, and then resolved indeed."""
    citizen = day.citizens[case.citizen]
    await resolve(day, case, officer)
    async with citizen.may_talk:
        await press(day, case, (case.code, ANSWER), f"t:notdone:{case.code}")
        await citizen.hears("Đã mở lại phản ánh", case.code)
        await citizen.hears("còn vướng chỗ nào", case.code)
        await citizen.chat.says("còn một đoạn chưa làm tới")
        await citizen.hears("Đã bổ sung vào phản ánh", case.code)
    case.history += ["dispute", "escalate", "add"]
    await officer.hears(case.code, "còn một đoạn chưa làm tới")
    await start(day, case, officer)
    await resolve(day, case, officer, AGAIN)
    await confirm(day, case, AGAIN)


async def rejected(day: Day, case: Case, officer: Officer) -> None:
    await officer.tells(case.code, "reject", "#khongxuly", REASON)
    await day.citizens[case.citizen].hears(f"không xử lý được phản ánh {case.code}", REASON)
    case.history.append("reject")


async def noted(day: Day, case: Case, officer: Officer) -> None:
    """Officers write for each other, in both ways there are, and one corrects what is written."""
    card = await officer.card(case.code)
    await officer.tells(case.code, "note", "#ghichu", f"{INSIDE}: gọi đội trưởng trước")
    await officer.hears("Đã lưu ghi chú nội bộ", topic=card.thread)
    assert card.thread is not None
    place = officer.person.in_topic(card.thread)
    day.telegram.push(place.says(f"{INSIDE}: chờ vật tư"), place.edits(f"{INSIDE}: đủ vật tư rồi"))
    case.history += ["note"] * 3
    await resolve(day, case, officer)
    await confirm(day, case)


async def withdrawn(day: Day, case: Case, officer: Officer) -> None:
    """The citizen takes it back while it is worked on."""
    citizen = day.citizens[case.citizen]
    await start(day, case, officer)
    async with citizen.may_talk:
        await citizen.chat.says(f"rút phản ánh {case.code}")
        question = await citizen.hears("chắc chắn muốn rút phản ánh", case.code)
        await citizen.chat.presses(question, "withdraw_yes")
        await citizen.hears("Đã rút phản ánh", case.code)
    case.history.append("withdraw")


async def transferred(day: Day, case: Case, officer: Officer) -> None:
    """Given to another agency, whose officer has it from then on, and this group no more."""
    await officer.chooses(case.code, "transfer", AGENCY_OF[POWER])
    prompt = await officer.hears("#chuyen", case.code, AGENCY_OF[POWER])
    officer.replies(prompt, REASON)
    case.was_in.append(POWER)
    case.history.append("transfer")
    await day.tam.at(POWER).card(case.code)
    day.citizens[case.citizen].must_hear.append((f"Phản ánh {case.code}", "được chuyển", REASON))


async def merged(day: Day, case: Case, officer: Officer) -> None:
    """Worked on together with the case that it is the same as."""
    assert case.same_as is not None
    other = case.same_as
    await officer.tells(case.code, "merge", "#gop", other.code)
    await officer.sees(case.code, f"Đã gộp vào {other.code}")
    case.history.append("merge")
    other.history.append("follow")
    day.citizens[case.citizen].must_hear += [
        (f"Phản ánh {case.code}", "nói cùng một việc", other.code),
        (f"Phản ánh {other.code} mà bạn theo dõi đã có kết quả", ANSWER),
    ]
    day.citizens[case.citizen].may_hear.append((f"đang xử lý phản ánh {other.code} mà bạn",))


async def started(day: Day, case: Case, officer: Officer) -> None:
    """In the works at the end of the day."""
    await officer.starts(case.code)
    case.history.append("start")
    day.citizens[case.citizen].must_hear.append(("đang xử lý phản ánh", case.code))


async def left_behind(day: Day, case: Case, officer: Officer) -> None:
    """Of an officer who has left: the duty officer takes it over, and answers."""
    with day.database.read() as session:
        tam = staff.officer_of_telegram(session, officer.person.id)
    assert tam is not None
    await officer.chooses(case.code, "assign", str(tam.id))
    await officer.sees(case.code, f"Đã phân công – {officer.name}")
    case.history.append("assign")
    await resolve(day, case, officer)
    await confirm(day, case)


async def untouched(day: Day, case: Case, officer: Officer) -> None:
    """Nobody has come to it yet."""
    await officer.card(case.code)


def plan() -> list[Case]:
    """Thirty reports: by whom, of which agency, of what, and what becomes of each."""
    same = Case("ba", WARD, "ổ gà to tướng trước chợ Rạch Sỏi, xe té hoài", done)
    again = "ổ gà lớn ngay trước chợ Rạch Sỏi, nhiều xe té"
    return [
        # The ward's office: Lan until she leaves, then whoever sees to it.
        Case("hai", WARD, again, merged, same_as=same),
        same,
        Case("tư", WARD, "đống rác hôi thối đầu hẻm 12 đường Lâm Quang Ky", asked),
        Case("năm", WARD, "đường Mạc Cửu ngập tới đầu gối, cống nghẹt rác", left_behind),
        Case("sáu", WARD, "lấn chiếm vỉa hè bán hàng trước trường Lê Lợi", left_behind),
        Case("hai", WARD, "chó thả rông cắn người ở hẻm 5 đường Trần Phú", not_done),
        Case("ba", WARD, "nắp cống bể sụp hố sâu trên đường Quang Trung", rejected),
        Case("web một", WARD, "xây nhà trái phép lấn ra hẻm 3 đường Nguyễn Hùng Sơn", done),
        Case("web hai", WARD, "đổ trộm rác thải xây dựng ở đường Tôn Đức Thắng", transferred),
        Case("tám", WARD, "xe tải làm rơi vãi cát bụi mù mịt đường Ngô Quyền", untouched),
        # The power company: Minh.
        Case("tư", POWER, "đèn đường tắt cả tuần ở hẻm 8 đường Chi Lăng, tối thui", done),
        Case("năm", POWER, "cúp điện từ sáng tới giờ ở đường Phan Chu Trinh", answered),
        Case("sáu", POWER, "trụ điện nghiêng muốn ngã trên đường Ngô Gia Tự", noted),
        Case("bảy", POWER, "dây điện thõng xuống thấp ở hẻm 20 đường Lý Tự Trọng", done_badly),
        Case("tám", POWER, "điện yếu chập chờn ở đường Huỳnh Tấn Phát", asked),
        Case("chín", POWER, "đèn đường chớp tắt liên tục ở đường Lê Hồng Phong", withdrawn),
        Case("mười", POWER, "tủ điện hở nắp không khóa ở đường Hùng Vương", not_done),
        Case("web ba", POWER, "mất điện mỗi tối ở khu dân cư An Hòa", started),
        Case("web một", POWER, "bóng đèn đường bể rớt miểng ở đường Đống Đa", rejected),
        Case(LOUD, POWER, "dây điện đứt rớt xuống đường Hàm Nghi, xẹt lửa", answered, urgent=True),
        # The police: Hoa, who also speaks with those who ask for a person.
        Case("bảy", POLICE, "hàng xóm hát karaoke tới nửa đêm ở hẻm 7 đường Cô Giang", done),
        Case("chín", POLICE, "quán nhậu mở nhạc ầm ĩ cả đêm ở đường Trần Khánh Dư", asked),
        Case("mười", POLICE, "tụ tập đánh bài ăn tiền ở quán cà phê đường Âu Cơ", noted),
        Case("mười một", POLICE, "trộm bẻ khóa xe máy ở nhà trọ đường Sư Vạn Hạnh", done_badly),
        Case("mười một", POLICE, "xưởng cắt sắt ồn suốt ngày ở hẻm 9 đường Trần Quý Cáp", answered),
        Case("web hai", POLICE, "cho vay nặng lãi dán tờ rơi ở đường Nguyễn An Ninh", withdrawn),
        Case("web ba", POLICE, "đám cưới mở nhạc lớn tới khuya ở đường Thủ Khoa Nghĩa", done),
        Case("hai", POLICE, "thanh niên nẹt pô đua xe ban đêm ở đường Lạc Hồng", started),
        Case("ba", POLICE, "say rượu đánh nhau trước quán ở đường Võ Trường Toản", rejected),
        Case("web một", POLICE, "loa kẹo kéo làm ồn mỗi chiều ở đường Bùi Thị Xuân", untouched),
    ]


# --- the day ---


@pytest_asyncio.fixture(loop_scope="session")
async def day(database_url: str, tmp_path: Path) -> AsyncIterator[Day]:
    ids = count(1)
    async with FakeTelegram(pace=PACE) as telegram, AsyncExitStack() as stack:
        telegram.forums |= {DUTY, *AGENCY_OF}
        telegram.files |= {f"after-{n}": photo((10, 40 * n, 10)) for n in (1, 2)}
        telegram.files["chat"] = photo((0, 0, 90))
        server = Server(
            tmp_path,
            DATABASE_URL=database_url,
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_MODE="webhook",
            TELEGRAM_WEBHOOK_SECRET=WEBHOOK_SECRET,
            TELEGRAM_STAFF_CHAT_ID=str(DUTY),
            TELEGRAM_MESSAGES_PER_SECOND="0",
        )
        await stack.enter_async_context(server)
        url = f"{server.url}/webhooks/telegram"
        telegram.webhook = {"url": url, "secret": WEBHOOK_SECRET}
        database = Database(database_url)
        stack.callback(database.dispose)
        cases = plan()
        citizens = {}
        for number, name in enumerate(sorted({case.citizen for case in cases})):
            if name.startswith("web"):
                page = await stack.enter_async_context(on_the_web(server.url))
                citizens[name] = Citizen(name, page)
                await citizens[name].hears("Chào bạn")
            else:
                person = TelegramPerson(500 + number, ids, name=name, clock=time.time)
                citizens[name] = Citizen(name, OnTelegram(telegram, person))

        def officer(number: int, name: str, group: int) -> Officer:
            person = TelegramPerson(number, ids, name=name, group=group, clock=time.time)
            return Officer(telegram, person)

        yield Day(
            telegram,
            database,
            citizens,
            lan=officer(71, "Lan", WARD),
            minh=officer(72, "Minh", POWER),
            hoa=officer(73, "Hoa", POLICE),
            tam=officer(74, "Tâm", DUTY),
            cases=cases,
        )


async def come_to_work(day: Day) -> None:
    """Officers link their accounts, and the duty officer gives each agency its group, by codes."""
    for officer, role in (
        (day.lan, OfficerRole.OFFICER),
        (day.minh, OfficerRole.OFFICER),
        (day.hoa, OfficerRole.OFFICER),
        (day.tam, OfficerRole.DUTY),
    ):
        with day.database.write() as session:
            row = staff.add_officer(
                session,
                username=f"cb{officer.person.id}",
                name=officer.name,
                password="một mật khẩu dài",
                now=utc_now(),
            )
            row.role, row.agency_code = role, AGENCY_OF.get(officer.group)
            code = staff.new_link_code(row, now=utc_now())
        private = TelegramChat(day.telegram, officer.person.in_private())
        private.says(f"/lienket {code}")
        await private.hears(officer.name, "đã được liên kết")
    for group, agency in AGENCY_OF.items():
        with day.database.write() as session:
            code = groups.new_link_code(session, agency, now=utc_now())
        there = day.tam.at(group)
        day.telegram.push(there.person.says(f"/nhom {code}"))
        await there.hears("Nhóm này")


async def test_a_day_of_three_agencies(day: Day) -> None:
    await come_to_work(day)
    flood(day)
    async with asyncio.TaskGroup() as tasks:
        for name in day.citizens:
            tasks.create_task(send_reports(day, name))
        tasks.create_task(work_at_the_ward(day))
        tasks.create_task(work(day, day.minh, [c for c in day.cases if c.group == POWER]))
        tasks.create_task(work(day, day.hoa, [c for c in day.cases if c.group == POLICE]))
        tasks.create_task(talk(day))
    await evening(day)
    history_is_complete(day)
    cards_and_topics_are_as_the_cases_are(day)
    citizens_heard_what_they_must_and_nothing_else(day)
    nothing_went_to_a_wrong_chat(day)
    every_refusal_was_heeded(day)


async def send_reports(day: Day, name: str) -> None:
    """A citizen reports one thing after the other."""
    for case in day.cases:
        if case.citizen == name:
            if case.same_as is not None:
                await case.same_as.sent.wait()
            whole = f"{case.text}, phường Rạch Giá"
            case.code = await day.citizens[name].reports(whole, urgent=case.urgent)
            case.was_in.append(case.group)
            case.sent.set()


async def work(day: Day, officer: Officer, cases: list[Case]) -> None:
    """An officer works on cases one after the other."""
    for case in cases:
        await case.sent.wait()
        await case.fate(day, case, officer)


async def work_at_the_ward(day: Day) -> None:
    """Lan leaves with two cases in her hands, can do nothing any more, and Tâm sees to them."""
    cases = [case for case in day.cases if case.group == WARD]
    hers = [case for case in cases if case.fate is not left_behind][:3]
    await work(day, day.lan, hers)
    open_ones = [case for case in cases if case.fate is left_behind]
    for case in open_ones:
        await case.sent.wait()
        await start(day, case, day.lan)
    day.telegram.push(*day.lan.person.leaves())
    tam = day.tam.at(WARD)
    told = await tam.hears("Lan đã rời nhóm")
    assert set(TICKET_CODE.findall(told.text)) == {case.code for case in open_ones}
    for case in open_ones:
        card = await tam.card(case.code)
        day.lan.presses_on(card, f"resolve:{case.code}")
        day.lan.replies(card, GONE)
        assert card.thread is not None
        day.lan.writes(card.thread, GONE)
    await work(day, tam, [case for case in cases if case not in hers])


def flood(day: Day) -> None:
    """Somebody does not stop writing, while the others have something to say."""
    chat = day.citizens[LOUD].chat
    assert isinstance(chat, OnTelegram)
    # However slow the machine is, once at least it is too much for Telegram.
    day.telegram.flood.refuse_next(chat.person.id)
    day.telegram.push(*(chat.person.says("alo alo") for _ in range(FLOOD)))


async def talk(day: Day) -> None:
    """A citizen asks for a person, speaks with one, and comes back to the bot."""
    citizen, hoa = day.citizens["chín"], day.hoa.at(DUTY)
    case = next(case for case in day.cases if case.citizen == "chín")
    await case.sent.wait()
    async with citizen.may_talk:
        await citizen.chat.says("cho tôi gặp cán bộ")
        await citizen.hears("Mình đã chuyển cuộc trò chuyện cho cán bộ")
        request = await hoa.hears("muốn gặp cán bộ")
        hoa.presses_on(request, "talk:")
        await citizen.hears("Cán bộ đã vào cuộc trò chuyện")
        await citizen.chat.says("giấy hẹn của tôi bị mất thì làm sao")
        words = await hoa.hears("giấy hẹn của tôi bị mất")
        assert words.thread == request.thread
        hoa.replies(words, "Bạn mang căn cước ra quầy số 3 nhé, như hình.", files=["chat"])
        await citizen.hears("quầy số 3")
        hoa.replies(words, "/bot")
        await citizen.hears("Mình là trợ lý tự động")
        await citizen.chat.says(case.code)
        await citizen.hears(f"Phản ánh {case.code}:")
    (topic,) = day.telegram.topics_of(DUTY)
    await comes(lambda: topic.closed, "the end of the talk in its topic")


async def evening(day: Day) -> None:
    """What was to be told together is told, and everything that waits is sent."""

    def waits() -> bool:
        with day.database.write() as session:
            untold = CitizenNews.told_at.is_(None)
            session.execute(update(CitizenNews).where(untold).values(due_at=utc_now()))
            waiting = (
                select(CitizenNews.id).where(untold),
                select(InboxEvent.id).where(InboxEvent.status == InboxStatus.WAITING),
                select(OutboxMessage.id).where(OutboxMessage.status == OutboxStatus.WAITING),
            )
            return any(session.scalar(query.limit(1)) is not None for query in waiting)

    await comes(lambda: not waits(), "the end of the day", within=SETTLE_WITHIN)


# --- what must be so in the evening ---


def history_is_complete(day: Day) -> None:
    """Every step is there, each from the state in which the one before it ended."""
    with day.database.read() as session:
        tickets = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        assert sorted(ticket.code for ticket in tickets) == sorted(c.code for c in day.cases)
        for case in day.cases:
            ticket = session.scalars(select(Ticket).where(Ticket.code == case.code)).one()
            assert [event.kind for event in ticket.events] == case.history, case
            state = TicketState.NEW
            for event in ticket.events:
                if event.to_state is not None:
                    assert event.from_state == state
                    state = TicketState(event.to_state)
            assert ticket.state == state
        events = session.scalars(select(TicketEvent)).all()
        assert GONE not in str([event.detail for event in events])


def cards_and_topics_are_as_the_cases_are(day: Day) -> None:
    """One topic in each group that had the case; its card is pinned and says what is so."""
    with day.database.read() as session:
        for case in day.cases:
            ticket = session.scalars(select(Ticket).where(Ticket.code == case.code)).one()
            state = TicketState(ticket.state)
            for group in case.was_in:
                here = group == case.was_in[-1]
                topic = topic_of(day.telegram, group, case.code)
                card = card_of(day.telegram, group, case.code)
                assert topic is not None, case
                assert card is not None, case
                assert topic.closed == (state in OVER or not here), case
                assert case.code in card.text.partition("\n")[0]
                assert LOCAL.moves.states[state].label in card.text, case
                assert pressable(card) == (buttons_of(state, case.code) if here else []), case
    for group in AGENCY_OF:
        pinned = [
            one for one in day.telegram.sent(group) if one.message_id in day.telegram.pinned[group]
        ]
        assert len({one.thread for one in pinned}) == len(pinned)


def pressable(card: Sent) -> list[str]:
    rows = (card.reply_markup or {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row]


def buttons_of(state: TicketState, code: str) -> list[str]:
    """The moves of the table that staff may make, and what moves nothing."""
    moves = [move.name for move in LOCAL.moves.from_state(state) if move.who & STAFF]
    more = ["note"] if state == TicketState.WITHDRAWN else ["reply", "suggest", "note"]
    return [f"s:{action}:{code}" for action in moves + more]


def citizens_heard_what_they_must_and_nothing_else(day: Day) -> None:
    """Each thing once; nothing that officers wrote for each other, nothing of anybody else's."""
    for name, citizen in day.citizens.items():
        said = [one.text for one in citizen.chat.heard()]
        assert not any(INSIDE in text or GONE in text for text in said), name
        own = {case.code for case in day.cases if case.citizen == name}
        own |= {c.same_as.code for c in day.cases if c.citizen == name and c.same_as is not None}
        own |= {code for text in said if "• Nơi: " in text for code in TICKET_CODE.findall(text)}
        assert {code for text in said for code in TICKET_CODE.findall(text)} <= own, name
        if any(case.same_as is not None for case in day.cases if case.citizen == name):
            assert any(ALIKE in text for text in said), name
        if name == LOUD:
            assert sum("quá nhanh" in text for text in said) == 1
        else:
            assert citizen.left_over() == ([], []), name


def nothing_went_to_a_wrong_chat(day: Day) -> None:
    """Citizens' chats and the four groups; in each group only the cases that it had."""
    officers = {one.person.id for one in (day.lan, day.minh, day.hoa, day.tam)}
    citizens = {c.chat.person.id for c in day.citizens.values() if isinstance(c.chat, OnTelegram)}
    assert {one.chat_id for one in day.telegram.sent()} == {DUTY, *AGENCY_OF} | citizens | officers
    for group in AGENCY_OF:
        known = {case.code for case in day.cases if group in case.was_in}
        assert set(TICKET_CODE.findall(" ".join(day.telegram.texts(group)))) == known
        for one in day.telegram.sent(group):
            codes = set(TICKET_CODE.findall(one.text.partition("\n")[0]))
            topic = day.telegram.topics.get((group, one.thread or 0))
            assert topic is None or not codes or TICKET_CODE.findall(topic.name)[0] in codes
    above = {case.code for case in day.cases if case.fate is not_done}
    assert set(TICKET_CODE.findall(" ".join(day.telegram.texts(DUTY)))) == above


def every_refusal_was_heeded(day: Day) -> None:
    """Telegram said "too many" at times; nobody was written to before the time was over."""
    refused = [why for _, why in day.telegram.refusals if why.startswith("Too Many Requests")]
    others = [why for _, why in day.telegram.refusals if not why.startswith("Too Many Requests")]
    assert refused != []
    assert day.telegram.flood.ignored == []
    assert [why for why in others if "not modified" not in why] == []
