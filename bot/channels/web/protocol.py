"""The frames between the page and this server: JSON objects with a `type`.

From the page:
    hello {last}                    the newest outbox id it shows, 0 for a page just opened
    text {id, order, text}          `id` is the page's own for the message, `order` a counter
    press {id, order, payload, title}
    media {id, order, refs, text}   `refs` are what the upload route answered
    location {id, order, latitude, longitude}
    contact {id, order, phone}
    seen {ids}                      outbox ids that are on the screen
    ping {}

To the page:
    ready {}                        hello was heard: messages are taken from now on
    history {items}                 after a hello with `last` 0: `own` and `message` items, by time
    message {id, author, at, …}     one outbox row; the page answers `seen`. With `person` true the
                                    bot says nothing here: a person has the chat, or is asked for
    ack {id}                        the message is committed, or was so before
    later {id, code, after}         not taken now: send it again after so many seconds
    error {id, code}                never to be taken as it is: do not send it again
    pong {}
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import Button, Contact, Incoming, Kind, Location, MediaRef, Outgoing

CHANNEL = "web"

TEXT_LIMIT = 4000
"""Characters of one message; the page's field has the same limit."""

FRAME_LIMIT = 48 * 1024
"""Bytes of one frame: a text of that length with every character escaped, and some air."""

TITLE_LIMIT = 200
MEDIA_LIMIT = 10
"""Files in one message."""

SEEN_LIMIT = 200
_BIGGEST_INTEGER = 2**53

_CLIENT_ID = re.compile(r"[A-Za-z0-9-]{8,40}")
_PAYLOAD = re.compile(r"[ -~]{1,64}")
"""What our buttons carry: plain ASCII of at most 64 bytes, as everywhere in this project."""

_PHONE = re.compile(r"\+?[0-9][0-9 .-]{7,18}[0-9]")


