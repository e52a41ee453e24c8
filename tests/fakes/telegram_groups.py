"""What supergroups have besides messages: topics, pinned messages, and members who come and go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_checks import ApiError

Params = dict[str, Any]

ALL_RIGHTS = frozenset({"can_manage_topics", "can_pin_messages"})


@dataclass
class Topic:
    """A topic of a forum; its number is also that of the message that opened it."""

    chat_id: int
    thread: int
    name: str
    closed: bool = False
    deleted: bool = False


class GroupsApi:
    """The methods of the Bot API about groups, and what tests may set: who is what there.

    Everybody is a member of every group unless `standings` says otherwise. The bot is an
    administrator with all rights of a forum; of other groups a member.
    """

    def __init__(self) -> None:
        self.forums: set[int] = set()
        self.rights: dict[int, frozenset[str]] = {}
        self.standings: dict[tuple[int, int], str] = {}
        self.topics: dict[tuple[int, int], Topic] = {}
        self.pinned: dict[int, list[int]] = {}

    def hear_of_members(self, update: dict[str, Any]) -> None:
        """Whoever leaves a group is not in it from now on, whoever comes is."""
        if (change := update.get("chat_member")) is not None:
            who = change["new_chat_member"]
            self.standings[change["chat"]["id"], who["user"]["id"]] = who["status"]
        message = update.get("message", {})
        if (gone := message.get("left_chat_member")) is not None:
            self.standings[message["chat"]["id"], gone["id"]] = "left"
        for user in message.get("new_chat_members", ()):
            self.standings[message["chat"]["id"], user["id"]] = "member"

    def may(self, chat_id: int, right: str) -> bool:
        return right in self.rights.get(chat_id, ALL_RIGHTS if chat_id in self.forums else ())

    def topics_of(self, chat_id: int) -> list[Topic]:
        """The topics of a group in the order of their opening, the deleted ones left out."""
        return [t for t in self.topics.values() if t.chat_id == chat_id and not t.deleted]

    def open_topic(self, chat_id: int, thread: int, name: str) -> Topic:
        topic = self.topics[chat_id, thread] = Topic(chat_id, thread, name)
        return topic

    def topic_for_sending(self, chat_id: int, thread: int | None) -> None:
        """Refuse what cannot be written in a topic."""
        if thread is None:
            return
        topic = self.topics.get((chat_id, thread))
        if topic is None or topic.deleted:
            raise ApiError(400, "Bad Request: message thread not found")
        if topic.closed and not self.may(chat_id, "can_manage_topics"):
            raise ApiError(400, "Bad Request: TOPIC_CLOSED")

    def check_topics(self, chat_id: int, what: str) -> None:
        if chat_id not in self.forums:
            raise ApiError(400, "Bad Request: the chat is not a forum")
        if not self.may(chat_id, "can_manage_topics"):
            raise ApiError(400, f"Bad Request: not enough rights to {what}")

    async def api_closeforumtopic(self, params: Params) -> bool:
        return self._set(params, "close a topic", closed=True)

    async def api_reopenforumtopic(self, params: Params) -> bool:
        return self._set(params, "reopen a topic", closed=False)

    def _set(self, params: Params, what: str, *, closed: bool) -> bool:
        chat_id = int(params["chat_id"])
        self.check_topics(chat_id, what)
        topic = self.topics.get((chat_id, int(params["message_thread_id"])))
        if topic is None or topic.deleted:
            raise ApiError(400, "Bad Request: TOPIC_ID_INVALID")
        if topic.closed == closed:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        return True

    def pin(self, chat_id: int, message_id: int) -> None:
        if not self.may(chat_id, "can_pin_messages"):
            raise ApiError(
                400, "Bad Request: not enough rights to manage pinned messages in the chat"
            )
        pinned = self.pinned.setdefault(chat_id, [])
        if message_id not in pinned:
            pinned.append(message_id)

    async def api_getchatmember(self, params: Params) -> dict[str, Any]:
        chat_id, user_id = int(params["chat_id"]), int(params["user_id"])
        standing = self.standings.get((chat_id, user_id), "member")
        if standing == "never":
            raise ApiError(400, "Bad Request: user not found")
        user = {"id": user_id, "is_bot": False, "first_name": "Ai đó"}
        until = {"until_date": 0} if standing == "kicked" else {}
        return {"user": user, "status": standing, **until}
