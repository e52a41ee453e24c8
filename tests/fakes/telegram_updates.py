"""Updates in the shape in which the Bot API hands them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

Update = dict[str, Any]

BEGINNING = 1_780_000_000
"""The date of the first message, in seconds since 1970; later ones follow by the second."""


class TelegramPerson:
    """Someone who writes to the bot, in a private chat or in a group.

    Args:
        person_id: the person's id, which is also that of the private chat.
        ids: numbers the updates; people who share one get ids in the order of their doings.
        group: the id of the group in which the person writes; None for the private chat.
        topic: the topic of the group in which the person writes.
        clock: seconds since 1970; without one the messages follow each other by the second.
    """

    def __init__(
        self,
        person_id: int,
        ids: Iterator[int] | None = None,
        *,
        name: str = "Lan",
        group: int | None = None,
        topic: int | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.id = person_id
        self.name = name
        self.group = group
        self.topic = topic
        self._ids = ids or count(1)
        self._clock = clock

    def in_group(self, group: int | None, topic: int | None = None) -> TelegramPerson:
        """The same person, writing in a group, or to the bot alone."""
        return TelegramPerson(
            self.id, self._ids, name=self.name, group=group, topic=topic, clock=self._clock
        )

    def in_private(self) -> TelegramPerson:
        """The same person, writing to the bot alone."""
        return self.in_group(None)

    def in_topic(self, topic: int | None) -> TelegramPerson:
        """The same person, writing in a topic of the group."""
        return self.in_group(self.group, topic)

    def _date(self, number: int) -> int:
        return BEGINNING + number if self._clock is None else int(self._clock())

    def _place(self, content: dict[str, Any]) -> dict[str, Any]:
        """What Telegram adds to a message in a topic: its number, and the opening as "reply"."""
        if self.topic is None:
            return {}
        opening = {
            "message_id": self.topic,
            "date": BEGINNING,
            "chat": self._chat,
            "from": {"id": 42, "is_bot": True, "first_name": "Cầu Nối"},
            "forum_topic_created": {"name": "PA", "icon_color": 7322096},
        }
        reply = {} if "reply_to_message" in content else {"reply_to_message": opening}
        return {"message_thread_id": self.topic, "is_topic_message": True, **reply}

    @property
    def _from(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": "vi",
        }

    @property
    def _chat(self) -> dict[str, Any]:
        if self.group is None:
            return {"id": self.id, "type": "private", "first_name": self.name}
        kind = "supergroup" if self.group <= -1_000_000_000_000 else "group"
        return {"id": self.group, "type": kind, "title": "Tổ trực"}

    def message(self, **content: Any) -> Update:
        """A message with any content of the Bot API's `Message`."""
        number = next(self._ids)
        return {
            "update_id": number,
            "message": {
                "message_id": number + 100,
                "date": self._date(number),
                "chat": self._chat,
                "from": self._from,
                **self._place(content),
                **content,
            },
        }

    def says(self, text: str, **more: Any) -> Update:
        return self.message(text=text, **more)

    def edits(self, text: str) -> Update:
        update = self.says(text)
        message = update.pop("message")
        message["edit_date"] = message["date"] + 5
        return {**update, "edited_message": message}

    def photographs(self, file_id: str, caption: str | None = None, **more: Any) -> Update:
        sizes = [
            {
                "file_id": name,
                "file_unique_id": f"u-{name}",
                "width": width,
                "height": width * 3 // 4,
                "file_size": width * 100,
            }
            for name, width in ((f"{file_id}-small", 90), (file_id, 1280))
        ]
        return self.message(photo=sizes, **({"caption": caption} if caption else {}), **more)

    def album(self, files: list[str], caption: str | None = None, **more: Any) -> list[Update]:
        """Photos sent together: an update each, the caption with the first."""
        key = f"album-{files[0]}"
        words = [caption, *[None] * (len(files) - 1)]
        return [
            self.photographs(file, text, media_group_id=key, **more)
            for file, text in zip(files, words, strict=True)
        ]

    def films(self, file_id: str, size: int = 500_000) -> Update:
        video = {
            "file_id": file_id,
            "file_unique_id": f"u-{file_id}",
            "width": 640,
            "height": 480,
            "duration": 7,
            "mime_type": "video/mp4",
            "file_size": size,
        }
        return self.message(video=video)

    def is_at(self, latitude: float, longitude: float) -> Update:
        return self.message(location={"latitude": latitude, "longitude": longitude})

    def shares_contact(self, phone: str, owner: int | None = None) -> Update:
        contact = {"phone_number": phone, "first_name": self.name, "user_id": owner or self.id}
        return self.message(contact=contact)

    def presses(self, data: str, message_id: int = 1, text: str = "…") -> Update:
        number = next(self._ids)
        return {
            "update_id": number,
            "callback_query": {
                "id": f"press-{number}",
                "from": self._from,
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": message_id,
                    "date": BEGINNING,
                    "chat": self._chat,
                    "text": text,
                    **self._place({}),
                },
            },
        }

    def changes_membership(self, old: str, new: str) -> Update:
        """The bot's own standing in the chat changes; this person did it."""
        number = next(self._ids)
        bot = {"id": 42, "is_bot": True, "first_name": "Cầu Nối"}
        return {
            "update_id": number,
            "my_chat_member": {
                "chat": self._chat,
                "from": self._from,
                "date": self._date(number),
                "old_chat_member": _member(bot, old),
                "new_chat_member": _member(bot, new),
            },
        }

    def leaves(self, *, seen_by_administrators: bool = True) -> list[Update]:
        """This person leaves the group: told to bots that are administrators, and put into the
        group as a note."""
        return self._comes_or_goes("member", "left", "left_chat_member", seen_by_administrators)

    def joins(self, *, seen_by_administrators: bool = True) -> list[Update]:
        return self._comes_or_goes("left", "member", "new_chat_members", seen_by_administrators)

    def _comes_or_goes(self, old: str, new: str, note: str, change: bool) -> list[Update]:
        who: Any = [self._from] if note == "new_chat_members" else self._from
        updates = [self.message(**{note: who})]
        if change:
            number = next(self._ids)
            updates.append(
                {
                    "update_id": number,
                    "chat_member": {
                        "chat": self._chat,
                        "from": self._from,
                        "date": self._date(number),
                        "old_chat_member": _member(self._from, old),
                        "new_chat_member": _member(self._from, new),
                    },
                }
            )
        return updates


def _member(user: dict[str, Any], status: str) -> dict[str, Any]:
    if status == "kicked":
        return {"user": user, "status": status, "until_date": 0}
    return {"user": user, "status": status}