class BadFrame(Exception):
    """A frame cannot be taken as it is.

    Attributes:
        code: names the reason; the page has words for each.
        id: the page's id of the message, where it could be read.
    """

    def __init__(self, code: str, client_id: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.id = client_id


@dataclass(frozen=True)
class Hello:
    last: int


@dataclass(frozen=True)
class Seen:
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Ping:
    pass


@dataclass(frozen=True)
class Message:
    """Something the citizen did; `id` is the page's own."""

    id: str
    incoming: Incoming


Frame = Hello | Seen | Ping | Message


class FrameReader:
    """Reads the frames of one chat.

    Args:
        media: the file behind an upload's ref, or None when this chat has uploaded no such file.
    """

    def __init__(self, chat_id: str, media: Callable[[str], MediaRef | None]) -> None:
        self._chat_id = chat_id
        self._media = media

    def read(self, data: str, now: datetime) -> Frame:
        """Raises BadFrame for whatever does not follow the protocol."""
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            raise BadFrame("unreadable") from None
        if not isinstance(frame, dict):
            raise BadFrame("unreadable")
        match frame.get("type"):
            case "hello":
                return Hello(_integer(frame.get("last"), None))
            case "seen":
                ids = frame.get("ids")
                if not isinstance(ids, list) or len(ids) > SEEN_LIMIT:
                    raise BadFrame("unreadable")
                return Seen(tuple(_integer(number, None) for number in ids))
            case "ping":
                return Ping()
        return self._message(frame, now)

    def _message(self, frame: dict[str, Any], now: datetime) -> Message:
        client_id = frame.get("id")
        if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
            raise BadFrame("unreadable")
        read = _CONTENT.get(str(frame.get("type")))
        if read is None:
            raise BadFrame("unreadable", client_id)
        incoming = Incoming(
            channel=CHANNEL,
            event_id=f"{self._chat_id}:{client_id}",
            chat_id=self._chat_id,
            sort_key=_integer(frame.get("order"), client_id),
            sent_at=now,
            **read(self, frame, client_id),
        )
        return Message(client_id, incoming)

    def _text(self, frame: dict[str, Any], client_id: str) -> dict[str, Any]:
        text = _string(frame.get("text"), TEXT_LIMIT, client_id).strip()
        if not text:
            raise BadFrame("empty", client_id)
        return {"kind": Kind.TEXT, "text": text}

    def _press(self, frame: dict[str, Any], client_id: str) -> dict[str, Any]:
        payload = frame.get("payload")
        if not isinstance(payload, str) or not _PAYLOAD.fullmatch(payload):
            raise BadFrame("unreadable", client_id)
        title = _string(frame.get("title", ""), TITLE_LIMIT, client_id)
        return {"kind": Kind.PRESS, "payload": payload, "text": title}

    def _files(self, frame: dict[str, Any], client_id: str) -> dict[str, Any]:
        refs = frame.get("refs")
        if not isinstance(refs, list) or not 1 <= len(refs) <= MEDIA_LIMIT:
            raise BadFrame("unreadable", client_id)
        found = [self._media(ref) for ref in refs if isinstance(ref, str)]
        media = tuple(ref for ref in found if ref is not None)
        if len(media) != len(refs):
            raise BadFrame("media_unknown", client_id)
        text = _string(frame.get("text", ""), TEXT_LIMIT, client_id).strip()
        return {"kind": Kind.MEDIA, "media": media, "text": text}

    def _location(self, frame: dict[str, Any], client_id: str) -> dict[str, Any]:
        latitude, longitude = (
            _degrees(frame.get(name), most, client_id)
            for name, most in (("latitude", 90), ("longitude", 180))
        )
        return {
            "kind": Kind.LOCATION,
            "location": Location(latitude=latitude, longitude=longitude),
        }

    def _contact(self, frame: dict[str, Any], client_id: str) -> dict[str, Any]:
        phone = _string(frame.get("phone"), 30, client_id).strip()
        if not _PHONE.fullmatch(phone):
            raise BadFrame("bad_phone", client_id)
        return {"kind": Kind.CONTACT, "contact": Contact(phone=phone, own=True)}


_CONTENT: dict[str, Callable[[FrameReader, dict[str, Any], str], dict[str, Any]]] = {
    "text": FrameReader._text,
    "press": FrameReader._press,
    "media": FrameReader._files,
    "location": FrameReader._location,
    "contact": FrameReader._contact,
}


def opened(chat_id: str, now: datetime) -> Incoming:
    """The first visit of a chat: the same event however often it is told, before all others."""
    return Incoming(
        channel=CHANNEL,
        event_id=f"{chat_id}:opened",
        chat_id=chat_id,
        kind=Kind.OPENED,
        sent_at=now,
    )


def message_frame(
    row_id: int, author: str, at: datetime, message: Outgoing, *, person: bool = False
) -> dict[str, Any]:
    """An outbox row as the page reads it; files by address, for their paths are ours."""
    frame: dict[str, Any] = {
        "type": "message",
        "id": row_id,
        "author": author,
        "at": at.isoformat(),
        "text": message.text,
    }
    if person:
        frame["person"] = True
    if message.buttons:
        frame["buttons"] = [_button(button) for button in message.buttons]
    if message.ask:
        frame["ask"] = message.ask
    if message.media:
        frame["media"] = [
            {"kind": item.kind, "src": f"/chat/media/{row_id}/{number}"}
            | ({"name": item.name} if item.name else {})
            for number, item in enumerate(message.media)
        ]
    return frame


def wait_s(after: float) -> float:
    """Seconds to wait as a page is told them: tenths, rounded up, so that it never comes early."""
    return math.ceil(after * 10) / 10


def own_frame(incoming: Incoming) -> dict[str, Any] | None:
    """What the citizen did, as the page shows it again; None for what left nothing to show."""
    if incoming.kind == Kind.OPENED:
        return None
    frame: dict[str, Any] = {
        "type": "own",
        "id": incoming.event_id.rpartition(":")[2],
        "at": incoming.sent_at.isoformat(),
        "kind": incoming.kind.value,
        "text": incoming.contact.phone if incoming.contact else incoming.text,
    }
    if incoming.media:
        frame["media"] = [
            {"kind": ref.kind, "src": f"/chat/uploads/{ref.ref}"} for ref in incoming.media
        ]
    return frame


def _button(button: Button) -> dict[str, str]:
    return button.model_dump(exclude_none=True)


def _string(value: object, limit: int, client_id: str) -> str:
    if not isinstance(value, str):
        raise BadFrame("unreadable", client_id)
    if len(value) > limit:
        raise BadFrame("too_long", client_id)
    return value


def _integer(value: object, client_id: str | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _BIGGEST_INTEGER:
        raise BadFrame("unreadable", client_id)
    return value


def _degrees(value: object, most: int, client_id: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise BadFrame("unreadable", client_id)
    if not math.isfinite(value) or abs(value) > most:
        raise BadFrame("unreadable", client_id)
    return float(value)
