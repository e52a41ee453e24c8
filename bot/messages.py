"""What comes in from a messenger and what goes out to it, in one form for all of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.storable import storable


class Kind(StrEnum):
    """What a person did."""

    TEXT = "text"
    PRESS = "press"
    """A button: `payload` holds what the button carried."""
    MEDIA = "media"
    """Photos, videos or documents; `text` holds the caption, if any."""
    LOCATION = "location"
    CONTACT = "contact"
    OPENED = "opened"
    """Opened the chat (/start, follow, first visit)."""
    ERASE = "erase"
    """The messenger passes on a request to erase this person's data."""
    TAKEN_OVER = "taken_over"
    """A person of the staff wrote in the messenger's own console."""
    UNSUPPORTED = "unsupported"
    """A sticker, a voice message, a file: something that the bot cannot read."""
    MEMBERSHIP = "membership"
    """Of a group: who is in it, what the bot may do there, that it became a supergroup."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


MediaKind = Literal["photo", "video", "file"]
"""`file` is a document (see `bot.documents`)."""


class MediaRef(_Frozen):
    """A file that a person sent, still with the messenger.

    `ref` is what `Channel.fetch` needs: a file id, a URL, or the name of an upload; `name` is what
    its sender calls a document.
    """

    kind: MediaKind
    ref: str
    name: str = ""
    size: int | None = None
    mime: str | None = None


class Location(_Frozen):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class Contact(_Frozen):
    """A phone number shared with a button; `own` is true when it is the sender's own."""

    phone: str
    own: bool
    name: str | None = None


class GroupContext(_Frozen):
    """What only messages in a staff group have.

    `reply_to` names the message replied to, and `reply_to_text` holds its text when a bot wrote it;
    `message_id` is the message itself or, for a press, the message that carries the button.
    `topic` is the topic of the group that it was written in. `migrated_to` is the group's new id
    when it became a supergroup. `edited` says that the message was there before, with other words.
    `joined` and `left` are the accounts that came or went.
    """

    sender_id: int
    message_id: str | None = None
    reply_to: str | None = None
    reply_to_text: str | None = None
    topic: str | None = None
    migrated_to: str | None = None
    edited: bool = False
    joined: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


class Incoming(_Frozen):
    """One event of one chat. `(channel, event_id)` is unique for ever."""

    channel: str
    event_id: str
    chat_id: str
    kind: Kind
    text: Annotated[str, BeforeValidator(storable)] = ""
    payload: str | None = None
    media: tuple[MediaRef, ...] = ()
    location: Location | None = None
    contact: Contact | None = None
    group: GroupContext | None = None
    """Present exactly when the chat is a group."""
    message_id: str | None = None
    """Of a message in a person's own chat, where its messenger lets messages be edited."""
    edited: bool = False
    """The message was there before, with other words."""
    group_key: str | None = None
    """Same for all events of one album."""
    sort_key: int = 0
    sent_at: datetime


class Button(_Frozen):
    """A choice under a message: exactly one of `payload`, `url`, `phone` is set."""

    title: str
    payload: str | None = None
    url: str | None = None
    phone: str | None = None


class StoredMedia(_Frozen):
    """A file in the media folder; `path` is relative to it, `look` is that of a photo, `name` that
    of a document if its sender gave it one.
    """

    kind: MediaKind
    path: str
    mime: str
    size: int
    look: int | None = None
    name: str = ""

    @property
    def suffix(self) -> str:
        """The end of its name, without the dot."""
        return self.path.rpartition(".")[2]

    @property
    def file_name(self) -> str:
        """What the file is called where it arrives."""
        return self.name or self.path.rpartition("/")[2]


class Outgoing(_Frozen):
    """One thing to say. After rendering, one call to the messenger.

    Attributes:
        text: plain text; no markup.
        ask: a button of the messenger's own that shares the location or the phone number.
        buttons: choices; a channel without buttons shows them numbered.
        media: at most one after rendering, or an album where the channel has such.
        reply_to: the messenger's id of the message this answers (staff groups).
        edit: the messenger's id of the message whose text and buttons this replaces.
        pin: this is the card of its topic: sent and pinned, or put in the place of the one there.
        topic_is: what becomes of the topic that it is posted in, instead of anything said there.
        topic: the messenger's id of the topic that it goes to; where it belongs to one of ours, the
            sender fills it in.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    ask: Literal["location", "contact"] | None = None
    media: tuple[StoredMedia, ...] = ()
    reply_to: str | None = None
    edit: str | None = None
    pin: bool = False
    topic_is: Literal["open", "closed"] | None = None
    topic: str | None = None
