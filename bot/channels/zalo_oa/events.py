"""Reads the events of a Zalo Official Account: one `Incoming` each, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from bot.documents import TYPES
from bot.messages import Contact, Incoming, Kind, Location, MediaKind, MediaRef
from bot.storable import storable

CHANNEL = "zalo_oa"

PRESS_MARK = "#p:"
"""A tapped button comes back as a text that is its payload: ours begin with this."""

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""Zalo's timestamps are milliseconds since 1970; one before this is none."""

ALBUM_WINDOW_MS = 60_000
"""Zalo sends the pictures of an album as unrelated events: those of one minute may be joined."""

EVENT_ID_LIMIT = 120

TIMESTAMP_LIMIT = 2**63
"""The database keeps them as 64-bit integers."""

Event = Mapping[str, Any]


class UnreadableEvent(ValueError):
    """An event that is not of Zalo's form."""


def incoming(event: Event, now: datetime) -> Incoming | None:
    """What a person did, or None for what the conversation need not know.

    Args:
        event: the body of a webhook call.
        now: stands in for a timestamp that is none.

    Raises:
        UnreadableEvent: parts that Zalo always sends are missing or of another form.
    """
    name = event.get("event_name")
    if not isinstance(name, str):
        raise UnreadableEvent("event_name")
    read = READERS.get(name)
    if read is None and name.startswith("oa_send_"):
        read = _oa_sent
    if read is None:
        return None
    try:
        return read(event, now)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ValidationError) as error:
        # Without the message of the error, which may repeat a citizen's words.
        raise UnreadableEvent(type(error).__name__) from None


def _event(event: Event, now: datetime, chat_id: object, kind: Kind, **parts: Any) -> Incoming:
    """The parts that all events share; those without a message are known by person and time."""
    chat = _id(chat_id)
    timestamp = int(event["timestamp"])
    if not 0 <= timestamp < TIMESTAMP_LIMIT:
        raise ValueError("timestamp")
    message_id = event.get("message", {}).get("msg_id")
    event_id = _id(message_id) if message_id else f"{event['event_name']}:{timestamp}:{chat}"
    return Incoming(
        channel=CHANNEL,
        event_id=event_id[:EVENT_ID_LIMIT],
        chat_id=chat,
        kind=kind,
        sort_key=timestamp,
        sent_at=_moment(timestamp, now),
        **parts,
    )


def _id(value: object) -> str:
    """Zalo's ids are digits or hex in strings; numbers are let pass."""
    text = storable(str(value)) if isinstance(value, str | int) else ""
    if not text:
        raise ValueError("id")
    return text


def _moment(timestamp: int, now: datetime) -> datetime:
    try:
        moment = datetime.fromtimestamp(timestamp / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return now
    return moment if moment >= EARLIEST else now


def _words(event: Event) -> str:
    return storable(event["message"].get("text") or "")


def _attachment(event: Event) -> Mapping[str, Any]:
    payload = event["message"]["attachments"][0]["payload"]
    if not isinstance(payload, Mapping):
        raise TypeError("payload")
    return payload


def _text(event: Event, now: datetime) -> Incoming:
    words, sender = _words(event), event["sender"]["id"]
    if words.startswith(PRESS_MARK):
        payload = words.removeprefix(PRESS_MARK)
        return _event(event, now, sender, Kind.PRESS, payload=payload)
    return _event(event, now, sender, Kind.TEXT, text=words)


def _link(event: Event, now: datetime) -> Incoming:
    words = _words(event) or storable(str(_attachment(event).get("url") or ""))
    return _event(event, now, event["sender"]["id"], Kind.TEXT, text=words)


def _media(kind: MediaKind) -> Callable[[Event, datetime], Incoming]:
    def read(event: Event, now: datetime) -> Incoming:
        sender = event["sender"]["id"]
        refs = tuple(
            MediaRef(
                kind=kind,
                ref=attachment["payload"]["url"],
                name=storable(str(attachment["payload"].get("name") or "")),
            )
            for attachment in event["message"]["attachments"]
        )
        return _event(
            event,
            now,
            sender,
            Kind.MEDIA,
            text=_words(event),
            media=refs,
            group_key=f"{sender}:{int(event['timestamp']) // ALBUM_WINDOW_MS}",
        )

    return read


def _location(event: Event, now: datetime) -> Incoming:
    coordinates = _attachment(event)["coordinates"]
    place = Location(
        latitude=float(coordinates["latitude"]), longitude=float(coordinates["longitude"])
    )
    if not (abs(place.latitude) <= 90 and abs(place.longitude) <= 180):
        raise ValueError("coordinates")
    sender = event["sender"]["id"]
    return _event(event, now, sender, Kind.LOCATION, location=place, text=_words(event))


def _unsupported(event: Event, now: datetime) -> Incoming:
    return _event(event, now, event["sender"]["id"], Kind.UNSUPPORTED, text=_words(event))


def _file(event: Event, now: datetime) -> Incoming:
    """A document; other files are nothing that can be read."""
    suffix = str(_attachment(event).get("name") or "").rpartition(".")[2].lower()
    return (_media("file") if suffix in TYPES else _unsupported)(event, now)


def _followed(event: Event, now: datetime) -> Incoming:
    return _event(event, now, event["follower"]["id"], Kind.OPENED)


def _chat_opened(event: Event, now: datetime) -> Incoming:
    return _event(event, now, event["user_id"], Kind.OPENED)


def _withdrawn(event: Event, now: datetime) -> Incoming:
    return _event(event, now, event["user_id"], Kind.ERASE)


def _info_submitted(event: Event, now: datetime) -> Incoming | None:
    """Old and new shape differ in the address, which nobody asked for; name and phone agree."""
    info = event["info"]
    phone = str(info.get("phone") or "").strip()
    if not phone:
        return None
    name = storable(str(info.get("name") or "").strip()) or None
    contact = Contact(phone=storable(phone), own=True, name=name)
    return _event(event, now, event["sender"]["id"], Kind.CONTACT, contact=contact)


def _oa_sent(event: Event, now: datetime) -> Incoming | None:
    """What the account itself said: by a person in Zalo's console, or (no admin_id) by this bot."""
    if not event["sender"].get("admin_id"):
        return None
    return _event(event, now, event["recipient"]["id"], Kind.TAKEN_OVER)


READERS: Mapping[str, Callable[[Event, datetime], Incoming | None]] = {
    "user_send_text": _text,
    "user_send_link": _link,
    "user_send_image": _media("photo"),
    "user_send_gif": _media("photo"),
    "user_send_video": _media("video"),
    "user_send_location": _location,
    "user_send_audio": _unsupported,
    "user_send_sticker": _unsupported,
    "user_send_file": _file,
    "user_send_business_card": _unsupported,
    "follow": _followed,
    "user_click_chatnow": _chat_opened,
    "user_submit_info": _info_submitted,
    "user_withdraw": _withdrawn,
}
"""Events that say something, besides `oa_send_*`. Not among them: receipts and reactions
(`user_seen_message`, `user_received_message`, `user_reacted_message`), `unfollow`, which sending
finds out, and `anonymous_send_*`: Zalo documents no way to answer such a visitor with the current
API, and a conversation that cannot be answered must not be begun."""
