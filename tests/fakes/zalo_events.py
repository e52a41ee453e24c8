"""Events in the shape in which Zalo's webhook hands them over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

Event = dict[str, Any]

APP_ID = "2200000000000000001"
OA_ID = "3300000000000000001"

BEGINNING = 1_780_000_000_000
"""The first timestamp, in milliseconds since 1970; later events follow by the second."""


def sign(event: Event, secret: str, app_id: str = APP_ID) -> tuple[bytes, str]:
    """The body of a webhook call and its signature header."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    text = app_id.encode() + body + event["timestamp"].encode() + secret.encode()
    return body, f"mac={hashlib.sha256(text).hexdigest()}"


class ZaloPerson:
    """Someone who writes to the Official Account.

    Args:
        person_id: digits in a string, as Zalo's ids are.
        moments: numbers the events; people who share one get timestamps in order.
    """

    def __init__(self, person_id: str, moments: Iterator[int] | None = None) -> None:
        self.id = person_id
        self._moments = moments or count(1)

    def _event(self, name: str, **parts: Any) -> Event:
        moment = next(self._moments)
        return {
            "event_name": name,
            "app_id": APP_ID,
            **parts,
            "timestamp": str(BEGINNING + moment * 1000),
        }

    def sends(self, kind: str, **message: Any) -> Event:
        """A `user_send_<kind>` with any content of Zalo's `message`."""
        event = self._event(
            f"user_send_{kind}",
            sender={"id": self.id},
            recipient={"id": OA_ID},
            user_id_by_app=f"7{self.id}",
            message=message,
        )
        message.setdefault("msg_id", f"m{self.id}x{event['timestamp']}")
        return event

    def says(self, text: str) -> Event:
        return self.sends("text", text=text)

    def presses(self, payload: str) -> Event:
        """Taps a button of ours: its payload comes back as a text."""
        return self.says(f"#p:{payload}")

    def attaches(self, kind: str, payload: dict[str, Any], text: str | None = None) -> Event:
        attachments = [{"type": kind, "payload": payload}]
        return self.sends(kind, attachments=attachments, **({"text": text} if text else {}))

    def photographs(self, url: str, text: str | None = None) -> Event:
        return self.attaches("image", {"url": url, "thumbnail": url}, text)

    def is_at(self, latitude: str, longitude: str, text: str | None = None) -> Event:
        coordinates = {"latitude": latitude, "longitude": longitude}
        return self.attaches("location", {"coordinates": coordinates}, text)

    def follows(self) -> Event:
        return self._event("follow", oa_id=OA_ID, follower={"id": self.id}, source="oa_profile")

    def unfollows(self) -> Event:
        return self._event("unfollow", oa_id=OA_ID, follower={"id": self.id})

    def opens_chat(self) -> Event:
        return self._event("user_click_chatnow", oa_id=OA_ID, user_id=self.id)

    def withdraws(self) -> Event:
        return self._event("user_withdraw", user_id=self.id, user_id_by_app=f"7{self.id}")

    def submits_info(self, **info: Any) -> Event:
        return self._event(
            "user_submit_info", sender={"id": self.id}, recipient={"id": OA_ID}, info=info
        )

    def is_answered(self, text: str, admin_id: str | None = None) -> Event:
        """The account wrote to this person: a person of the staff, or (no id) its own bot."""
        sender = {"id": OA_ID, **({"admin_id": admin_id} if admin_id else {})}
        event = self._event(
            "oa_send_text", sender=sender, recipient={"id": self.id}, message={"text": text}
        )
        event["message"]["msg_id"] = f"oa{event['timestamp']}"
        return event

    def has_seen(self) -> Event:
        return self._event(
            "user_seen_message",
            sender={"id": self.id},
            recipient={"id": OA_ID},
            message={"msg_ids": ["m1"]},
        )

    def reacts(self) -> Event:
        return self._event(
            "user_reacted_message",
            sender={"id": self.id},
            recipient={"id": OA_ID},
            message={"msg_id": "m1", "react_icon": "/-heart"},
        )
