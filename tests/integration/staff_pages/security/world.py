"""Things for the routes to be about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from itertools import count
from random import Random

from PIL import Image

from actions import handoff, ticket_code
from actions.administration import people
from actions.administration.people import Person
from store.cases import Block
from store.desk import Publication, SavedFilter, TicketRelease
from store.messages import Conversation, InboxEvent, InboxStatus
from store.privacy import PrivacyRequest
from store.staff import Officer, OfficerRole
from store.tickets import Attachment, Ticket
from tests.case_room import LOCAL
from tests.integration.staff_desk import Desk

OWN, OTHER = "so-xay-dung", "so-nong-nghiep-moi-truong"

_NAME = re.compile(r"\{(\w+)\}")


@dataclass
class World:
    """What is at the desk; `visitor` is the officer whose lists are made."""

    desk: Desk
    visitor: Officer
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _random: Random = field(default_factory=lambda: Random(7))
    _kept: dict[str, str] = field(default_factory=dict)
    _photos: dict[str, int] = field(default_factory=dict)
    _photo: int = 0

    def address(self, template: str, *, fresh: bool = True) -> str:
        """An address with a thing for each name in braces.

        Args:
            fresh: made anew, for requests that change it; else one that no request has changed.
        """
        makers: dict[str, Callable[[], object]] = {
            "ticket": lambda: self.ticket().code,
            "released": lambda: self.released().code,
            "photo": lambda: self._photo,
            "picture": lambda: self.picture(self.ticket()).path,
            "chat": lambda: self.chat().id,
            "block": self.block,
            "list": self.list,
            "publication": self.publication,
            "request": self.request,
            "letter": self.letter,
            "person": lambda: self.person().id,
            "agency": lambda: OWN,
            "reply": lambda: LOCAL.canned[0].name,
            "change": self.change,
        }

        def thing(found: re.Match[str]) -> str:
            name = found.group(1)
            value = str(makers[name]()) if fresh or name not in self._kept else self._kept[name]
            if not fresh and name != "photo":
                self._kept[name] = value
            self._photo = self._photos.get(value, self._photo)
            return value

        return _NAME.sub(thing, template)

    def conversation(self) -> Conversation:
        return self.desk.chat(f"chat {next(self._numbers)}")

    def ticket(self) -> Ticket:
        code = ticket_code.issue(self._random)
        return self.desk.ticket(code, chat=self.conversation(), agency_code=OWN)

    def picture(self, ticket: Ticket) -> Attachment:
        data = BytesIO()
        Image.new("RGB", (20, 10), "red").save(data, "PNG")
        kept = self.desk.media_store.add("photo", data.getvalue())
        return self.desk.add(
            Attachment(
                conversation_id=ticket.conversation_id,
                ticket_id=ticket.id,
                kind="photo",
                mime=kept.mime,
                size=kept.size,
                path=kept.path,
                purpose="after",
                created_at=self.desk.now,
            )
        )

    def released(self) -> Ticket:
        ticket = self.ticket()
        self._photos[ticket.code] = self.picture(ticket).id
        self.desk.add(
            TicketRelease(
                ticket_id=ticket.id,
                text="Ổ gà trước trường",
                place="Đường Lạc Hồng",
                answer="",
                attachment_ids=[self._photos[ticket.code]],
                officer_id=self.visitor.id,
                released_at=self.desk.now,
            )
        )
        return ticket

    def chat(self) -> Conversation:
        """A chat that waits for a person."""
        chat = self.conversation()
        with self.desk.database.write() as session:
            row = session.get_one(Conversation, chat.id)
            handoff.request(session, row, reason="asked", now=self.desk.now)
        return chat

    def block(self) -> int:
        now = self.desk.now
        until = {"created_at": now, "until": now + timedelta(days=1)}
        chat = self.conversation()
        return self.desk.add(Block(conversation_id=chat.id, reason="Quấy rối", **until)).id

    def list(self) -> int:
        name = f"Danh sách {next(self._numbers)}"
        row = SavedFilter(
            officer_id=self.visitor.id, name=name, query="view=all", created_at=self.desk.now
        )
        return self.desk.add(row).id

    def publication(self) -> int:
        row = Publication(
            kind="notice",
            title="Cúp nước",
            text="Từ 8 giờ đến 11 giờ.",
            officer_id=self.visitor.id,
            published_at=self.desk.now,
        )
        return self.desk.add(row).id

    def request(self) -> int:
        now = self.desk.now
        row = PrivacyRequest(
            conversation_id=self.conversation().id,
            kind="delete",
            requested_at=now,
            due_at=now + timedelta(days=20),
        )
        return self.desk.add(row).id

    def letter(self) -> int:
        now = self.desk.now
        row = InboxEvent(
            channel="web",
            event_id=f"event {next(self._numbers)}",
            conversation_id=self.conversation().id,
            sort_key=0,
            payload={"kind": "text", "text": "lời của người dân"},
            status=InboxStatus.DEAD,
            attempts=6,
            error="KeyError",
            received_at=now,
            ready_at=now,
            done_at=now,
        )
        return self.desk.add(row).id

    def person(self) -> Officer:
        return self.desk.officer(f"officer{next(self._numbers)}", "Lê Văn Hùng")

    def change(self) -> int:
        """A change of a name, which can be undone."""
        person = self.person()
        with self.desk.database.write() as session:
            changed = people.change(
                session,
                session.get_one(Officer, self.visitor.id),
                person.id,
                Person("Lê Văn Hùng Anh", OfficerRole.OFFICER, None, None, None),
                reason="",
                local=LOCAL,
                now=self.desk.now,
            )
            assert changed.change is not None
            return changed.change.id
